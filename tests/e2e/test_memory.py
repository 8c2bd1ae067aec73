"""What the bot holds: with its reindex beside it, and after very many questions."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.growing import grown
from bench.index import write_archive
from bench.memory import Peak
from bench.tokens import read_articles
from corpus.library import Library
from tests.e2e.loopback.payloads import MEMBER, OTHER_MEMBER
from tests.e2e.process import BotProcess
from tests.e2e.questions import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.loopback.client import Loopback
    from tests.soak import Soak

KEEPER = OTHER_MEMBER.speaking("zh-TW")
MAX_MEGABYTES = 300
MAX_OF_TWO_WORKERS, MAX_RSS_OF_TWO_WORKERS = 330, 450  # megabytes: PSS, and RSS summed
POSTS_OF_TWO_WORKERS = 1_466
MAX_GROWTH = 5  # megabytes
ASKED_EVERY = 0.5  # seconds
MAX_REINDEX = 900  # seconds

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells who holds what"
)


@pytest.fixture(scope="module", autouse=True)
def asking(soak: Soak) -> Iterator[subprocess.Popen[bytes]]:
    """Ask very many questions of a process of its own, beside the other test: it takes long."""
    count = str(soak.times(500, 100_000))
    command = [sys.executable, "-m", "tests.e2e.questions", count]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


async def test_the_bot_and_its_reindex_fit_a_small_dyno(
    loopback: Loopback, tmp_path: Path, soak: Soak
) -> None:
    passages = soak.times(3_000, 250_000)
    archive, data_dir = tmp_path / "archive", tmp_path / "data"
    archive.mkdir()
    data_dir.mkdir()
    articles = list(grown(read_articles(SAMPLE), passages))
    write_archive(articles, archive)
    questions = [article.title for article in articles[:300]]
    del articles
    async with Library(archive, data_dir) as library:
        await library.reindex()
    settings = {"ADMIN_IDS": str(KEEPER.user.id), "ASK_COOLDOWN": "0", "ARCHIVE": str(archive)}
    async with BotProcess.on(loopback, tmp_path, **settings) as bot:
        # With one processor there is one worker, as on a small dyno.
        os.sched_setaffinity(bot.pid, {min(os.sched_getaffinity(0))})
        await bot.meanwhile(loopback.wait_connected())
        await bot.meanwhile(loopback.commands())
        # Something new: of a reindex that finds nothing, the log says nothing.
        (archive / "new.md").write_text("烏龍茶是半發酵的茶，香氣很有變化。", "utf-8")
        with Peak(bot.pid) as peak:
            interaction = await loopback.slash("archive reindex", {"full": True}, caller=KEEPER)
            over = bot.wait_for_line(r"Indexed \d+ articles", patience=MAX_REINDEX)
            reindex = asyncio.create_task(bot.meanwhile(over))
            answered = 0
            while not reindex.done():
                question = {"question": questions[answered % len(questions)]}
                answer = await loopback.slash("ask", question, caller=MEMBER)
                await bot.meanwhile(answer.final_message())
                answered += 1
                await asyncio.wait({reindex}, timeout=ASKED_EVERY)
        await reindex
        assert interaction.messages()
    soak.note(
        f"bot and reindex on {passages:,} passages ≤ {MAX_MEGABYTES} MB",
        f"{peak.megabytes} MB (RSS summed {peak.rss_megabytes}), {answered} questions meanwhile",
        kept=peak.megabytes <= MAX_MEGABYTES,
    )


async def test_a_reindex_in_the_terminal_fits_beside_others(tmp_path: Path, soak: Soak) -> None:
    posts = soak.times(60, POSTS_OF_TWO_WORKERS)
    (tmp_path / "posts").mkdir()
    # As many paragraphs an article as the archive has that this was promised for.
    articles = islice(grown(read_articles(SAMPLE), posts * 40), posts)
    write_archive(articles, tmp_path / "posts")
    settings = {"ARCHIVE": str(tmp_path / "posts")}
    async with BotProcess(tmp_path, "reindex", "--full", settings=settings) as reindex:
        cores = sorted(os.sched_getaffinity(0))[:2]
        os.sched_setaffinity(reindex.pid, cores)
        with Peak(reindex.pid) as peak:
            assert await reindex.wait_for_exit(patience=MAX_REINDEX) == 0
    assert peak.rss_megabytes > peak.megabytes
    soak.note(
        f"`reindex` of {posts:,} posts by {len(cores)} workers: PSS ≤ {MAX_OF_TWO_WORKERS} MB, RSS"
        f" summed ≤ {MAX_RSS_OF_TWO_WORKERS} MB",
        f"{peak.megabytes} and {peak.rss_megabytes} MB",
        kept=peak.megabytes <= MAX_OF_TWO_WORKERS and peak.rss_megabytes <= MAX_RSS_OF_TWO_WORKERS,
    )


def test_memory_does_not_grow_with_questions(asking: subprocess.Popen[bytes], soak: Soak) -> None:
    output, _ = asking.communicate()
    assert asking.returncode == 0
    measured = json.loads(output)
    grown_mb = measured["grown_mb"]
    soak.note(
        f"growth over {measured['questions']:,} questions ≤ {MAX_GROWTH} MB",
        f"{grown_mb:.1f} MB",
        kept=grown_mb <= MAX_GROWTH,
    )

"""Processes are killed at random moments of a reindex."""

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from filelock import FileLock

from corpus.engines.local import generation
from corpus.indexing.builder import LOCK
from corpus.library import Library
from tests.corpus.conftest import WritePost
from tests.soak import Soak

POSTS = 40

# It stands in for the bot and reindexes as long as it lives.
PARENT = """
import asyncio, sys
from pathlib import Path
from corpus.library import Library

def print_phase(progress):
    print(progress.phase, flush=True)

async def main():
    async with Library(Path(sys.argv[1]), Path(sys.argv[2])) as library:
        while True:
            await library.reindex(full=True, on_progress=print_phase)

asyncio.run(main())
"""


def write_generation(write: WritePost, number: int) -> None:
    letter = "甲乙丙丁戊己庚辛壬癸"[number % 10]
    for post in range(POSTS):
        rng = random.Random(post)
        # Different enough not to be folded as near-copies.
        rest = "".join(chr(rng.randint(0x4E00, 0x9000)) for _ in range(40))
        write(f"颱風-{post}", f"颱風{rest}世代{letter}。")


async def read_until(stopped: asyncio.Event, library: Library) -> int:
    """Search repeatedly; every answer must come from one whole generation."""
    answers = 0
    while not stopped.is_set():
        result = await library.search("颱風", limit=POSTS)
        generations = {hit.passage.text.split("世代")[1][0] for hit in result.hits}
        assert len(generations) == 1, generations
        assert len({hit.article.path for hit in result.hits}) == POSTS
        answers += 1
        await asyncio.sleep(0)
    return answers


async def seconds_to_restart(archive: Path, data_dir: Path) -> float:
    """Open the index again and ask a question; return how many seconds that took."""
    started = time.monotonic()
    async with Library(archive, data_dir) as restarted:
        await restarted.open()
        assert (await restarted.search("颱風")).hits
    return time.monotonic() - started


async def test_a_build_that_is_killed_at_any_moment_leaves_a_whole_generation(
    archive: Path, data_dir: Path, write_post: WritePost, soak: Soak
) -> None:
    crashes = soak.times(5, 30)
    rng = random.Random(11)
    job = json.dumps({"archive": str(archive), "data_dir": str(data_dir), "full": True})
    write_generation(write_post, 0)
    async with Library(archive, data_dir) as library:
        await library.reindex()
        stopped = asyncio.Event()
        restarts: list[float] = []
        readers = [asyncio.ensure_future(read_until(stopped, library)) for _ in range(2)]
        for number in range(1, crashes + 1):
            write_generation(write_post, number)
            child = subprocess.Popen(  # noqa: ASYNC220 (killed in a moment)
                [sys.executable, "-m", "corpus"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
            )
            assert child.stdin
            child.stdin.write(job.encode() + b"\n")
            child.stdin.flush()
            await asyncio.sleep(rng.uniform(0.3, 1.6))
            child.kill()
            child.wait()
            child.stdin.close()
            restarts.append(await seconds_to_restart(archive, data_dir))
        stopped.set()
        assert all(await asyncio.gather(*readers))
        await library.reindex()
    soak.note("kill -9 of a reindex: no mixed generation", f"{crashes} killed, 0 mixed")
    soak.timed("… and answers again", restarts, within=2)
    assert list(data_dir.glob("index-*")) == [generation.current(data_dir)]


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Return an empty folder whose path leaves room for that of a socket."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


async def test_a_child_ends_when_its_parent_is_killed_and_leaves_no_temporary_folder(
    archive: Path,
    data_dir: Path,
    write_post: WritePost,
    temporary: Path,
    soak: Soak,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crashes = soak.times(5, 30)
    rng = random.Random(12)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    left: list[int] = []
    write_generation(write_post, 0)
    async with Library(archive, data_dir) as library:
        await library.reindex()
    restarts: list[float] = []
    for _ in range(crashes):
        parent = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PARENT, archive, data_dir),
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        assert parent.stdout
        await parent.stdout.readline()
        await asyncio.sleep(rng.uniform(0, 1))
        with suppress(ProcessLookupError):
            parent.kill()
        await parent.wait()
        # The child locks the folder as long as it lives.
        async with asyncio.timeout(5):
            await asyncio.to_thread(_wait_for_the_lock, data_dir)
        left.append(len(list(temporary.iterdir())))
        restarts.append(await seconds_to_restart(archive, data_dir))
        assert not list(temporary.iterdir())
    assert any(left)
    soak.note("kill -9 of its parent: the child ends too", f"{crashes} killed, 0 left")
    soak.note(
        "… and the next start removes its temporary folders", f"{sum(left)} left, all removed"
    )
    soak.timed("… and answers again", restarts, within=2)


def _wait_for_the_lock(data_dir: Path) -> None:
    with FileLock(data_dir / LOCK):
        pass

"""Many people at once: everyone hears something in time, and the work is bounded."""

from __future__ import annotations

import asyncio
import random
import re
import socket
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.e2e.loopback.payloads import OWNER
from tests.e2e.process import BotProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.e2e.loopback.client import Interaction, Loopback
    from tests.soak import Soak

pytestmark = pytest.mark.usefixtures("packed_dictionary")

KEEPER = OWNER.speaking("en-US")
BUSY = "Too many people are asking right now"
ACK_WITHIN = 3.0
LAG = re.compile(
    r'^footnote_event_loop_lag_seconds_bucket\{le="([^"]+)"\} ([0-9.]+)$', re.MULTILINE
)

PIECES = (
    "颱風 的名字 由各國 提供 依序使用 城市 的雨 下了 三天 河水 漲到 橋下 居民 撤離 學校 停課"
    " 列車 晚點 市場 的蔬菜 價格 上升 農民 說 今年 收成 不好 政府 公布 補助 辦法 專家 認為"
    " 氣候 變化 使 海面 溫度 升高 工廠 開工 銀行 降低 利率 球隊 贏了 比賽 作家 出版 小說"
).split()
QUESTIONS = ["颱風 名字", "河水 橋下 居民", "蔬菜 價格 為什麼 上升", "補助 辦法", "比賽 小說"]
VALUES = [{"question": question} for question in QUESTIONS]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def write_archive(folder: Path, articles: int) -> None:
    """Write articles whose words are drawn, so that every question has many candidates."""
    drawn = random.Random(6)
    folder.mkdir()
    for number in range(articles):
        front = f"title: 第{number}篇\ndate: 2024-01-01\nfrom: https://example.org/{number}"
        paragraphs = ["".join(drawn.choices(PIECES, k=25)) + "。" for _ in range(8)]
        text = f"---\n{front}\n---\n" + "\n\n".join(paragraphs)
        (folder / f"2024-01-01-{number}.md").write_text(text, encoding="utf-8")


class Loaded:
    """A bot with an index of a few articles, and its figures."""

    def __init__(self, bot: BotProcess, loopback: Loopback, port: int) -> None:
        self.bot = bot
        self.loopback = loopback
        self._metrics = f"http://127.0.0.1:{port}/metrics"

    async def lags(self) -> dict[float, float]:
        """Return how often the event loop was late by at most so many seconds."""
        async with aiohttp.ClientSession() as session, session.get(self._metrics) as response:
            text = await response.text()
        return {float(le): float(count) for le, count in LAG.findall(text)}

    async def reindex(self) -> Interaction:
        """Have the keeper reindex everything."""
        return await self.loopback.slash("archive reindex", {"full": True}, caller=KEEPER)

    async def heard(self, interactions: list[Interaction]) -> tuple[list[float], int]:
        """Wait until everyone has an answer; return when each was acknowledged, and how many
        were told to try again."""
        acknowledged, busy = list[float](), 0
        for interaction in interactions:
            answer = await self.bot.meanwhile(interaction.final_message())
            acknowledged.append((await interaction.first_response()).after)
            busy += BUSY in answer.text
        return acknowledged, busy

    def answered_twice(self, interactions: list[Interaction]) -> list[str]:
        """Return whose callback was sent more than once, or whose answer took two messages."""
        journal = self.loopback.journal
        return [
            interaction.id
            for interaction in interactions
            if sum(entry["kind"] == "callback" for entry in journal.about(interaction.id)) != 1
            or len({message.id for message in interaction.messages()}) != 1
        ]


@pytest.fixture
async def loaded(loopback: Loopback, tmp_path: Path, soak: Soak) -> AsyncIterator[Loaded]:
    """Start a bot whose archive takes a while to index, and index it."""
    articles = tmp_path / "posts"
    write_archive(articles, soak.times(100, 4000))
    port = free_port()
    settings = {"ARCHIVE": str(articles), "ASK_COOLDOWN": "0", "PORT": str(port)}
    async with BotProcess.on(loopback, tmp_path, LOG_LEVEL="WARNING", **settings) as bot:
        await bot.meanwhile(loopback.wait_connected())
        await bot.meanwhile(loopback.commands())
        first = await loopback.slash("archive reindex", caller=KEEPER)
        await bot.meanwhile(first.final_message(lambda message: "up to date" in message.text))
        yield Loaded(bot, loopback, port)


async def test_a_steady_stream_is_acknowledged_while_a_reindex_runs(
    loaded: Loaded, soak: Soak
) -> None:
    per_second = soak.times(20, 100)
    before = await loaded.lags()
    reindexing = asyncio.create_task(again_and_again(loaded)) if soak.full else None
    interactions = await loaded.loopback.crowd(
        "ask", VALUES, callers=per_second * soak.times(2, 60), per_second=per_second
    )
    acknowledged, busy = await loaded.heard(interactions)
    if reindexing is not None:
        reindexing.cancel()
        await asyncio.wait([reindexing])
    after = await loaded.lags()
    assert not loaded.answered_twice(interactions)
    assert "Traceback" not in loaded.bot.stderr
    soak.timed("100 a second for 60 s: acknowledged", acknowledged, within=0.1, percentile=99)
    soak.note("100 a second: answered, told to try again", f"{len(interactions) - busy}, {busy}")
    looks = after[float("inf")] - before[float("inf")]
    for seconds in (0.1, 0.05):
        share = (after[seconds] - before[seconds]) / looks
        soak.note(
            f"100 a second: event loop late by at most {1000 * seconds:.0f} ms",
            f"{share:.2%} of {looks:.0f} (≥ 99 %)",
            kept=share >= 0.99,
        )


async def again_and_again(loaded: Loaded) -> None:
    """Reindex until cancelled."""
    while True:
        interaction = await loaded.reindex()
        await interaction.final_message(lambda message: "up to date" in message.text)


async def test_a_thousand_at_once_all_hear_something(loaded: Loaded, soak: Soak) -> None:
    interactions = await loaded.loopback.crowd("ask", VALUES, callers=soak.times(100, 1000))
    acknowledged, busy = await loaded.heard(interactions)
    assert not loaded.answered_twice(interactions)
    assert "Traceback" not in loaded.bot.stderr
    soak.timed("1,000 at once: acknowledged", acknowledged, within=ACK_WITHIN)
    soak.note("1,000 at once: answered, told to try again", f"{len(interactions) - busy}, {busy}")


async def test_a_stop_while_many_wait_is_no_error(loaded: Loaded) -> None:
    interactions = await loaded.loopback.crowd("ask", VALUES, callers=60)
    await loaded.bot.meanwhile(interactions[0].first_response())
    loaded.bot.stop()
    assert await loaded.bot.wait_for_exit() == 0
    assert "Traceback" not in loaded.bot.stderr
    assert "Task exception" not in loaded.bot.stderr

"""The whole at once: three bots share six shards, a PostgreSQL and a cluster of three nodes."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cluster.fixtures import on_cluster
from tests.e2e.fleet import SHARDS, Fleet, on_shard
from tests.e2e.loopback.client import Loopback
from tests.e2e.loopback.payloads import OWNER
from tests.e2e.loopback.rules import Rules
from tests.e2e.loopback.seen import Message
from tests.e2e.test_kills import MODERATOR
from tests.e2e.test_watches import publish, used

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.e2e.process import BotProcess
    from tests.soak import Soak

pytestmark = [on_cluster, pytest.mark.usefixtures("packed_dictionary")]

TEA, WHALES = "https://example.org/tea", "https://example.org/whales"
PROMISED_SECONDS = 2.0
"""For a change to be seen by all."""


@pytest.fixture
async def fleet(
    tmp_path: Path, postgres_url: str, search_url_of_three: str
) -> AsyncIterator[Fleet]:
    """Start three bots on an archive of one post, and let the cluster have its index."""
    publish(tmp_path / "posts", "tea", "烏龍茶是半發酵的茶，香氣因製程而有很大不同。")
    (tmp_path / "bots").mkdir()
    settings = {
        "ARCHIVE": str(tmp_path / "posts"),
        "SEARCH_URL": search_url_of_three,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    async with (
        Loopback(Rules(shards=SHARDS, max_concurrency=SHARDS)) as loopback,
        Fleet(
            loopback, tmp_path / "bots", postgres_url, module="tests.e2e.patient", **settings
        ) as fleet,
    ):
        for _ in range(3):
            await fleet.start()
        await fleet.wait_shared(2, 2, 2)
        yield fleet


async def answers(fleet: Fleet) -> list[Message]:
    """Ask for tea on every shard, and return what is said."""
    asked = [
        await fleet.loopback.slash("ask", {"question": "烏龍茶"}, caller=on_shard(shard))
        for shard in range(SHARDS)
    ]
    return await asyncio.gather(*(question.final_message() for question in asked))


async def seconds_until(fleet: Fleet, *, found: bool) -> float:
    """Ask again and again until every shard finds the post, or none does; return how long."""
    began = time.monotonic()
    while True:
        asked_at = time.monotonic()
        if all((TEA in answer.links) is found for answer in await answers(fleet)):
            return asked_at - began


def leader_of(fleet: Fleet) -> BotProcess:
    """Return the bot that leads."""
    [leader] = [bot for bot in fleet.bots if "This process leads" in bot.stderr]
    return leader


async def test_three_bots_act_as_one_and_go_on_without_their_leader(
    fleet: Fleet, tmp_path: Path, soak: Soak
) -> None:
    loopback = fleet.loopback
    owner = [OWNER.on_shard(shard, SHARDS).speaking("en-US") for shard in range(SHARDS)]
    moderator = [MODERATOR.on_shard(shard, SHARDS) for shard in range(SHARDS)]
    some_bot = fleet.bots[0]
    # Whoever is asked, the leader builds the index, and all of them answer from it.
    report = await used(some_bot, loopback, "archive reindex", owner[3])
    assert "1 article" in report.text, report.text
    await seconds_until(fleet, found=True)

    # What one hides, no one shows.
    await used(some_bot, loopback, "archive hide", owner[0], path=TEA)
    hidden = await seconds_until(fleet, found=False)
    await used(some_bot, loopback, "archive unhide", owner[4], path=TEA)
    await seconds_until(fleet, found=True)
    soak.timed("what one of 3 workers hides, no one shows", [hidden], within=PROMISED_SECONDS)

    # The leader dies as a new post comes: another one leads, and each watch posts once.
    for shard in range(SHARDS):
        saved = await used(some_bot, loopback, "watch add", moderator[shard], question="鯨魚")
        assert saved.ephemeral
    leader = leader_of(fleet)
    publish(tmp_path / "posts", "whales", "漁船在外海遇見一群鯨魚，停下來等候牠們游過。")
    killed_at = time.monotonic()
    await fleet.kill(leader)
    await fleet.wait_shared(3, 3)
    await answers(fleet)
    soak.timed(
        "the leader of 3 workers killed: every shard answers again",
        [time.monotonic() - killed_at],
        within=30,
    )
    await used(fleet.bots[0], loopback, "archive reindex", owner[2])
    await loopback.journal.first("a post a watch", lambda _: len(posts(fleet)) >= SHARDS or None)

    # One after the other is started anew; afterwards nothing is posted again.
    await fleet.start()
    await fleet.wait_shared(2, 2, 2)
    for bot in fleet.bots[:2]:
        await fleet.stop(bot)
        await fleet.wait_shared(3, 3)
        await fleet.start()
        await fleet.wait_shared(2, 2, 2)
    assert all(TEA in answer.links for answer in await answers(fleet))
    assert [post.links for post in posts(fleet)] == [[WHALES]] * SHARDS
    fleet.check()


def posts(fleet: Fleet) -> list[Message]:
    """Return the messages that the bots have sent by themselves."""
    return [
        Message(entry["message"])
        for entry in fleet.loopback.journal.entries
        if entry["kind"] == "message" and entry["how"] == "created" and not entry["interaction"]
    ]

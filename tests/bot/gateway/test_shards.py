"""One process: its shards, and the time between two of its logins."""

from __future__ import annotations

import asyncio

import pytest

from bot.gateway import shards
from bot.gateway.shards import FixedShards, IdentifyTurns
from bot.settings import ShardRange


@pytest.mark.parametrize(
    ("by_hand", "count", "ids"),
    [(None, 3, {0, 1, 2}), (ShardRange(4, 7, 16), 16, {4, 5, 6, 7}), (ShardRange(0, 0, 1), 1, {0})],
)
async def test_a_process_has_all_shards_or_those_named_by_hand(
    by_hand: ShardRange | None, count: int, ids: set[int]
) -> None:
    assignment = FixedShards(by_hand)
    assert await assignment.join(1, 3, 1) == count
    assert [change async for change in assignment.changes()] == [ids]


async def test_one_login_of_a_bucket_is_sent_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "IDENTIFY_INTERVAL", 0.0)
    turns, two_in, release = IdentifyTurns(), asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def log_in(name: str, bucket: int) -> None:
        async with turns.take(bucket):
            order.append(name)
            if len(order) == 2:
                two_in.set()
            await release.wait()

    logins = [
        asyncio.create_task(log_in(name, bucket)) for name, bucket in (("a", 0), ("b", 0), ("c", 1))
    ]
    await two_in.wait()
    assert order == ["a", "c"]
    release.set()
    await asyncio.gather(*logins)
    assert order == ["a", "c", "b"]


async def test_a_login_that_was_not_sent_lets_the_next_one_go_at_once() -> None:
    turns = IdentifyTurns()
    for _ in range(2):
        with pytest.raises(ConnectionError):
            async with turns.take(0):
                raise ConnectionError
    async with turns.take(0):
        pass
    waiting = asyncio.create_task(turns.take(0).__aenter__())
    await asyncio.wait([waiting], timeout=0.1)
    assert not waiting.done()
    waiting.cancel()

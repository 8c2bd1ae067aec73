"""Leases of shards over a real PostgreSQL: taken, renewed, given up, and taken over."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import psycopg
import pytest

from bot.database_url import DatabaseUrl
from bot.state import DatabaseError
from bot.state.postgres import leases, schema
from bot.state.postgres.leases import Identity, Leases
from tests.postgres.fixtures import on_postgres

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.state.postgres.leases import Session

pytestmark = on_postgres

APPLICATION = 1_100_000_000_000_000_001


class Crowd:
    """Workers on one database, whose time can be put back."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self._url = url
        self._stack = stack

    def leases(
        self, name: str, *pinned: int, application: int = APPLICATION, place: str = ""
    ) -> Leases:
        identity = Identity(name, f"host of {name}", "1.0", place or name, pinned or None)
        made = Leases(DatabaseUrl.parse(self._url), identity)
        made.set_application(application)
        return made

    async def session(self, of: Leases) -> Session:
        return await self._stack.enter_async_context(of.session())

    async def join(self, name: str, *pinned: int, count: int = 6) -> Session:
        session = await self.session(self.leases(name, *pinned))
        await session.join(count, by_hand=bool(pinned))
        return session

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self._url, options="-c search_path=footnote")

    def run(self, sql: str) -> list[tuple[object, ...]]:
        with self.connect() as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def age(self, name: str, seconds: float, *, steady: bool = True) -> None:
        """Put a worker's last heartbeat back, or how long it has been seen without a gap."""
        column = "seen_at" if not steady else "steady_since"
        self.run(
            f"UPDATE worker SET {column} = {column} - interval '{seconds} s' WHERE id = '{name}'"  # noqa: S608
        )

    def settle(self) -> None:
        """Let some seconds pass since the last lease."""
        self.run("UPDATE shard_lease SET taken_at = taken_at - interval '1 minute'")

    async def turn_in(self, bucket: int) -> float:
        """Return the seconds until the next turn in a bucket."""
        rows = self.run(
            f"""SELECT extract(epoch FROM next_at - clock_timestamp())::float8
            FROM identify_turn WHERE bucket = {bucket}"""  # noqa: S608
        )
        return float(str(rows[0][0]))


@pytest.fixture
async def crowd(postgres_url: str) -> AsyncIterator[Crowd]:
    await asyncio.to_thread(schema.prepare, DatabaseUrl.parse(postgres_url))
    async with AsyncExitStack() as stack:
        yield Crowd(postgres_url, stack)


async def shards(session: Session, room: int = 99) -> set[int]:
    return set((await session.beat(room=room)).shards)


async def test_a_lone_worker_takes_all_shards_as_fast_as_it_may(crowd: Crowd) -> None:
    session = await crowd.join("a")
    assert await shards(session, room=2) == {0, 1}
    assert await shards(session, room=0) == {0, 1}
    assert await shards(session) == set(range(6))


async def test_a_worker_that_joins_is_given_its_share(crowd: Crowd) -> None:
    a = await crowd.join("a")
    await a.beat(room=99)
    b = await crowd.join("b")
    for given in (5, 4, 3):
        crowd.settle()
        beat = await a.beat(room=99)
        assert beat.plan.give == given
        assert given in beat.shards
        assert given not in await shards(b)
        await a.free(given)
        assert given in await shards(b)
    assert (await a.beat(room=99)).plan.give is None
    assert await shards(a) == {0, 1, 2}


async def test_a_shard_is_given_up_only_when_another_worker_could_log_in_with_it_at_once(
    crowd: Crowd,
) -> None:
    a = await crowd.join("a")
    await a.beat(room=99)
    await crowd.join("b")
    assert (await a.beat(room=99, buckets=2)).plan.give is None
    crowd.settle()
    await crowd.leases("b").take_turn(1)
    assert (await a.beat(room=99, buckets=2)).plan.give == 4
    await crowd.leases("b").take_turn(0)
    assert (await a.beat(room=99, buckets=2)).plan.give is None
    await crowd.leases("b").end_turn(1, 0)
    assert (await a.beat(room=99, buckets=2)).plan.give == 5


async def test_a_worker_hears_at_once_of_what_another_frees(crowd: Crowd) -> None:
    a, b = await crowd.join("a", count=1), await crowd.join("b", count=1)
    assert await shards(a) == {0}
    assert await shards(b) == set()
    await b.wait(0.1)  # what it heard of the joining
    waiting = asyncio.create_task(b.wait(3600))
    await a.free(0)
    await asyncio.wait_for(waiting, 30)


async def test_what_is_not_ones_own_cannot_be_freed(crowd: Crowd) -> None:
    a, b = await crowd.join("a", count=1), await crowd.join("b", count=1)
    await a.beat(room=9)
    await b.free(0)
    assert await shards(a) == {0}


async def test_a_worker_that_leaves_frees_all_of_its_shards(crowd: Crowd) -> None:
    a, b = await crowd.join("a"), await crowd.join("b")
    await a.beat(room=99)
    await crowd.leases("a").leave({})
    assert await shards(b) == set(range(6))
    assert [worker.id for worker in await crowd.leases("b").workers()] == ["b"]


async def test_a_worker_that_leaves_does_not_wait_for_what_the_others_decide(crowd: Crowd) -> None:
    a = await crowd.join("a")
    await a.beat(room=99)
    b = await crowd.join("b")
    with crowd.connect() as deciding:
        deciding.execute(leases._LOCK.encode())  # pyright: ignore[reportPrivateUsage]
        await crowd.leases("a").leave({shard: f"session {shard}" for shard in (0, 5)})
    beat = await b.beat(room=99)
    assert (beat.shards, beat.is_alone) == (set(range(6)), True)
    assert beat.sessions == {0: "session 0", 5: "session 5"}


async def test_the_session_in_which_a_shard_was_left_goes_once_to_the_worker_that_takes_it(
    crowd: Crowd,
) -> None:
    a = await crowd.join("a")
    beat = await a.beat(room=99)
    assert (beat.sessions, beat.is_alone) == ({}, True)
    b = await crowd.join("b")
    crowd.settle()
    assert not (await a.beat(room=99)).is_alone
    await b.free(5, "not its own")
    await a.free(5, "left")
    # It takes no login, and so no room.
    beat = await b.beat(room=0)
    assert (beat.shards, beat.sessions) == ({5}, {5: "left"})
    await b.free(5)
    assert (await b.beat(room=99)).sessions == {}
    await crowd.leases("a").leave({0: "first", 1: "second", 5: "not its own"})
    beat = await b.beat(room=1)
    assert beat.sessions == {0: "first", 1: "second"}
    assert beat.shards == {0, 1, 2, 5}


async def test_a_session_that_was_left_long_ago_is_not_resumed(crowd: Crowd) -> None:
    a = await crowd.join("a", count=2)
    await a.beat(room=9)
    await a.free(0, "recent")
    await a.free(1, "old")
    crowd.run("UPDATE shard_lease SET left_at = left_at - interval '1 hour' WHERE shard = 1")
    beat = await a.beat(room=1)
    assert (beat.shards, beat.sessions) == ({0, 1}, {0: "recent"})


async def test_the_shards_of_a_worker_without_a_heartbeat_are_taken_over(crowd: Crowd) -> None:
    a, b = await crowd.join("a"), await crowd.join("b")
    assert await shards(a, room=3) | await shards(b, room=3) == set(range(6))
    crowd.age("b", leases.LEASE + 1)
    crowd.age("a", leases.LEASE - 1, steady=False)
    assert len(await shards(b)) == 3
    crowd.age("a", 1, steady=False)
    assert await shards(b) == set(range(6))
    # It was only away, and finds out.
    assert await shards(a) == set()


async def test_after_the_database_was_away_nobody_is_taken_for_dead(crowd: Crowd) -> None:
    a, b = await crowd.join("a"), await crowd.join("b")
    held = await shards(a, room=3), await shards(b, room=3)
    for name in "ab":
        crowd.age(name, 3600)
        crowd.age(name, 60, steady=False)
    assert await shards(b) == held[1]
    assert await shards(a) == held[0]
    newcomer = await crowd.join("c")
    assert await shards(newcomer) == set()


async def test_a_worker_that_is_started_again_has_its_shards_at_once(crowd: Crowd) -> None:
    a, b = await crowd.join("a"), await crowd.join("b")
    assert await shards(a, room=3) | await shards(b, room=3) == set(range(6))
    again = await crowd.session(crowd.leases("c", place="a"))
    await again.join(6, by_hand=False)
    assert await shards(again) == {0, 2, 4}
    assert [worker.id for worker in await crowd.leases("b").workers()] == ["b", "c"]


async def test_the_first_worker_decides_how_many_shards_there_are(crowd: Crowd) -> None:
    session = await crowd.session(crowd.leases("a"))
    assert await session.join(6, by_hand=False) == 6
    other = await crowd.session(crowd.leases("b"))
    assert await other.join(8, by_hand=False) == 6
    for name in "ab":
        await crowd.leases(name).leave({})
    later = await crowd.session(crowd.leases("c"))
    assert await later.join(8, by_hand=False) == 8
    assert await shards(later) == set(range(8))


async def test_a_number_by_hand_that_the_others_do_not_have_makes_no_worker(crowd: Crowd) -> None:
    await crowd.join("a", count=6)
    session = await crowd.session(crowd.leases("b", 0, 1))
    assert await session.join(16, by_hand=True) == 6
    assert [worker.id for worker in await crowd.leases("b").workers()] == ["a"]


async def test_another_number_of_shards_is_noticed(crowd: Crowd) -> None:
    session = await crowd.join("a", count=6)
    crowd.run("DELETE FROM shard_lease")
    assert (await session.beat(room=9)).count is None


async def test_shards_named_by_hand_are_left_to_those_that_name_them(crowd: Crowd) -> None:
    a = await crowd.join("a", count=4)
    await a.beat(room=99)
    b = await crowd.join("b", 0, 1, count=4)
    for _ in range(2):
        crowd.settle()
        given = (await a.beat(room=99)).plan.give
        assert given is not None
        await a.free(given)
        await b.beat(room=99)
    assert (await shards(a), await shards(b)) == ({2, 3}, {0, 1})


async def test_each_application_has_shards_of_its_own(crowd: Crowd) -> None:
    a = await crowd.join("a", count=2)
    other = await crowd.session(crowd.leases("b", application=7))
    await other.join(3, by_hand=False)
    assert (await shards(a), await shards(other)) == ({0, 1}, {0, 1, 2})
    assert [worker.id for worker in await crowd.leases("a").workers()] == ["a"]


async def test_workers_are_told_with_their_shards_and_their_age(crowd: Crowd) -> None:
    a = await crowd.join("a", count=2)
    await a.beat(room=99)
    await crowd.join("b", 1, count=2)
    crowd.age("a", 60, steady=False)
    first, second = await crowd.leases("x").workers()
    assert (first.id, first.host, first.version) == ("a", "host of a", "1.0")
    assert first.shards == {0, 1}
    assert first.age > 60
    assert (second.id, second.pinned, second.shards) == ("b", {1}, set())


async def test_many_that_ask_at_once_get_each_shard_once(crowd: Crowd) -> None:
    sessions = [await crowd.join(name, count=12) for name in "abcd"]
    had = await asyncio.gather(*(shards(session, room=12) for session in sessions))
    assert sorted(shard for one in had for shard in one) == list(range(12))
    assert [len(one) for one in had] == [3, 3, 3, 3]


async def test_a_turn_to_log_in_is_one_workers_at_a_time(crowd: Crowd) -> None:
    a, b = crowd.leases("a"), crowd.leases("b")
    await a.take_turn(0)
    await b.take_turn(1)  # another bucket
    waiting = asyncio.create_task(b.take_turn(0))
    await asyncio.wait([waiting], timeout=4 * leases.POLL)
    assert not waiting.done()
    await a.end_turn(0, 3600)
    await asyncio.wait([waiting], timeout=4 * leases.POLL)
    assert not waiting.done()
    await a.end_turn(0, 0)
    await waiting
    assert await crowd.turn_in(0) > leases.HOLD - 5


async def test_a_turn_of_a_worker_that_died_in_it_is_over_by_itself(crowd: Crowd) -> None:
    await crowd.leases("a").take_turn(0)
    crowd.run("UPDATE identify_turn SET next_at = clock_timestamp()")
    await asyncio.wait_for(crowd.leases("b").take_turn(0), 30)


async def test_what_postgresql_does_not_do_is_told_in_a_sentence(crowd: Crowd) -> None:
    crowd.run("DROP TABLE shard_lease")
    with pytest.raises(DatabaseError, match="refused a statement"):
        await crowd.leases("a").workers()
    unreachable = Leases(
        DatabaseUrl.parse("postgresql://127.0.0.1:1/footnote"), Identity("a", "h", "1", "p", None)
    )
    unreachable.set_application(1)
    with pytest.raises(DatabaseError, match="failed"):
        await unreachable.leave({})

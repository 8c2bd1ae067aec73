"""A worker's shards as the gateway is told them: they move, and stay while the database is away."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest

from bot.database_url import DatabaseUrl
from bot.errors import SettingsError, StateError
from bot.gateway import shards
from bot.gateway.shards import SavedSession
from bot.services import leased_shards
from bot.services.leased_shards import LeasedShards
from bot.settings import ShardRange
from bot.state import DatabaseError
from bot.state.postgres import leases, schema
from bot.state.postgres.leases import Beat, Identity, Leases, Session
from bot.state.shard_plan import Plan
from tests.postgres.fixtures import on_postgres

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping

    from tests.postgres.server import Server

pytestmark = on_postgres

APPLICATION = 1_100_000_000_000_000_001
ALL = frozenset(range(4))
SESSION = SavedSession("session", 7, "wss://gateway.invalid/", 4608)


def worker(url: str, name: str, by_hand: ShardRange | None = None) -> LeasedShards:
    pinned = tuple(by_hand.ids) if by_hand else None
    identity = Identity(name, "host", "1", name, pinned)
    return LeasedShards(Leases(DatabaseUrl.parse(url), identity), name, by_hand)


@asynccontextmanager
async def joined(made: LeasedShards, recommended: int = 4) -> AsyncIterator[AsyncGenerator]:
    """Join, and give what the gateway would follow."""
    await made.join(APPLICATION, recommended, 16)
    async with aclosing(made.changes()) as changes:
        yield changes
    await made.leave()


class ScriptedSession(Session):
    """What a database says, heartbeat by heartbeat, until it goes away."""

    def __init__(self, beats: Iterable[Beat]) -> None:
        self._beats = iter(beats)

    async def join(self, count: int, *, by_hand: bool) -> int:
        del by_hand
        return count

    async def beat(self, *, room: int, buckets: int = 1) -> Beat:
        del room, buckets
        return next(self._beats)

    async def free(self, shard: int, session: str | None = None) -> None:
        del shard, session
        raise DatabaseError("it is away")

    async def wait(self, seconds: float) -> None:
        del seconds


def scripted(*beats: Beat) -> LeasedShards:
    class ScriptedLeases(Leases):
        @asynccontextmanager
        async def session(self) -> AsyncGenerator[Session]:
            yield ScriptedSession(beats)

        async def leave(self, sessions: Mapping[int, str]) -> None:
            del sessions

    url = DatabaseUrl.parse("postgresql://127.0.0.1:1/none")
    return LeasedShards(ScriptedLeases(url, Identity("a", "h", "1", "p", None)), "a", None)


TAKE_ALL = Beat(4, ALL, Plan(take=ALL), {}, is_alone=False)


@pytest.fixture
def url(postgres_url: str) -> str:
    schema.prepare(DatabaseUrl.parse(postgres_url))
    return postgres_url


@pytest.fixture
def own_server(postgres_server: Server) -> Iterator[Server]:
    """Give the server, running again after the test."""
    with psycopg.connect(postgres_server.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS footnote CASCADE")
    schema.prepare(DatabaseUrl.parse(postgres_server.url("postgres")))
    yield postgres_server
    postgres_server.kill()
    postgres_server.start()


async def test_a_worker_gives_its_shards_one_after_the_other_to_one_that_joins(url: str) -> None:
    a, b = worker(url, "a"), worker(url, "b")
    async with joined(a) as of_a:
        assert await anext(of_a) == ALL
        assert not a.has_heir(3)
        shrinking = asyncio.create_task(anext(of_a))
        async with joined(b) as of_b:
            assert await anext(of_b) == frozenset()
            # The worker that has it closes it before the other is told.
            growing = asyncio.create_task(anext(of_b))
            assert await shrinking == ALL - {3}
            assert a.has_heir(3)
            assert a.has_heir(0)
            a.save_session(3, SESSION)
            await asyncio.wait([growing], timeout=0.2)
            assert not growing.done()
            shrinking = asyncio.create_task(anext(of_a))
            assert await growing == {3}
            assert (b.take_session(3), b.take_session(3)) == (SESSION, None)
            growing = asyncio.create_task(anext(of_b))
            assert await shrinking == {0, 1}
            shrinking = asyncio.create_task(anext(of_a))
            assert await growing == {2, 3}
            b.save_session(2, SESSION)
        assert await shrinking == ALL
        assert (a.take_session(2), a.take_session(3)) == (SESSION, None)
        assert not a.has_heir(3)


async def test_shards_stay_while_the_database_is_away_and_a_lost_one_goes_when_it_is_back(
    own_server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(leased_shards, "BEAT", 0.1)
    monkeypatch.setattr(leased_shards, "RETRY", 0.1)
    address = own_server.url("postgres")
    made = worker(address, "a")
    async with joined(made) as changes:
        assert await anext(changes) == ALL
        following = asyncio.create_task(anext(changes))
        await asyncio.to_thread(own_server.kill)
        await said(caplog, "The shards stay with the workers that have them")
        assert not following.done()
        await asyncio.to_thread(own_server.start)
        with psycopg.connect(address, options="-c search_path=footnote") as connection:
            connection.execute(
                """INSERT INTO worker SELECT 'b', application, host, version, 'b', pinned,
                started_at, steady_since, clock_timestamp() FROM worker"""
            )
            connection.execute("UPDATE shard_lease SET worker = 'b' WHERE shard >= 2")
        assert await following == {0, 1}
        assert made.lag < 60


async def test_a_session_from_before_another_worker_had_the_shard_is_forgotten() -> None:
    without = Beat(4, frozenset({0, 1, 2}), Plan(), {}, is_alone=False)
    made = scripted(TAKE_ALL, without, without, Beat(4, ALL, Plan(), {}, is_alone=False))
    async with joined(made) as changes:
        assert await anext(changes) == ALL
        assert made.has_heir(3)
        assert await anext(changes) == {0, 1, 2}
        # Nobody resumes the session of a shard that was taken over.
        assert not made.has_heir(3)
        assert made.has_heir(2)
        made.save_session(3, SESSION)
        made.save_session(2, SESSION)
        # The answer to the heartbeat that took it back was lost.
        assert await anext(changes) == ALL
        assert (made.take_session(3), made.take_session(2)) == (None, SESSION)


@pytest.mark.parametrize(
    "session", ['{"id": "s", "sequence": 1}', '{"unknown": 1}', "not JSON", "[]", "5"]
)
async def test_a_session_that_another_version_left_is_not_resumed(session: str) -> None:
    made = scripted(Beat(4, ALL, Plan(take=ALL), {2: session}, is_alone=False))
    async with joined(made) as changes:
        assert await anext(changes) == ALL
        assert made.take_session(2) is None


async def test_a_shard_is_taken_back_if_the_database_goes_away_before_it_is_given_up() -> None:
    giving = Beat(4, ALL, Plan(give=3), {}, is_alone=False)
    made = scripted(TAKE_ALL, giving)
    async with joined(made) as changes:
        assert await anext(changes) == ALL
        assert await anext(changes) == {0, 1, 2}
        made.save_session(3, SESSION)
        assert await anext(changes) == ALL
        assert made.take_session(3) == SESSION


async def said(caplog: pytest.LogCaptureFixture, text: str) -> None:
    """Wait until something is in the log."""
    seen = asyncio.Event()

    class Watch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if text in record.getMessage():
                seen.set()

    watch = Watch()
    logging.getLogger(leased_shards.__name__).addHandler(watch)
    try:
        if text not in caplog.text:
            await asyncio.wait_for(seen.wait(), 30)
    finally:
        logging.getLogger(leased_shards.__name__).removeHandler(watch)


async def test_a_login_needs_no_database(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "IDENTIFY_INTERVAL", 0.0)
    unreachable = Leases(
        DatabaseUrl.parse("postgresql://127.0.0.1:1/none"), Identity("a", "h", "1", "p", None)
    )
    unreachable.set_application(1)
    made = LeasedShards(unreachable, "a", None)
    async with made.turn_to_identify(0):
        pass
    await made.leave()
    assert "Logging in without regard to other workers" in caplog.text
    assert "take the shards over later" in caplog.text


async def test_the_end_of_a_login_does_not_wait_for_a_database_that_stands_still(
    own_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    made = worker(own_server.url("postgres"), "a")
    async with joined(made), AsyncExitStack() as stack:
        async with asyncio.timeout(None) as patience, made.turn_to_identify(0):
            stack.enter_context(own_server.frozen())
            patience.reschedule(asyncio.get_running_loop().time() + 4)  # a connection takes 5
        await said(caplog, "Other workers wait longer to log in: no answer.")


async def test_the_end_of_a_turn_has_more_time_than_the_end_of_the_bot(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leased_shards, "MAX_LEAVE", 0.0)
    monkeypatch.setattr(leases, "HOLD", 3600.0)
    a, b = worker(url, "a"), worker(url, "b")
    async with joined(a), joined(b), asyncio.timeout(60):
        async with a.turn_to_identify(0):
            pass
        async with b.turn_to_identify(0):
            pass


async def test_another_worker_logs_in_some_seconds_after_one_that_did(url: str) -> None:
    a, b = worker(url, "a"), worker(url, "b")
    async with joined(a), joined(b):
        async with a.turn_to_identify(0):
            pass
        waiting = asyncio.create_task(b.turn_to_identify(0).__aenter__())
        async with b.turn_to_identify(1):
            pass
        assert not waiting.done()
        await waiting


async def test_a_login_that_failed_lets_another_worker_go_at_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "HOLD", 3600.0)
    a, b = worker(url, "a"), worker(url, "b")
    async with joined(a), joined(b):
        with pytest.raises(ConnectionError):
            async with a.turn_to_identify(0):
                raise ConnectionError
        async with asyncio.timeout(60), b.turn_to_identify(0):
            pass


async def test_who_has_logged_in_does_not_wait_until_the_database_knows(url: str) -> None:
    class SlowLeases(Leases):
        asked = asyncio.Event()

        async def end_turn(self, bucket: int, pause: float) -> None:
            del bucket, pause
            self.asked.set()
            await asyncio.Event().wait()

    slow = SlowLeases(DatabaseUrl.parse(url), Identity("a", "host", "1", "a", None))
    async with joined(a := LeasedShards(slow, "a", None)):
        async with a.turn_to_identify(0):
            pass
        await slow.asked.wait()


async def test_shards_by_hand_are_taken_and_a_number_that_the_others_do_not_have_is_told(
    url: str,
) -> None:
    by_hand = ShardRange(1, 2, 4)
    async with joined(worker(url, "a", by_hand)) as changes:
        assert await anext(changes) == {1, 2}
        with pytest.raises(SettingsError, match=r"have 4: write /4, or stop them first"):
            await worker(url, "b", ShardRange(0, 3, 16)).join(APPLICATION, 4, 1)


async def test_the_number_of_the_others_is_taken_though_discord_recommends_another(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with joined(worker(url, "a")):
        other = worker(url, "b")
        assert await other.join(APPLICATION, 5, 1) == 4
        assert "Discord recommends 5 shards, the other processes have 4" in caplog.text
        await other.leave()


async def test_another_number_of_shards_ends_the_worker_with_a_sentence(url: str) -> None:
    async with joined(worker(url, "a")) as changes:
        assert await anext(changes) == ALL
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE footnote.shard_lease SET count = 8")
            connection.execute("NOTIFY footnote_shards")
        with pytest.raises(StateError, match="8 shards by now, not 4: start this one again"):
            await anext(changes)

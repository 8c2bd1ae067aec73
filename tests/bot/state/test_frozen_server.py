"""PostgreSQL hangs: nobody waits for it without end, and all goes on once it does."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from bot.database_url import DatabaseUrl
from bot.state import DatabaseError, State
from bot.state.guilds import GuildSettings
from bot.state.peers import Topic
from bot.state.postgres import database, leader, notifications, pool, schema, session
from bot.state.postgres.leases import Identity, Leases
from bot.state.postgres.session import Session, holding, opened
from tests.bot.state.test_database import question
from tests.postgres.fixtures import on_postgres
from tests.postgres.server import Server

AnyConnection = psycopg.AsyncConnection[tuple[object, ...]]

pytestmark = on_postgres

PATIENCE = 8.0
"""Seconds: psycopg alone would wait ten more for what was cancelled."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(session, "MIN_DELAY", 0.05)
    monkeypatch.setattr(session, "MAX_DELAY", 0.2)
    monkeypatch.setattr(session, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(Session, "max_seconds", 0.5)
    for of in (leader, notifications):
        monkeypatch.setattr(of, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(database, "STATEMENT_SECONDS", 0.5)
    monkeypatch.setattr(pool, "CHECK_SECONDS", 0.2)
    monkeypatch.setattr(pool, "MAX_WAIT", 0.5)
    monkeypatch.setattr(pool, "AWAY_SECONDS", 0.0)


def address(server: Server) -> DatabaseUrl:
    return DatabaseUrl.parse(server.url("postgres"))


def opening(server: Server, folder: Path):  # noqa: ANN201 (an async context manager)
    return State.open(folder / "s", database_url=address(server))


async def in_time(work: Awaitable[object]) -> None:
    async with asyncio.timeout(PATIENCE):
        await work


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that sets no event a test could wait for."""
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@asynccontextmanager
async def locked(server: Server, folder: Path | None = None) -> AsyncIterator[AnyConnection]:
    """Keep others from writing to a database, whose tables are there if a folder is given."""
    if folder is not None:
        await asyncio.to_thread(schema.prepare, address(server), folder / "none")
    url = server.url("postgres")
    async with await psycopg.AsyncConnection.connect(url) as other:
        await other.execute(schema.WRITE_LOCK)
        yield other


async def somebody_waits(other: AnyConnection) -> None:
    """Wait until somebody waits for the lock."""
    sql = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    async with asyncio.timeout(30):
        while await (await other.execute(sql)).fetchone() is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_what_is_asked_of_it_fails_in_time_and_goes_on_later(
    own_server: Server, tmp_path: Path
) -> None:
    async with opening(own_server, tmp_path) as state:
        await state.questions.log(question())
        with own_server.frozen():
            for work in (state.questions.log(question()), state.questions.recent(7, limit=1)):
                with pytest.raises(DatabaseError, match="cannot be reached"):
                    await in_time(work)
        await state.questions.log(question("again"))
        assert await state.questions.recent(7, limit=9) == ["again", "問題"]


async def test_a_statement_under_way_fails_in_time(own_server: Server, tmp_path: Path) -> None:
    async with opening(own_server, tmp_path) as state:
        async with locked(own_server) as other:
            writing = asyncio.create_task(state.questions.log(question()))
            await somebody_waits(other)
            with own_server.frozen(), pytest.raises(DatabaseError):
                await in_time(writing)
        await state.questions.log(question())
        assert (await state.questions.figures(seconds=60)).total == 1


async def test_a_process_ends(own_server: Server, tmp_path: Path) -> None:
    async with locked(own_server, tmp_path) as other, AsyncExitStack() as stack:
        state = await stack.enter_async_context(opening(own_server, tmp_path))
        writing = asyncio.create_task(state.questions.log(question()))
        await somebody_waits(other)
        with own_server.frozen():
            await in_time(stack.aclose())
            await asyncio.wait([writing])
        assert writing.cancelled() or isinstance(writing.exception(), DatabaseError)


async def test_a_leader_leads_no_more_and_does_again(own_server: Server, tmp_path: Path) -> None:
    async with opening(own_server, tmp_path) as state:
        elected = asyncio.Queue[None]()
        state.leadership.on_elected(lambda: elected.put_nowait(None))
        state.leadership.stand()
        await elected.get()
        with own_server.frozen():
            await in_time(until(lambda: not state.leadership.is_leader))
        async with asyncio.timeout(30):
            await elected.get()


async def test_notifications_are_heard_again(
    own_server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(opening(own_server, tmp_path / name)) for name in "ab"
        ]
        heard = asyncio.Queue[str | None]()
        second.notifications.listen(Topic.GUILD, heard.put_nowait)
        with own_server.frozen():
            await until(lambda: caplog.text.count("for notifications was lost") == 2)
        async with asyncio.timeout(30):
            assert await heard.get() is None
            await first.guilds.set(1, GuildSettings("en-US"))
            assert await heard.get() == "1"


async def test_a_cancelled_statement_ends_at_once(own_server: Server) -> None:
    async with opened(address(own_server)) as mine, locked(own_server) as other:
        mine.max_seconds = 600
        await mine.execute("SET statement_timeout TO 0")
        asking = asyncio.create_task(mine.execute(schema.WRITE_LOCK))
        await somebody_waits(other)
        with own_server.frozen():
            asking.cancel()
            await in_time(asyncio.wait([asking]))
        assert asking.cancelled()
        assert mine.closed


async def test_a_lock_may_be_waited_for_longer_than_an_answer(own_server: Server) -> None:
    async with holding(address(own_server), 7, 60.0) as is_first:
        assert is_first
        async with holding(address(own_server), 7, 1.0) as is_second:
            assert not is_second


async def test_leases_fail_in_time(own_server: Server) -> None:
    url = own_server.url("postgres") + "?connect_timeout=2"
    await asyncio.to_thread(schema.prepare, address(own_server))
    leases = Leases(DatabaseUrl.parse(url), Identity("a", "h", "1", "p", None))
    leases.set_application(1)
    async with AsyncExitStack() as stack:
        with pytest.raises(DatabaseError, match="does not answer"):  # noqa: PT012 (it ends there)
            async with leases.session() as mine:
                await mine.join(2, by_hand=False)
                stack.enter_context(own_server.frozen())
                await in_time(mine.beat(room=1))
        with pytest.raises(DatabaseError, match="timeout expired"):
            await in_time(leases.leave({}))
    async with leases.session() as mine:
        assert (await mine.beat(room=2)).shards == {0, 1}


async def test_a_start_ends_with_a_sentence(
    own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MAX_SECONDS", 0.5)
    with schema.connected(address(own_server)) as connection, own_server.frozen():
        with pytest.raises(psycopg.OperationalError, match="does not answer"):
            await in_time(asyncio.to_thread(connection.execute, "SELECT 1"))
        assert connection.closed

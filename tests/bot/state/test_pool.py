"""The pool of sessions, over a fake server: when it is away, who waits, and what is closed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import cast

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from bot.client import MAX_SETTINGS_WAIT
from bot.database_url import DatabaseUrl
from bot.state import DatabaseError
from bot.state.postgres import pool
from bot.state.postgres.session import Session

REFUSED = psycopg.OperationalError("FATAL: sorry, too many clients already")


async def at_once() -> None:
    pass


async def never() -> None:
    await asyncio.Event().wait()


class FakeSession:
    """A session as far as the pool needs it."""

    def __init__(self, server: "FakeServer") -> None:
        self._server = server
        self.pgconn = SimpleNamespace(transaction_status=TransactionStatus.IDLE)
        self.is_closed = False

    async def execute(self, _sql: str) -> None:
        await self._server.answer()

    async def close(self) -> None:
        self.is_closed = True


class FakeServer:
    """What opens sessions and answers on them, as it is told."""

    def __init__(self) -> None:
        self.open: Callable[[], Awaitable[object]] = at_once
        self.answer: Callable[[], Awaitable[object]] = at_once
        self.sessions: list[FakeSession] = []

    async def connect(self, *_: object, **__: object) -> Session:
        await self.open()
        self.sessions.append(FakeSession(self))
        return cast("Session", self.sessions[-1])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    fake = FakeServer()
    monkeypatch.setattr(pool, "connect", fake.connect)
    return fake


@pytest.fixture
async def sessions(server: FakeServer) -> AsyncIterator[pool.SessionPool]:  # noqa: ARG001 (first)
    made = pool.SessionPool(DatabaseUrl.parse("postgresql://db.invalid/x"))
    yield made
    await made.close()


async def refuse() -> None:
    raise REFUSED


async def use(sessions: pool.SessionPool) -> Session:
    async with sessions.session() as session:
        return session


async def begun() -> None:
    """Let the other tasks run until they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize("opening", [refuse, never])
async def test_who_waits_for_a_session_to_open_takes_one_that_comes_back(
    opening: Callable[[], Awaitable[object]], server: FakeServer, sessions: pool.SessionPool
) -> None:
    async with sessions.session() as lent:
        server.open = opening
        waiting = asyncio.create_task(use(sessions))
        await begun()
    async with asyncio.timeout(1):
        assert await waiting is lent
    assert await use(sessions) is lent, "the server is not away while a session works"


async def test_who_came_too_late_does_not_make_a_healthy_server_away(
    server: FakeServer, sessions: pool.SessionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await use(sessions)
    monkeypatch.setattr(pool, "MAX_WAIT", 0.01)  # as what is left after a wait for the others
    server.answer = never
    with pytest.raises(DatabaseError):
        await use(sessions)
    assert server.sessions[0].is_closed
    monkeypatch.undo()
    monkeypatch.setattr(pool, "connect", server.connect)
    server.answer = at_once
    await use(sessions)


async def test_a_server_that_opens_no_session_in_time_is_away_whoever_waited(
    server: FakeServer, sessions: pool.SessionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "AWAY_SECONDS", 600)
    monkeypatch.setattr(pool, "MAX_WAIT", 0.01)
    server.open = never
    impatient = asyncio.create_task(use(sessions))
    await begun()
    impatient.cancel()  # as one who waits for less time than the pool lets them
    await asyncio.sleep(0.02)  # the time itself is what counts
    monkeypatch.setattr(pool, "MAX_WAIT", 600)
    async with asyncio.timeout(5):
        with pytest.raises(DatabaseError, match="cannot be reached"):
            await use(sessions)


async def test_a_server_that_opens_a_session_after_all_is_not_away(
    server: FakeServer, sessions: pool.SessionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_open = asyncio.Event()
    server.open = may_open.wait
    monkeypatch.setattr(pool, "MAX_WAIT", 0.01)
    for _ in range(2):
        with pytest.raises(DatabaseError, match="cannot be reached"):
            await use(sessions)
    may_open.set()
    await begun()
    await use(sessions)


async def test_who_waits_when_the_pool_is_closed_gets_an_error(
    server: FakeServer, sessions: pool.SessionPool
) -> None:
    server.open = never
    waiting = asyncio.create_task(use(sessions))
    await begun()
    async with asyncio.timeout(5):
        await sessions.close()
    with pytest.raises(DatabaseError, match="cannot be reached"):
        await waiting


async def test_who_waits_for_a_lent_session_when_the_pool_is_closed_gets_an_error(
    server: FakeServer, sessions: pool.SessionPool
) -> None:
    async with sessions.session() as lent:
        server.open = refuse
        waiting = asyncio.create_task(use(sessions))
        await begun()
        await sessions.close()
        async with asyncio.timeout(1):
            with pytest.raises(DatabaseError, match="cannot be reached"):
                await waiting
    assert lent in server.sessions
    assert server.sessions[0].is_closed


async def test_no_session_is_opened_after_the_pool_is_closed(
    server: FakeServer, sessions: pool.SessionPool
) -> None:
    await use(sessions)
    is_checked, may_fail = asyncio.Event(), asyncio.Event()

    async def fail() -> None:
        is_checked.set()
        await may_fail.wait()
        raise psycopg.OperationalError("gone")

    server.answer = fail
    waiting = asyncio.create_task(use(sessions))
    await is_checked.wait()
    await sessions.close()
    may_fail.set()
    with pytest.raises(DatabaseError, match="cannot be reached"):
        await waiting
    assert [session.is_closed for session in server.sessions] == [True]


async def test_all_sessions_are_lent_at_the_same_time_and_one_more_waits(
    server: FakeServer, sessions: pool.SessionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(pool.MAX_SESSIONS):
            await stack.enter_async_context(sessions.session())
        monkeypatch.setattr(pool, "MAX_WAIT", 0.01)
        with pytest.raises(DatabaseError, match="has too much to do"):
            await use(sessions)
        monkeypatch.setattr(pool, "MAX_WAIT", 600)
        waiting = asyncio.create_task(use(sessions))
        await begun()
    assert await waiting is not None
    assert len(server.sessions) == pool.MAX_SESSIONS


def test_the_pool_says_what_failed_before_the_settings_of_a_server_are_given_up() -> None:
    assert pool.MAX_WAIT < MAX_SETTINGS_WAIT

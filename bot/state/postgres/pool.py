"""The sessions that the statements of a process take in turn."""

import asyncio
import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
from psycopg import AsyncRawCursor
from psycopg.pq import TransactionStatus

from bot.database_url import DatabaseUrl
from bot.state.database import UnreachableError
from bot.state.postgres.session import Session, check, connect

MAX_SESSIONS = 4
MAX_WAIT = 1.8
"""Seconds for a session: a question is answered without its buttons after this.

Less than the client waits for a server's settings, which then says what failed.
"""
CHECK_SECONDS = 0.9
"""Seconds for an idle session to answer; the rest of `MAX_WAIT` is for opening another."""
AWAY_SECONDS = 5.0
"""For which a server that opened no session is not asked for another."""


class SessionPool:
    """At most `MAX_SESSIONS` sessions, each checked before it is lent."""

    def __init__(self, url: DatabaseUrl) -> None:
        """Open nothing yet."""
        self._url = url
        self._free = asyncio.Semaphore(MAX_SESSIONS)
        self._lent = 0
        self._idle: list[Session] = []
        self._opening: asyncio.Task[None] | None = None
        self._came_back = asyncio.get_running_loop().create_future()
        """Done when a session is given back or the pool is closed; then another one replaces it."""
        self._away_from = math.inf  # by the event loop's clock
        self._is_closed = False

    async def close(self) -> None:
        """Close the idle sessions now, and each other one when it comes back."""
        self._is_closed = True
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        self._wake_waiting()
        await self._close_idle()

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[Session]:
        """Lend a session for the block; its statements take ``$1`` and so on.

        Raises:
            UnreachableError: the server gives no session, or all are lent.
        """
        if self._is_closed or self._is_away:
            raise self._unreachable()
        try:
            async with asyncio.timeout(MAX_WAIT):
                session = await self._take()
        except (psycopg.Error, TimeoutError) as error:
            raise self._unreachable() from error
        try:
            yield session
        finally:
            self._lent -= 1
            self._free.release()
            await self._take_back(session)

    @property
    def _is_away(self) -> bool:
        """Whether no session works, and the server failed to open one, or takes too long."""
        since = asyncio.get_running_loop().time() - self._away_from
        return not self._lent and not self._idle and 0 <= since < AWAY_SECONDS

    async def _take(self) -> Session:
        await self._free.acquire()
        try:
            session = await self._idle_session()
        except BaseException:
            self._free.release()
            raise
        self._lent += 1
        return session

    async def _idle_session(self) -> Session:
        """Return a session that answers, once one is opened or comes back."""
        while not self._is_closed:
            if self._idle:
                session = self._idle.pop()
                try:
                    await check(session, CHECK_SECONDS)
                except (psycopg.Error, TimeoutError):
                    # What has befallen it, such as a restart, has the others too.
                    await self._close_idle()
                else:
                    return session
            else:
                await self._wait_for_one()
        raise self._unreachable()

    async def _wait_for_one(self) -> None:
        """Wait until a session is opened or comes back.

        Raises:
            psycopg.Error: none can be opened, and none is lent that could come back.
        """
        # It goes on when the wait is over: the second of several hosts may be the one to ask.
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._open(), name="open a session")
            self._opening.add_done_callback(_see_error)
        # Neither does a cancelled caller end the opening, nor a cancelled opening its callers.
        await asyncio.wait([self._opening, self._came_back], return_when=asyncio.FIRST_COMPLETED)
        if not self._opening.done() or self._opening.cancelled():
            return
        if (error := self._opening.exception()) is not None and not self._idle:
            if not self._lent:
                raise error
            await asyncio.wait([self._came_back])  # the server may allow no more sessions

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        self._away_from = loop.time() + MAX_WAIT
        try:
            self._idle.append(await connect(self._url, cursor_factory=AsyncRawCursor))
        except psycopg.Error:
            self._away_from = loop.time()
            raise
        self._away_from = math.inf

    async def _take_back(self, session: Session) -> None:
        if session.pgconn.transaction_status == TransactionStatus.IDLE and not self._is_closed:
            self._idle.append(session)
        else:
            await session.close()
        self._wake_waiting()

    def _wake_waiting(self) -> None:
        self._came_back.set_result(None)
        self._came_back = asyncio.get_running_loop().create_future()

    async def _close_idle(self) -> None:
        while self._idle:
            await self._idle.pop().close()

    def _unreachable(self) -> UnreachableError:
        """Return what keeps a caller from a session, as an error."""
        is_busy = (self._lent or self._idle) and not self._is_closed
        return UnreachableError(
            f"{self._url} {'has too much to do' if is_busy else 'cannot be reached'}"
        )


def _see_error(opening: asyncio.Task[None]) -> None:
    """See an error of which the callers are not told any more: for them it took too long."""
    if not opening.cancelled():
        opening.exception()

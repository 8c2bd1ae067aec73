"""The sessions that the statements of a process take in turn."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
from psycopg import AsyncRawCursor
from psycopg.pq import TransactionStatus

from bot.database_url import DatabaseUrl
from bot.state.database import UnreachableError
from bot.state.postgres.session import Session, check, connect

MAX_SESSIONS = 4
MAX_WAIT = 2.0
"""Seconds for a session: a question is answered without its buttons after this."""
CHECK_SECONDS = 1.0
"""For an idle session to answer; after this there is as long to open another."""
AWAY_SECONDS = 5.0
"""For which a server that gave no session is not asked for another."""


class SessionPool:
    """At most `MAX_SESSIONS` sessions, each checked before it is lent."""

    def __init__(self, url: DatabaseUrl) -> None:
        """Open nothing yet."""
        self._url = url
        self._free = asyncio.Semaphore(MAX_SESSIONS)
        self._idle: list[Session] = []
        self._opening: asyncio.Task[None] | None = None
        self._away_until = 0.0  # by the event loop's clock
        self._is_closed = False

    async def close(self) -> None:
        """Close the idle sessions now, and each other one when it comes back."""
        self._is_closed = True
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        await self._close_idle()

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[Session]:
        """Lend a session for the block; its statements take ``$1`` and so on.

        Raises:
            UnreachableError: the server gives no session, or all are lent.
        """
        loop = asyncio.get_running_loop()
        if self._is_closed or loop.time() < self._away_until:
            raise self._unreachable()
        deadline = loop.time() + MAX_WAIT
        try:
            async with asyncio.timeout_at(deadline):
                await self._free.acquire()
        except TimeoutError as error:
            raise UnreachableError(f"{self._url} has too much to do") from error
        try:
            try:
                async with asyncio.timeout_at(deadline):
                    session = await self._take()
            except (psycopg.Error, TimeoutError) as error:
                self._away_until = loop.time() + AWAY_SECONDS
                raise self._unreachable() from error
            try:
                yield session
            finally:
                await self._take_back(session)
        finally:
            self._free.release()

    async def _take(self) -> Session:
        while True:
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
                # Goes on when the wait is over: the second of several hosts may be the one to ask.
                if self._opening is None or self._opening.done():
                    self._opening = asyncio.create_task(self._open(), name="open a session")
                    self._opening.add_done_callback(_see_error)
                await asyncio.shield(self._opening)

    async def _open(self) -> None:
        self._idle.append(await connect(self._url, cursor_factory=AsyncRawCursor))

    async def _take_back(self, session: Session) -> None:
        if session.pgconn.transaction_status == TransactionStatus.IDLE and not self._is_closed:
            self._idle.append(session)
        else:
            await session.close()

    async def _close_idle(self) -> None:
        while self._idle:
            await self._idle.pop().close()

    def _unreachable(self) -> UnreachableError:
        return UnreachableError(f"{self._url} cannot be reached")


def _see_error(opening: asyncio.Task[None]) -> None:
    """See an error of which the callers are not told any more: for them it took too long."""
    if not opening.cancelled():
        opening.exception()

"""The open database: a pool of connections, one transaction that writes at a time."""

import asyncio
import functools
import logging
import re
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

import psycopg

from bot.database_url import DatabaseUrl
from bot.errors import StateError
from bot.state.copies import files_beside
from bot.state.database import (
    Database,
    Dialect,
    NotLeaderError,
    Statement,
    UnreachableError,
    WriteQueue,
)
from bot.state.postgres.leader import PROOF, PostgresLeadership
from bot.state.postgres.notifications import PostgresNotifications
from bot.state.postgres.pool import SessionPool
from bot.state.postgres.schema import CONNECT_SECONDS, WRITE_LOCK, prepare, storable
from bot.state.postgres.session import (
    STATEMENT_SECONDS,
    Session,
    database_error,
    holding,
    keep_open,
)

MAX_ROWS = 10_000_000
"""Of questions, and of answers: some 17 GB."""
END_SECONDS = 0.5
"""For the writes that wait when the bot ends, which it does within two seconds."""
MAX_ALONE_SECONDS = 60.0
"""For which a process waits until another has ended what one does at a time."""
_ALONE = 2  # a number of an advisory lock, beside that of the leader

_DIALECT = Dialect(
    elements="json_array_elements_text(({})::json) AS elements (value)",
    field="(({})::json ->> '{}')",
)

_log = logging.getLogger(__name__)

_NOT_LEADER = "another process leads"


class PostgresDatabase(Database):
    """The open database. Every method may be awaited concurrently, also by several bots."""

    def __init__(
        self,
        pool: SessionPool,
        url: DatabaseUrl,
        user_key: bytes,
        clock: Callable[[], float],
        notifications: PostgresNotifications,
        leadership: PostgresLeadership,
    ) -> None:
        self.now = clock
        self.user_key = user_key
        self.dialect = _DIALECT
        self.max_rows = MAX_ROWS
        self.notifications = notifications
        self.leadership = self._leadership = leadership
        self._pool = pool
        self._url = url
        self._writes = WriteQueue(self._commit)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: DatabaseUrl, path: Path, clock: Callable[[], float]
    ) -> AsyncGenerator[Self]:
        """Open the database, creating or migrating its tables where needed.

        Args:
            url: of the database.
            path: of the state file from before there was a database.
            clock: gives seconds since 1970.

        Raises:
            StateError: it cannot be used, comes from a newer version, or has never held a state
                while there is a file that does.
        """
        key = await asyncio.to_thread(prepare, url, path)
        for file in (path, *files_beside(path.parent)):
            if file.exists():
                _log.warning("%s is not used any more: the state is in %s. Delete it.", file, url)
        notifications, leadership = PostgresNotifications(), PostgresLeadership(url)
        hearing = keep_open(url, notifications.hear, "notifications")
        async with _running(hearing), _running(leadership.run()):
            try:
                # Before anything is read that others may change.
                async with asyncio.timeout(CONNECT_SECONDS):
                    await notifications.has_begun.wait()
            except TimeoutError as error:
                raise StateError(f"{url} takes no connection for notifications.") from error
            pool = SessionPool(url)
            database = cls(pool, url, key, clock, notifications, leadership)
            try:
                yield database
            finally:
                await database._writes.finish(END_SECONDS)
                await pool.close()

    async def rows(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT."""
        async with self._connected() as connection:
            cursor = await connection.execute(numbered(sql), [*map(storable, parameters)])
            return await cursor.fetchall()

    async def write(self, *statements: Statement) -> list[int]:
        """Run ``statements`` in one transaction; return how many rows each wrote or deleted."""
        return await self._writes.add(statements)

    async def write_as_leader(self, *statements: Statement) -> list[int]:
        """Run ``statements`` likewise, if this process leads until they are committed."""
        return (await self._writes.add((self._leadership.proof, *statements)))[1:]

    async def check_leads(self) -> None:
        """See that this process leads, by what the database says now."""
        if await self.row(*self._leadership.proof) is None:
            raise NotLeaderError(_NOT_LEADER)

    def alone(self) -> AbstractAsyncContextManager[bool]:
        """Return a block that one process runs at a time; it gives whether it came to that."""
        return holding(self._url, _ALONE, MAX_ALONE_SECONDS)

    async def _commit(self, writes: Sequence[Sequence[Statement]]) -> list[list[int]]:
        async with self._connected() as connection, connection.transaction():
            await connection.execute(WRITE_LOCK)
            return [
                [await _execute(connection, statement) for statement in statements]
                for statements in writes
            ]

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[Session]:
        """Lend a session, and say in one sentence what PostgreSQL does not do.

        Raises:
            DatabaseError: see there.
        """
        try:
            async with self._pool.session() as session, asyncio.timeout(STATEMENT_SECONDS):
                yield session
        except TimeoutError as error:
            said = f"took more than {STATEMENT_SECONDS:.0f} s"
            raise UnreachableError(f"{self._url} {said}") from error
        except psycopg.Error as error:
            raise database_error(self._url, error) from error


async def _execute(connection: Session, statement: Statement) -> int:
    """Run a statement of a write; return how many rows it wrote, deleted or found."""
    sql, parameters = statement
    cursor = await connection.execute(numbered(sql), [*map(storable, parameters)])
    if sql is PROOF and not cursor.rowcount:
        raise NotLeaderError(_NOT_LEADER)
    return cursor.rowcount


@asynccontextmanager
async def _running(work: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    task = asyncio.create_task(work, name=work.__qualname__)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


@functools.lru_cache(256)
def numbered(sql: str) -> bytes:
    """Return a statement as PostgreSQL takes it: its parameters are ``$1``, ``$2``, …."""
    numbers = count(1)
    sql = re.sub(r"INDEXED BY \w+", "", sql)  # its planner knows by itself
    return re.sub(r"\?(\d*)", lambda match: f"${match[1] or next(numbers)}", sql).encode()

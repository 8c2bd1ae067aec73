"""The open database: a pool of connections, one transaction that writes at a time."""

import asyncio
import functools
import logging
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from bot.database_url import DatabaseUrl
from bot.state.database import (
    Database,
    DatabaseError,
    Dialect,
    Statement,
    UnreachableError,
    WriteQueue,
)
from bot.state.postgres.schema import SESSION, WRITE_LOCK, parameters, prepare, reason, storable

MAX_CONNECTIONS = 4
MAX_WAIT = 2.0
"""Seconds for a connection: a question is answered without its buttons after this."""
MAX_SECONDS = 10.0
"""For a statement, or the transaction of all writes that wait."""
AWAY_SECONDS = 5.0
"""For which a server that could not be reached is not asked again."""

_DIALECT = Dialect(
    elements="json_array_elements_text(({})::json) AS elements (value)",
    field="(({})::json ->> '{}')",
)

# Each failure is told by whom it stops.
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)

_log = logging.getLogger(__name__)

Connection = AsyncConnection[tuple[Any, ...]]


class PostgresDatabase(Database):
    """The open database. Every method may be awaited concurrently, also by several bots."""

    def __init__(
        self,
        pool: AsyncConnectionPool[Connection],
        url: DatabaseUrl,
        user_key: bytes,
        clock: Callable[[], float],
    ) -> None:
        self.now = clock
        self.user_key = user_key
        self.dialect = _DIALECT
        self._pool = pool
        self._url = url
        self._writes = WriteQueue(self._commit)
        self._away_until = 0.0  # by the event loop's clock

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
        if path.exists():
            _log.warning("%s is not used any more: the state is in %s. Delete it.", path, url)
        pool = AsyncConnectionPool(
            kwargs={**parameters(url), "autocommit": True, "cursor_factory": AsyncRawCursor},
            connection_class=Connection,
            min_size=1,
            max_size=MAX_CONNECTIONS,
            open=False,
            configure=_configure,
            check=AsyncConnectionPool.check_connection,
            timeout=MAX_WAIT,
            reconnect_timeout=MAX_WAIT,
        )
        async with pool:
            database = cls(pool, url, key, clock)
            try:
                yield database
            finally:
                await database._writes.finish()

    async def rows(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT."""
        async with self._connected() as connection:
            cursor = await connection.execute(numbered(sql), [*map(storable, parameters)])
            return await cursor.fetchall()

    async def write(self, *statements: Statement) -> list[int]:
        """Run ``statements`` in one transaction; return how many rows each wrote or deleted."""
        return await self._writes.add(statements)

    async def _commit(self, writes: Sequence[Sequence[Statement]]) -> list[list[int]]:
        async with self._connected() as connection, connection.transaction():
            await connection.execute(WRITE_LOCK)
            return [
                [
                    (await connection.execute(numbered(sql), [*map(storable, parameters)])).rowcount
                    for sql, parameters in statements
                ]
                for statements in writes
            ]

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[Connection]:
        """Lend a connection, and say in one sentence what PostgreSQL does not do.

        Raises:
            DatabaseError: see there.
        """
        loop = asyncio.get_running_loop()
        if loop.time() < self._away_until:
            raise UnreachableError(f"{self._url} cannot be reached")
        try:
            async with asyncio.timeout(MAX_SECONDS), self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, TimeoutError) as error:
            self._away_until = loop.time() + AWAY_SECONDS
            raise UnreachableError(f"{self._url} cannot be reached") from error
        except psycopg.OperationalError as error:
            raise UnreachableError(f"{self._url} failed: {reason(error)}") from error
        except psycopg.Error as error:
            raise DatabaseError(f"{self._url} refused a statement: {reason(error)}") from error


async def _configure(connection: Connection) -> None:
    await connection.execute(SESSION)


@functools.lru_cache(256)
def numbered(sql: str) -> bytes:
    """Return a statement as PostgreSQL takes it: its parameters are ``$1``, ``$2``, …."""
    numbers = count(1)
    sql = re.sub(r"INDEXED BY \w+", "", sql)  # its planner knows by itself
    return re.sub(r"\?(\d*)", lambda match: f"${match[1] or next(numbers)}", sql).encode()

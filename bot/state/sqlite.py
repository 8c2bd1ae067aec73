"""The open state file: concurrent reads, one writer, each write whole or not at all."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiosqlite

from bot.errors import StateError
from bot.state import file
from bot.state.database import Database, Dialect, Statement, WriteQueue
from bot.state.peers import Leadership, Notifications

_DIALECT = Dialect(elements="json_each({})", field="json_extract({}, '$.{}')")
MAX_ROWS = 250_000
"""Of questions, and of answers: a start checks the whole file, which takes half a second then."""


class SqliteDatabase(Database):
    """The open state file. Every method may be awaited concurrently."""

    def __init__(
        self, connection: aiosqlite.Connection, user_key: bytes, clock: Callable[[], float]
    ) -> None:
        self.now = clock
        self.user_key = user_key
        self.dialect = _DIALECT
        self.max_rows = MAX_ROWS
        self.notifications = Notifications()
        self.leadership = Leadership()
        self._connection = connection
        self._lock = asyncio.Lock()
        self._writes = WriteQueue(self._commit)

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path, clock: Callable[[], float]) -> AsyncGenerator[Self]:
        """Open the file at ``path``, creating or migrating it where needed.

        A damaged file is quarantined, see :func:`bot.state.file.prepare`.

        Raises:
            StateError: the file cannot be used, is no state of ours or comes from a newer version.
                It is left as it was.
        """
        key = await asyncio.to_thread(file.prepare, path)
        try:
            connection = await aiosqlite.connect(path, isolation_level=None)
        except sqlite3.Error as error:
            raise StateError(f"The state file {path} cannot be opened: {error}.") from error
        try:
            # One writer and few writes: a rollback journal survives any kill, and needs no second
            # file that a copy could miss. Deleted rows are overwritten: /forget means it.
            for pragma in (
                "busy_timeout = 5000",
                "foreign_keys = ON",
                "secure_delete = ON",
                "synchronous = FULL",
            ):
                await connection.execute(f"PRAGMA {pragma}")
            database = cls(connection, key, clock)
            try:
                yield database
            finally:
                await database._writes.finish()
        finally:
            await connection.close()

    async def rows(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT."""
        async with self._lock:
            return [tuple(row) for row in await self._connection.execute_fetchall(sql, parameters)]

    async def write(self, *statements: Statement) -> list[int]:
        """Run ``statements`` in one transaction; return how many rows each wrote or deleted."""
        # A cancelled statement of aiosqlite still runs, and its transaction would stay open.
        return await self._writes.add(statements)

    async def _commit(self, writes: Sequence[Sequence[Statement]]) -> list[list[int]]:
        async with self._lock, _transaction(self._connection):
            return [
                [
                    (await self._connection.execute(sql, parameters)).rowcount
                    for sql, parameters in statements
                ]
                for statements in writes
            ]


@asynccontextmanager
async def _transaction(connection: aiosqlite.Connection) -> AsyncGenerator[None]:
    await connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        await connection.rollback()
        raise
    await connection.commit()

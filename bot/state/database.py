"""The open state file: concurrent reads, one writer, each write whole or not at all."""

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiosqlite

from bot.errors import StateError
from bot.state import file

DELETED_AT_ONCE = 500  # rows

Statement = tuple[str, Sequence[Any]]


class Database:
    """The open state file. Every method may be awaited concurrently."""

    def __init__(
        self, connection: aiosqlite.Connection, user_key: bytes, clock: Callable[[], float]
    ) -> None:
        self.now = clock
        """Seconds since 1970."""
        self._connection = connection
        self._user_key = user_key
        self._lock = asyncio.Lock()
        self._waiting: list[_Write] = []
        self._writing: asyncio.Task[None] | None = None

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
                if database._writing is not None:
                    await asyncio.wait([database._writing])
        finally:
            await connection.close()

    def user_hash(self, user_id: int) -> bytes:
        """Return the keyed hash of a user: always the same, of no use without this file's key."""
        return hashlib.blake2b(str(user_id).encode(), key=self._user_key, digest_size=16).digest()

    async def row(self, sql: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
        """Return the first row, if there is one."""
        return next(iter(await self.rows(sql, parameters)), None)

    async def rows(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT."""
        async with self._lock:
            return [tuple(row) for row in await self._connection.execute_fetchall(sql, parameters)]

    async def write(self, *statements: Statement) -> list[int]:
        """Run ``statements`` in one transaction, to its end even if the caller is cancelled.

        A cancelled statement of aiosqlite still runs, and its transaction would stay open.

        Returns:
            the number of rows that each statement wrote or deleted.

        Raises:
            sqlite3.Error: nothing was written.
        """
        write = _Write(statements)
        self._waiting.append(write)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_waiting(), name="write the state")
        return await asyncio.shield(write.done)

    async def delete(self, sql: str, before: float) -> None:
        """Run a DELETE of what is older than ``before``, in steps between which others come.

        ``sql`` takes that time and the most rows to delete.
        """
        while (await self.write((sql, (before, DELETED_AT_ONCE))))[0] == DELETED_AT_ONCE:
            pass

    async def cut(self, table: str, key: str, size: int) -> None:
        """Delete all but the latest ``size`` rows of a table, likewise in steps."""
        [(count,)] = await self.rows(f"SELECT count(*) FROM {table}", ())  # noqa: S608
        for left in range(count - size, 0, -DELETED_AT_ONCE):
            oldest = f"SELECT {key} FROM {table} ORDER BY at LIMIT ?"  # noqa: S608
            sql = f"DELETE FROM {table} WHERE {key} IN ({oldest})"  # noqa: S608
            await self.write((sql, (min(left, DELETED_AT_ONCE),)))

    async def _write_waiting(self) -> None:
        """Commit the waiting writes together, since a commit costs the same for one or a hundred.

        Measured: 100 writes take 12 to 21 ms together, 1,400 to 1,800 ms one by one; under the load
        of docs/reliability.md 50 to 60 answers a second in place of 42. Held by
        ``test_concurrent_writes_share_one_transaction``.
        """
        try:
            while self._waiting:
                async with self._lock:
                    together, self._waiting = self._waiting, []
                    await self._commit(together)
        finally:
            self._writing = None

    async def _commit(self, writes: "Sequence[_Write]") -> None:
        try:
            async with _transaction(self._connection):
                counts = [await self._run(write.statements) for write in writes]
        except Exception as error:  # noqa: BLE001 (raised in the caller)
            if len(writes) == 1:
                writes[0].done.set_exception(error)
                return
            for write in writes:  # the one that fails must not undo the others
                await self._commit([write])
            return
        for write, written in zip(writes, counts, strict=True):
            write.done.set_result(written)

    async def _run(self, statements: Sequence[Statement]) -> list[int]:
        return [
            (await self._connection.execute(sql, parameters)).rowcount
            for sql, parameters in statements
        ]


class _Write:
    """Statements of one transaction, and the future of their result."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = statements
        self.done: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()


@asynccontextmanager
async def _transaction(connection: aiosqlite.Connection) -> AsyncGenerator[None]:
    await connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        await connection.rollback()
        raise
    await connection.commit()

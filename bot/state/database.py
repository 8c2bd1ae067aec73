"""The open state file: read by many, written by one, each write whole or not at all."""

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
        """Open the file at ``path``, made or brought up to date where needed.

        A damaged file is put aside, see :func:`bot.state.file.prepare`.

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
            # One writer and few writes: a rollback journal is whole after any kill, and needs no
            # second file that a copy could miss.
            # What is deleted is overwritten: whoever asks to be forgotten is.
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
        """Return what stands for a user: the same each time, of no use without this file's key."""
        return hashlib.blake2b(str(user_id).encode(), key=self._user_key, digest_size=16).digest()

    async def row(self, sql: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
        """Return the first row, if there is one."""
        return next(iter(await self.rows(sql, parameters)), None)

    async def rows(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return what a SELECT finds."""
        async with self._lock:
            return [tuple(row) for row in await self._connection.execute_fetchall(sql, parameters)]

    async def write(self, *statements: Statement) -> list[int]:
        """Run ``statements`` in one transaction, to its end even if nobody waits for it any more.

        A cancelled statement of aiosqlite still runs, and its transaction would stay open.

        Returns:
            how many rows each statement wrote or deleted.

        Raises:
            sqlite3.Error: nothing was written.
        """
        write = _Write(statements)
        self._waiting.append(write)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_waiting(), name="write the state")
        return await asyncio.shield(write.done)

    async def _write_waiting(self) -> None:
        """Write what waits, all at once: a disk takes as long to keep one as to keep a hundred."""
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
        except Exception as error:  # noqa: BLE001 (raised where it is waited for)
            if len(writes) == 1:
                writes[0].done.set_exception(error)
                return
            for write in writes:  # that one cannot be written must not undo the others
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
    """Statements that are written together or not at all, and what became of them."""

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

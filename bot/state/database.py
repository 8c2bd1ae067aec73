"""What a database of the state does: concurrent reads, each write whole or not at all."""

import asyncio
import hashlib
import logging
import sqlite3
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

from bot.state.peers import Leadership, Notifications

DELETED_AT_ONCE = 500  # rows

Statement = tuple[str, Sequence[Any]]
"""SQL with ``?`` or ``?1``, ``?2``, … for its parameters, that SQLite and PostgreSQL both take."""


class DatabaseError(Exception):
    """PostgreSQL did not do what was asked of it; a sentence without credentials or full stop."""


class UnreachableError(DatabaseError):
    """PostgreSQL cannot be reached."""


class NotLeaderError(DatabaseError):
    """Another process leads by now, so this one may not do what only the leader does."""


_log = logging.getLogger(__name__)

_GIVEN_UP = "the bot stopped before the database answered"

DATABASE_ERRORS = (sqlite3.Error, DatabaseError)
"""All that a database raises where it cannot read or write now."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The few parts of a statement that databases write differently."""

    elements: str
    """A table of the texts of a JSON list, its column ``value``; to be formatted with the list."""
    field: str
    """A text of a JSON object; to be formatted with the object and the name of the field."""


class Database(Protocol):
    """An open database. Every method may be awaited concurrently."""

    now: Callable[[], float]
    """Seconds since 1970."""
    user_key: bytes
    """The key of the users' hashes."""
    dialect: Dialect
    max_rows: int
    """Of questions, and of answers, that are kept."""
    notifications: Notifications
    leadership: Leadership

    @abstractmethod
    async def rows(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT.

        Raises:
            sqlite3.Error, DatabaseError: they cannot be read.
        """

    @abstractmethod
    async def write(self, *statements: Statement) -> list[int]:
        """Run ``statements`` in one transaction, to its end even if the caller is cancelled.

        Returns:
            the number of rows that each statement wrote or deleted.

        Raises:
            sqlite3.Error, DatabaseError: nothing was written.
        """

    async def write_as_leader(self, *statements: Statement) -> list[int]:
        """Run ``statements`` as `write` does, if this process leads until they are committed.

        Raises:
            NotLeaderError: it does not; nothing was written.
            sqlite3.Error, DatabaseError: nothing was written.
        """
        return await self.write(*statements)

    async def check_leads(self) -> None:
        """See that this process leads, by what the database says now.

        Raises:
            NotLeaderError: it does not.
            DatabaseError: it cannot be asked.
        """

    def alone(self) -> AbstractAsyncContextManager[bool]:
        """Return a block that one process runs at a time; it gives whether it came to that.

        Raises:
            DatabaseError: the database cannot be asked.
        """
        return nullcontext(enter_result=True)

    def user_hash(self, user_id: int) -> bytes:
        """Return the keyed hash of a user: always the same, of no use without the key."""
        return hashlib.blake2b(str(user_id).encode(), key=self.user_key, digest_size=16).digest()

    async def row(self, sql: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
        """Return the first row, if there is one."""
        return next(iter(await self.rows(sql, parameters)), None)

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


Commit = Callable[[Sequence[Sequence[Statement]]], Awaitable[list[list[int]]]]
"""Runs the statements of several writes in one transaction; returns their numbers of rows."""


class WriteQueue:
    """Commits waiting writes together, since a commit costs the same for one or a hundred.

    Measured with SQLite: 100 writes take 12 to 21 ms together, 1,400 to 1,800 ms one by one; under
    the load of docs/reliability.md 50 to 60 answers a second in place of 42. Held by
    ``test_concurrent_writes_share_one_transaction``.
    """

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._waiting: list[_Write] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, statements: Sequence[Statement]) -> list[int]:
        """Commit the statements of a write, to its end even if the caller is cancelled."""
        write = _Write(statements)
        self._waiting.append(write)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_waiting(), name="write the state")
        return await asyncio.shield(write.done)

    async def finish(self, seconds: float | None = None) -> None:
        """Wait until nothing waits any more; after so many seconds give up what still does."""
        if self._writing is not None:
            _, late = await asyncio.wait([self._writing], timeout=seconds)
            for writing in late:
                _log.warning("What was to be saved last is given up: there was no answer in time.")
                writing.cancel()
                await asyncio.wait([writing])

    async def _write_waiting(self) -> None:
        together: list[_Write] = []
        try:
            while self._waiting:
                together, self._waiting = self._waiting, []
                await self._write(together)
        finally:
            self._writing = None
            left, self._waiting = [*together, *self._waiting], []
            for write in left:
                if not write.done.done():  # or its caller would wait for ever
                    write.done.set_exception(UnreachableError(_GIVEN_UP))

    async def _write(self, writes: "Sequence[_Write]") -> None:
        try:
            counts = await self._commit([write.statements for write in writes])
        except Exception as error:  # noqa: BLE001 (raised in the callers)
            if len(writes) == 1 or isinstance(error, UnreachableError):
                for write in writes:
                    write.done.set_exception(error)
                return
            for write in writes:  # the one that fails must not undo the others
                await self._write([write])
            return
        for write, written in zip(writes, counts, strict=True):
            write.done.set_result(written)


class _Write:
    """Statements of one transaction, and the future of their result."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = statements
        self.done: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()

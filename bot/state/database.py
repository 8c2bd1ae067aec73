"""The state file: opened, checked, brought up to date, written whole or not at all."""

import asyncio
import hashlib
import logging
import secrets
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiosqlite

from bot.errors import StateError
from bot.state.schema import APPLICATION_ID, MIGRATIONS, VERSION

BACKUPS = 3  # copies of earlier schemas that are kept

Statement = tuple[str, Sequence[Any]]

_log = logging.getLogger(__name__)


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
        self._writing: set[asyncio.Task[list[int]]] = set()

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path, clock: Callable[[], float]) -> AsyncGenerator[Self]:
        """Open the file at ``path``, made or brought up to date where needed.

        Raises:
            StateError: the file cannot be opened, is damaged, is no state of ours or comes from a
                newer version. It is left as it was.
        """
        try:
            _make(path)
            connection = await aiosqlite.connect(path, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise StateError(f"The state file {path} cannot be opened: {error}.") from error
        try:
            database = cls(connection, await _prepare(connection, path), clock)
            try:
                yield database
            finally:
                await asyncio.gather(*database._writing, return_exceptions=True)
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
        task = asyncio.create_task(self._transaction(statements))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return await asyncio.shield(task)

    async def _transaction(self, statements: Sequence[Statement]) -> list[int]:
        async with self._lock, _transaction(self._connection):
            return [
                (await self._connection.execute(sql, parameters)).rowcount
                for sql, parameters in statements
            ]


def _make(path: Path) -> None:
    """Make the file where there is none, for its owner's eyes only, and see that it opens.

    Here, because an aiosqlite connection that fails to open leaves its thread behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    sqlite3.connect(path).close()


@asynccontextmanager
async def _transaction(connection: aiosqlite.Connection) -> AsyncGenerator[None]:
    await connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        await connection.rollback()
        raise
    await connection.commit()


async def _prepare(connection: aiosqlite.Connection, path: Path) -> bytes:
    """Check the file, bring its schema up to date and return the key of the users' hashes."""
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
        await _verify(connection, path)
        await _migrate(connection, path)
        async with _transaction(connection):
            await connection.execute(
                "INSERT OR IGNORE INTO keyring VALUES ('user', ?)", (secrets.token_bytes(32),)
            )
        return await _scalar(connection, "SELECT key FROM keyring WHERE name = 'user'")
    except sqlite3.OperationalError as error:
        raise StateError(f"The state file {path} cannot be used: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise StateError(_damaged(path, str(error))) from error


async def _verify(connection: aiosqlite.Connection, path: Path) -> None:
    application_id = await _scalar(connection, "PRAGMA application_id")
    version = await _scalar(connection, "PRAGMA user_version")
    empty = not await _scalar(connection, "SELECT count(*) FROM sqlite_master")
    if application_id != APPLICATION_ID and not (empty and application_id == version == 0):
        raise StateError(f"{path} is not a state file of this bot; it was left as it is.")
    if version > VERSION:
        raise StateError(
            f"The state file {path} comes from a newer version of this bot (schema {version}, this"
            f" one knows {VERSION}): update the bot."
        )
    finding = await _scalar(connection, "PRAGMA quick_check(1)")
    if finding != "ok":
        raise StateError(_damaged(path, finding))


async def _migrate(connection: aiosqlite.Connection, path: Path) -> None:
    version = await _scalar(connection, "PRAGMA user_version")
    if version == VERSION:
        return
    if version:
        await _back_up(connection, path, version)
    async with _transaction(connection):
        for statements in MIGRATIONS[version:]:
            for sql in statements:
                await connection.execute(sql)
        await connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        await connection.execute(f"PRAGMA user_version = {VERSION}")


async def _back_up(connection: aiosqlite.Connection, path: Path, version: int) -> None:
    """Copy the file as it is before its schema changes; of the copies the latest are kept."""
    copy = path.with_name(f"{path.name}.schema-{version}")
    copy.unlink(missing_ok=True)  # of an attempt that did not get to its end
    await connection.execute("VACUUM INTO ?", (str(copy),))
    copy.chmod(0o600)
    _log.info("Kept a copy of the state from before its update: %s", copy)
    copies = path.parent.glob(f"{path.name}.schema-*")
    for old in sorted(copies, key=_schema_of)[:-BACKUPS]:
        old.unlink()


def forget_copies(path: Path, *, before: float) -> None:
    """Delete the copies of ``path`` that were made before then, in seconds since 1970."""
    for copy in path.parent.glob(f"{path.name}.schema-*"):
        if copy.stat().st_mtime < before:
            copy.unlink()


def _schema_of(copy: Path) -> int:
    number = copy.name.rpartition("-")[2]
    return int(number) if number.isdigit() else 0


async def _scalar(connection: aiosqlite.Connection, sql: str) -> Any:  # noqa: ANN401 (a column)
    async with connection.execute(sql) as cursor:
        row = await cursor.fetchone()
    return row[0] if row else None


def _damaged(path: Path, detail: str) -> str:
    return (
        f"The state file {path} is damaged ({detail}); it was left as it is: restore a copy, or"
        " move it away to start afresh."
    )

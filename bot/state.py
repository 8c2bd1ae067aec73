"""What must not be lost: servers' settings and the question log. The only SQL of the state."""

import asyncio
import hashlib
import math
import secrets
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiosqlite

from bot.errors import StateError

FILE_NAME = "state.sqlite"
QUESTION_LIFE = 30 * 86_400  # seconds
LONGEST_QUESTION = 500  # characters kept

_APPLICATION_ID = 0x466F6F74  # "Foot"

# Each brings the schema from its index to the next number, in one transaction. Never edit one that
# has been released: add another.
_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE keyring (name TEXT PRIMARY KEY, key BLOB NOT NULL) STRICT",
        "CREATE TABLE guild (id INTEGER PRIMARY KEY, locale TEXT) STRICT",
        """CREATE TABLE question (
            id INTEGER PRIMARY KEY,
            at REAL NOT NULL,
            text TEXT NOT NULL,
            user BLOB NOT NULL,
            guild INTEGER,
            locale TEXT NOT NULL,
            hits INTEGER NOT NULL,
            elapsed_ms REAL NOT NULL
        ) STRICT""",
        "CREATE INDEX question_at ON question (at)",
        """CREATE TABLE command_sync (
            application INTEGER NOT NULL,
            guild INTEGER NOT NULL,
            hash TEXT NOT NULL,
            PRIMARY KEY (application, guild)
        ) STRICT, WITHOUT ROWID""",
    ),
)
SCHEMA_VERSION = len(_MIGRATIONS)

_Statement = tuple[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was answered, or not."""

    text: str
    user_id: int
    guild_id: int | None
    locale: str
    hits: int
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """What was asked in a span of time."""

    asked: int
    unanswered: int
    """Those without any hit."""
    p50_ms: float | None
    """``None`` where nothing was asked."""
    p95_ms: float | None


class State:
    """The open state file. One a process; every method may be awaited concurrently."""

    def __init__(
        self, connection: aiosqlite.Connection, user_key: bytes, clock: Callable[[], float]
    ) -> None:
        self._connection = connection
        self._user_key = user_key
        self._clock = clock
        self._lock = asyncio.Lock()
        self._writing: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path, *, clock: Callable[[], float] = time.time
    ) -> AsyncGenerator[Self]:
        """Open the state at ``path``, made or brought up to date where needed.

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
            state = cls(connection, await _prepare(connection, path, clock()), clock)
            try:
                yield state
            finally:
                await asyncio.gather(*state._writing, return_exceptions=True)
        finally:
            await connection.close()

    async def guild_locale(self, guild_id: int) -> str | None:
        """Return the language the server chose for public answers, if it chose one."""
        row = await self._row("SELECT locale FROM guild WHERE id = ?", (guild_id,))
        return row[0] if row else None

    async def set_guild_locale(self, guild_id: int, locale: str | None) -> None:
        """Keep the language the server chose; ``None`` forgets it."""
        await self._write(
            (
                """INSERT INTO guild (id, locale) VALUES (?, ?)
                ON CONFLICT (id) DO UPDATE SET locale = excluded.locale""",
                (guild_id, locale),
            )
        )

    async def log_question(self, question: Question) -> None:
        """Keep ``question`` for 30 days, its user as a keyed hash only."""
        now = self._clock()
        await self._write(
            _forget_old_questions(now),
            (
                """INSERT INTO question (at, text, user, guild, locale, hits, elapsed_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?)""",
                (
                    now,
                    question.text[:LONGEST_QUESTION],
                    self._user_hash(question.user_id),
                    question.guild_id,
                    question.locale,
                    question.hits,
                    question.elapsed_ms,
                ),
            ),
        )

    async def question_figures(self, *, seconds: float) -> QuestionFigures:
        """Return the figures of the last ``seconds``; percentiles by nearest rank."""
        since = self._clock() - seconds
        [(asked, unanswered)] = await self._rows(
            "SELECT count(*), coalesce(sum(hits = 0), 0) FROM question WHERE at >= ?", (since,)
        )
        return QuestionFigures(
            asked=asked,
            unanswered=unanswered,
            p50_ms=await self._percentile(0.50, since, asked),
            p95_ms=await self._percentile(0.95, since, asked),
        )

    async def synced_commands(self, application_id: int) -> dict[int | None, str]:
        """Return what Discord was last given, as a hash for each server; ``None``: everywhere."""
        rows = await self._rows(
            "SELECT guild, hash FROM command_sync WHERE application = ?", (application_id,)
        )
        return {guild or None: digest for guild, digest in rows}

    async def set_synced_commands(
        self, application_id: int, guild_id: int | None, digest: str | None
    ) -> None:
        """Keep the hash of what Discord was given for a server; ``None`` forgets it."""
        forget = "DELETE FROM command_sync WHERE application = ? AND guild = ?"
        key = (application_id, guild_id or 0)
        if digest is None:
            await self._write((forget, key))
        else:
            await self._write(
                (forget, key), ("INSERT INTO command_sync VALUES (?, ?, ?)", (*key, digest))
            )

    def _user_hash(self, user_id: int) -> bytes:
        return hashlib.blake2b(str(user_id).encode(), key=self._user_key, digest_size=16).digest()

    async def _percentile(self, share: float, since: float, count: int) -> float | None:
        row = await self._row(
            "SELECT elapsed_ms FROM question WHERE at >= ?"
            " ORDER BY elapsed_ms LIMIT 1 OFFSET max(?, 0)",
            (since, math.ceil(share * count) - 1),
        )
        return row[0] if row else None

    async def _row(self, sql: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
        return next(iter(await self._rows(sql, parameters)), None)

    async def _rows(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        async with self._lock:
            return [tuple(row) for row in await self._connection.execute_fetchall(sql, parameters)]

    async def _write(self, *statements: _Statement) -> None:
        # A cancelled statement of aiosqlite still runs, and its transaction would stay open: what
        # has begun is brought to its end even if nobody waits for it any more.
        task = asyncio.create_task(self._transaction(statements))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        await asyncio.shield(task)

    async def _transaction(self, statements: Sequence[_Statement]) -> None:
        async with self._lock, _transaction(self._connection):
            for sql, parameters in statements:
                await self._connection.execute(sql, parameters)


def _make(path: Path) -> None:
    """Make the file where there is none, for its owner's eyes only, and see that it opens.

    Here, because an aiosqlite connection that fails to open leaves its thread behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    sqlite3.connect(path).close()


def _forget_old_questions(now: float) -> _Statement:
    return "DELETE FROM question WHERE at < ?", (now - QUESTION_LIFE,)


@asynccontextmanager
async def _transaction(connection: aiosqlite.Connection) -> AsyncGenerator[None]:
    await connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        await connection.rollback()
        raise
    await connection.commit()


async def _prepare(connection: aiosqlite.Connection, path: Path, now: float) -> bytes:
    """Check the file, bring its schema up to date and return the key of the users' hashes."""
    try:
        # One writer and few writes: a rollback journal is whole after any kill, and needs no
        # second file that a copy could miss.
        for pragma in ("busy_timeout = 5000", "foreign_keys = ON", "synchronous = FULL"):
            await connection.execute(f"PRAGMA {pragma}")
        await _verify(connection, path)
        async with _transaction(connection):
            await _migrate(connection)
            await connection.execute(
                "INSERT OR IGNORE INTO keyring VALUES ('user', ?)", (secrets.token_bytes(32),)
            )
            await connection.execute(*_forget_old_questions(now))
        return await _scalar(connection, "SELECT key FROM keyring WHERE name = 'user'")
    except sqlite3.OperationalError as error:
        raise StateError(f"The state file {path} cannot be used: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise StateError(_damaged(path, str(error))) from error


async def _verify(connection: aiosqlite.Connection, path: Path) -> None:
    application_id = await _scalar(connection, "PRAGMA application_id")
    version = await _scalar(connection, "PRAGMA user_version")
    empty = not await _scalar(connection, "SELECT count(*) FROM sqlite_master")
    if application_id != _APPLICATION_ID and not (empty and application_id == version == 0):
        raise StateError(f"{path} is not a state file of this bot; it was left as it is.")
    if version > SCHEMA_VERSION:
        raise StateError(
            f"The state file {path} comes from a newer version of this bot (schema {version}, this"
            f" one knows {SCHEMA_VERSION}): update the bot."
        )
    finding = await _scalar(connection, "PRAGMA quick_check(1)")
    if finding != "ok":
        raise StateError(_damaged(path, finding))


async def _migrate(connection: aiosqlite.Connection) -> None:
    version = await _scalar(connection, "PRAGMA user_version")
    for statements in _MIGRATIONS[version:]:
        for sql in statements:
            await connection.execute(sql)
    await connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    await connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


async def _scalar(connection: aiosqlite.Connection, sql: str) -> Any:  # noqa: ANN401 (a column)
    async with connection.execute(sql) as cursor:
        row = await cursor.fetchone()
    return row[0] if row else None


def _damaged(path: Path, detail: str) -> str:
    return (
        f"The state file {path} is damaged ({detail}); it was left as it is: restore a copy, or"
        " move it away to start afresh."
    )

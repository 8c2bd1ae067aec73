"""What must not be lost? Servers' settings, watches, the question log, answers with buttons.

The only SQL of the state: one module a subject, over one :class:`~bot.state.database.Database`,
which is a file of SQLite's or, where ``DATABASE_URL`` names one, in PostgreSQL.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from bot.database_url import DatabaseUrl
from bot.errors import StateError
from bot.state.answers import Answers
from bot.state.copies import (
    files_beside,
    forget_in_copies,
    forget_posts_in_copies,
    write_daily,
)
from bot.state.database import DATABASE_ERRORS, Database, DatabaseError
from bot.state.file import forget_copies, quarantined_files
from bot.state.guilds import Guilds, SyncedCommands
from bot.state.peers import Topic
from bot.state.questions import LIFE, Questions
from bot.state.recipients import Recipients
from bot.state.reindexes import ReindexRequests
from bot.state.sqlite import SqliteDatabase
from bot.state.synonyms import SynonymsFile, SynonymsTable, SynonymsText
from bot.state.watches import Watches
from corpus import Hidden, HiddenArticles

__all__ = ["DATABASE_ERRORS", "FILE_NAME", "Damage", "DatabaseError", "Forgotten", "State"]

FILE_NAME = "state.sqlite"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much of a user was deleted."""

    questions: int
    answers: int
    votes: int
    watches: int
    """Of their own, not those of a server."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A damaged state file that was moved away, and what the state got from it."""

    file: str
    """Its name."""
    guilds: int
    """Servers whose settings were carried over."""
    watches: int
    is_whole: bool
    """Whether these are all there were."""
    copy: str | None
    """The name of the daily copy that gave what could not be read."""


class State:
    """The open state, one a process. Every method may be awaited concurrently."""

    def __init__(
        self, database: Database, path: Path, synonyms: SynonymsText, hidden: Hidden
    ) -> None:
        self._database = database
        self._path = path
        self.synonyms = synonyms
        self.hidden = hidden
        self.notifications = database.notifications
        self.leadership = database.leadership
        self._copying = asyncio.Lock()
        self.answers = Answers(database)
        self.guilds = Guilds(database)
        self.questions = Questions(database)
        self.recipients = Recipients(database)
        self.reindexes = ReindexRequests(database)
        self.synced_commands = SyncedCommands(database)
        self.watches = Watches(database)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        path: Path,
        *,
        database_url: DatabaseUrl | None = None,
        clock: Callable[[], float] = time.time,
    ) -> AsyncGenerator[Self]:
        """Open the state, creating or migrating it where needed.

        A damaged file is quarantined, see :meth:`damages`.

        Args:
            path: of the file, beside which its copies lie.
            database_url: the database that holds the state instead.
            clock: gives seconds since 1970.

        Raises:
            StateError: the file or the database cannot be used, is no state of ours or comes from
                a newer version. It is left as it was.
        """
        if database_url is None:
            synonyms, _ = files_beside(path.parent)
            async with SqliteDatabase.open(path, clock) as database:
                yield cls(database, path, SynonymsFile(synonyms), HiddenArticles(path.parent))
            return
        from bot.state.postgres.database import PostgresDatabase  # noqa: PLC0415 (an extra)
        from bot.state.postgres.hidden import HiddenTable  # noqa: PLC0415

        async with PostgresDatabase.open(database_url, path, clock) as shared:
            try:
                hidden = await HiddenTable.open(shared)
            except DatabaseError as error:
                raise StateError(f"{error}.") from error
            try:
                yield cls(shared, path, SynonymsTable(shared), hidden)
            finally:
                await hidden.close()

    async def tell(self, topic: Topic, text: str = "") -> None:
        """Tell the other processes that share the state of something that writes nothing.

        Raises:
            DatabaseError: they cannot be told.
        """
        if statements := self._database.notifications.about(topic, text):
            await self._database.write(*statements)

    async def is_reachable(self) -> bool:
        """Return whether the state can be read now."""
        try:
            await self._database.rows("SELECT 1", ())
        except DATABASE_ERRORS:
            return False
        return True

    async def damages(self) -> list[Damage]:
        """Return what became of each damaged state file that is still kept, the latest last.

        They are deleted after 30 days.
        """
        rows = await self._database.rows(
            "SELECT file, guilds, watches, is_whole, copy FROM damage", ()
        )
        known = {
            file: Damage(file, guilds, watches, bool(is_whole), copy)
            for file, guilds, watches, is_whole, copy in rows
        }
        files = [path.name for path in quarantined_files(self._path)]
        # A version before this one carried nothing over.
        return [known.get(file) or Damage(file, 0, 0, is_whole=False, copy=None) for file in files]

    async def readable_damages(self) -> list[Damage] | None:
        """Return what `damages` does; ``None`` while the state cannot be read."""
        try:
            return await self.damages()
        except DATABASE_ERRORS:
            return None

    async def copy_daily(self) -> bool:
        """Copy the precious tables once a day, see :mod:`bot.state.copies`.

        A database elsewhere has copies of its own.

        Returns:
            whether it was due.

        Raises:
            OSError, sqlite3.Error: it could not be written.
        """
        if not isinstance(self._database, SqliteDatabase):
            return False
        day = datetime.fromtimestamp(self._database.now(), UTC).date()
        async with self._copying:
            return await asyncio.to_thread(write_daily, self._path, day)

    async def forget_old(self, now: float) -> None:
        """Delete what is older than 30 days by two clocks, also copies and damaged files.

        Of processes that share a database the leader does it there, each its own copies. Of many
        questions and answers the oldest go sooner: a start reads the whole file.

        Args:
            now: in seconds since 1970, by another clock than this machine's, which may be wrong.

        Raises:
            OSError, sqlite3.Error, DatabaseError: not all of it could be deleted.
        """
        before = min(now, self._database.now()) - LIFE
        if self.leadership.is_leader:
            await self._forget_old_rows(before)
        async with self._copying:
            await asyncio.to_thread(forget_copies, self._path, before=before)
            await asyncio.to_thread(forget_posts_in_copies, self._path, before=before)

    async def _forget_old_rows(self, before: float) -> None:
        for table, key, column in (
            ("question", "id", "at"),
            ("answer", "key", "at"),
            ("watch_post", "id", "found_at"),
        ):
            await self._database.delete(
                f"DELETE FROM {table} WHERE {key} IN"  # noqa: S608
                f" (SELECT {key} FROM {table} WHERE {column} < ? LIMIT ?)",
                before,
            )
        for table, key in (("question", "id"), ("answer", "key")):
            await self._database.cut(table, key, self._database.max_rows)

    async def forget(self, user_id: int) -> Forgotten:
        """Delete everything stored of a user, also in the copies beside the state.

        It names every table that holds their hash.

        Raises:
            OSError, sqlite3.Error, DatabaseError: not all of it could be deleted.
        """
        user = (self._database.user_hash(user_id),)
        async with self._copying:  # or a copy of the moment before would be finished after
            questions, votes, answers, watches, _ = await self._database.write(
                ('DELETE FROM question WHERE "user" = ?', user),
                ('DELETE FROM vote WHERE "user" = ?', user),
                ('DELETE FROM answer WHERE "user" = ?', user),
                (
                    """DELETE FROM watch WHERE channel IN
                    (SELECT channel FROM recipient WHERE "user" = ?)""",
                    user,
                ),
                ('DELETE FROM recipient WHERE "user" = ?', user),
            )
            await asyncio.to_thread(forget_in_copies, self._path, *user)
        return Forgotten(questions, answers, votes, watches)

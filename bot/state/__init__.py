"""What must not be lost? Servers' settings, watches, the question log, answers with buttons.

The only SQL of the state: one module a subject, over one :class:`~bot.state.database.Database`.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from bot.state.answers import Answers
from bot.state.copies import write_daily
from bot.state.database import Database
from bot.state.file import forget_copies, quarantined_files
from bot.state.guilds import Guilds, SyncedCommands
from bot.state.questions import LIFE, Questions
from bot.state.watches import Watches

__all__ = ["FILE_NAME", "Damage", "Forgotten", "State"]

FILE_NAME = "state.sqlite"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much of a user was deleted."""

    questions: int
    answers: int
    votes: int


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

    def __init__(self, database: Database, path: Path) -> None:
        self._database = database
        self._path = path
        self.answers = Answers(database)
        self.guilds = Guilds(database)
        self.questions = Questions(database)
        self.synced_commands = SyncedCommands(database)
        self.watches = Watches(database)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path, *, clock: Callable[[], float] = time.time
    ) -> AsyncGenerator[Self]:
        """Open the state at ``path``, creating or migrating it where needed.

        A damaged file is quarantined, see :meth:`damages`.

        Raises:
            StateError: the file cannot be used, is no state of ours or comes from a newer version.
                It is left as it was.
        """
        async with Database.open(path, clock) as database:
            state = cls(database, path)
            try:
                await state.answers.forget_old()
                await state.questions.forget_old()
                # Copies hold the questions asked before they were made.
                await asyncio.to_thread(forget_copies, path, before=clock() - LIFE)
            except (OSError, sqlite3.OperationalError) as error:
                # A full disk need not keep anyone from asking.
                _log.warning("What is older than 30 days could not be deleted: %s.", error)
            yield state

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

    async def copy_daily(self) -> bool:
        """Copy the precious tables once a day, see :mod:`bot.state.copies`.

        Returns:
            whether it was due.

        Raises:
            OSError, sqlite3.Error: it could not be written.
        """
        day = datetime.fromtimestamp(self._database.now(), UTC).date()
        return await asyncio.to_thread(write_daily, self._path, day)

    async def forget(self, user_id: int) -> Forgotten:
        """Delete everything stored of a user; names every table that holds their hash."""
        user = (self._database.user_hash(user_id),)
        questions, votes, answers = await self._database.write(
            ("DELETE FROM question WHERE user = ?", user),
            ("DELETE FROM vote WHERE user = ?", user),
            ("DELETE FROM answer WHERE user = ?", user),
        )
        return Forgotten(questions, answers, votes)

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
from pathlib import Path
from typing import Self

from bot.state.answers import Answers
from bot.state.database import Database
from bot.state.file import forget_copies, quarantined_files
from bot.state.guilds import Guilds, SyncedCommands
from bot.state.questions import LIFE, Questions
from bot.state.watches import Watches

__all__ = ["FILE_NAME", "Forgotten", "State"]

FILE_NAME = "state.sqlite"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much of a user was deleted."""

    questions: int
    answers: int
    votes: int


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

        A damaged file is quarantined, see :meth:`quarantined_files`.

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

    def quarantined_files(self) -> list[str]:
        """Return the names of the damaged state files that were moved away.

        They are deleted after 30 days.
        """
        return [path.name for path in quarantined_files(self._path)]

    async def forget(self, user_id: int) -> Forgotten:
        """Delete everything stored of a user; names every table that holds their hash."""
        user = (self._database.user_hash(user_id),)
        questions, votes, answers = await self._database.write(
            ("DELETE FROM question WHERE user = ?", user),
            ("DELETE FROM vote WHERE user = ?", user),
            ("DELETE FROM answer WHERE user = ?", user),
        )
        return Forgotten(questions, answers, votes)

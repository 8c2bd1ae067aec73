"""What must not be lost: servers' settings, watches, the question log, answers with buttons.

The only SQL of the state: one module a subject, over one :class:`~bot.state.database.Database`.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from bot.state.answers import Answers
from bot.state.database import Database
from bot.state.guilds import Guilds
from bot.state.questions import Questions
from bot.state.synced import SyncedCommands
from bot.state.watches import Watches

__all__ = ["FILE_NAME", "State"]

FILE_NAME = "state.sqlite"


class State:
    """The open state. One a process; every method may be awaited concurrently."""

    def __init__(self, database: Database) -> None:
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
        """Open the state at ``path``, made or brought up to date where needed.

        Raises:
            StateError: the file cannot be opened, is damaged, is no state of ours or comes from a
                newer version. It is left as it was.
        """
        async with Database.open(path, clock) as database:
            state = cls(database)
            await state.answers.forget_old()
            await state.questions.forget_old()
            yield state

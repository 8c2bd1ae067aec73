"""What processes that share one state tell each other, and which one of them leads.

A state in a file belongs to one process, which leads and has no one to tell: the classes here. For
a database there are :mod:`bot.state.postgres.notifications` and :mod:`bot.state.postgres.leader`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.state.database import Statement

RETRY_SECONDS = 2.0

_log = logging.getLogger(__name__)


class Topic(StrEnum):
    """What a notification is about. A newer version may know more of them."""

    GUILD = "guild"
    """The settings of a server have changed; the text is its id."""
    SYNONYMS = "synonyms"
    HIDDEN = "hidden"
    """Other articles are hidden."""
    CHANNEL = "channel"
    """A channel may take messages of watches again; the text is its id."""
    REINDEX = "reindex"
    """Somebody asks for a reindex; the text is ``full`` or ``new``, and the key of the request."""
    PROGRESS = "progress"
    """Of the reindex of a shared index; the text is JSON."""
    CANCEL = "cancel"
    """Somebody cancels the reindex of a shared index."""
    REINDEXED = "reindexed"
    """The reindex of a shared index has ended; the text says how."""


Listener = Callable[[str | None], object]
"""Takes the text of a notification; ``None``: some may have been missed."""


class Notifications:
    """Notifications between the processes that share a state; these are of one process alone."""

    def about(self, topic: Topic, text: str = "") -> "tuple[Statement, ...]":  # noqa: ARG002
        """Return what tells the others, to be run in the transaction that makes the change."""
        return ()

    def listen(self, topic: Topic, listener: Listener) -> None:
        """Call ``listener`` in the event loop for each notification of another process."""


class Leadership:
    """Which process leads; one alone always does."""

    @property
    def is_leader(self) -> bool:
        """Whether this process leads, as far as it knows."""
        return True

    def stand(self) -> None:
        """Let this process lead from now on, once no other does."""

    def on_elected(self, callback: Callable[[], object]) -> None:
        """Call ``callback`` in the event loop each time this process begins to lead."""


class Refresh:
    """Work to do again after each notification, one at a time, until it succeeds."""

    def __init__(
        self, work: Callable[[], Awaitable[object]], what: str, *expected: type[Exception]
    ) -> None:
        """Call it ``what`` in the log; an ``expected`` error needs no traceback there."""
        self._work = work
        self._what = what
        self._expected = expected
        self._is_due = False
        self._is_closed = False
        self._task: asyncio.Task[None] | None = None

    def ask(self, _text: str | None = None) -> None:
        """Do it soon; a `Listener`."""
        self._is_due = True
        if not self._is_closed and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._run(), name=self._what)

    async def close(self) -> None:
        """Do it no more."""
        self._is_closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while self._is_due:
            self._is_due = False
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001 (what changed must be read at last)
                if isinstance(error, self._expected):
                    _log.warning("%s cannot be read, and will be soon: %s", self._what, error)
                else:
                    _log.exception("%s cannot be read, and will be tried again.", self._what)
                self._is_due = True
                await asyncio.sleep(RETRY_SECONDS)

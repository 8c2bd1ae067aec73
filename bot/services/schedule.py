"""Brings the index up to date by itself: every so often, and when a repository has a new commit."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from bot.services.reindexing import Indexing

JITTER = 0.1  # of the time between two: not every bot asks a server at the same moment
LONGEST_BACK_OFF = 86_400.0  # seconds


class Schedule:
    """Reindexes at about regular times, more seldom while that fails.

    A reindex that finds nothing new writes nothing, and of a repository whose last commit is
    indexed it reads nothing either: so looking for a new commit is a reindex, too.
    """

    def __init__(
        self,
        indexing: Indexing,
        every: float,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Reindex ``every`` so many seconds."""
        self._indexing = indexing
        self._every = every
        self._sleep = sleep
        self._failures = 0

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await self._sleep(self._next_delay())
            if self._indexing.is_running:
                continue
            # Only waits: to cancel the schedule must not end a reindex that others follow.
            await asyncio.wait([self._indexing.start()])
            self._failures = self._failures + 1 if self._indexing.failure else 0

    def _next_delay(self) -> float:
        delay = min(self._every * 2.0**self._failures, max(LONGEST_BACK_OFF, self._every))
        return delay * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (no secret)


def seconds_between(reindex_every: float | None, git_poll: float | None) -> float | None:
    """Return how often to reindex for both to be kept; None: never."""
    return min((one for one in (reindex_every, git_poll) if one), default=None)

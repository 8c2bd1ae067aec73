"""Bounds the work that is done at a time: who comes first waits, who comes too late is told."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.interactions.responses import UserError

_log = logging.getLogger(__name__)


class QueueFull(UserError):  # noqa: N818 (as asyncio's)
    """There is more to do than can be done while someone waits for it."""


class WorkQueue:
    """A few turns at a time, in the order of their coming, and a queue of limited length."""

    def __init__(self, name: str, *, concurrency: int, max_waiting: int, max_wait: float) -> None:
        """Begin with an empty queue.

        Args:
            name: what the work is, for the log.
            concurrency: turns at a time.
            max_waiting: how many may wait for theirs.
            max_wait: seconds after which one that waits is told to try again.
        """
        self._name = name
        self._turns = asyncio.Semaphore(concurrency)
        self._most = concurrency + max_waiting
        self._max_wait = max_wait
        self._inside = 0
        self._overflowing = False

    @asynccontextmanager
    async def slot(
        self, acknowledge: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncGenerator[None]:
        """Take a place in the queue, ``acknowledge`` at once, and wait for a turn.

        Raises:
            QueueFull: the queue is full (nothing was acknowledged), or the wait too long.
        """
        if self._inside >= self._most:
            self._tell_overflow()
            raise QueueFull("error-busy")
        self._inside += 1
        try:
            if acknowledge is not None:
                await acknowledge()
            try:
                async with asyncio.timeout(self._max_wait):
                    await self._turns.acquire()
            except TimeoutError:
                self._tell_overflow()
                raise QueueFull("error-busy") from None
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._inside -= 1
            if not self._inside:
                self._overflowing = False

    def _tell_overflow(self) -> None:
        """Log it once until the queue was empty again: many are refused at such a time."""
        if not self._overflowing:
            self._overflowing = True
            _log.warning("Too much at once to %s: some are told to try again.", self._name)

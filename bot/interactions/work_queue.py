"""A bounded work queue: callers wait in order; when it is full they get :class:`QueueFull`."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.interactions.responses import UserError

_log = logging.getLogger(__name__)


class QueueFull(UserError):  # noqa: N818 (as asyncio's)
    """There is more to do than can be done while someone waits for it."""


class WorkQueue:
    """A few slots, given out in order, and a queue of limited length and wait."""

    def __init__(self, name: str, *, concurrency: int, max_waiting: int, max_wait: float) -> None:
        """Begin with an empty queue.

        Args:
            name: what the work is, a verb for the log.
            concurrency: slots at a time.
            max_waiting: callers that may wait for a slot.
            max_wait: seconds after which a waiting caller is told to try again.
        """
        self._name = name
        self._slots = asyncio.Semaphore(concurrency)
        self._max_size = concurrency + max_waiting
        self._max_wait = max_wait
        self._size = 0
        self._is_overflowing = False

    @asynccontextmanager
    async def slot(
        self, acknowledge: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncGenerator[None]:
        """Enter the queue, call ``acknowledge`` at once, and wait for a slot.

        Raises:
            QueueFull: the queue is full (nothing was acknowledged), or the wait too long.
        """
        if self._size >= self._max_size:
            self._log_overflow()
            raise QueueFull("error-busy")
        self._size += 1
        try:
            if acknowledge is not None:
                await acknowledge()
            try:
                async with asyncio.timeout(self._max_wait):
                    await self._slots.acquire()
            except TimeoutError:
                self._log_overflow()
                raise QueueFull("error-busy") from None
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._size -= 1
            if not self._size:
                self._is_overflowing = False

    def _log_overflow(self) -> None:
        """Log it once until the queue was empty again: many are refused at such a time."""
        if not self._is_overflowing:
            self._is_overflowing = True
            _log.warning("Too much at once to %s: some are told to try again.", self._name)

"""Bounds the work that is done at a time: who comes first waits, who comes too late is told."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.interactions.responses import Refusal

_log = logging.getLogger(__name__)


class BusyError(Refusal):
    """There is more to do than can be done while someone waits for it."""


class Admission:
    """A few turns at a time, in the order of their coming, and a queue of limited length."""

    def __init__(self, name: str, *, at_once: int, waiting: int, longest_wait: float) -> None:
        """Begin with an empty queue.

        Args:
            name: what the work is, for the log.
            at_once: turns at a time.
            waiting: how many may wait for theirs.
            longest_wait: seconds after which one that waits is told to try again.
        """
        self._name = name
        self._turns = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self._longest_wait = longest_wait
        self._inside = 0
        self._overflowing = False

    @asynccontextmanager
    async def turn(
        self, acknowledge: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncGenerator[None]:
        """Take a place in the queue, ``acknowledge`` at once, and wait for a turn.

        Raises:
            BusyError: the queue is full (nothing was acknowledged), or the wait too long.
        """
        if self._inside >= self._most:
            self._tell_overflow()
            raise BusyError("error-busy")
        self._inside += 1
        try:
            if acknowledge is not None:
                await acknowledge()
            try:
                async with asyncio.timeout(self._longest_wait):
                    await self._turns.acquire()
            except TimeoutError:
                self._tell_overflow()
                raise BusyError("error-busy") from None
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

"""The time as Discord tells it: this machine's clock may be wrong, and nothing is deleted by it."""

import asyncio
import math
import time
from collections.abc import Callable


class DiscordClock:
    """Goes on from the latest time that Discord has told, by a clock that never jumps."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.told = asyncio.Event()
        """Set once Discord has told any."""
        self._monotonic = monotonic
        self._start = -math.inf
        """Discord's time when the other clock was at 0."""

    def observe(self, seconds: float) -> None:
        """Note a time that Discord has told, in seconds since 1970.

        It can only have been earlier than now: the latest counts. This machine may have slept,
        which not every clock that never jumps notices.
        """
        self._start = max(self._start, seconds - self._monotonic())
        self.told.set()

    def now(self) -> float:
        """Return the seconds since 1970; minus infinity while Discord has told nothing."""
        return self._start + self._monotonic()

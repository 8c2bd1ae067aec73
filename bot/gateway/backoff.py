"""How long to wait before trying again, and before another login to the gateway."""

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from discord.types.gateway import SessionStartLimit

FIRST_PAUSE, LAST_PAUSE = 5.0, 600.0  # seconds at most between logins that follow one another
STEADY = 600.0  # seconds without a login, after which the next is not held against the last
FREE_SHARE = 0.1  # of a day's logins, 100 of 1000
SLOW_PAUSE = 300.0  # seconds before each login beyond those, also the first one of a new process
LEAST_RESET = 60.0  # seconds to wait if all are used up, even if Discord says none

Uniform = Callable[[float, float], float]


class Backoff:
    """Delays that double up to a cap, each drawn from nought on, so that no two bots keep step."""

    def __init__(self, first: float, last: float, *, uniform: Uniform = random.uniform) -> None:
        """Make delays of at most ``first`` seconds, then twice that, …, at most ``last``."""
        self._first = first
        self._last = last
        self._uniform = uniform
        self._most = first

    def next(self) -> float:
        """Return the seconds to wait before the next try."""
        delay = self._uniform(0, self._most)
        self._most = min(2 * self._most, self._last)
        return delay

    def reset(self) -> None:
        """Begin anew: a try succeeded."""
        self._most = self._first


class IdentifyPace:
    """Says how long to wait before an IDENTIFY, of which Discord takes 1000 a day.

    One more costs the token. So each that soon follows another waits longer; and once a tenth of
    the day's are used up, each waits minutes, so that not even a bot that its host starts again and
    again uses up the rest.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, uniform: Uniform = random.uniform
    ) -> None:
        self._clock = clock
        self._uniform = uniform
        self._backoff = Backoff(FIRST_PAUSE, LAST_PAUSE, uniform=uniform)
        self._last: float | None = None

    @property
    def is_first(self) -> bool:
        """Whether there was none yet."""
        return self._last is None

    def identified(self) -> None:
        """Count one."""
        if self._last is not None and self._clock() - self._last > STEADY:
            self._backoff.reset()
        self._last = self._clock()

    def pause(self, limit: "SessionStartLimit") -> float:
        """Return the seconds to wait before the next, given what Discord has counted."""
        total, left = limit["total"], limit["remaining"]
        if left <= 0:
            return max(limit["reset_after"] / 1000, LEAST_RESET) * self._uniform(1, 1.1)
        recently = self._last is not None and self._clock() - self._last <= STEADY
        pause = self._backoff.next() if recently else 0.0
        if total - left >= total * FREE_SHARE:
            pause = max(pause, SLOW_PAUSE * self._uniform(1, 1.1))
        return pause

"""When may the bot log in to the gateway? Discord takes 1,000 IDENTIFY a day, no more.

One beyond that resets the token (discord/discord-api-docs#215).
"""

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from discord.backoff import ExponentialBackoff

if TYPE_CHECKING:
    from discord.types.gateway import SessionStartLimit

BASE_PAUSE, MAX_PAUSE = 2, 600.0  # seconds between logins soon after one another
STEADY = 600.0  # seconds without a login, after which the next is not held against the last
FREE_SHARE = 0.1  # of a day's logins, 100 of 1,000
FREE_STARTS = 5  # of all shards, if that is more, but never more than half
SLOW_PAUSE = 300.0  # seconds before each login beyond those, also the first one of a new process
MIN_RESET = 60.0  # seconds to wait if all are used up, even if Discord says none


class IdentifyLimiter:
    """Decides how long to wait before an IDENTIFY of a shard.

    Each that soon follows another waits longer. Once a tenth of the day's are used up, each waits
    minutes, so that not even a bot that its host restarts again and again uses up the rest.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._backoff = ExponentialBackoff(BASE_PAUSE)
        self._last: float | None = None

    def identified(self) -> None:
        """Count an IDENTIFY."""
        if not self._was_recent():
            self._backoff = ExponentialBackoff(BASE_PAUSE)
        self._last = self._clock()

    def pause(self, limit: "SessionStartLimit", shards: int = 1) -> float:
        """Return the seconds to wait before the next.

        Args:
            limit: what Discord has counted, for all shards in all processes.
            shards: their number.
        """
        total, remaining = limit["total"], limit["remaining"]
        if not self.may_identify(limit):
            return max(limit["reset_after"] / 1000, MIN_RESET) * _jitter()
        pause = min(self._backoff.delay(), MAX_PAUSE) if self._was_recent() else 0.0
        # What a bot with hundreds of shards takes to start is no sign of a fault.
        free = max(total * FREE_SHARE, min(shards * FREE_STARTS, total / 2))
        if total - remaining >= free:
            pause = max(pause, SLOW_PAUSE * _jitter())
        return pause

    @staticmethod
    def may_identify(limit: "SessionStartLimit") -> bool:
        """Whether one is left, also if as many as are allowed are sent at this moment."""
        return limit["remaining"] >= limit["max_concurrency"]

    def _was_recent(self) -> bool:
        return self._last is not None and self._clock() - self._last <= STEADY


def _jitter() -> float:
    return random.uniform(1, 1.1)  # noqa: S311 (keeps bots out of step, no secret)

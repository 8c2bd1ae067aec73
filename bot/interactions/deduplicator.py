"""Which interactions to start on: none twice, and none that Discord has surely given up."""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import discord

MAX_AGE = 2.5  # seconds: after 3 s Discord shows a failure, whatever the bot does
OFFSET_LIFE = 30.0  # seconds that an age goes on telling how far the clocks are apart
MAX_IDS = 10_000  # far more than come within the age at which one is ignored anyway


class InteractionDeduplicator:
    """Remembers what has come, and learns from it how far Discord's clock is from this one."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start with nothing known; ``clock`` gives seconds and never jumps."""
        self._clock = clock
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._youngest: deque[tuple[float, float]] = deque()
        """Arrival times and apparent ages of the last half minute, oldest first; an age is dropped
        when a later one is not greater, so the first is the least."""

    def is_new(self, snowflake: int) -> bool:
        """Note an interaction or a message by its id; return whether it is seen first now."""
        if snowflake in self._seen:
            return False
        self._seen[snowflake] = None
        if len(self._seen) > MAX_IDS:
            self._seen.popitem(last=False)
        return True

    def age(self, interaction: discord.Interaction[Any]) -> float:
        """Return the least seconds since an interaction that just arrived was created.

        No clock need be right: the youngest interaction of the last half minute is taken for new,
        since none can arrive before it was created. So after a silence the first is taken as it
        comes, and Discord's own refusal tells if it was too old.
        """
        now = self._clock()
        apparent = now - interaction.created_at.timestamp()
        while self._youngest and self._youngest[-1][1] >= apparent:
            self._youngest.pop()
        self._youngest.append((now, apparent))
        while self._youngest[0][0] < now - OFFSET_LIFE:
            self._youngest.popleft()
        return apparent - self._youngest[0][1]

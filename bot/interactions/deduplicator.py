"""Which interactions to start on: none twice, and none that Discord has surely given up."""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import discord

MAX_AGE = 2.5  # seconds: after 3 s Discord shows a failure, whatever the bot does
TRUSTED_FOR = 30.0  # seconds that an age goes on telling how far the clocks are apart
MOST_KEPT = 10_000  # ids, far more than come within the age at which one is left anyway


class InteractionDeduplicator:
    """Remembers what has arrived, and learns from it how far Discord's clock is off this one."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start with nothing known; ``clock`` gives seconds and never jumps."""
        self._clock = clock
        self._seen: OrderedDict[int, None] = OrderedDict()
        # Interactions whose apparent age may yet be the least of those trusted: (when, age).
        self._youngest: deque[tuple[float, float]] = deque()

    def is_new(self, interaction: discord.Interaction[Any]) -> bool:
        """Note an interaction and return whether this is the first time it arrives."""
        if interaction.id in self._seen:
            return False
        self._seen[interaction.id] = None
        if len(self._seen) > MOST_KEPT:
            self._seen.popitem(last=False)
        return True

    def age(self, interaction: discord.Interaction[Any]) -> float:
        """Return the least seconds since an interaction that just arrived was made.

        No clock need be right. The youngest interaction of the last half minute is taken for new,
        since none can arrive before it was made. So after a silence the first is taken as it
        comes: Discord's own refusal tells if it was too old.
        """
        now = self._clock()
        apparent = now - interaction.created_at.timestamp()
        while self._youngest and self._youngest[-1][1] >= apparent:
            self._youngest.pop()
        self._youngest.append((now, apparent))
        while self._youngest[0][0] < now - TRUSTED_FOR:
            self._youngest.popleft()
        return apparent - self._youngest[0][1]

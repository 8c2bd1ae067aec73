"""journal: what happened so far, in order? Everything a test can wait for is an entry here."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Journal:
    """An append-only list of entries that any number of readers follow from its beginning."""

    def __init__(self) -> None:
        self._entries: list[dict[str, Any]] = []
        self._grown = asyncio.Event()
        self._start = time.monotonic()
        self._ended = False

    def note(self, kind: str, **facts: object) -> None:
        """Append an entry with its place `n` and its time `at`, in seconds since the start."""
        at = round(time.monotonic() - self._start, 6)
        self._entries.append({"n": len(self._entries), "at": at, "kind": kind, **facts})
        self._grown.set()
        self._grown = asyncio.Event()

    async def follow(self) -> AsyncIterator[dict[str, Any]]:
        """Yield every entry from the first on, and go on as they come until `end`."""
        place = 0
        while not self._ended:
            grown = self._grown
            for entry in self._entries[place:]:
                yield entry
                place += 1
            if place == len(self._entries):
                await grown.wait()

    async def end(self, _: object) -> None:
        """Let the readers go, when the server that they follow shuts down."""
        self._ended = True
        self._grown.set()

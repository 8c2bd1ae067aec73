"""follow: how does a test wait? By following the loopback's journal, never by sleeping."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import ClientWebSocketResponse

Json = dict[str, Any]
Found = TypeVar("Found")

PATIENCE = float(os.environ.get("LOOPBACK_PATIENCE", "20"))
"""Seconds that a wait may take before it fails; a slow machine may raise it."""


class NotSeenError(AssertionError):
    """What a test waited for did not happen in time."""


class Follower:
    """The test's copy of the journal, growing as things happen."""

    def __init__(self) -> None:
        self.entries: list[Json] = []
        self._news = asyncio.Condition()

    async def read(self, socket: ClientWebSocketResponse) -> None:
        """Take entries in until the loopback ends."""
        async for message in socket:
            async with self._news:
                self.entries.append(message.json())
                self._news.notify_all()

    async def happened(self, kind: str, *, times: int = 1, **facts: object) -> Json:
        """Wait for the `times`-th entry of a kind with these facts, and return it.

        Raises:
            NotSeenError: It did not come in time.
        """
        left = times

        def choose(entry: Json) -> Json | None:
            nonlocal left
            if entry["kind"] == kind and facts.items() <= entry.items():
                left -= 1
                return entry if left == 0 else None
            return None

        return await self.first(f"{kind} {facts} ({times}x)", choose)

    async def first(self, what: str, choose: Callable[[Json], Found | None]) -> Found:
        """Wait for the first entry that `choose` makes something of, and return that.

        Raises:
            NotSeenError: It did not come in time; the message has the last of what did.
        """
        place = 0
        try:
            async with asyncio.timeout(PATIENCE), self._news:
                while True:
                    for entry in self.entries[place:]:
                        place += 1
                        if (found := choose(entry)) is not None:
                            return found
                    await self._news.wait()
        except TimeoutError:
            last = "\n".join(json.dumps(e, ensure_ascii=False)[:600] for e in self.entries[-12:])
            raise NotSeenError(f"{what}: not seen in {PATIENCE} s; last:\n{last}") from None

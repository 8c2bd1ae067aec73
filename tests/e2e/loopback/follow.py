"""follow: how does a test wait? By following the loopback's journal, never by sleeping."""

from __future__ import annotations

import asyncio
import json
import os
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import ClientWebSocketResponse

Json = dict[str, Any]
Result = TypeVar("Result")

PATIENCE = float(os.environ.get("LOOPBACK_PATIENCE", "60"))
"""Seconds that a wait may take before it fails; a slow machine may raise it."""


class NotSeenError(AssertionError):
    """What a test waited for did not happen in time."""


class Follower:
    """The test's copy of the journal, growing as things happen.

    Each waiting test looks at each entry once, and those of one interaction only at its own, so
    that a thousand can wait at a time.
    """

    def __init__(self) -> None:
        self.entries: list[Json] = []
        self.synced: dict[str | None, list[Json]] = {}
        """The bot's commands as it last synced them, by guild; under None the global ones."""
        self._about: defaultdict[str, list[Json]] = defaultdict(list)
        self._watching: defaultdict[str | None, list[Callable[[Json], None]]] = defaultdict(list)

    async def read(self, socket: ClientWebSocketResponse) -> None:
        """Take entries in until the loopback ends."""
        async for message in socket:
            entry: Json = message.json()
            self.entries.append(entry)
            if entry["kind"] == "commands":
                self.synced[entry["guild"]] = entry["commands"]
            watching = [*self._watching[None]]
            if number := entry.get("interaction"):
                self._about[number].append(entry)
                watching += self._watching[number]
            for look in watching:
                look(entry)

    def about(self, interaction: str) -> list[Json]:
        """Return the entries of one interaction so far."""
        return self._about[interaction]

    async def wait_for(self, kind: str, *, times: int = 1, **facts: object) -> Json:
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

    async def first(
        self,
        what: str,
        choose: Callable[[Json], Result | None],
        *,
        interaction: str | None = None,
    ) -> Result:
        """Wait for the first entry that `choose` makes something of, and return that.

        Args:
            what: What is waited for, in words.
            choose: May also raise, which ends the waiting.
            interaction: Look only at the entries of this one.

        Raises:
            NotSeenError: It did not come in time; the message has the last of what did.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

        def look(entry: Json) -> None:
            if future.done():
                return
            try:
                if (found := choose(entry)) is not None:
                    future.set_result(found)
            except (AssertionError, LookupError) as error:
                future.set_exception(error)

        for entry in self.entries if interaction is None else self.about(interaction):
            look(entry)
        self._watching[interaction].append(look)
        try:
            async with asyncio.timeout(PATIENCE):
                return await future
        except TimeoutError:
            last = "\n".join(json.dumps(e, ensure_ascii=False)[:600] for e in self.entries[-12:])
            raise NotSeenError(f"{what}: not seen in {PATIENCE} s; last:\n{last}") from None
        finally:
            self._watching[interaction].remove(look)

"""Bots that share one gateway and one database, each with a folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import signal
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Self

import psycopg

from tests.e2e.loopback.payloads import MEMBER
from tests.e2e.process import BotProcess

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.e2e.loopback.client import Loopback
    from tests.e2e.loopback.payloads import Caller
    from tests.e2e.loopback.seen import Message

Json = dict[str, Any]

SHARDS = 6
IDENTIFY_SECONDS = 5.0
"""What Discord wants between two logins of a bucket."""
QUESTION = {"question": "颱風的名字是誰取的"}


def on_shard(shard: int) -> Caller:
    return MEMBER.on_shard(shard, SHARDS).speaking("en-US")


def connected_shards(entries: Iterable[Json]) -> Counter[int]:
    """Return how many sessions with a connection each shard has."""
    shards: dict[str, int] = {}
    for entry in entries:
        if entry["kind"] in {"ready", "resumed"}:
            shards[entry["session"]] = entry["shard"]
        elif entry["kind"] == "disconnected":
            shards.pop(entry["session"], None)
    return Counter(shards.values())


class Fleet:
    """Bots on one loopback Discord and one database, each with a folder of its own."""

    def __init__(
        self,
        loopback: Loopback,
        folder: Path,
        url: str,
        *,
        index: Path | None = None,
        module: str = "bot",
        **settings: str,
    ) -> None:
        """Start nothing yet.

        Args:
            loopback: their Discord.
            folder: of their folders.
            url: of their database.
            index: that each begins with.
            module: that starts them.
            settings: of each.
        """
        self.loopback = loopback
        self._folder = folder
        self._url = url
        self._index = index
        self._module = module
        self._settings = {"ASK_COOLDOWN": "0", "REINDEX_EVERY": "0", **settings}
        self._stack = contextlib.AsyncExitStack()
        self.bots: list[BotProcess] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def start(self) -> BotProcess:
        """Start another bot."""
        folder = self._folder / str(len(list(self._folder.iterdir())))
        folder.mkdir()
        if self._index is not None:
            shutil.copytree(self._index, folder / "data")
        settings = {"DATABASE_URL": self._url, **self._settings}
        bot = await self._stack.enter_async_context(
            BotProcess.on(self.loopback, folder, module=self._module, **settings)
        )
        self.bots.append(bot)
        return bot

    async def stop(self, bot: BotProcess) -> None:
        """Stop a bot as a host does."""
        bot.stop()
        assert await bot.wait_for_exit() == 0
        self.bots.remove(bot)

    async def kill(self, bot: BotProcess) -> None:
        """Kill a bot."""
        bot.stop(signal.SIGKILL)
        assert await bot.wait_for_exit() == -signal.SIGKILL
        self.bots.remove(bot)

    def leases(self) -> dict[str, set[int]]:
        """Return the shards of each worker that has any."""
        held: defaultdict[str, set[int]] = defaultdict(set)
        with psycopg.connect(self._url) as connection:
            rows = connection.execute("SELECT worker, shard FROM footnote.shard_lease").fetchall()
        for worker, shard in rows:
            held[worker].add(shard)
        return held

    async def wait_shared(self, *sizes: int) -> None:
        """Wait until so many shards each are had, and all are connected once."""

        def choose(entry: Json) -> bool | None:
            if entry["kind"] not in {"ready", "resumed", "disconnected"}:
                return None
            shards = connected_shards(self.loopback.journal.entries)
            if shards != dict.fromkeys(range(SHARDS), 1):
                return None
            return sorted(map(len, self.leases().values())) == sorted(sizes) or None

        await self.loopback.journal.first(f"{sizes} shards", choose)

    async def ask_everywhere(self) -> None:
        """Have a question asked on each shard, and see that each is answered."""
        for answer in await self.hear_everywhere():
            assert answer.links

    async def hear_everywhere(self) -> list[Message]:
        """Have a question asked on each shard, and return what is said."""
        asked = [
            await self.loopback.slash("ask", QUESTION, caller=on_shard(shard))
            for shard in range(SHARDS)
        ]
        return await asyncio.gather(*(question.final_message() for question in asked))

    def check(self) -> None:
        """See that nothing was answered twice or not at all, and no login came too early."""
        entries = self.loopback.journal.entries
        assert not [entry for entry in entries if entry["kind"] == "unanswered"]
        assert not [entry for entry in entries if entry.get("code") == 40060]
        callbacks = Counter(e["interaction"] for e in entries if e["kind"] == "callback")
        assert set(callbacks.values()) == {1}
        logins: defaultdict[int, list[float]] = defaultdict(list)
        for entry in entries:
            if entry["kind"] == "identify":
                bucket = entry["shard"] % self.loopback.rules.max_concurrency
                logins[bucket].append(entry["at"])
        for times in logins.values():
            for earlier, later in itertools.pairwise(times):
                assert later - earlier >= IDENTIFY_SECONDS
        for bot in self.bots:
            assert "Traceback" not in bot.stderr

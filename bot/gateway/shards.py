"""Which shards does this process connect, and when may it log in with one?

One process has all of them, or those of ``SHARDS``: that is here. Where several processes share
them, :mod:`bot.services.leased_shards` tells.
"""

import asyncio
from abc import abstractmethod
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from bot.settings import ShardRange

IDENTIFY_INTERVAL = 5.25
"""Seconds between two IDENTIFY of a bucket; of these there are ``max_concurrency``, and a shard is
in that of its id modulo their number. Discord wants five, and networks are not even."""


@dataclass(frozen=True, slots=True)
class SavedSession:
    """What it takes to resume a session, in whichever process."""

    id: str
    sequence: int
    """Of the last event that was processed: Discord sends those after it again."""
    url: str
    intents: int
    """Which events it has; a session keeps those that it began with."""


class ShardAssignment(Protocol):
    """What the gateway asks for."""

    @abstractmethod
    def has_heir(self, shard_id: int) -> bool:
        """Whether another process is to resume the session of a shard that is given up now."""

    @abstractmethod
    def save_session(self, shard_id: int, session: SavedSession) -> None:
        """Keep the session of a shard that was closed for the process that is given it."""

    @abstractmethod
    def take_session(self, shard_id: int) -> SavedSession | None:
        """Return, once, the session in which a shard was left, by this process or another."""

    @abstractmethod
    async def join(self, application_id: int, recommended: int, max_concurrency: int) -> int:
        """Begin, once; return how many shards there are in all processes.

        Args:
            application_id: of the bot.
            recommended: number of shards, by Discord.
            max_concurrency: how many may log in at a time, by Discord.

        Raises:
            SettingsError: the others have another number of shards than ``SHARDS`` says.
        """

    @abstractmethod
    def changes(self) -> AsyncGenerator[frozenset[int]]:
        """Yield the shards to connect, again whenever they change.

        The caller has closed those that are no longer among them before it asks for the next.

        Raises:
            StateError: the others have another number of shards by now.
        """

    @abstractmethod
    def turn_to_identify(self, bucket: int) -> AbstractAsyncContextManager[None]:
        """Wait until an IDENTIFY of the bucket is allowed; the block sends it, or raises.

        The end of the block does not wait: there may be a session by then, and events arrive.
        """

    @abstractmethod
    async def leave(self) -> None:
        """Give back all shards, once they are closed."""


@dataclass(slots=True)
class _Bucket:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_at: float = 0.0
    """By the event loop's clock."""


class IdentifyTurns:
    """Leaves the interval between two IDENTIFY of a bucket that this process sends."""

    def __init__(self) -> None:
        self._buckets: defaultdict[int, _Bucket] = defaultdict(_Bucket)

    @asynccontextmanager
    async def take(self, number: int) -> AsyncGenerator[None]:
        """Wait for the next turn in a bucket; a block that raises has not used it."""
        loop = asyncio.get_running_loop()
        bucket = self._buckets[number]
        async with bucket.lock:
            await asyncio.sleep(bucket.next_at - loop.time())
            yield
            bucket.next_at = loop.time() + IDENTIFY_INTERVAL


class FixedShards(ShardAssignment):
    """All shards, or those that ``SHARDS`` names: they never change."""

    def __init__(self, by_hand: ShardRange | None = None) -> None:
        self._by_hand = by_hand
        self._ids = range(0)
        self._turns = IdentifyTurns()

    async def join(self, application_id: int, recommended: int, max_concurrency: int) -> int:  # noqa: ARG002 (nobody else has to be told)
        """Return the number of shards."""
        if self._by_hand is None:
            self._ids = range(recommended)
            return recommended
        self._ids = self._by_hand.ids
        return self._by_hand.count

    async def changes(self) -> AsyncGenerator[frozenset[int]]:
        """Yield the shards, once."""
        yield frozenset(self._ids)

    def turn_to_identify(self, bucket: int) -> AbstractAsyncContextManager[None]:
        """Wait until an IDENTIFY of the bucket is allowed."""
        return self._turns.take(bucket)

    def has_heir(self, shard_id: int) -> bool:  # noqa: ARG002 (none has)
        """Return False: no other process learns of these shards."""
        return False

    def save_session(self, shard_id: int, session: SavedSession) -> None:
        """Do nothing: it has no heir."""

    def take_session(self, shard_id: int) -> SavedSession | None:  # noqa: ARG002 (nobody left any)
        """Return nothing."""
        return None

    async def leave(self) -> None:
        """Do nothing: nobody waits for them."""

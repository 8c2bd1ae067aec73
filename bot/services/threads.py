"""Which channels are threads, and of which channel? Discord tells it with no message."""

from collections import OrderedDict
from typing import Protocol

import discord

MAX_CHANNELS = 1_000  # remembered


class ChannelSource(Protocol):
    """Knows the channels: the client."""

    async def fetch_channel(self, channel_id: int, /) -> object:
        """Return a channel, asked of Discord."""
        ...


class Threads:
    """Tells the parent of a thread. A channel is asked for once: it never changes its kind."""

    def __init__(self, source: ChannelSource) -> None:
        self._source = source
        self._parents: OrderedDict[int, int | None] = OrderedDict()

    async def parent(self, channel_id: int) -> int | None:
        """Return the id of the channel that a thread belongs to; ``None``: it is no thread.

        Raises:
            discord.HTTPException: Discord does not show it to the bot.
        """
        if channel_id not in self._parents:
            channel = await self._source.fetch_channel(channel_id)
            is_thread = isinstance(channel, discord.Thread)
            self._parents[channel_id] = channel.parent_id if is_thread else None
            if len(self._parents) > MAX_CHANNELS:
                self._parents.popitem(last=False)
        return self._parents[channel_id]

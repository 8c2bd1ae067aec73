"""What the bot needs of discord.py beyond its documented API, all in one place.

Each function names the upstream issue or the test that needs it. The module refuses to load with
a version that it was not tried with, or where one of the names is gone.
"""

import struct
import time
from collections.abc import Callable, Iterable, Sequence
from types import FunctionType
from typing import Any

import aiohttp
import discord
from discord.client import Client
from discord.gateway import DiscordWebSocket, KeepAliveHandler, ReconnectWebSocket
from discord.http import Route
from discord.state import AutoShardedConnectionState, ConnectionState

from bot.errors import LibraryError
from bot.gateway.mentions import DROPPED_EVENTS, is_for_bot
from bot.monitoring import logs

__all__ = [
    "DiscordWebSocket",
    "ReconnectWebSocket",
    "check",
    "isolate_parsers",
    "seconds_until_ack_due",
    "send_close",
    "set_shards",
    "take_mentions_only",
    "use_api",
]

MIN_VERSION, END_VERSION = (2, 7, 1), (2, 8)
"""The versions tried, the end excluded; pyproject.toml allows the same ones."""

# Without READY there is no connection.
_NEEDED_EVENTS = frozenset({"READY"})
_MESSAGE_CREATE = "MESSAGE_CREATE"


def check(version: Sequence[int]) -> None:
    """Check that ``version`` of discord.py, the one installed, has all that is used here.

    Raises:
        LibraryError: it was not tried, or a name is gone.
    """
    found = ".".join(map(str, version))
    if not MIN_VERSION <= tuple(version) < END_VERSION:
        raise LibraryError(
            f"This bot needs discord.py 2.7.1 or a later 2.7, and {found} is installed: install"
            " what requirements.txt names."
        )
    set_in_init = {
        Client: ("_connection",),
        ConnectionState: ("parsers",),
        AutoShardedConnectionState: ("shard_ids",),
        DiscordWebSocket: ("_keep_alive",),
        KeepAliveHandler: ("_last_ack", "interval"),
    }
    missing = [
        f"{owner.__name__}.{name}"
        for owner, names in set_in_init.items()
        for name in names
        if not (isinstance(owner.__init__, FunctionType) and _mentions(owner.__init__, name))
    ]
    on_the_class = (
        (DiscordWebSocket, "from_client"),
        (DiscordWebSocket, "poll_event"),
        (DiscordWebSocket, "wait_for"),
        (Route, "BASE"),
    )
    missing += [
        f"{owner.__name__}.{name}" for owner, name in on_the_class if not hasattr(owner, name)
    ]
    if missing:
        raise LibraryError(
            f"discord.py {found} lacks {', '.join(missing)}: install what requirements.txt names."
        )


def _mentions(function: FunctionType, name: str) -> bool:
    return name in function.__code__.co_names


check(discord.version_info[:3])


def use_api(url: str) -> None:
    """Send every request of discord.py to ``url`` instead of Discord; for the whole process.

    There is no option for it. Needed by every test in tests/e2e.
    """
    Route.BASE = url


def set_shards(client: discord.AutoShardedClient, count: int, shards: Iterable[int]) -> None:
    """Tell ``client`` how many shards there are, and which of them are its own.

    Its own ``launch_shards`` does so, which :mod:`bot.gateway.connection` replaces. Needed by
    tests/e2e/test_gateway.py: without it no session becomes ready.
    """
    state = client._connection  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    client.shard_count = state.shard_count = count
    client.shard_ids = state.shard_ids = sorted(shards)


async def send_close(ws: DiscordWebSocket, code: int) -> None:
    """Say goodbye, and go on listening until the other side does.

    ``ws.close`` drops what arrives meanwhile. Needed by tests/e2e/test_shards.py, where a shard
    changes hands while people ask.
    """
    await ws.socket.send_frame(struct.pack("!H", code), aiohttp.WSMsgType.CLOSE)


def seconds_until_ack_due(ws: DiscordWebSocket, intervals: float) -> float | None:
    """Return the seconds left until the last answered heartbeat is ``intervals`` old.

    The library closes a connection only if nothing at all arrives for a minute, so one whose
    heartbeats go unanswered is held as long as events come (Rapptz/discord.py#388). Needed by
    ``test_unanswered_heartbeats_end_a_connection_on_which_events_still_come``.

    Returns:
        ``None`` before the first heartbeat.
    """
    keep_alive = ws._keep_alive  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    if keep_alive is None or keep_alive.interval is None:
        return None
    last_ack = keep_alive._last_ack  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return last_ack + intervals * keep_alive.interval - time.perf_counter()


def isolate_parsers(client: discord.AutoShardedClient) -> None:
    """Log and drop an event of the gateway that discord.py cannot read.

    The library takes such an error for the end of the connection, and so of the bot: one field
    that Discord leaves out would end it again and again (Rapptz/discord.py#2429 and #7649). Needed
    by tests/e2e/test_access.py, ``test_no_payload_with_a_missing_field_ends_the_bot``.
    """
    parsers = client._connection.parsers  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    for name in parsers.keys() - _NEEDED_EVENTS:
        parsers[name] = _isolated(name, parsers[name])


def take_mentions_only(client: discord.AutoShardedClient) -> None:
    """Drop events about messages that are not for the bot, before an object is made of them.

    A busy server has hundreds a second, and none is of any use here. Needed by
    tests/e2e/test_chatter.py.
    """
    parsers = client._connection.parsers  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    create = parsers[_MESSAGE_CREATE]

    def create_if_for_bot(data: Any) -> None:  # noqa: ANN401 (JSON)
        user = client.user
        if user is not None and is_for_bot(data, str(user.id)):
            create(data)

    for name in DROPPED_EVENTS:
        parsers[name] = _drop
    # What has no author or no mentions is dropped with a line in the log, as any other event.
    parsers[_MESSAGE_CREATE] = _isolated(_MESSAGE_CREATE, create_if_for_bot)


def _drop(_: Any) -> None:  # noqa: ANN401 (JSON)
    """Do nothing with an event."""


def _isolated(name: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
    def parse_or_drop(data: Any) -> None:  # noqa: ANN401 (JSON)
        try:
            parse(data)
        except Exception as error:  # noqa: BLE001 (whatever is wrong with it, the next may be right)
            logs.log_unexpected(error, f"the event {name}, which is dropped")

    return parse_or_drop

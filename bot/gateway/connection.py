"""Keeps every shard connected: when it resumes, when it logs in anew, how long it waits before.

discord.py's own sharded loop cannot keep what is promised. With it in place of this module (2.7.1),
these tests of tests/e2e/test_gateway.py fail, each for its reason:

``test_a_failed_resume_is_tried_again_and_the_session_kept``
    one refused handshake gives the session up, one dropped handshake ends the bot.
``test_unanswered_heartbeats_end_a_connection_on_which_events_still_come``
    such a connection is held (Rapptz/discord.py#388).
``test_a_token_that_is_reset_meanwhile_ends_the_bot_with_a_sentence``
    a login is tried every five seconds for ever, with a traceback each (Rapptz/discord.py#10202).
``test_a_bot_that_is_started_again_and_again_stops_logging_in``
    logins go on beyond Discord's limit of a day, which resets the token.
``test_a_discord_that_is_down_is_waited_for_with_a_line_a_try``
    a request that is refused at the start ends the bot.

So this is one loop a shard over the two steps that discord.py's loop takes itself,
``DiscordWebSocket.from_client`` and ``poll_event``.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal, TypeVar

import aiohttp
import discord
import yarl
from discord.backoff import ExponentialBackoff

from bot.gateway import patches
from bot.gateway.identify import IdentifyLimiter
from bot.gateway.patches import DiscordWebSocket, ReconnectWebSocket

if TYPE_CHECKING:
    from discord.types.gateway import SessionStartLimit

# Seconds. discord.py's backoff begins with up to two; a lost connection is back sooner.
RETRY_UNIT, MAX_RETRY = 0.25, 60.0
MAX_LOGIN_RETRY = 300.0  # seconds before another try to log in
CONNECT_TIMEOUT = 30.0  # seconds
CLOSE_TIMEOUT = 1.0  # seconds for the other side to say goodbye, too
SESSION_LIFE = 300.0  # seconds to go on trying to resume: its own host may be what is down
# Age of the last answered heartbeat, in intervals, at which a connection is given up. The next is
# sent after one; Discord asks to reconnect if there is no answer until the one after it.
ACK_DUE = 1.75

_RESUMABLE = 4000  # a close code that keeps the session
_TOO_MANY_REQUESTS = 429
_UNAUTHORIZED = 401
_SERVER_ERROR = 500  # and above

# Of the operating system's errors these are the network's; a disk's are no fault of Discord's.
UNREACHABLE = (
    aiohttp.ClientError,
    ConnectionError,
    TimeoutError,
    socket.gaierror,
    ssl.SSLError,
    discord.GatewayNotFound,
    discord.HTTPException,
)

Result = TypeVar("Result")

_log = logging.getLogger(__name__)


class GatewayClient(discord.AutoShardedClient):
    """A sharded client that reconnects by itself, and never faster than Discord allows."""

    def __init__(self, *, intents: discord.Intents, **options: object) -> None:
        """Make a client that is not yet connected; ``options`` are discord.py's."""
        super().__init__(intents=intents, **options)  # pyright: ignore[reportArgumentType]
        self._identify_limiter = IdentifyLimiter()
        self._identifying = asyncio.Lock()
        self._sockets: dict[int, DiscordWebSocket] = {}
        self._lost: set[int] = set()
        self._shard_tasks: list[asyncio.Task[None]] = []
        patches.isolate_parsers(self)
        patches.take_mentions_only(self)

    @property
    def is_connected(self) -> bool:
        """Whether every shard is connected now; ``is_ready`` stays true once it was."""
        return self.is_ready() and not self._lost

    @property
    def latency(self) -> float:
        """Seconds between a heartbeat and its answer, on average over the shards."""
        sockets = self._sockets.values()
        return sum(ws.latency for ws in sockets) / len(sockets) if sockets else super().latency

    async def login(self, token: str) -> None:
        """Log in, retrying while Discord cannot be reached; each try runs ``setup_hook`` again.

        Raises:
            discord.LoginFailure: the token is wrong.
            discord.HTTPException: Discord refuses for another reason that waiting does not mend.
        """

        async def log_in() -> None:
            try:
                await discord.AutoShardedClient.login(self, token)
            except UNREACHABLE:
                # Each login opens a session of its own, which closes its connector with it.
                await self.http.close()
                self.http.connector = discord.utils.MISSING
                raise

        await self._retry_login(log_in)

    async def connect(self, *, reconnect: bool = True) -> None:  # noqa: ARG002 (it always does)
        """Keep every shard connected until :meth:`close`.

        Raises:
            discord.LoginFailure: Discord no longer takes the token.
            discord.ConnectionClosed: Discord refuses the connection for good.
            discord.HTTPException: Discord does not say where its gateway is.
        """
        count, _, _ = await self._retry_login(self._gateway)
        patches.set_shards(self, count)
        self._shard_tasks = [
            asyncio.create_task(self._keep_connected(shard_id), name=f"shard {shard_id}")
            for shard_id in range(count)
        ]
        try:
            ended, _ = await asyncio.wait(self._shard_tasks, return_when=asyncio.FIRST_EXCEPTION)
            for shard in ended:
                if not shard.cancelled():
                    shard.result()
        finally:
            await self._cancel_shards()

    async def close(self) -> None:
        """Leave the gateway for good, so that Discord shows the bot as offline."""
        await self._cancel_shards()
        await asyncio.gather(*(_close(ws, 1000) for ws in self._sockets.values()))
        await super().close()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Count each IDENTIFY; the library leaves five seconds between two."""
        self._identify_limiter.identified()
        await super().before_identify_hook(shard_id, initial=initial)

    async def _cancel_shards(self) -> None:
        for shard in self._shard_tasks:
            shard.cancel()
        if self._shard_tasks:
            await asyncio.wait(self._shard_tasks)

    async def _keep_connected(self, shard_id: int) -> None:
        """Connect a shard again and again; resume while there is a session to resume."""
        backoff = ExponentialBackoff()
        last: DiscordWebSocket | None = None
        lost_at = 0.0
        while True:
            if last is not None and time.monotonic() - lost_at > SESSION_LIFE:
                last = None
            try:
                ws = await self._open(shard_id, last)
            except (ReconnectWebSocket, *UNREACHABLE) as error:
                raise_if_final(error)
                await _wait(_retry_delay(backoff), error)
                continue
            seen = ws.sequence
            self._sockets[shard_id] = last = ws
            self._lost.discard(shard_id)
            try:
                await _listen(ws)
            except (ReconnectWebSocket, *UNREACHABLE) as error:
                raise_if_final(error)
                _log.warning("Shard %d lost its connection (%s).", shard_id, _why(error, ws))
            finally:
                lost_at = time.monotonic()
            self._lost.add(shard_id)
            await _close(ws, _RESUMABLE)
            self.dispatch("disconnect")
            if ws.sequence != seen:  # Discord had taken it: it sent a numbered event
                backoff = ExponentialBackoff()
            await asyncio.sleep(_retry_delay(backoff))

    async def _open(self, shard_id: int, last: DiscordWebSocket | None) -> DiscordWebSocket:
        """Return a new connection that has sent RESUME, or IDENTIFY if nothing can be resumed."""
        if last is not None and last.session_id is not None:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                return await DiscordWebSocket.from_client(
                    self,
                    shard_id=shard_id,
                    gateway=last.gateway,
                    session=last.session_id,
                    sequence=last.sequence,
                    resume=True,
                )
        async with self._identifying:
            url = await self._wait_to_identify()
            async with asyncio.timeout(CONNECT_TIMEOUT):
                return await DiscordWebSocket.from_client(
                    self,
                    shard_id=shard_id,
                    gateway=yarl.URL(url),
                    initial=self._identify_limiter.is_first,
                )

    async def _wait_to_identify(self) -> str:
        """Wait until another IDENTIFY is allowed, and return the address for it."""
        while True:
            # Asked each time: it knows how many there were today, also of processes before this
            # one. And the library's built-in address is not that of an API proxy.
            _, url, limit = await self._gateway()
            if pause := self._identify_limiter.pause(limit):
                _log.warning(
                    "Logging in to the gateway in %.0f s: %d of %d logins are left today.",
                    pause,
                    limit["remaining"],
                    limit["total"],
                )
                await asyncio.sleep(pause)
            if limit["remaining"] > 0:
                return url

    async def _gateway(self) -> tuple[int, str, "SessionStartLimit"]:
        """Return the recommended number of shards, the address and the logins left."""
        try:
            return await self.http.get_bot_gateway()
        except discord.GatewayNotFound as error:
            # Its cause tells a wrong token from a Discord that is down.
            raise error.__cause__ or error from None

    async def _retry_login(self, request: Callable[[], Awaitable[Result]]) -> Result:
        """Return the result of ``request``, repeated until Discord can be reached."""
        backoff = ExponentialBackoff()
        while True:
            try:
                return await request()
            except UNREACHABLE as error:
                raise_if_final(error)
                await _wait(min(backoff.delay(), MAX_LOGIN_RETRY), error)


async def _listen(ws: DiscordWebSocket) -> None:
    """Process events until the connection ends or a heartbeat goes unanswered.

    Raises:
        ReconnectWebSocket: it ended.
        TimeoutError: Discord no longer answers heartbeats.
        discord.ConnectionClosed: it ended for good.
    """
    while True:
        # After a standstill of this process, what has arrived meanwhile is still processed: a
        # timeout that has run out waits its turn.
        async with asyncio.timeout(patches.seconds_until_ack_due(ws, ACK_DUE)):
            await ws.poll_event()


async def _close(ws: DiscordWebSocket, code: int) -> None:
    """Close a connection without waiting long for the other side, which may be gone."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await ws.close(code)


def _retry_delay(backoff: "ExponentialBackoff[Literal[False]]") -> float:
    return min(RETRY_UNIT * backoff.delay(), MAX_RETRY)


async def _wait(seconds: float, error: Exception) -> None:
    """Wait before the next try, at least as long as Discord asks for."""
    seconds = max(seconds, retry_after(error))
    _log.warning("Discord cannot be reached (%s): the next try in %.1f s.", _why(error), seconds)
    await asyncio.sleep(seconds)


def retry_after(error: Exception) -> float:
    """Return the seconds that Discord asks to wait after ``error``, 0 if it does not."""
    if isinstance(error, discord.HTTPException):
        with contextlib.suppress(KeyError, ValueError):  # it may also be a date
            return float(error.response.headers["Retry-After"])
    return 0.0


def raise_if_final(error: Exception) -> None:
    """Raise ``error`` if waiting does not mend it."""
    if not isinstance(error, discord.HTTPException):
        return
    if error.status == _UNAUTHORIZED:
        raise discord.LoginFailure("The token is no longer taken.") from error
    if error.status < _SERVER_ERROR and error.status != _TOO_MANY_REQUESTS:
        raise error


def _why(error: Exception, ws: DiscordWebSocket | None = None) -> str:
    """Return in a few words why a connection failed or ended."""
    if isinstance(error, ReconnectWebSocket):
        code = ws.socket.close_code if ws is not None else None
        return "closed without a word" if code is None else f"closed with code {code}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__

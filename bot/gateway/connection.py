"""Keeps the bot connected: when it resumes, when it logs in anew, and how long it waits before.

The library's own sharded client gives a session up after one failed RESUME, retries a first login
for ever every five seconds, ends on a refused request at the start, and holds a connection whose
heartbeats go unanswered as long as events come. So its loop is replaced here, by one loop a shard
over the same two steps that it takes itself: ``DiscordWebSocket.from_client`` and ``poll_event``.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.gateway import clock
from bot.gateway.backoff import Backoff, IdentifyPace

if TYPE_CHECKING:
    from discord.types.gateway import SessionStartLimit

FIRST_RETRY, LAST_RETRY = 0.5, 60.0  # seconds at most before a lost connection is tried again
FIRST_LOGIN_RETRY, LAST_LOGIN_RETRY = 2.0, 300.0  # seconds at most before another try to log in
CONNECT_WITHIN = 30.0  # seconds
CLOSE_WITHIN = 1.0  # seconds for the other side to say goodbye, too
SESSION_LIFE = 300.0  # seconds to go on trying to resume: its own host may be what is down
# Of an interval, how long after the last answered heartbeat the next answer must have come. The
# next is sent after one; Discord asks to reconnect if there is no answer until the one after it.
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
    """A sharded client that comes back by itself, and never faster than Discord likes."""

    def __init__(self, *, intents: discord.Intents, **options: object) -> None:
        """Make a client that is not yet connected; ``options`` are discord.py's."""
        super().__init__(intents=intents, **options)  # pyright: ignore[reportArgumentType]
        self._pace = IdentifyPace()
        self._identifying = asyncio.Lock()
        self._sockets: dict[int, DiscordWebSocket] = {}
        self._lost: set[int] = set()
        self._holding: list[asyncio.Task[None]] = []

    @property
    def is_connected(self) -> bool:
        """Whether events of every server can arrive now; ``is_ready`` stays true for ever."""
        return self.is_ready() and not self._lost

    @property
    def latency(self) -> float:
        """Seconds between a heartbeat and its answer, on average over the shards."""
        sockets = self._sockets.values()
        return sum(ws.latency for ws in sockets) / len(sockets) if sockets else super().latency

    async def login(self, token: str) -> None:
        """Log in, however long Discord cannot be reached; runs ``setup_hook``, again if it must.

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

        await self._persist(log_in)

    async def connect(self, *, reconnect: bool = True) -> None:  # noqa: ARG002 (it always does)
        """Keep every shard connected until :meth:`close`.

        Raises:
            discord.LoginFailure: Discord no longer takes the token.
            discord.ConnectionClosed: Discord refuses the connection for good.
            discord.HTTPException: Discord does not say where its gateway is.
        """
        self.shard_count, _, _ = await self._persist(self._gateway)
        shard_ids = range(self.shard_count)
        self._connection.shard_count = self.shard_count
        self._connection.shard_ids = shard_ids
        self._holding = [
            asyncio.create_task(self._hold(shard_id), name=f"shard {shard_id}")
            for shard_id in shard_ids
        ]
        try:
            ended, _ = await asyncio.wait(self._holding, return_when=asyncio.FIRST_EXCEPTION)
            for shard in ended:
                if not shard.cancelled():
                    shard.result()
        finally:
            await self._let_go()

    async def close(self) -> None:
        """Leave the gateway for good, so that Discord shows the bot as offline."""
        await self._let_go()
        await asyncio.gather(*(_hang_up(ws, 1000) for ws in self._sockets.values()))
        await super().close()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Count each IDENTIFY; there may be one in five seconds."""
        self._pace.identified()
        await super().before_identify_hook(shard_id, initial=initial)

    async def _let_go(self) -> None:
        for shard in self._holding:
            shard.cancel()
        if self._holding:
            await asyncio.wait(self._holding)

    async def _hold(self, shard_id: int) -> None:
        """Connect a shard again and again; resume while there is a session to resume."""
        retries = Backoff(FIRST_RETRY, LAST_RETRY)
        last: DiscordWebSocket | None = None
        lost_at = 0.0
        while True:
            if last is not None and time.monotonic() - lost_at > SESSION_LIFE:
                last = None
            try:
                ws = await self._open(shard_id, last)
            except (ReconnectWebSocket, *UNREACHABLE) as error:
                raise_if_final(error)
                await _wait(retries.next(), error)
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
            await _hang_up(ws, _RESUMABLE)
            self.dispatch("disconnect")
            if ws.sequence != seen:  # Discord had taken it: it sent a numbered event
                retries.reset()
            await asyncio.sleep(retries.next())

    async def _open(self, shard_id: int, last: DiscordWebSocket | None) -> DiscordWebSocket:
        """Return a new connection that has sent RESUME, or IDENTIFY if nothing can be resumed."""
        if last is not None and last.session_id is not None:
            async with asyncio.timeout(CONNECT_WITHIN):
                return await DiscordWebSocket.from_client(
                    self,
                    shard_id=shard_id,
                    gateway=last.gateway,
                    session=last.session_id,
                    sequence=last.sequence,
                    resume=True,
                )
        async with self._identifying:
            url = await self._turn_to_identify()
            async with asyncio.timeout(CONNECT_WITHIN):
                return await DiscordWebSocket.from_client(
                    self, shard_id=shard_id, gateway=yarl.URL(url), initial=self._pace.is_first
                )

    async def _turn_to_identify(self) -> str:
        """Wait until another IDENTIFY is all right, and return the address for it."""
        while True:
            # Asked each time: it knows how many there were today, also of processes before this
            # one. And the library's built-in address is not that of an API proxy.
            _, url, limit = await self._gateway()
            if pause := self._pace.pause(limit):
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
        """Return how many shards there should be, where, and how many logins are left."""
        try:
            return await self.http.get_bot_gateway()
        except discord.GatewayNotFound as error:
            # What it hides tells a wrong token from a Discord that is down.
            raise error.__cause__ or error from None

    async def _persist(self, request: Callable[[], Awaitable[Result]]) -> Result:
        """Return what ``request`` returns, as soon as Discord can be reached."""
        retries = Backoff(FIRST_LOGIN_RETRY, LAST_LOGIN_RETRY)
        while True:
            try:
                return await request()
            except UNREACHABLE as error:
                raise_if_final(error)
                await _wait(retries.next(), error)


async def _listen(ws: DiscordWebSocket) -> None:
    """Take in what Discord sends, until the connection ends or a heartbeat goes unanswered.

    Raises:
        ReconnectWebSocket: it ended.
        TimeoutError: Discord no longer answers heartbeats.
        discord.ConnectionClosed: it ended for good.
    """
    while True:
        # The library looks only at when anything came. What has come already is still taken in
        # after a standstill of this process, because a timeout that has run out waits its turn.
        async with asyncio.timeout(_ack_due_in(ws)):
            await ws.poll_event()


def _ack_due_in(ws: DiscordWebSocket) -> float | None:
    """Return in how many seconds a heartbeat must have been answered."""
    # It has no other place that tells; test_gateway notices if that changes.
    keep_alive = ws._keep_alive  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    if keep_alive is None or keep_alive.interval is None:
        return None
    answered = keep_alive._last_ack  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return answered + ACK_DUE * keep_alive.interval - time.perf_counter()


async def _hang_up(ws: DiscordWebSocket, code: int) -> None:
    """Close a connection without waiting long for the other side, which may be gone."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_WITHIN):
            await ws.close(code)


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
    """Raise what no waiting mends."""
    if clock.is_blamed_by(error):
        raise error
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

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
import random
import re
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Literal, TypeVar

import aiohttp
import discord
import yarl
from discord.backoff import ExponentialBackoff

from bot.gateway import patches
from bot.gateway.identify import IdentifyLimiter
from bot.gateway.patches import DiscordWebSocket, ReconnectWebSocket
from bot.gateway.shards import FixedShards, SavedSession, ShardAssignment

if TYPE_CHECKING:
    from discord.types.gateway import SessionStartLimit

# Seconds. discord.py's backoff begins with up to two; a lost connection is back sooner.
RETRY_UNIT, MAX_RETRY = 0.25, 60.0
MAX_LOGIN_RETRY = 300.0  # seconds before another try to log in
CONNECT_TIMEOUT = 30.0  # seconds
CLOSE_TIMEOUT = 1.0  # seconds for the other side to say goodbye, too
SESSION_LIFE = 300.0  # seconds to go on trying to resume: its own host may be what is down
AFTER_SESSION = (1.0, 5.0)  # seconds between a session that is over and the next, as Discord asks
# Age of the last answered heartbeat, in intervals, at which a connection is given up. The next is
# sent after one; Discord asks to reconnect if there is no answer until the one after it.
ACK_DUE = 1.75

_RESUMABLE = 4000  # a close code that keeps the session
_GONE = 1000  # one that ends it
_REFUSED_SESSIONS = frozenset({4007, 4009})  # Discord's: a wrong sequence, a session timed out
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

    def __init__(
        self,
        *,
        intents: discord.Intents,
        assignment: ShardAssignment | None = None,
        **options: object,
    ) -> None:
        """Make a client that is not yet connected.

        Args:
            intents: the events to be sent.
            assignment: which shards are this process's; ``None``: all.
            options: discord.py's.
        """
        super().__init__(intents=intents, **options)  # pyright: ignore[reportArgumentType]
        self.assignment = assignment or FixedShards()
        self._identify_limiters: defaultdict[int, IdentifyLimiter] = defaultdict(IdentifyLimiter)
        self._max_concurrency = 1
        self._gateway_url = DiscordWebSocket.DEFAULT_GATEWAY
        self._sockets: dict[int, DiscordWebSocket] = {}
        self._sessions: dict[int, SavedSession] = {}
        """What a shard resumes when it is without a connection; it may be older than that."""
        self._unconnected: set[int] = set()
        self._is_assigned = False
        self._shard_tasks: dict[int, asyncio.Task[None]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._following: asyncio.Task[None] | None = None
        self._failed: asyncio.Future[None] | None = None
        patches.isolate_parsers(self)
        patches.take_mentions_only(self)

    @property
    def is_connected(self) -> bool:
        """Whether every shard of this process is connected now; ``is_ready`` stays true.

        So it is where the others have all of them: then it stands by.
        """
        return (self._is_assigned or self.is_ready()) and not self._unconnected

    @property
    def held_shards(self) -> frozenset[int]:
        """The shards of this process, connected or not."""
        return frozenset(self._shard_tasks)

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
        """Keep every shard of this process connected until :meth:`close`.

        Raises:
            discord.LoginFailure: Discord no longer takes the token.
            discord.ConnectionClosed: Discord refuses the connection for good.
            discord.HTTPException: Discord does not say where its gateway is.
            BotError: other processes have another number of shards.
        """
        recommended, url, limit = await self._retry_login(self._gateway)
        self._gateway_url = yarl.URL(url)
        self._max_concurrency = limit["max_concurrency"]
        self._failed = asyncio.get_running_loop().create_future()
        self._following = asyncio.create_task(self._follow_assignment(recommended), name="shards")
        running = (self._following, self._failed)
        try:
            ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_EXCEPTION)
            for task in ended:
                if not task.cancelled():
                    task.result()
        finally:
            await self.leave_gateway()

    async def leave_gateway(self) -> None:
        """Close every shard, so that other processes may have them; requests go on."""
        following, self._following = self._following, None
        if following is None or self._failed is None:
            return
        following.cancel()
        # Close the shards first: a hanging database may hold `following` up.
        await self._leave(self.held_shards)
        await asyncio.wait([following], timeout=CLOSE_TIMEOUT)
        await self.assignment.leave()
        self._failed.cancel()

    async def close(self) -> None:
        """Leave the gateway for good, so that Discord shows the bot as offline."""
        await self.leave_gateway()
        await super().close()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002 (its turn has come)
        """Count each IDENTIFY, without the library's pause: :attr:`assignment` makes them wait."""
        self._identify_limiters[shard_id or 0].identified()

    async def _follow_assignment(self, recommended: int) -> None:
        """Connect the shards of this process, and close those that no longer are."""
        count = await self.assignment.join(
            self.application_id or 0, recommended, self._max_concurrency
        )
        async with contextlib.aclosing(self.assignment.changes()) as changes:
            async for shards in changes:
                patches.set_shards(self, count, shards)
                await self._leave(self.held_shards - shards)
                for shard_id in sorted(shards - self.held_shards):
                    self._unconnected.add(shard_id)
                    session = self.assignment.take_session(shard_id)
                    if session is not None and self._may_resume(session):
                        self._sessions[shard_id] = session
                    self._shard_tasks[shard_id] = shard = asyncio.create_task(
                        self._keep_connected(shard_id), name=f"shard {shard_id}"
                    )
                    shard.add_done_callback(self._note_failure)
                self._is_assigned = True

    def _note_failure(self, shard: asyncio.Task[None]) -> None:
        if shard.cancelled() or (error := shard.exception()) is None:
            return
        if self._failed is not None and not self._failed.done():
            self._failed.set_exception(error)

    async def _leave(self, shards: Iterable[int]) -> None:
        """Close shards, all at once, and wait for all that are being closed.

        Cancelling this does not stop them: the process then ends, and closes all of its shards.
        """
        for shard_id in shards:
            shard = self._shard_tasks.pop(shard_id)
            leaving = asyncio.create_task(
                self._leave_shard(shard_id, shard), name=f"leave {shard_id}"
            )
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
            leaving.add_done_callback(self._note_failure)
        if self._leaving:
            await asyncio.wait(self._leaving)

    async def _leave_shard(self, shard_id: int, shard: asyncio.Task[None]) -> None:
        """Close a shard; what Discord sends before it knows is still taken.

        Its session ends, unless another process is to resume it, which then gets all the rest.
        """
        ws = self._sockets.pop(shard_id, None)
        code = _RESUMABLE if self.assignment.has_heir(shard_id) else _GONE
        if ws is not None and ws.open:
            with contextlib.suppress(ConnectionError):
                await patches.send_close(ws, code)
                await asyncio.wait([shard], timeout=CLOSE_TIMEOUT)
        shard.cancel()
        session = self._sessions.pop(shard_id, None)
        if ws is not None:
            await _close(ws, code)
            session = self._session_of(ws)
        if session is not None and code == _RESUMABLE:
            self.assignment.save_session(shard_id, session)
        # Not for long: the leases of the other shards are not renewed meanwhile.
        await asyncio.wait([shard], timeout=CLOSE_TIMEOUT)
        self._unconnected.discard(shard_id)
        self._identify_limiters.pop(shard_id, None)  # it did not fail

    def _may_resume(self, session: SavedSession) -> bool:
        """Whether a session has this process's events, at an address that may get the token."""
        return session.intents == self.intents.value and is_gateway(session.url, self._gateway_url)

    def _session_of(self, ws: DiscordWebSocket) -> SavedSession | None:
        """Return what it takes to resume the session of a connection; ``None``: it has none."""
        if ws.session_id is None or ws.sequence is None:
            return None
        if ws.socket.close_code in _REFUSED_SESSIONS:
            return None
        return SavedSession(ws.session_id, ws.sequence, str(ws.gateway), self.intents.value)

    async def _keep_connected(self, shard_id: int) -> None:
        """Connect a shard again and again; resume while there is a session to resume."""
        backoff = ExponentialBackoff()
        lost_at = time.monotonic()
        while True:
            if time.monotonic() - lost_at > SESSION_LIFE:
                self._sessions.pop(shard_id, None)
            session = self._sessions.get(shard_id)
            try:
                if session is None:
                    ws = await self._identify(shard_id)
                else:
                    ws = await self._resume(shard_id, session)
            except (ReconnectWebSocket, *UNREACHABLE) as error:
                raise_if_final(error)
                await _wait(_retry_delay(backoff), error)
                continue
            self._sockets[shard_id] = ws
            try:
                await self._listen(ws, shard_id)
            except (ReconnectWebSocket, discord.ConnectionClosed, *UNREACHABLE) as error:
                if shard_id not in self._shard_tasks:
                    return  # it was to be left
                if isinstance(error, discord.ConnectionClosed):
                    raise
                raise_if_final(error)
                _log.warning("Shard %d lost its connection (%s).", shard_id, _why(error, ws))
            if shard_id not in self._unconnected:
                self._unconnected.add(shard_id)
                lost_at = time.monotonic()
                backoff = ExponentialBackoff()
            await _close(ws, _RESUMABLE)
            self.dispatch("disconnect")
            await asyncio.sleep(_retry_delay(backoff))
            if (session := self._session_of(ws)) is None:
                self._sessions.pop(shard_id, None)
                await asyncio.sleep(random.uniform(*AFTER_SESSION))  # noqa: S311 (no secret)
            else:
                self._sessions[shard_id] = session

    async def _listen(self, ws: DiscordWebSocket, shard_id: int) -> None:
        """Process events until the connection ends or a heartbeat goes unanswered.

        The shard counts as connected once Discord has taken the login or the RESUME.

        Raises:
            ReconnectWebSocket: it ended.
            TimeoutError: Discord no longer answers heartbeats.
            discord.ConnectionClosed: it ended for good.
        """
        taken = ws.wait_for("READY" if ws.session_id is None else "RESUMED", lambda _: True)
        while True:
            # After a standstill of this process, what has arrived meanwhile is still processed: a
            # timeout that has run out waits its turn.
            async with asyncio.timeout(patches.seconds_until_ack_due(ws, ACK_DUE)):
                await ws.poll_event()
            if taken.done():
                self._unconnected.discard(shard_id)

    async def _resume(self, shard_id: int, session: SavedSession) -> DiscordWebSocket:
        """Return a new connection that has sent RESUME."""
        async with asyncio.timeout(CONNECT_TIMEOUT):
            return await DiscordWebSocket.from_client(
                self,
                shard_id=shard_id,
                gateway=yarl.URL(session.url),
                session=session.id,
                sequence=session.sequence,
                resume=True,
            )

    async def _identify(self, shard_id: int) -> DiscordWebSocket:
        """Return a new connection that has sent IDENTIFY, once its turn has come."""
        limiter = self._identify_limiters[shard_id]
        has_paused = False
        while True:
            async with self.assignment.turn_to_identify(shard_id % self._max_concurrency):
                # Asked each time: it knows how many there were today, also of other processes. And
                # the library's built-in address is not that of an API proxy.
                _, url, limit = await self._gateway()
                self._max_concurrency = limit["max_concurrency"]
                pause = limiter.pause(limit, self.shard_count or 1)
                if not pause or (has_paused and limiter.may_identify(limit)):
                    async with asyncio.timeout(CONNECT_TIMEOUT):
                        return await DiscordWebSocket.from_client(
                            self, shard_id=shard_id, gateway=yarl.URL(url)
                        )
            _log.warning(
                "Logging in to the gateway in %.0f s: %d of %d logins are left today.",
                pause,
                limit["remaining"],
                limit["total"],
            )
            await asyncio.sleep(pause)
            has_paused = True

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


def is_gateway(url: str, gateway: yarl.URL) -> bool:
    """Whether ``url``, where a session is to be resumed, is Discord's: RESUME holds the token.

    Args:
        url: as another process has left it in the database.
        gateway: as Discord, or the API proxy before it, gave it to this process.
    """
    try:
        named = yarl.URL(url)
    except (TypeError, ValueError):
        return False
    host = named.raw_host or ""
    if named.scheme == "wss" and re.fullmatch(r"([a-z0-9-]+\.)+discord\.gg", host):
        return True
    return host == gateway.raw_host and named.scheme in {"wss", gateway.scheme}


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

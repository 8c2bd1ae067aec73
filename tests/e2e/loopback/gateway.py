"""gateway: who is connected, in which session, and which events did each session get?

A session outlives its sockets: events for it are kept from IDENTIFY on, so that RESUME replays
what a broken connection lost. The ways to break one are at the end of `Gateway`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.e2e.loopback import payloads
from tests.e2e.loopback.compression import stream
from tests.e2e.loopback.gateway_faults import GatewayFaults
from tests.e2e.loopback.rules import APPLICATION_ID

if TYPE_CHECKING:
    from tests.e2e.loopback.journal import Journal
    from tests.e2e.loopback.rules import Rules

Json = dict[str, Any]

GUILDS_INTENT = 1 << 0
ENDS_SESSION = frozenset({1000, 1001, 4007, 4009})


class Op(IntEnum):
    """What a gateway message is about; those of presence, voice and members are ignored."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    RESUME = 6
    RECONNECT = 7
    INVALID = 9
    HELLO = 10
    ACK = 11


class Connection:
    """One socket, which sends whole messages in order, compressed if the client asked for it."""

    def __init__(self, request: web.Request) -> None:
        self.socket = web.WebSocketResponse(max_msg_size=4096, timeout=2.0, autoclose=False)
        self._request = request
        self._turn = asyncio.Lock()
        kind = request.query.get("compress")
        self._compress = stream(kind) if kind else None

    async def open(self) -> None:
        """Finish the WebSocket handshake."""
        await self.socket.prepare(self._request)

    async def send(self, payload: Json) -> None:
        """Send one message; a socket that broke meanwhile is the session's to notice."""
        text = json.dumps(payload, ensure_ascii=False)
        with contextlib.suppress(ConnectionError):
            async with self._turn:
                if self._compress is None:
                    await self.socket.send_str(text)
                else:
                    await self.socket.send_bytes(self._compress(text.encode()))

    def abort(self) -> None:
        """Break the connection without a word, as a cable does."""
        if self._request.transport is not None:
            self._request.transport.abort()


@dataclass(slots=True)
class Session:
    """What one IDENTIFY began."""

    id: str
    shard: int
    connection: Connection | None
    intents: int
    sequence: int = 0
    events: list[Json] = field(default_factory=list)
    """Those that the client has not yet confirmed with a heartbeat."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def dispatch(self, event: str, data: Json) -> None:
        """Number an event, keep it, and send it if there is a connection."""
        async with self.turn:
            self.sequence += 1
            payload: Json = {"op": Op.DISPATCH, "t": event, "s": self.sequence, "d": data}
            self.events.append(payload)
            if self.connection is not None:
                await self.connection.send(payload)

    async def resume(self, connection: Connection, seen: int) -> None:
        """Send all that came after `seen` to a new connection, before anything newer."""
        async with self.turn:
            self.connection = connection
            for payload in self.events:
                if payload["s"] > seen:
                    await connection.send(payload)
        await self.dispatch("RESUMED", {})

    def confirm(self, seen: int | None) -> None:
        """Forget the events up to `seen`: no RESUME will ask for them again."""
        self.events = [payload for payload in self.events if payload["s"] > (seen or 0)]


class Gateway:
    """All sessions of the application."""

    def __init__(self, rules: Rules, journal: Journal) -> None:
        self._rules = rules
        self._journal = journal
        self._sessions: dict[str, Session] = {}
        self._greeting = asyncio.Event()
        self._greeting.set()
        self._goodbye = asyncio.Event()
        self._goodbye.set()
        self._resuming = asyncio.Event()
        self._resuming.set()
        self.identified = 0
        self.faults = GatewayFaults()

    async def dispatch(self, event: str, data: Json, *, intent: int = 0) -> None:
        """Send an event to every session of the shard of its guild, direct messages to shard 0.

        A session that has not asked for the event's `intent` does not get it.

        Raises:
            LookupError: No client has a session of that shard.
        """
        shard = (int(data.get("guild_id", 0)) >> 22) % self._rules.shards
        sessions = [session for session in self._sessions.values() if session.shard == shard]
        if not sessions:
            raise LookupError(f"no client has a session of shard {shard}")
        for session in sessions:
            if session.intents & intent == intent:
                await session.dispatch(event, data)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Speak with one client until its socket closes."""
        if self.faults.refused_handshakes:
            self.faults.refused_handshakes -= 1
            self._journal.note("refused handshake")
            return web.Response(status=503)
        connection = Connection(request)
        await self._greet(connection)
        session: Session | None = None
        async for message in connection.socket:
            if message.type is not WSMsgType.TEXT:
                break
            payload: Json = json.loads(message.data)
            match payload["op"]:
                case Op.HEARTBEAT:
                    if session is not None:
                        session.confirm(payload["d"])
                    if self.faults.withhold_acks:
                        self._journal.note("unanswered heartbeat")
                    else:
                        await connection.send({"op": Op.ACK, "d": None})
                case Op.IDENTIFY if session is None:
                    session = await self._identify(request, connection, payload["d"])
                case Op.RESUME if session is None:
                    session = await self._resume(connection, payload["d"])
                case _ if session is None:
                    await connection.socket.close(code=4003, message=b"Not authenticated.")
                case _:
                    self._journal.note("ignored", op=payload["op"])
        await self._leave(session, connection)
        return connection.socket

    async def _greet(self, connection: Connection) -> None:
        await connection.open()
        await self._greeting.wait()
        if self.faults.dropped_handshakes:
            self.faults.dropped_handshakes -= 1
            self._journal.note("dropped handshake")
            connection.abort()
        interval = int(self._rules.heartbeat_seconds * 1000)
        await connection.send({"op": Op.HELLO, "d": {"heartbeat_interval": interval}})

    async def _identify(
        self, request: web.Request, connection: Connection, data: Json
    ) -> Session | None:
        shard, shards = data.get("shard", [0, 1])
        intents: int = data["intents"]
        self._journal.note("identify", shard=shard, intents=intents)
        self.identified += 1
        if data["token"] != self._rules.token:
            await connection.socket.close(code=4004, message=b"Authentication failed.")
            return None
        if self.faults.close_identify is not None:
            await connection.socket.close(code=self.faults.close_identify)
            return None
        if shards != self._rules.shards or shard not in range(shards):
            await connection.socket.close(code=4010, message=b"Invalid shard.")
            return None
        session = Session(secrets.token_hex(16), shard, connection, intents)
        self._sessions[session.id] = session
        guild = payloads.GUILD
        here = (guild.id >> 22) % shards == shard
        ready: Json = {
            "v": 10,
            "user": payloads.bot_user(),
            "application": {"id": str(APPLICATION_ID), "flags": 0},
            "guilds": [{"id": str(guild.id), "unavailable": True}] if here else [],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": f"ws://{request.host}/gateway/resume",
            "shard": [shard, shards],
        }
        await session.dispatch("READY", ready)
        self._journal.note("ready", shard=shard, session=session.id)
        if here and intents & GUILDS_INTENT:
            await session.dispatch("GUILD_CREATE", payloads.guild(guild))
        return session

    async def _resume(self, connection: Connection, data: Json) -> Session | None:
        if data["token"] != self._rules.token:
            await connection.socket.close(code=4004, message=b"Authentication failed.")
            return None
        session = self._sessions.get(data["session_id"])
        self._journal.note("resume", session=data["session_id"], known=session is not None)
        if session is None:
            await connection.send({"op": Op.INVALID, "d": False})
            return None
        if self.faults.close_resume is not None:
            await connection.socket.close(code=self.faults.close_resume)
            return None
        if self.faults.withhold_resumed:
            self._journal.note("withheld resumed")
            await self._resuming.wait()
        await session.resume(connection, data["seq"])
        self._journal.note("resumed", shard=session.shard, session=session.id)
        return session

    async def _leave(self, session: Session | None, connection: Connection) -> None:
        if self.faults.withhold_goodbyes:
            self._journal.note("withheld goodbye")
            await self._goodbye.wait()
        await connection.socket.close()
        code = connection.socket.close_code
        self._journal.note("disconnected", code=code, session=session.id if session else None)
        if session is None or session.connection is not connection:
            return
        session.connection = None
        if code in ENDS_SESSION:
            self._sessions.pop(session.id, None)

    def set_faults(self, changes: Json) -> None:
        """Put other faults in force."""
        self.faults.set(changes)
        for event, is_withheld in (
            (self._goodbye, self.faults.withhold_goodbyes),
            (self._resuming, self.faults.withhold_resumed),
        ):
            if is_withheld:
                event.clear()
            else:
                event.set()

    def interrupt(self) -> None:
        """Break every connection, and greet no new one until `restore`."""
        self._greeting.clear()
        self.drop()

    def drop(self) -> None:
        """Break every connection; new ones are welcome."""
        self._journal.note("dropped")
        for session in self._sessions.values():
            if session.connection is not None:
                session.connection.abort()
                session.connection = None

    def restore(self) -> None:
        """Greet the clients that have been waiting."""
        self._greeting.set()

    async def close(self, code: int) -> None:
        """Close every connection with a code, and forget the sessions that it ends."""
        self._journal.note("closing", code=code)
        sessions = list(self._sessions.values())
        if code in ENDS_SESSION:
            self._sessions.clear()
        for session in sessions:
            if (connection := session.connection) is not None:
                session.connection = None
                await connection.socket.close(code=code)

    async def ask_to_reconnect(self) -> None:
        """Send op 7 to every connection."""
        await self._tell({"op": Op.RECONNECT, "d": None})

    async def invalidate(self, *, resumable: bool) -> None:
        """Send op 9 to every connection, and forget the sessions that may not be resumed."""
        await self._tell({"op": Op.INVALID, "d": resumable})
        if not resumable:
            self._sessions.clear()

    async def _tell(self, payload: Json) -> None:
        self._journal.note("sent", op=payload["op"])
        for session in list(self._sessions.values()):
            if session.connection is not None:
                await session.connection.send(payload)

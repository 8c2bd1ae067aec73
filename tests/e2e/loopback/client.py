"""client: the test's side of the loopback Discord. `Loopback` is people using the bot.

    async with Loopback() as discord:
        ...  # start a bot with environment(discord)
        await discord.wait_connected()
        interaction = await discord.slash("ask", {"question": "颱風"}, caller=MEMBER.speaking("zh-TW"))
        answer = await interaction.final_message()
        assert answer.links

Nothing here sleeps or polls: the loopback's journal streams in, and every wait is for an entry of
it, bounded by a time after which it fails saying what was seen instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import aiohttp

from tests.e2e.loopback import payloads
from tests.e2e.loopback.calls import command_data
from tests.e2e.loopback.follow import Follower, NotSeenError
from tests.e2e.loopback.limits import Kind
from tests.e2e.loopback.payloads import MEMBER, Caller
from tests.e2e.loopback.rules import Rules
from tests.e2e.loopback.seen import Message, Response

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from tests.e2e.loopback.calls import Values
    from tests.e2e.loopback.faults import Fault

Json = dict[str, Any]

_MESSAGE_MENU = 3

ROOT = Path(__file__).parents[3]


class Loopback:
    """A loopback Discord in a process of its own, and the people on it."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self.origin = ""
        self.journal = Follower()
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.e2e.loopback",
                json.dumps(asdict(self.rules)),
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            stack.push_async_callback(process.communicate, b"")
            if process.stdout is None:
                raise AssertionError("standard output was asked for")
            port = int(await process.stdout.readline())
            self.origin = f"http://127.0.0.1:{port}"
            self._http = await stack.enter_async_context(aiohttp.ClientSession(self.origin))
            events = self._http.ws_connect("/_control/journal", max_msg_size=0)
            events = await stack.enter_async_context(events)
            reading = asyncio.create_task(self.journal.read(events))
            stack.push_async_callback(_stopped, reading)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def api_url(self) -> str:
        """What a bot takes for Discord's API."""
        return f"{self.origin}/api/v10"

    async def wait_connected(self, *, shard: int = 0, times: int = 1) -> None:
        """Wait until a bot's session of this shard began, for the `times`-th time."""
        await self.journal.wait_for("ready", times=times, shard=shard)

    async def wait_resumed(self, *, shard: int = 0, times: int = 1) -> None:
        """Wait until a session of this shard was resumed, for the `times`-th time."""
        await self.journal.wait_for("resumed", times=times, shard=shard)

    async def commands(self, guild: payloads.Guild | None = None) -> list[Json]:
        """Wait until the bot synced commands, globally or for a guild, and return the newest."""
        guild_id = str(guild.id) if guild else None
        await self.journal.wait_for("commands", guild=guild_id)
        return self.journal.synced[guild_id]

    async def slash(
        self,
        command: str,
        values: Values | None = None,
        *,
        caller: Caller = MEMBER,
        **limits: float,
    ) -> Interaction:
        """Use a slash command, such as `ask` or `archive reindex`.

        Args:
            command: Its name with its subcommands; the bot must have synced it.
            values: The options by name.
            caller: Who, where and in which language.
            limits: `ack_seconds` or `token_seconds`, to differ from the rules this once.
        """
        data = command_data(await self._offered(caller), command, values or {})
        return await self.send(payloads.interaction(payloads.COMMAND, data, caller), **limits)

    async def use_on_message(
        self, command: str, content: str, *, caller: Caller = MEMBER
    ) -> Interaction:
        """Use a command of the menu of a message that another member wrote.

        Args:
            command: Its name, in any language.
            content: What the message says: Discord hands it over with the press.
            caller: Who, where and in which language.
        """
        named = (
            item
            for item in await self._offered(caller)
            if item["type"] == _MESSAGE_MENU
            and command in {item["name"], *(item.get("name_localizations") or {}).values()}
        )
        item = next(named)
        message = payloads.message(content, str(caller.channel_id))
        data: Json = {
            "id": item["id"],
            "name": item["name"],
            "type": _MESSAGE_MENU,
            "target_id": message["id"],
            "resolved": {"messages": {message["id"]: message}},
        }
        return await self.send(payloads.interaction(payloads.COMMAND, data, caller))

    async def complete(
        self, command: str, values: Values, focused: str, *, caller: Caller = MEMBER
    ) -> Interaction:
        """Type into an option that autocompletes; its `first_response` has the choices."""
        data = command_data(await self._offered(caller), command, values, focused=focused)
        return await self.send(payloads.interaction(payloads.AUTOCOMPLETE, data, caller))

    async def write(
        self, content: str, *, caller: Caller = MEMBER, reply_to: Message | None = None
    ) -> Sent:
        """Write a message where the caller is."""
        body: Json = {
            "author": payloads.user(caller.user),
            "guild_id": str(caller.guild.id) if caller.guild else None,
            "channel_id": str(caller.channel_id),
            "content": content,
            "reply_to": reply_to.id if reply_to else None,
        }
        return Sent(self, (await self._order("write", body, under="_chat"))["id"])

    async def chatter(self, *, seconds: float, per_second: float) -> int:
        """Have the members write to each other; return how many messages they wrote."""
        body = {"seconds": seconds, "per_second": per_second}
        return (await self._order("chatter", body, under="_chat"))["count"]

    async def press(
        self, message: Message, custom_id: str, *, caller: Caller = MEMBER
    ) -> Interaction:
        """Press a button of a message."""
        button = message.component(custom_id)
        if button["type"] != Kind.BUTTON or button.get("disabled"):
            raise LookupError(f"{custom_id} cannot be pressed")
        data: Json = {"component_type": button["type"], "custom_id": custom_id}
        payload = payloads.interaction(payloads.COMPONENT, data, caller, message=message.raw)
        return await self.send(payload)

    async def select(
        self,
        message: Message,
        custom_id: str,
        values: Sequence[str],
        *,
        caller: Caller = MEMBER,
    ) -> Interaction:
        """Choose from a message's select menu."""
        menu = message.component(custom_id)
        offered = [option["value"] for option in menu["options"]]
        if not set(values) <= set(offered):
            raise LookupError(f"{custom_id} offers {offered}")
        data: Json = {
            "component_type": menu["type"],
            "custom_id": custom_id,
            "values": list(values),
        }
        payload = payloads.interaction(payloads.COMPONENT, data, caller, message=message.raw)
        return await self.send(payload)

    async def send(self, payload: Json, **limits: float) -> Interaction:
        """Send any interaction, also one that Discord's own client never would."""
        sent = await self._order("interactions", {"payload": payload, **limits})
        return Interaction(self, sent["id"], sent["token"])

    @contextlib.asynccontextmanager
    async def interrupted(self) -> AsyncGenerator[None]:
        """Break every gateway connection, and greet no new one until the block ends."""
        await self._order("interrupt")
        try:
            yield
        finally:
            await self._order("restore")

    async def ask_to_reconnect(self) -> None:
        """Send op 7 on every gateway connection."""
        await self._order("reconnect")

    async def invalidate(self, *, resumable: bool) -> None:
        """Send op 9 on every gateway connection."""
        await self._order("invalidate", {"resumable": resumable})

    async def drop(self) -> None:
        """Break every gateway connection; new ones are welcome."""
        await self._order("drop")

    async def close_gateway(self, code: int) -> None:
        """Close every gateway connection with a code."""
        await self._order("close", {"code": code})

    async def set_gateway(self, **faults: float | None) -> None:
        """Put faults in force, which are the fields of `GatewayFaults`."""
        await self._order("gateway", faults)

    async def download(self, url: str) -> bytes:
        """Return a file that the bot uploaded, by its attachment's `url`."""
        async with self._http.get(url) as response:
            response.raise_for_status()
            return await response.read()

    async def fail(self, *faults: Fault, callbacks: bool = True) -> None:
        """Let the bot's next callbacks, or else its next follow-ups, fail, one fault each."""
        body = {"faults": [asdict(fault) for fault in faults], "callbacks": callbacks}
        await self._order("faults", body, under="_trouble")

    async def set_clock(self, ahead: float) -> None:
        """Let Discord's clock be so many seconds ahead of this machine's from now on."""
        await self._order("clock", {"ahead": ahead}, under="_trouble")

    async def again(self, interaction: Interaction) -> None:
        """Send an interaction once more, as it was."""
        await self._order("again", {"token": interaction.token}, under="_trouble")

    async def crowd(
        self,
        command: str,
        values: Sequence[Values],
        *,
        callers: int,
        per_second: float | None = None,
        ago: float = 0.0,
    ) -> list[Interaction]:
        """Have many members use a slash command, each once, and return when all have.

        Args:
            command: Its name with its subcommands; the bot must have synced it.
            values: The options by name; the callers take them in turn.
            callers: How many.
            per_second: How fast; None: all at once.
            ago: Seconds since they did, as if the connection had held it back.
        """
        offered = await self._offered(MEMBER)
        data = [command_data(offered, command, value) for value in values]
        payload = payloads.interaction(payloads.COMMAND, {}, MEMBER)
        body: Json = {"payload": payload, "data": data, "callers": callers}
        body |= {"per_second": per_second, "ago": ago}
        sent = await self._order("crowd", body, under="_trouble")
        return [Interaction(self, facts["id"], facts["token"]) for facts in sent["interactions"]]

    async def _offered(self, caller: Caller) -> list[Json]:
        """Return the commands in the caller's menu, once there are any."""
        synced = self.journal.synced
        if not synced:
            await self.journal.wait_for("commands")
        own = synced.get(str(caller.guild.id), []) if caller.guild else []
        return [*own, *synced.get(None, [])]

    async def _order(self, what: str, body: Json | None = None, *, under: str = "_control") -> Json:
        async with self._http.post(f"/{under}/{what}", json=body) as response:
            answer = await response.json() if response.content_type == "application/json" else {}
            if response.status == 409:
                raise LookupError(answer["error"])
            response.raise_for_status()
            return answer


class Interaction:
    """One use of the bot, and what came of it."""

    def __init__(self, discord: Loopback, number: str, token: str) -> None:
        self.id = number
        self.token = token
        self._discord = discord

    async def first_response(self) -> Response:
        """Wait for the callback.

        Raises:
            NotSeenError: The time to acknowledge ran out first.
        """

        def choose(entry: Json) -> Response | None:
            if entry["kind"] == "unanswered":
                raise NotSeenError(f"interaction {self.id} was not acknowledged in time")
            if entry["kind"] != "callback":
                return None
            return Response(entry["type"], entry["after"], entry["data"] or {})

        journal = self._discord.journal
        return await journal.first(f"callback of {self.id}", choose, interaction=self.id)

    async def final_message(self, where: Callable[[Message], bool] | None = None) -> Message:
        """Wait for the first message of this interaction that is more than "is thinking".

        Args:
            where: What else must be true of it, for one that is edited as work goes on.
        """

        def choose(entry: Json) -> Message | None:
            written = _written(entry)
            return written if written and (where is None or where(written)) else None

        await self.first_response()
        journal = self._discord.journal
        return await journal.first(f"message of {self.id}", choose, interaction=self.id)

    def messages(self) -> list[Message]:
        """Return every state of every message that this interaction led to so far."""
        written = map(_written, self._discord.journal.about(self.id))
        return [message for message in written if message]


class Sent:
    """A message that someone wrote, and what came of it."""

    def __init__(self, discord: Loopback, number: str) -> None:
        self.id = number
        self._discord = discord

    async def reply(self) -> Message:
        """Wait for the bot's reply."""

        def choose(entry: Json) -> Message | None:
            written = _written(entry)
            reference = written.raw.get("message_reference") if written else None
            return written if reference and str(reference["message_id"]) == self.id else None

        return await self._discord.journal.first(f"reply to {self.id}", choose)


def kinds(loopback: Loopback, *wanted: str) -> list[Json]:
    """Return the entries of these kinds so far."""
    return [entry for entry in loopback.journal.entries if entry["kind"] in wanted]


def _written(entry: Json) -> Message | None:
    """Return the message that an entry shows to readers, if it is about one."""
    if entry["kind"] != "message" or entry["how"] == "deleted":
        return None
    message = Message(entry["message"])
    return None if message.loading else message


async def _stopped(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end; a fault of its own is the test's to see."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()

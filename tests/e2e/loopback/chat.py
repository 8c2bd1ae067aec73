"""chat: what do people write, and what does the bot get to see of it?"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.e2e.loopback import payloads
from tests.e2e.loopback.api_error import ApiError
from tests.e2e.loopback.rules import APPLICATION_ID

if TYPE_CHECKING:
    from tests.e2e.loopback.gateway import Gateway
    from tests.e2e.loopback.journal import Journal
    from tests.e2e.loopback.messages import Messages

Json = dict[str, Any]

GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 9, 1 << 12
"""Intents."""
_DEFAULT, _REPLY = 0, 19


class Chat:
    """The channels and threads, and what people write there."""

    def __init__(
        self,
        journal: Journal,
        snowflakes: payloads.Snowflakes,
        gateway: Gateway,
        messages: Messages,
    ) -> None:
        self._journal = journal
        self._snowflakes = snowflakes
        self._gateway = gateway
        self._messages = messages
        self._threads: dict[str, Json] = {}

    def channel(self, channel_id: str) -> Json:
        """Return a channel of the guild, or a thread.

        Raises:
            ApiError: There is none with this id.
        """
        if channel_id in self._threads:
            return self._threads[channel_id]
        if channel_id == str(payloads.GUILD.channel_id):
            return payloads.channel(payloads.GUILD)
        raise ApiError(404, 10003, "Unknown Channel")

    def open_thread(self, channel_id: str, message_id: str, name: str) -> Json:
        """Open a thread on a message, whose id it takes over.

        Raises:
            ApiError: There is no such message, or it has a thread, or the name is too long.
        """
        self._messages.get(message_id)
        if message_id in self._threads:
            raise ApiError(400, 160004, "A thread has already been created for this message")
        if not 1 <= len(name) <= 100:
            raise ApiError(400, 50035, "Invalid Form Body")
        thread = payloads.thread(payloads.GUILD, message_id, channel_id, name)
        self._threads[message_id] = thread
        self._journal.note("thread", thread=thread)
        return thread

    async def write(
        self,
        author: Json,
        guild_id: str | None,
        channel_id: str,
        content: str,
        reply_to: str | None = None,
    ) -> Json:
        """Have someone write a message, and return it as the bot gets to see it.

        Args:
            author: Who writes.
            guild_id: Where; None for a direct message.
            channel_id: Of a channel or a thread.
            content: What they write.
            reply_to: The id of a message.
        """
        mentioned = f"<@{APPLICATION_ID}>" in content
        # Without the privileged intent the rest comes empty.
        is_shown = mentioned or guild_id is None
        message: Json = {
            "id": self._snowflakes.next(),
            "type": _REPLY if reply_to else _DEFAULT,
            "channel_id": channel_id,
            "author": author,
            "content": content if is_shown else "",
            "timestamp": datetime.now(UTC).isoformat(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [payloads.bot_user()] if mentioned else [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "flags": 0,
        }
        if guild_id is not None:
            message |= {"guild_id": guild_id, "member": {"roles": [], "flags": 0}}
        if reply_to is not None:
            message["message_reference"] = {"message_id": reply_to, "channel_id": channel_id}
            message["referenced_message"] = self._messages.get(reply_to)
        intent = DIRECT_MESSAGES if guild_id is None else GUILD_MESSAGES
        await self._gateway.dispatch("MESSAGE_CREATE", message, intent=intent)
        return message

    async def chatter(self, seconds: float, per_second: float) -> int:
        """Have the members write so many messages to each other; return how many they wrote."""
        clock = asyncio.get_running_loop()
        start = clock.time()
        author = payloads.user(payloads.OTHER_MEMBER.user)
        guild = payloads.GUILD
        count = round(seconds * per_second)
        for number in range(count):
            await asyncio.sleep(max(0.0, start + number / per_second - clock.time()))
            content = f"第{number}句閒聊：今天的颱風會不會來？" * 3
            await self.write(author, str(guild.id), str(guild.channel_id), content)
        return count

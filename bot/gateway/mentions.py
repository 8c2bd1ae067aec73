"""Which messages are for the bot? All others are dropped before anything is made of them."""

from collections.abc import Mapping
from typing import Any

DROPPED_EVENTS = frozenset(
    {
        "CHANNEL_PINS_UPDATE",
        "MESSAGE_DELETE",
        "MESSAGE_DELETE_BULK",
        "MESSAGE_POLL_VOTE_ADD",
        "MESSAGE_POLL_VOTE_REMOVE",
        "MESSAGE_UPDATE",
    }
)
"""Events that come with the intents for messages, and that nothing here needs."""

_DEFAULT, _REPLY = 0, 19  # Discord's types of messages that a person writes


def is_for_bot(message: Mapping[str, Any], bot_id: str) -> bool:
    """Whether a person mentions the bot, replies to it with a ping, or writes to it directly.

    Without the privileged intent Discord leaves the content of every other message out.

    Args:
        message: the data of MESSAGE_CREATE.
        bot_id: of the bot's own user.
    """
    if message["author"].get("bot") or message.get("webhook_id"):
        return False
    if message.get("type") not in {_DEFAULT, _REPLY}:
        return False
    if "guild_id" not in message:
        return True
    return any(user["id"] == bot_id for user in message.get("mentions") or ())

"""What a bot token says of its application, and the link that puts the bot on a server."""

import base64
import binascii
import re
from urllib.parse import urlencode

# By the bits of https://docs.discord.com/developers/topics/permissions: what /watch needs to post.
# Answers to commands need none.
_PERMISSIONS = {
    "View Channels": 10,
    "Send Messages": 11,
    "Embed Links": 14,
    "Send Messages in Threads": 38,
}
PERMISSION_NAMES = tuple(_PERMISSIONS)

NOT_A_BOTS = (
    "is no bot token (three parts with dots between): the client secret, the public key and the"
    " application ID are others; get it under Bot, Reset Token"
)
"""What to say of a token that is of no application."""

_SNOWFLAKE = re.compile(rb"[0-9]{15,20}")


def application_id(token: str) -> int | None:
    """Return the ID of the application that ``token`` is of; None: it is no bot token.

    A bot token is three parts with dots between, the first of which is the ID in base64.
    """
    head, *others = token.split(".")
    if len(others) != 2 or not all(others):  # noqa: PLR2004 (three parts)
        return None
    try:
        decoded = base64.b64decode(head + "=" * (-len(head) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return int(decoded) if _SNOWFLAKE.fullmatch(decoded) else None


def url(application: int) -> str:
    """Return the address at which a server's manager lets the bot in."""
    query = {
        "client_id": application,
        "scope": "bot applications.commands",
        "permissions": sum(1 << bit for bit in _PERMISSIONS.values()),
    }
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"

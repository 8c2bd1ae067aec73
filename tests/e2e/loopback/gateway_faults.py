"""gateway_faults: what does the gateway do wrong at the moment? A test sets it, `Gateway` does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.e2e.loopback.api_error import ApiError

Json = dict[str, Any]

SESSION_STARTS = 1000


@dataclass(slots=True)
class GatewayFaults:
    """The faults in force; the defaults are none."""

    withhold_acks: bool = False
    """Leave heartbeats unanswered, and go on sending events."""

    refused_requests: int = 0
    """How many requests that lead to a login, the next ones, are answered `refused_with`."""

    refused_with: int = 503

    refused_handshakes: int = 0
    """How many WebSocket handshakes, the next ones, are answered with 503."""

    dropped_handshakes: int = 0
    """How many connections, the next ones, are broken after the handshake, before HELLO."""

    close_identify: int | None = None
    """The code that every IDENTIFY is answered with."""

    close_resume: int | None = None
    """The code that every RESUME is answered with; the session stays."""

    withhold_resumed: bool = False
    """Leave every RESUME unanswered, and go on with it when this is over."""

    withhold_goodbyes: bool = False
    """Leave the close frames of clients unanswered, and go on sending events."""

    already_identified: int = 0
    """How many of the day's logins others have used up, before this loopback started."""

    reset_seconds: float = 86_400.0
    """When the day of the logins is over."""

    def set(self, changes: Json) -> None:
        """Put other faults in force.

        Raises:
            AttributeError: There is no such fault.
        """
        for name, value in changes.items():
            setattr(self, name, value)

    def refuse_request(self) -> None:
        """Refuse a request that leads to a login, if one is to be refused.

        Raises:
            ApiError: It is.
        """
        if self.refused_requests:
            self.refused_requests -= 1
            raise ApiError(self.refused_with, 0, f"{self.refused_with}: Refused")

    def session_start_limit(self, identified: int, max_concurrency: int) -> Json:
        """Return how many logins are left today, after those of this loopback."""
        return {
            "total": SESSION_STARTS,
            "remaining": max(0, SESSION_STARTS - identified - self.already_identified),
            "reset_after": int(self.reset_seconds * 1000),
            "max_concurrency": max_concurrency,
        }

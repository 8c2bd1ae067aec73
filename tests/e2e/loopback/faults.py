"""faults: what goes wrong with the next answers to an interaction? Ordered by the test, in turn."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from tests.e2e.loopback.api_error import ApiError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.e2e.loopback.journal import Journal

RESET = "reset"
"""The connection breaks instead of an answer."""

_ERRORS = {
    "10062": ApiError(404, 10062, "Unknown interaction"),
    "40060": ApiError(400, 40060, "Interaction has already been acknowledged."),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """How one request fails."""

    answer: str
    """`429`, `503`, `10062`, `40060` or `reset`."""

    takes_effect: bool = False
    """Whether Discord does what was asked before it fails to say so."""

    retry_after: float = 0.2
    """Seconds, as a 429 says."""


class Faults:
    """The faults still to come, for callbacks and for what follows them."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._callbacks: deque[Fault] = deque()
        self._follow_ups: deque[Fault] = deque()

    def order(self, faults: list[Fault], *, callbacks: bool) -> None:
        """Let the next requests fail, one fault each."""
        (self._callbacks if callbacks else self._follow_ups).extend(faults)

    async def around(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Answer a request as `handler` does, unless a fault is due.

        Raises:
            ApiError: the fault is one.
        """
        due = self._due(request.path)
        if not due:
            return await handler(request)
        fault = due.popleft()
        if fault.takes_effect:
            await handler(request)
        self._journal.note("fault", answer=fault.answer, took_effect=fault.takes_effect)
        if fault.answer in _ERRORS:
            raise _ERRORS[fault.answer]
        if fault.answer == RESET:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        body = {"message": "No.", "retry_after": fault.retry_after, "global": False}
        # discord.py takes a 429 without it for one of Cloudflare's, and does not try again.
        return web.Response(
            body=json.dumps(body).encode(),
            status=int(fault.answer),
            content_type="application/json",
            headers={"Via": "1.1 google"},
        )

    def _due(self, path: str) -> deque[Fault]:
        if "/interactions/" in path:
            return self._callbacks
        return self._follow_ups if "/webhooks/" in path else deque()

"""crowd: what if many people use the bot at once? Sent from here, so that no test is too slow."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.e2e.loopback.gateway import Gateway
    from tests.e2e.loopback.interactions import Interaction, Interactions
    from tests.e2e.loopback.payloads import Snowflakes
    from tests.e2e.loopback.rules import Rules

Json = dict[str, Any]


class Crowd:
    """Sends interactions, many or old or again."""

    def __init__(
        self, rules: Rules, snowflakes: Snowflakes, gateway: Gateway, interactions: Interactions
    ) -> None:
        self._rules = rules
        self._snowflakes = snowflakes
        self._gateway = gateway
        self._interactions = interactions

    async def use(
        self,
        payload: Json,
        data: list[Json],
        *,
        callers: int,
        per_second: float | None,
        ago: float,
    ) -> list[Interaction]:
        """Send a guild's interaction from so many members, each with the next of `data` in turn.

        Those that are late are sent at once, so that the rate holds over the whole.
        """
        clock = asyncio.get_running_loop()
        start = clock.time()
        sent: list[Interaction] = []
        for number, values in zip(range(callers), itertools.cycle(data), strict=False):
            if per_second is not None:
                await asyncio.sleep(max(0.0, start + number / per_second - clock.time()))
            member = payload["member"]
            user = {**member["user"], "id": str(int(member["user"]["id"]) + number)}
            opened = self._interactions.open(
                {**payload, "data": values, "member": {**member, "user": user}},
                self._rules.ack_seconds,
                self._rules.token_seconds,
                ago=ago,
            )
            sent.append(opened)
            await self._gateway.dispatch("INTERACTION_CREATE", opened.payload)
        return sent

    async def again(self, token: str) -> None:
        """Send an interaction once more, as it was."""
        payload = self._interactions.opened(token).payload
        await self._gateway.dispatch("INTERACTION_CREATE", payload)

    def set_clock(self, ahead: float) -> None:
        """Let Discord's clock be so many seconds ahead of this machine's."""
        self._snowflakes.set_clock(ahead)

"""What the state needs every hour, whether or not anyone asks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.services.discord_clock import DiscordClock
from bot.state import DATABASE_ERRORS, State

INTERVAL = 3600.0  # seconds

_log = logging.getLogger(__name__)


class Maintenance:
    """Copies the state once a day, and deletes what is older than 30 days."""

    def __init__(
        self,
        state: State,
        clock: DiscordClock,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._state = state
        self._clock = clock
        self._sleep = sleep

    async def run(self) -> None:
        """Look after the state until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._copy_daily(), name="copy the state")
            group.create_task(self._forget_old(), name="delete what is old")

    async def _copy_daily(self) -> None:
        while True:
            await self._try(self._state.copy_daily(), "The daily copy of the state")
            await self._sleep(INTERVAL)

    async def _forget_old(self) -> None:
        # By this machine's clock alone, a wrong one would delete everything.
        await self._clock.told.wait()
        while True:
            await self._try(self._state.forget_old(self._clock.now()), "What is over 30 days old")
            _log.debug("Deleted what is over 30 days old.")
            await self._sleep(INTERVAL)

    async def _try(self, work: Awaitable[object], what: str) -> None:
        try:
            await work
        except (OSError, *DATABASE_ERRORS) as error:
            # A full disk need not keep anyone from asking.
            _log.warning("%s could not be written or deleted: %s.", what, error)

"""What the state needs every hour, whether or not anyone asks."""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable

from bot.state import State

INTERVAL = 3600.0  # seconds

_log = logging.getLogger(__name__)


class Maintenance:
    """Copies the state once a day."""

    def __init__(
        self, state: State, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._state = state
        self._sleep = sleep

    async def run(self) -> None:
        """Look after the state now and every hour, until cancelled."""
        while True:
            try:
                await self._state.copy_daily()
            except (OSError, sqlite3.Error) as error:
                # A full disk need not keep anyone from asking.
                _log.warning("The daily copy of the state could not be written: %s.", error)
            await self._sleep(INTERVAL)

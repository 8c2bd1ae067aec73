"""The interactions that are being worked on: when the bot ends, they get a moment to finish."""

import asyncio
from typing import Any


class InFlight:
    """Tasks that answer somebody."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_over = False

    def enter(self) -> bool:
        """Count the current task in, unless the bot is ending; return whether to go on."""
        task = asyncio.current_task()
        if task is not None and not self._is_over:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return not self._is_over

    async def end(self, seconds: float) -> None:
        """Let no more in, wait that long for those that are, and cancel what is left."""
        self._is_over = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

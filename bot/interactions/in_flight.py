"""The interactions being worked on: when the bot stops, they get a moment to finish."""

import asyncio
from typing import Any


class InFlight:
    """The tasks that answer an interaction."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    def enter(self) -> bool:
        """Add the current task, unless closed; return whether to go on."""
        task = asyncio.current_task()
        if task is not None and not self._is_closed:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return not self._is_closed

    async def end(self, seconds: float) -> None:
        """Stop accepting, wait up to ``seconds``, cancel the rest."""
        self._is_closed = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

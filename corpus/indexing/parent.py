"""The one reindex that a library may run: joined by whoever asks meanwhile, cancelled, ended."""

import asyncio
from collections.abc import Awaitable, Callable

from corpus.errors import ReindexCancelledError
from corpus.indexing import child
from corpus.indexing.job import Job
from corpus.model import IndexReport, Progress


class Reindexer:
    """Runs the child that builds the next generation, and opens what it has built."""

    def __init__(self, job: Job, open_newest: Callable[[], Awaitable[None]]) -> None:
        self._job = job
        self._open_newest = open_newest
        self._running: asyncio.Task[IndexReport] | None = None
        self._building: asyncio.Task[IndexReport] | None = None
        self._listeners: list[Callable[[Progress], None]] = []

    @property
    def is_running(self) -> bool:
        """Whether the next generation is being built or opened."""
        return self._running is not None

    async def run(
        self, *, full: bool, on_progress: Callable[[Progress], None] | None
    ) -> IndexReport:
        """Build the next generation, or follow the build that runs; see ``Library.reindex``."""
        if self._running is None:
            self._running = asyncio.ensure_future(self._run(full=full))
            self._running.add_done_callback(self._ended)
        if on_progress is not None:
            self._listeners.append(on_progress)
        try:
            return await asyncio.shield(self._running)
        finally:
            if on_progress is not None:
                self._listeners.remove(on_progress)

    async def cancel(self) -> bool:
        """Kill the child; return whether that was in time."""
        building = self._building
        if building is None:
            return False
        building.cancel()
        await asyncio.wait([building])
        return building.cancelled()

    async def close(self) -> None:
        """Kill the child, if one runs, and wait for its end."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    def _ended(self, task: asyncio.Task[IndexReport]) -> None:
        self._running = None
        if not task.cancelled():
            task.exception()  # whoever still waits gets it; nobody waiting is no second error

    async def _run(self, *, full: bool) -> IndexReport:
        def tell(progress: Progress) -> None:
            for listener in tuple(self._listeners):
                listener(progress)

        job = self._job.rebuilding() if full else self._job
        self._building = building = asyncio.ensure_future(child.run(job, tell))
        try:
            report = await building
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise ReindexCancelledError("The reindex was cancelled.") from None
        finally:
            self._building = None
        await self._open_newest()
        return report

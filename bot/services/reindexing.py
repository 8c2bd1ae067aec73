"""The reindex: one at a time, in the background, by command and by schedule."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from bot.monitoring import logs
from corpus import CorpusError, IndexReport, Library, Progress, ReindexCancelledError

JITTER = 0.1  # of the time between two: not every bot asks a server at the same moment
MAX_BACKOFF = 86_400.0  # seconds

_log = logging.getLogger(__name__)


class Reindexer:
    """Runs the library's reindex in the background, and knows its progress and its failure."""

    def __init__(
        self, library: Library, on_end: Callable[[IndexReport | None], None] = lambda _: None
    ) -> None:
        """Reindex ``library``; call ``on_end`` with each report, or ``None`` for a failure."""
        self._library = library
        self._on_end = on_end
        self._task: asyncio.Task[IndexReport] | None = None
        self.is_full = False
        """Whether the running reindex, else the last one, reads all articles anew."""
        self.progress = Progress("scan", 0, 0)
        """Of the running reindex, else the last progress of the one before."""
        self.failure: str | None = None
        """Why the last one failed, or could not reach its repository, in one sentence."""
        self._logged_failure: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether a reindex runs now."""
        return self._task is not None and not self._task.done()

    @property
    def running_progress(self) -> Progress | None:
        """The progress of the running reindex; ``None``: none runs."""
        return self.progress if self.is_running else None

    def start(self, *, full: bool = False) -> asyncio.Task[IndexReport]:
        """Start a reindex, or join the running one, and return its task.

        The task raises what :meth:`corpus.library.Library.reindex` raises; a failure is logged
        here, so the task need not be awaited. Do not cancel it: others may wait for it too.
        """
        if self._task is None or self._task.done():
            self.is_full = full
            self.progress = Progress("scan", 0, 0)
            self.failure = None
            self._task = asyncio.create_task(self._reindex(full=full), name="reindex")
            self._task.add_done_callback(self._ended)
        return self._task

    async def start_everywhere(self, *, full: bool = False) -> asyncio.Task[IndexReport]:
        """Start a reindex, or join the running one, for all processes that share the state."""
        return self.start(full=full)

    async def cancel(self) -> bool:
        """Cancel a running reindex; return whether that was in time. The old index stays whole.

        Its task raises :class:`~corpus.errors.ReindexCancelledError`.
        """
        return await self._library.cancel_reindex()

    async def close(self) -> None:
        """End a running reindex; the old index stays whole."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    def rebuild(self) -> None:
        """Start a reindex because the index was found damaged."""
        _log.error("The index was damaged while it was in use. Building it anew.")
        self.start()

    async def _reindex(self, *, full: bool) -> IndexReport:
        report = await self._library.reindex(full=full, on_progress=self._set_progress)
        # A repository is asked every few minutes: only changes are worth a line.
        has_changes = report.added or report.changed or report.removed
        _log.log(
            logging.INFO if has_changes else logging.DEBUG,
            "Indexed %d articles, %d passages in %.1f s; %d files skipped.",
            report.articles,
            report.passages,
            report.seconds,
            len(report.skipped),
        )
        return report

    def _set_progress(self, progress: Progress) -> None:
        self.progress = progress

    def _ended(self, task: asyncio.Task[IndexReport]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, ReindexCancelledError):
            _log.info("The reindex was cancelled.")
            return
        self._on_end(None if error else task.result())
        if isinstance(error, CorpusError):
            self.failure = str(error)
        elif error is not None:
            self.failure = f"error {logs.log_unexpected(error, 'the reindex')}"
        else:
            self.failure = task.result().problem
        # The same failure comes back every few minutes, and must not fill the log.
        if isinstance(error, CorpusError) or self.failure:
            level = logging.INFO if self.failure == self._logged_failure else logging.ERROR
            _log.log(level, "The archive could not be brought up to date: %s", self.failure)
        elif self._logged_failure:
            _log.info("The archive can be read again.")
        self._logged_failure = self.failure


class Schedule:
    """Reindexes at about regular times, less often while it fails.

    A reindex that finds no change writes nothing, and reads nothing of a repository whose last
    commit is indexed: so looking for a new commit is a reindex, too.
    """

    def __init__(
        self,
        reindexer: Reindexer,
        interval: float,
        *,
        is_on_duty: Callable[[], bool] = lambda: True,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Reindex every ``interval`` seconds, but while ``is_on_duty`` says that others do."""
        self._reindexer = reindexer
        self._interval = interval
        self._is_on_duty = is_on_duty
        self._sleep = sleep
        self._failures = 0

    async def run(self) -> None:
        """Reindex until cancelled."""
        while True:
            await self._sleep(self._next_delay())
            if self._reindexer.is_running or not self._is_on_duty():
                continue
            # Only waits: cancelling the schedule must not end a reindex that others follow.
            await asyncio.wait([self._reindexer.start()])
            self._failures = self._failures + 1 if self._reindexer.failure else 0

    def _next_delay(self) -> float:
        delay = min(self._interval * 2.0**self._failures, max(MAX_BACKOFF, self._interval))
        return delay * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (no secret)


def reindex_interval(reindex_every: float | None, git_poll: float | None) -> float | None:
    """Return the seconds between two reindexes that keep both times; ``None``: never."""
    return min((seconds for seconds in (reindex_every, git_poll) if seconds), default=None)

"""The one reindex that may run at a time, how far it is, and how the last one failed."""

import asyncio
import logging
from collections.abc import Callable

from bot.monitoring import logs
from corpus import CorpusError, IndexReport, Library, Progress, ReindexCancelledError

_log = logging.getLogger(__name__)

# Where in the whole each phase begins and ends, in percent: reading takes nearly all the time.
_PHASES = {"fetch": (0, 0), "scan": (0, 5), "read": (5, 95), "write": (95, 98), "verify": (98, 100)}


class Indexing:
    """Runs the library's reindex in the background for everyone who wants to see it."""

    def __init__(
        self, library: Library, on_end: Callable[[IndexReport | None], None] = lambda _: None
    ) -> None:
        """Reindex ``library``; ``on_end`` is given each report, or None for a failure."""
        self._library = library
        self._on_end = on_end
        self._task: asyncio.Task[IndexReport] | None = None
        self.progress = Progress("scan", 0, 0)
        """How far the running one is, else how far the last one came."""
        self.failure: str | None = None
        """Why the last one failed, or could not ask a repository, in one sentence."""
        self._told: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether a reindex runs now."""
        return self._task is not None and not self._task.done()

    def start(self, *, full: bool = False) -> asyncio.Task[IndexReport]:
        """Start a reindex, or join the one that runs, and return it.

        The task raises what :meth:`corpus.library.Library.reindex` raises; a failure is logged
        here, so the task need not be awaited. To give up waiting, leave it: do not cancel it.
        """
        if self._task is None or self._task.done():
            self.progress = Progress("scan", 0, 0)
            self.failure = None
            self._task = asyncio.create_task(self._reindex(full=full), name="reindex")
            self._task.add_done_callback(self._ended)
        return self._task

    async def cancel(self) -> bool:
        """End a running reindex; return whether that was in time. The old index stays whole.

        Whoever awaits it gets a :class:`~corpus.errors.ReindexCancelledError`.
        """
        return await self._library.cancel_reindex()

    async def close(self) -> None:
        """End a running reindex; the old index stays whole."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _reindex(self, *, full: bool) -> IndexReport:
        report = await self._library.reindex(full=full, on_progress=self._note)
        # Told when something is new: a repository is asked every few minutes.
        is_new = report.added or report.changed or report.removed
        _log.log(
            logging.INFO if is_new else logging.DEBUG,
            "Indexed %d articles, %d passages in %.1f s; %d files skipped.",
            report.articles,
            report.passages,
            report.seconds,
            len(report.skipped),
        )
        return report

    def _note(self, progress: Progress) -> None:
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
        # Told when it is new: what is tried every few minutes must not fill the log.
        if isinstance(error, CorpusError) or self.failure:
            level = logging.INFO if self.failure == self._told else logging.ERROR
            _log.log(level, "The archive could not be brought up to date: %s", self.failure)
        elif self._told:
            _log.info("The archive can be read again.")
        self._told = self.failure


def percent(progress: Progress) -> int:
    """Return how much of a whole reindex is done, from 0 to 99."""
    begin, end = _PHASES.get(progress.phase, (0, 0))
    share = progress.done / progress.total if progress.total > 0 else 0.0
    return min(99, int(begin + (end - begin) * min(max(share, 0.0), 1.0)))

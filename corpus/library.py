"""The facade of the archive library: open, search, stats, reindex."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from corpus import child
from corpus.errors import IndexUnusableError
from corpus.filters import normalise
from corpus.index import Index
from corpus.model import Filters, Hit, IndexReport, Progress, SearchResult, Sort, Stats
from corpus.notices import Notices
from corpus.reindex import Job
from corpus.remote import Remote
from corpus.search import Search
from corpus.synonyms import Synonyms


class Library:
    """An archive and its index. One per process; every method may be awaited concurrently."""

    def __init__(
        self,
        archive: Path | Remote,
        data_dir: Path,
        *,
        user_dict: Path | None = None,
        synonyms: Path | None = None,
    ) -> None:
        """Name the archive and where its index is kept; nothing is read yet.

        Args:
            archive: the folder of posts, or the git repository that holds them.
            data_dir: an existing folder.
            user_dict: words that must stay whole, see :class:`corpus.analyzer.Analyzer`.
            synonyms: words that mean the same, see :class:`corpus.synonyms.Synonyms`.

        Raises:
            CorpusError: the user dictionary or the synonyms cannot be read.
        """
        self._job = Job(
            archive=archive.address if isinstance(archive, Remote) else str(archive.resolve()),
            git_hosts=archive.hosts if isinstance(archive, Remote) else (),
            data_dir=str(data_dir.resolve()),
            user_dict=str(user_dict.resolve()) if user_dict else None,
        )
        self._remote = self._job.remote
        self._analyzer = self._job.analyzer()
        self._synonyms = Synonyms(self._analyzer, *([synonyms] if synonyms else []))
        self._fingerprint = self._job.fingerprint(self._analyzer)
        self._index: Index | None = None
        self._opened: tuple[int, int] | None = None
        self._opening = asyncio.Lock()
        self._leases: dict[Index, int] = {}
        self._reindexing: asyncio.Task[IndexReport] | None = None
        self._listeners: list[Callable[[Progress], None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def is_open(self) -> bool:
        """Whether questions can be answered."""
        return self._index is not None

    @property
    def is_reindexing(self) -> bool:
        """Whether the next generation is being built."""
        return self._reindexing is not None

    async def open(self) -> None:
        """Open the newest index generation, and load what questions need.

        Raises:
            IndexUnusableError: there is none that fits; its message says why. Reindex, then go on.
        """
        await self._open_newest()
        await asyncio.to_thread(self._analyzer.load)
        await asyncio.to_thread(self._synonyms.load)

    async def close(self) -> None:
        """Stop a running reindex and close the index."""
        if self._reindexing is not None:
            self._reindexing.cancel()
            await asyncio.wait([self._reindexing])
        if self._index is not None:
            index, self._index, self._opened = self._index, None, None
            await index.close()

    async def search(
        self,
        question: str,
        filters: Filters | None = None,
        *,
        limit: int = 5,
        sort: Sort = Sort.RELEVANCE,
    ) -> SearchResult:
        """Return the passages that answer ``question`` best.

        Picks up a generation that another process has installed since the last call.

        Raises:
            IndexUnusableError: no index is open.
            QueryError: a filter that cannot be understood, said in one sentence.
        """
        started = time.perf_counter()
        normalised = normalise(filters or Filters(), self._analyzer)
        async with self._lease() as index:
            search = Search(index, self._analyzer, self._synonyms)
            found = await search(question, normalised, limit=limit, sort=sort)
            notice, suggestions = None, ()
            if not found.hits:
                explain = Notices(index, self._analyzer, search).explain
                notice, suggestions = await explain(found, normalised)
        elapsed_ms = (time.perf_counter() - started) * 1000
        hits = tuple(self._with_file(hit, index.commit) for hit in found.hits)
        return SearchResult(question, found.total, elapsed_ms, hits, suggestions, notice)

    def _with_file(self, hit: Hit, commit: str | None) -> Hit:
        if self._remote is None or commit is None:
            return hit
        return replace(hit, file_url=self._remote.file_url(commit, hit.article.path))

    async def stats(self) -> Stats:
        """Return what the open generation holds.

        Raises:
            IndexUnusableError: no index is open.
        """
        async with self._lease() as index:
            return await index.stats()

    async def reindex(
        self, *, full: bool = False, on_progress: Callable[[Progress], None] | None = None
    ) -> IndexReport:
        """Build the next generation in a child process and switch to it.

        One at a time: a call while one runs follows that one and returns its report. Cancelling
        a call only stops waiting; :meth:`close` kills the child. The old generation stays whole.

        Raises:
            CorpusError: the archive cannot be read at all, or the child failed; the message says
                why, the old generation serves on.
        """
        if self._reindexing is None:
            self._reindexing = asyncio.ensure_future(self._reindex(full=full))
            self._reindexing.add_done_callback(self._reindexed)
        if on_progress is not None:
            self._listeners.append(on_progress)
        try:
            return await asyncio.shield(self._reindexing)
        finally:
            if on_progress is not None:
                self._listeners.remove(on_progress)

    def _reindexed(self, task: asyncio.Task[IndexReport]) -> None:
        self._reindexing = None
        if not task.cancelled():
            task.exception()  # whoever still waits gets it; nobody waiting is no second error

    async def _reindex(self, *, full: bool) -> IndexReport:
        def tell(progress: Progress) -> None:
            for listener in tuple(self._listeners):
                listener(progress)

        report = await child.run(self._job.rebuilding() if full else self._job, tell)
        await self.open()
        return report

    async def _open_newest(self) -> None:
        """Switch to the generation on disk unless it is the one already open."""
        path = self._job.index_path
        async with self._opening:
            try:
                status = path.stat()
                found = (status.st_ino, status.st_mtime_ns)
            except FileNotFoundError:
                found = None
            if found == self._opened and self._index is not None:
                return
            index = await Index.open(path, self._fingerprint)
            retired, self._index, self._opened = self._index, index, found
        if retired is not None and retired not in self._leases:
            await retired.close()

    @asynccontextmanager
    async def _lease(self) -> AsyncGenerator[Index]:
        """Give the newest usable generation and keep it open until it is given back."""
        try:
            await self._open_newest()
        except IndexUnusableError:
            # What another process put there is of no use here; what is open goes on serving.
            if self._index is None:
                raise
        index = self._index
        assert index is not None
        self._leases[index] = self._leases.get(index, 0) + 1
        try:
            yield index
        finally:
            self._leases[index] -= 1
            if not self._leases[index]:
                del self._leases[index]
                if index is not self._index:
                    await index.close()

"""The facade of the archive library: open, search, stats, reindex."""

import asyncio
import difflib
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from corpus import answer, bm25, child, query, ranking
from corpus.dates import epoch_seconds
from corpus.errors import IndexUnusableError
from corpus.index import Index
from corpus.model import (
    Article,
    Filters,
    Hit,
    IndexReport,
    Notice,
    NoticeKind,
    Passage,
    Progress,
    Query,
    SearchResult,
    Sort,
    Stats,
)
from corpus.reindex import Job

MOST_CANDIDATES = 200
_SOURCES_NAMED = 5


class Library:
    """An archive and its index. One per process; every method may be awaited concurrently."""

    def __init__(self, archive: Path, data_dir: Path, *, user_dict: Path | None = None) -> None:
        """Name the archive and where its index is kept; nothing is read yet.

        Args:
            archive: the folder of posts.
            data_dir: an existing folder.
            user_dict: words that must stay whole, see :class:`corpus.analyzer.Analyzer`.

        Raises:
            CorpusError: the user dictionary cannot be read.
        """
        self._job = Job(
            archive=str(archive.resolve()),
            data_dir=str(data_dir.resolve()),
            user_dict=str(user_dict.resolve()) if user_dict else None,
        )
        self._analyzer = self._job.analyzer()
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
        filters = query.normalise(filters or Filters(), self._analyzer)
        async with self._lease() as index:
            parsed = await asyncio.to_thread(query.parse, question, self._analyzer)
            hits, total, notice = await self._search(index, parsed, filters, limit, sort)
        elapsed_ms = (time.perf_counter() - started) * 1000
        return SearchResult(question, total, elapsed_ms, hits, notice=notice)

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

    async def _search(
        self, index: Index, parsed: Query, filters: Filters, limit: int, sort: Sort
    ) -> tuple[tuple[Hit, ...], int, Notice | None]:
        if not parsed.terms:
            return (), 0, await self._notice(index, NoticeKind.EMPTY_QUESTION, filters)
        indexed = await index.terms(parsed.terms)
        terms = [
            bm25.WeightedTerm(one.term, parsed.terms[one.term], one.idf, one.posting)
            for one in indexed.values()
        ]
        allowed = await index.allowed(filters) if filters != Filters() else None
        candidates = await asyncio.to_thread(_candidates, index, terms, allowed)
        if not candidates:
            kind = NoticeKind.FILTERED_OUT if terms and allowed is not None else NoticeKind.NO_MATCH
            return (), 0, await self._notice(index, kind, filters)
        if sort is not Sort.RELEVANCE:
            candidates = await _by_date(index, candidates, newest_first=sort is Sort.NEWEST)
        shown = candidates[:limit]
        passages = await index.passages([one.passage_id for one in shown])
        articles = await index.articles(
            id_ for one in shown for id_ in (one.article_id, *one.duplicates)
        )
        hits = await asyncio.to_thread(
            self._hits, index, parsed.words, terms, shown, passages, articles
        )
        return hits, len(candidates), None

    def _hits(
        self,
        index: Index,
        words: frozenset[str],
        terms: list[bm25.WeightedTerm],
        shown: list[ranking.Candidate],
        passages: list[Passage],
        articles: Mapping[int, Article],
    ) -> tuple[Hit, ...]:
        weights = {one.term: one.weight * one.idf for one in terms if one.term in words}
        hits: list[Hit] = []
        for rank, (candidate, passage) in enumerate(zip(shown, passages, strict=True), 1):
            found = self._analyzer.find(passage.text, weights)
            hits.append(
                Hit(
                    rank=rank,
                    score=candidate.score,
                    article=articles[candidate.article_id],
                    passage=passage,
                    highlights=answer.highlights(found),
                    answer=answer.best_sentence(passage.text, found, weights),
                    duplicates=tuple(articles[id_] for id_ in candidate.duplicates),
                    parts=bm25.parts(terms, index.norms, candidate.passage_id),
                )
            )
        return tuple(hits)

    async def _notice(self, index: Index, kind: NoticeKind, filters: Filters) -> Notice:
        stats = await index.stats()
        names = {self._analyzer.fold(one.name): one.name for one in stats.sources if one.name}
        closest = difflib.get_close_matches(
            filters.source or "", names, n=_SOURCES_NAMED, cutoff=0.4
        )
        sources = [names[key] for key in closest] or list(names.values())[:_SOURCES_NAMED]
        return Notice(kind, stats.first_date, stats.last_date, tuple(sources))


def _candidates(
    index: Index,
    terms: list[bm25.WeightedTerm],
    allowed: np.ndarray[tuple[int], np.dtype[np.bool_]] | None,
) -> list[ranking.Candidate]:
    ids, scores = bm25.top_k(terms, index.norms, MOST_CANDIDATES, allowed=allowed)
    return ranking.distinct(
        ids, scores, article_of=index.article_of, content_hash=index.content_hash
    )


async def _by_date(
    index: Index, candidates: list[ranking.Candidate], *, newest_first: bool
) -> list[ranking.Candidate]:
    """Order by date, the better one first on the same instant; the undated come last."""
    articles = await index.articles(one.article_id for one in candidates)

    def age(candidate: ranking.Candidate) -> tuple[bool, int]:
        written = articles[candidate.article_id].date
        at = epoch_seconds(written) if written else None
        return at is None, (-(at or 0) if newest_first else (at or 0))

    return sorted(candidates, key=age)

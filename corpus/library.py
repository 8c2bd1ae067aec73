"""The facade of the archive library: open, search, look up, reindex."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from corpus.engines.local import catalogue
from corpus.engines.local.searcher_manager import NewestIndex
from corpus.indexing.job import Job
from corpus.indexing.parent import Reindexing
from corpus.model import (
    Article,
    Filters,
    IndexReport,
    Matches,
    NameCount,
    NameField,
    Progress,
    SearchResult,
    Sort,
    Stats,
    Trend,
    Unit,
)
from corpus.remote import Remote
from corpus.search import key_terms
from corpus.search.expansion import Synonyms, read
from corpus.search.filters import normalise
from corpus.search.more_like_this import Related
from corpus.search.no_results import Notices
from corpus.search.percolator import Alerts
from corpus.search.searcher import Search
from corpus.search.suggester import LONGEST_TYPED, CompletionCache, Completions
from corpus.search.trend import Counter, split_terms


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
            user_dict: words that must stay whole, see :class:`corpus.analysis.analyzer.Analyzer`.
            synonyms: words that mean the same, see ``expansion.parse``.

        Raises:
            CorpusError: the user dictionary or the synonyms cannot be read.
        """
        self._job = Job(
            archive=archive.address if isinstance(archive, Remote) else str(archive.resolve()),
            git_hosts=archive.hosts if isinstance(archive, Remote) else (),
            data_dir=str(data_dir.resolve()),
            user_dict=str(user_dict.resolve()) if user_dict else None,
        )
        self._analyzer = self._job.analyzer()
        self._synonyms = Synonyms(self._analyzer, read(synonyms) if synonyms else ())
        fingerprint = self._job.fingerprint(self._analyzer)
        self._newest = NewestIndex(self._job.index_path, fingerprint)
        self._cache = CompletionCache(self._analyzer)
        self._reindexing = Reindexing(self._job, self.open)

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
        return self._newest.is_open

    @property
    def is_reindexing(self) -> bool:
        """Whether the next generation is being built."""
        return self._reindexing.is_running

    async def open(self) -> None:
        """Open the newest index generation, and load what questions need.

        Raises:
            IndexUnusableError: there is none that fits; its message says why. Reindex, then go on.
        """
        await self._newest.open()
        await asyncio.to_thread(self._analyzer.load)
        await asyncio.to_thread(self._synonyms.load)

    def on_opened(self, call: Callable[[], None]) -> None:
        """Call ``call`` each time a generation is opened, whichever process made it.

        That of another process is opened by the next question, or by :meth:`open`.
        """
        self._newest.listeners.append(call)

    def on_damaged(self, call: Callable[[], None]) -> None:
        """Call ``call`` when the open index was found damaged and put aside: it is time to reindex.

        Whoever asked gets a :class:`~corpus.errors.DamagedError` right after.
        """
        self._newest.damage_listeners.append(call)

    async def close(self) -> None:
        """Stop a running reindex and close the index."""
        await self._reindexing.close()
        await self._newest.close()

    async def search(
        self,
        question: str,
        filters: Filters | None = None,
        *,
        limit: int = 5,
        offset: int = 0,
        sort: Sort = Sort.RELEVANCE,
        within: Collection[str] | None = None,
    ) -> SearchResult:
        """Return the passages that answer ``question`` best.

        Picks up a generation that another process has installed since the last call.

        Args:
            question: as typed.
            filters: as typed.
            limit: how many hits to return at most.
            offset: how many hits to skip, 0 or more.
            sort: the order of all hits, before any is skipped.
            within: where given, only articles with these paths.

        Raises:
            IndexUnusableError: no index is open.
            QueryError: a filter that cannot be understood, said in one sentence.
        """
        started = time.perf_counter()
        normalised = self._normalised(filters)
        async with self._newest.lease() as index:
            search = Search(index, self._analyzer, self._synonyms)
            found = await search(
                question, normalised, limit=limit, sort=sort, offset=offset, within=within
            )
            notice, suggestions = None, ()
            if not found.total:
                explain = Notices(index, self._analyzer, search).explain
                notice, suggestions = await explain(found, normalised, within)
        elapsed_ms = (time.perf_counter() - started) * 1000
        return SearchResult(
            question, found.total, elapsed_ms, found.hits, suggestions, notice, found.outcome
        )

    async def matches(
        self,
        question: str,
        filters: Filters | None = None,
        *,
        within: Collection[str] | None = None,
    ) -> Matches:
        """Return the articles that hold every word of ``question`` in one passage.

        Stricter than :meth:`search`: for telling someone unasked what is new.

        Args:
            question: as typed, with its operators.
            filters: as typed.
            within: where given, only articles with these paths.

        Raises:
            IndexUnusableError: no index is open.
            QueryError: a filter that cannot be understood, said in one sentence.
        """
        normalised = self._normalised(filters)
        async with self._newest.lease() as index:
            search = Search(index, self._analyzer, self._synonyms)
            return await Alerts(search, self._analyzer)(question, normalised, within)

    async def related(
        self,
        path: str,
        ordinal: int,
        filters: Filters | None = None,
        *,
        limit: int = 5,
        offset: int = 0,
    ) -> SearchResult:
        """Return passages like the one at ``ordinal`` of the article at ``path``.

        Neither it nor its copies are among them. The question of the result is the passage's key
        terms; it is empty where there is no such passage, such as after a reindex.

        Raises:
            IndexUnusableError: no index is open.
            QueryError: a filter that cannot be understood, said in one sentence.
        """
        started = time.perf_counter()
        normalised = self._normalised(filters)
        async with self._newest.lease() as index:
            related = Related(index, self._analyzer)
            like = await related(path, ordinal, normalised, limit=limit, offset=offset)
        elapsed_ms = (time.perf_counter() - started) * 1000
        return SearchResult(like.question, like.total, elapsed_ms, like.hits)

    async def key_terms(self, text: str, most: int = 8) -> tuple[str, ...]:
        """Return the words of ``text``, as typed, that tell most of it (tf-idf), best first.

        Words that no passage has are left out. Joined by spaces they make a question.

        Raises:
            IndexUnusableError: no index is open.
        """
        async with self._newest.lease() as index:
            return await asyncio.to_thread(key_terms.key_terms, text, most, index, self._analyzer)

    async def article(self, path: str) -> Article | None:
        """Return the article at ``path`` with all its paragraphs; None where there is none.

        A passage of ordinal n is paragraph n.

        Raises:
            IndexUnusableError: no index is open.
        """
        async with self._newest.lease() as index:
            located = await catalogue.article(index, path)
        return located.article if located else None

    async def paths(self) -> Mapping[str, str]:
        """Return for the path of each article what names it even when it is moved.

        That is its URL, where it has one. What is new after a reindex is an article whose name was
        not there before.

        Raises:
            IndexUnusableError: no index is open.
        """
        async with self._newest.lease() as index:
            return await catalogue.names_of_paths(index)

    async def names(self, field: NameField, typed: str, most: int = 25) -> tuple[NameCount, ...]:
        """Return the names that contain ``typed``, whatever its case or script.

        Those that begin with it come first, then those of more articles. Each is a value that the
        filter of the same name finds.

        Raises:
            IndexUnusableError: no index is open.
        """
        found = await self._completions()
        return await asyncio.to_thread(lambda: found.names(field, self._typed(typed), most))

    async def titles(self, typed: str, most: int = 25) -> tuple[str, ...]:
        """Return the titles that contain every word of ``typed``, whatever its case or script.

        Those that begin with it come first, then the newest.

        Raises:
            IndexUnusableError: no index is open.
        """
        found = await self._completions()
        return await asyncio.to_thread(lambda: found.titles(self._typed(typed), most))

    async def stats(self) -> Stats:
        """Return what the open generation holds.

        Raises:
            IndexUnusableError: no index is open.
        """
        async with self._newest.lease() as index:
            return await index.stats()

    async def trend(
        self, terms: str, filters: Filters | None = None, *, unit: Unit | None = None
    ) -> Trend:
        """Return how many articles hold each of up to four terms, over time.

        Args:
            terms: with commas between; one may be several words, of which an article holds all.
            filters: what an article must satisfy to be counted.
            unit: None: the finest that leaves few enough points.

        Raises:
            IndexUnusableError: no index is open.
            QueryError: no term, too many, or dates that cannot be understood.
        """
        wanted = split_terms(terms)
        normalised = self._normalised(filters)
        async with self._newest.lease() as index:
            days = await index.days(normalised)

            def count() -> Trend:
                counter = Counter(index, self._analyzer, self._synonyms.reword, days)
                return counter(wanted, unit)

            return await asyncio.to_thread(count)

    async def reindex(
        self, *, full: bool = False, on_progress: Callable[[Progress], None] | None = None
    ) -> IndexReport:
        """Build the next generation in a child process and switch to it.

        One at a time: a call while one runs follows that one and returns its report. Cancelling
        a call only stops waiting; :meth:`cancel_reindex` and :meth:`close` kill the child. The old
        generation stays whole.

        Raises:
            ReindexCancelledError: :meth:`cancel_reindex` ended it.
            CorpusError: the archive cannot be read at all, or the child failed; the message says
                why, the old generation serves on.
        """
        return await self._reindexing.run(full=full, on_progress=on_progress)

    async def cancel_reindex(self) -> bool:
        """Kill the child that builds the next generation; return whether that was in time."""
        return await self._reindexing.cancel()

    async def set_synonyms(self, groups: Iterable[Sequence[str]]) -> None:
        """Let questions from now on be reworded by ``groups``, see ``expansion.parse``.

        They take the place of those in the file that the library was opened with.
        """
        synonyms = await asyncio.to_thread(Synonyms, self._analyzer, groups)
        await asyncio.to_thread(synonyms.load)
        self._synonyms = synonyms

    async def _completions(self) -> Completions:
        async with self._newest.lease() as index:
            return await self._cache.completions(index)

    def _typed(self, text: str) -> str:
        return self._analyzer.fold(text[:LONGEST_TYPED]).strip()

    def _normalised(self, filters: Filters | None) -> Filters:
        return normalise(filters or Filters(), self._analyzer, _today())


def _today() -> date:
    return datetime.now(UTC).date()

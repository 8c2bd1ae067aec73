"""The facade of the archive library: open, search, look up, reindex.

The only asynchronous part of a search: all code below runs to its end in one worker thread.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from corpus import scratch
from corpus.analysis.bilingual import BilingualDictionary
from corpus.engine import IndexReader
from corpus.engines import open_engine
from corpus.hidden import Hidden, HiddenArticles
from corpus.indexing.job import Job
from corpus.indexing.parent import Reindexer
from corpus.indexing.preview import read_file
from corpus.model import (
    Article,
    Condition,
    FileReading,
    Filters,
    IndexReport,
    Listing,
    LocatedPassage,
    Match,
    Matches,
    NameCount,
    NameField,
    Outcome,
    Progress,
    SearchResult,
    Sort,
    Stats,
    Timeline,
    Trend,
    Unit,
)
from corpus.remote import Remote
from corpus.search import follow_up, query
from corpus.search.conditions import ArchiveNames, without_addresses
from corpus.search.expansion import QueryExpander, read_synonyms
from corpus.search.filters import normalise
from corpus.search.key_terms import key_terms
from corpus.search.listings import newest, on_this_day
from corpus.search.match import match
from corpus.search.more_like_this import MoreLikeThis
from corpus.search.no_results import NoResults
from corpus.search.per_generation import PerGeneration
from corpus.search.percolator import Percolator
from corpus.search.places import locate
from corpus.search.searcher import Search, Searcher
from corpus.search.suggester import Suggester
from corpus.search.timeline import MAX_DAYS, timeline
from corpus.search.trend import TrendCounter, split_terms
from corpus.search.visible import Visibility

_Result = TypeVar("_Result")

SAMPLE_ARCHIVE = Path(__file__).with_name("sample")
"""The bundled archive of 50 articles, for a first question without data of one's own."""


class Library:
    """An archive and its index. One per process; every method may be awaited concurrently."""

    def __init__(
        self,
        archive: Path | Remote,
        data_dir: Path,
        *,
        user_dict: Path | None = None,
        synonyms: Path | None = None,
        search_url: str = "",
        hidden: Hidden | None = None,
    ) -> None:
        """Create the library; it reads nothing yet except the word lists.

        Args:
            archive: the folder of posts, or the git repository that holds them.
            data_dir: an existing folder for the index.
            user_dict: words that are never split, see :class:`corpus.analysis.analyzer.Analyzer`.
            synonyms: words that mean the same, see ``expansion.parse_synonyms``.
            search_url: names the search engine, see `corpus.engines`; empty: the local one.
            hidden: the hidden articles; None: they are in a file of ``data_dir``.

        Raises:
            CorpusError: the user dictionary or the synonyms cannot be read.
        """
        job = Job(
            archive=archive.address if isinstance(archive, Remote) else str(archive.resolve()),
            git_hosts=archive.hosts if isinstance(archive, Remote) else (),
            data_dir=str(data_dir.resolve()),
            user_dict=str(user_dict.resolve()) if user_dict else None,
            search_url=search_url,
        )
        self._analyzer = job.analyzer()
        self._expander = QueryExpander(self._analyzer, read_synonyms(synonyms) if synonyms else ())
        self._suggester = Suggester(self._analyzer)
        self._dictionary = BilingualDictionary(data_dir.resolve())
        fold_each = self._analyzer.fold_each
        self._names = PerGeneration(lambda reader: ArchiveNames(reader.entries(), fold_each))
        self._engine = open_engine(search_url, data_dir.resolve(), job.fingerprint(self._analyzer))
        job = replace(job, index_dir=str(self._engine.index_dir))
        self._root = job.root
        self._hidden = HiddenArticles(data_dir.resolve()) if hidden is None else hidden
        self._visibility = Visibility(self._hidden)
        self._reindexer = Reindexer(job, self._hidden, self.open)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(scratch.remove_stale)
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
        return self._engine.is_open

    @property
    def keeps_index(self) -> bool:
        """Whether the index outlives this process."""
        return self._engine.keeps_index

    async def open(self) -> None:
        """Open the newest index generation, and load the dictionaries that questions need.

        Raises:
            IndexUnusableError: no generation fits; the message says why. Reindex, then go on.
        """

        def load() -> None:
            self._engine.refresh()
            self._analyzer.load()
            self._expander.load()
            self._dictionary.load()

        await asyncio.to_thread(load)

    def on_opened(self, callback: Callable[[], None]) -> None:
        """Call ``callback``, in the running event loop, each time a generation is opened.

        A generation of another process is opened by the next question, or by :meth:`open`.
        """
        self._engine.on_refresh(_in_loop(callback))

    def on_damaged(self, callback: Callable[[], None]) -> None:
        """Call ``callback``, in the running event loop, when the open index proves damaged.

        The question that met the damage gets a :class:`~corpus.errors.DamagedError`.
        """
        self._engine.on_damaged(_in_loop(callback))

    async def close(self) -> None:
        """Stop a running reindex and close the index."""
        await self._reindexer.close()
        self._engine.close()

    async def search(  # noqa: PLR0913 (all that a search may be limited to)
        self,
        question: str,
        filters: Filters | None = None,
        *,
        limit: int = 5,
        offset: int = 0,
        sort: Sort = Sort.RELEVANCE,
        within: Collection[str] | None = None,
        synonyms: Iterable[Sequence[str]] | None = None,
        added: Sequence[str] = (),
    ) -> SearchResult:
        """Return the passages that answer ``question`` best.

        Opens a generation that another process has installed since the last call.

        Args:
            question: as typed.
            filters: as typed.
            limit: how many hits to return at most.
            offset: how many hits to skip, 0 or more.
            sort: the order of all hits, before ``offset`` applies.
            within: if not None, only articles with these paths.
            synonyms: groups to try instead of those of :meth:`set_synonyms`.
            added: terms of an earlier question that this one goes on from.

        Raises:
            IndexUnusableError: no index is open.
            QueryError: a filter cannot be parsed; the message says why in one sentence.
        """
        started = time.perf_counter()
        normalised = self._normalised(filters)
        whole = follow_up.joined(question, added)

        def run(reader: IndexReader) -> SearchResult:
            expander = None if synonyms is None else self._expander.with_own(synonyms)
            searcher = self._searcher(reader, expander)
            search = searcher.search(
                whole, normalised, limit=limit, sort=sort, offset=offset, paths=within
            )
            result = self._result(question, search, reader, searcher, started)
            return replace(result, added=tuple(added))

        return await self._read(run)

    async def matches(
        self,
        question: str,
        filters: Filters | None = None,
        *,
        within: Collection[str] | None = None,
    ) -> Matches:
        """Return the articles that hold every word of ``question`` in one passage.

        Stricter than :meth:`search`, for notifications of new articles.

        Args:
            question: as typed, with its operators.
            filters: as typed.
            within: if not None, only articles with these paths.

        Raises:
            IndexUnusableError: no index is open.
            QueryError: a filter cannot be parsed; the message says why in one sentence.
        """
        normalised = self._normalised(filters)

        def run(reader: IndexReader) -> Matches:
            return Percolator(self._searcher(reader), self._analyzer).matches(
                question, normalised, within
            )

        return await self._read(run)

    async def related(
        self,
        path: str,
        ordinal: int,
        filters: Filters | None = None,
        *,
        content_hash: int | None = None,
        limit: int = 5,
        offset: int = 0,
    ) -> SearchResult:
        """Return passages similar to the one at ``ordinal`` of the article at ``path``.

        They do not include it or its copies. The question of the result consists of the passage's
        key terms; it is empty if the passage does not exist, such as after a reindex. With
        ``content_hash`` it is found where it stands now, as by :meth:`passage`.

        Raises:
            IndexUnusableError: no index is open.
            QueryError: a filter cannot be parsed; the message says why in one sentence.
        """
        started = time.perf_counter()
        normalised = self._normalised(filters)

        def run(reader: IndexReader) -> SearchResult:
            now = locate(reader, path, ordinal, content_hash)
            similar = MoreLikeThis(reader, self._analyzer).search(
                now.article.path if now else path,
                now.ordinal if now else -1,
                normalised,
                limit=limit,
                offset=offset,
            )
            elapsed_ms = (time.perf_counter() - started) * 1000
            return SearchResult(similar.question, similar.total, elapsed_ms, similar.hits)

        return await self._read(run)

    async def match(
        self,
        question: str,
        path: str,
        ordinal: int,
        filters: Filters | None = None,
        *,
        added: Sequence[str] = (),
    ) -> Match | None:
        """Return why a passage matches ``question``, or None if it does not exist.

        Args:
            question: as typed.
            path: of its article.
            ordinal: of the passage.
            filters: as typed.
            added: terms of an earlier question that this one goes on from.

        Raises:
            IndexUnusableError: no index is open.
            QueryError: a filter cannot be parsed; the message says why in one sentence.
        """
        normalised = self._normalised(filters)
        whole = follow_up.joined(question, added)

        def run(reader: IndexReader) -> Match | None:
            stored = reader.article(path)
            if stored is None or not 0 <= ordinal < len(stored.article.paragraphs):
                return None
            passage = stored.article.paragraphs[ordinal]
            text = f"{stored.article.title}\n{passage.heading}\n{passage.text}"
            search = self._searcher(reader).search(whole, normalised, limit=0)
            return match(search, text, self._analyzer)

        return await self._read(run)

    async def addresses(self, text: str) -> tuple[Condition, ...]:
        """Return the addresses in ``text``, each with the path of its article if there is one.

        Raises:
            IndexUnusableError: no index is open.
        """

        def run(reader: IndexReader) -> tuple[Condition, ...]:
            _, found = without_addresses(text, self._names.of(reader))
            return tuple(dict.fromkeys(found))

        return await self._read(run)

    async def key_terms(self, text: str, limit: int = 8) -> tuple[str, ...]:
        """Return the key terms of ``text`` by tf-idf, as typed, best first.

        Words that no passage holds are left out. Joined by spaces, the terms form a question.

        Raises:
            IndexUnusableError: no index is open.
        """
        return await self._read(lambda reader: key_terms(text, limit, reader, self._analyzer))

    async def added_terms(self, question: str, earlier: str) -> tuple[str, ...]:
        """Return the terms of an ``earlier`` question that ``question`` goes on from.

        They are given to :meth:`search` as ``added``. There are none where it is a full question by
        itself.

        Raises:
            IndexUnusableError: no index is open.
        """
        return await self._read(
            lambda reader: follow_up.added_terms(
                question, earlier, self._analyzer, reader.document_frequencies, today=_today()
            )
        )

    async def article(self, path: str) -> Article | None:
        """Return the article at ``path`` with all its paragraphs, or None if there is none.

        The passage with ordinal n is paragraph n.

        Raises:
            IndexUnusableError: no index is open.
        """
        stored = await self._read(lambda reader: reader.article(path))
        return stored.article if stored else None

    async def passage(
        self, path: str, ordinal: int, content_hash: int | None = None, *, step: int = 0
    ) -> LocatedPassage | None:
        """Return a passage of an earlier search where it stands now, or None if it is gone.

        Args:
            path: of its article then.
            ordinal: its position there then.
            content_hash: of its text; None: not known, so its place alone decides.
            step: how many paragraphs after it, or before it where negative.

        Raises:
            IndexUnusableError: no index is open.
        """
        return await self._read(
            lambda reader: locate(reader, path, ordinal, content_hash, step=step)
        )

    async def paths(self) -> Mapping[str, str]:
        """Return, by path, a name of each article that survives moving its file.

        It is the URL, else the path. After a reindex an article is new if its name is new.

        Raises:
            IndexUnusableError: no index is open.
        """
        entries = await self._read(lambda reader: reader.entries())
        return {entry.path: entry.url or entry.path for entry in entries}

    async def on_this_day(
        self, day: date, filters: Filters | None = None, *, limit: int = 5
    ) -> Listing:
        """Return articles that were published on ``day`` of earlier years, oldest first.

        Args:
            day: of this year.
            filters: as typed.
            limit: how many to return at most; the years take turns.

        Raises:
            IndexUnusableError: no index is open.
            QueryError: a filter cannot be parsed; the message says why in one sentence.
        """
        normalised = self._normalised(filters)
        return await self._read(lambda reader: on_this_day(day, normalised, reader, limit))

    async def newest(
        self, paths: Collection[str], filters: Filters | None = None, *, limit: int = 5
    ) -> Listing:
        """Return those of the articles at ``paths`` that were published last, newest first.

        Args:
            paths: of articles; others are left out.
            filters: as typed.
            limit: how many to return at most.

        Raises:
            IndexUnusableError: no index is open.
            QueryError: a filter cannot be parsed; the message says why in one sentence.
        """
        normalised = self._normalised(filters)
        return await self._read(lambda reader: newest(paths, normalised, reader, limit))

    async def names(self, field: NameField, typed: str, limit: int = 25) -> tuple[NameCount, ...]:
        """Return the names that contain ``typed`` in any case and script.

        Prefixed ones come first, then those with more articles. Each is a valid value of the filter
        for ``field``.

        Raises:
            IndexUnusableError: no index is open.
        """
        return await self._read(lambda reader: self._suggester.names(reader, field, typed, limit))

    async def titles(self, typed: str, limit: int = 25) -> tuple[str, ...]:
        """Return the titles that contain every word of ``typed`` in any case and script.

        Prefixed ones come first, then the newest.

        Raises:
            IndexUnusableError: no index is open.
        """
        return await self._read(lambda reader: self._suggester.titles(reader, typed, limit))

    async def hide(self, name: str) -> tuple[str, ...]:
        """Hide the articles that have this path or address; return their paths.

        No method finds them any more, and the next generation does not hold them.

        Raises:
            IndexUnusableError: no index is open.
            CorpusError: it cannot be saved; nothing has changed.
        """
        entries = await self._read(lambda reader: reader.entries())
        found = {
            entry.path: entry.url or "" for entry in entries if name in {entry.path, entry.url}
        }
        if found:
            await asyncio.to_thread(self._hidden.add, found)
        return tuple(found)

    async def unhide(self, name: str) -> tuple[str, ...]:
        """Show the hidden articles again that have this path or address; return their paths.

        Raises:
            CorpusError: it cannot be saved; nothing has changed.
        """
        return await asyncio.to_thread(self._hidden.remove, name)

    async def hidden(self) -> tuple[str, ...]:
        """Return the paths of the hidden articles, sorted.

        Raises:
            CorpusError: they cannot be read.
        """
        return tuple(sorted(await asyncio.to_thread(self._hidden.addresses)))

    async def hidden_addresses(self) -> frozenset[str]:
        """Return the addresses of the hidden articles, of those that have one.

        Raises:
            CorpusError: they cannot be read.
        """
        addresses = await asyncio.to_thread(self._hidden.addresses)
        return frozenset(filter(None, addresses.values()))

    async def paths_like(self, typed: str, limit: int = 25) -> tuple[str, ...]:
        """Return the paths of articles whose path, title or address contains ``typed``.

        Raises:
            IndexUnusableError: no index is open.
        """
        wanted = typed.casefold().strip()
        entries = await self._read(lambda reader: reader.entries())
        found = (
            entry.path
            for entry in entries
            if any(wanted in text.casefold() for text in (entry.path, entry.title, entry.url or ""))
        )
        return tuple(islice(found, limit))

    async def stats(self) -> Stats:
        """Return the figures of the open generation.

        Raises:
            IndexUnusableError: no index is open.
        """
        return await self._read(lambda reader: reader.stats())

    async def trend(
        self, terms: str, filters: Filters | None = None, *, unit: Unit | None = None
    ) -> Trend:
        """Return how many articles hold each of up to four terms, over time.

        Args:
            terms: separated by commas; of a term of several words, an article holds all.
            filters: that a counted article passes.
            unit: None: the finest with few enough points.

        Raises:
            IndexUnusableError: no index is open.
            QueryError: there is no term, or too many, or a date cannot be parsed.
        """
        separate_terms = split_terms(terms)
        normalised = self._normalised(filters)

        def run(reader: IndexReader) -> Trend:
            days = reader.days(normalised)
            counter = TrendCounter(reader, self._analyzer, self._expander.expand, days)
            return counter.count(separate_terms, unit)

        return await self._read(run)

    async def timeline(
        self, question: str, filters: Filters | None = None, *, limit: int = MAX_DAYS
    ) -> Timeline:
        """Return the days on which articles tell of ``question``, oldest first.

        Args:
            question: as typed.
            filters: as typed.
            limit: how many days to choose at most; they are spread over the years.

        Raises:
            IndexUnusableError: no index is open.
            QueryError: a filter cannot be parsed; the message says why in one sentence.
        """
        started = time.perf_counter()
        normalised = self._normalised(filters)

        def run(reader: IndexReader) -> Timeline:
            searcher = self._searcher(reader)
            chosen = timeline(question, normalised, reader, searcher, limit=limit)
            result = self._result(question, chosen.search, reader, searcher, started)
            return Timeline(replace(result, hits=chosen.hits), chosen.total)

        return await self._read(run)

    async def reindex(
        self, *, full: bool = False, on_progress: Callable[[Progress], None] | None = None
    ) -> IndexReport:
        """Build the next generation in a child process and open it.

        One reindex runs at a time: a second call joins the first and returns its report. Cancelling
        a call only stops waiting; :meth:`cancel_reindex` and :meth:`close` kill the child. The old
        generation stays whole.

        Raises:
            ReindexCancelledError: :meth:`cancel_reindex` was called.
            CorpusError: the archive cannot be read at all, or the child failed; the message says
                why, and the old generation still answers.
        """
        return await self._reindexer.run(full=full, on_progress=on_progress)

    async def preview(self, path: str) -> FileReading:
        """Return how a file is read, and what of it is left out; no index is needed.

        Args:
            path: of the file or of one entry of a feed, in the archive; or any place on disk.

        Raises:
            CorpusError: the process that reads it crashed, or took too long.
        """
        return await read_file(self._root, path)

    async def cancel_reindex(self) -> bool:
        """Kill the child; return whether it was still building."""
        return await self._reindexer.cancel()

    async def set_synonyms(self, groups: Iterable[Sequence[str]]) -> None:
        """Expand questions by ``groups`` from now on, see ``expansion.parse_synonyms``.

        They replace the synonyms file that the library was created with.
        """
        self._expander = await asyncio.to_thread(self._expander.with_own, groups)

    def _result(
        self,
        question: str,
        search: Search,
        reader: IndexReader,
        searcher: Searcher,
        started: float,
    ) -> SearchResult:
        """Return the result of a search that began at ``started``, and say why it is no answer."""
        notice, suggestions = None, ()
        if search.outcome is not Outcome.ANSWER:
            notice, suggestions = NoResults(reader, self._analyzer, searcher).explain(search)
        elapsed_ms = (time.perf_counter() - started) * 1000
        return SearchResult(
            question,
            search.total,
            elapsed_ms,
            search.hits,
            suggestions,
            notice,
            search.outcome,
            search.query.conditions,
            search.searched,
            (*search.rewording(question), *query.explain(search.query)),
        )

    def _searcher(self, reader: IndexReader, expander: QueryExpander | None = None) -> Searcher:
        return Searcher(
            reader,
            self._analyzer,
            expander or self._expander,
            self._names.of(reader),
            self._dictionary,
        )

    async def _read(self, run: Callable[[IndexReader], _Result]) -> _Result:
        """Run ``run`` over the newest generation in one worker thread, to its end."""

        def work() -> _Result:
            with self._engine.acquire() as reader:
                return run(self._visibility.of(reader))

        return await asyncio.to_thread(work)

    def _normalised(self, filters: Filters | None) -> Filters:
        return normalise(filters or Filters(), self._analyzer, _today())


def _today() -> date:
    return datetime.now(UTC).date()


def _in_loop(callback: Callable[[], None]) -> Callable[[], None]:
    """Return a function for any thread that calls ``callback`` in the running event loop."""
    loop = asyncio.get_running_loop()

    def call() -> None:
        loop.call_soon_threadsafe(callback)

    return call

"""rank-bm25's `BM25Okapi` over an archive in memory: for small archives and hosts without a disk.

A generation lives as long as its process, which reads it from a temporary file of the indexing
process and deletes that. The engine is slow and exact, and the oracle of the others.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from corpus import bm25
from corpus.analysis.analyzer import Analyzer
from corpus.dates import utc_day
from corpus.engine import (
    ArticleEntry,
    CollectionStatistics,
    FilterKeys,
    Fingerprint,
    PreviousArticle,
    PreviousGeneration,
    ScoredPassage,
    StoredArticle,
    TermQuery,
    content_hash,
)
from corpus.errors import CorpusError, IndexUnusableError
from corpus.model import Article, Filters, Noted, Paragraph, Passage, Skipped, SourceCount, Stats
from corpus.remote import Remote, is_remote
from corpus.scratch import ScratchFolder

MAX_PASSAGES = 20_000
"""A query scores every passage: with more of them it takes too long."""

_FILE = "generation.json"
_MAX_SIMILAR = 8  # bigrams for each position


@dataclass(frozen=True, slots=True)
class TokenizedPassage:
    """The terms of one passage."""

    terms: list[str]
    content_hash: int


def tokenize(articles: Sequence[Article], analyzer: Analyzer) -> list[TokenizedPassage]:
    """Return the terms of each paragraph of ``articles``, in order.

    They include those of its title and heading.
    """
    return [
        TokenizedPassage(
            [
                term
                for text in (article.title, paragraph.heading, paragraph.text)
                for term in analyzer.terms(text)
            ],
            content_hash(analyzer.fold(paragraph.text)),
        )
        for article in articles
        for paragraph in article.paragraphs
    ]


class MemoryWriter:
    """The memory engine's `IndexWriter`: writes one file for the reader's process."""

    previous: PreviousGeneration | None = None
    """Always None: each build starts from nothing."""

    def __init__(self, index_dir: Path, fingerprint: Fingerprint) -> None:
        """Create the writer; it writes nothing yet."""
        self._file = index_dir / _FILE
        self._fingerprint = fingerprint
        self._articles: list[dict[str, Any]] = []
        self._terms: list[list[str]] = []
        self._content_hashes: list[int] = []
        self._skipped: list[dict[str, Any]] = []
        self._noted: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Do nothing: no file is open."""

    @property
    def articles(self) -> int:
        """How many articles were added."""
        return len(self._articles)

    @property
    def passages(self) -> int:
        """How many passages these articles have."""
        return sum(len(article["paragraphs"]) for article in self._articles)

    def begin_batch(self, batch: list[TokenizedPassage]) -> None:
        """Take the terms of the articles that are added next, in their order.

        Raises:
            CorpusError: there are too many passages for this engine.
        """
        self._terms += [passage.terms for passage in batch]
        self._content_hashes += [passage.content_hash for passage in batch]
        if len(self._terms) > MAX_PASSAGES:
            raise CorpusError(
                f"The archive has more than {MAX_PASSAGES:,} passages, too many for"
                " SEARCH_URL=memory: leave SEARCH_URL empty to keep the index on the disk."
            )

    def add(self, article: Article, digest: bytes, keys: FilterKeys) -> None:
        """Add the next article of the batch."""
        del digest  # no later build compares it
        self._articles.append(asdict(article) | {"keys": asdict(keys)})

    def copy_from_previous(self, article: PreviousArticle, path: str) -> None:
        """Fail: there is no previous generation."""
        raise NotImplementedError(article, path)

    def skip(self, skipped: Sequence[tuple[Skipped, bytes | None]]) -> None:
        """Record the files that are not indexed."""
        self._skipped = [asdict(file) for file, _ in skipped]

    def note(self, noted: Sequence[Noted]) -> None:
        """Record what is to be said of articles."""
        self._noted = [asdict(note) for note in noted]

    def commit(self, commit: str | None, on_verify: Callable[[], None]) -> None:
        """Write the generation for the reader's process.

        Raises:
            OSError: the temporary folder cannot be written.
        """
        on_verify()
        generation = {
            "fingerprint": asdict(self._fingerprint),
            "commit": commit,
            "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "articles": self._articles,
            "terms": self._terms,
            "content_hashes": self._content_hashes,
            "skipped": self._skipped,
            "noted": self._noted,
        }
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(generation), "ascii")
        draft.replace(self._file)


class MemoryEngine:
    """The memory engine's `SearchEngine`."""

    keeps_index = False

    def __init__(self, fingerprint: Fingerprint) -> None:
        """Create the temporary folder for new generations; there is none yet."""
        self._fingerprint = fingerprint
        self._folder = ScratchFolder()
        self._reader: MemoryReader | None = None
        self._generations = 0
        self._is_closed = False
        self._lock = Lock()
        self._refresh_callbacks: list[Callable[[], None]] = []

    @property
    def is_open(self) -> bool:
        """Whether a generation is open."""
        return self._reader is not None

    @property
    def index_dir(self) -> Path:
        """The folder into which the writer puts the next generation."""
        return self._folder.path

    def on_refresh(self, callback: Callable[[], None]) -> None:
        """Call ``callback``, from any thread, each time a generation is opened."""
        self._refresh_callbacks.append(callback)

    def on_damaged(self, callback: Callable[[], None]) -> None:
        """Do nothing: a generation in memory is never damaged."""

    def refresh(self) -> None:
        """Load the generation that a writer has written, if any.

        Raises:
            IndexUnusableError: there is none, and none is open.
        """
        with self._lock:
            if self._is_closed:
                raise IndexUnusableError("The index is closed.")
            file = self.index_dir / _FILE
            try:
                content = json.loads(file.read_bytes())
            except FileNotFoundError:
                if self._reader is None:
                    raise IndexUnusableError("There is no index yet.") from None
                return
            file.unlink()
            self._generations += 1
            self._reader = MemoryReader(f"memory-{self._generations}", content)
        for callback in self._refresh_callbacks:
            callback()

    @contextmanager
    def acquire(self) -> Generator["MemoryReader"]:
        """Refresh, and lend the newest reader.

        Raises:
            IndexUnusableError: no generation is open.
        """
        self.refresh()
        reader = self._reader
        if reader is None:
            raise IndexUnusableError("The index is closed.")
        yield reader

    def close(self) -> None:
        """Drop the generation."""
        with self._lock:
            self._reader = None
            self._is_closed = True
            self._folder.close()


class MemoryReader:
    """The memory engine's `IndexReader`."""

    def __init__(self, name: str, content: Mapping[str, Any]) -> None:
        """Load the JSON content that `MemoryWriter.commit` wrote."""
        self._name = name
        self._commit: str | None = content["commit"]
        self._built_at: str = content["built_at"]
        self._archive: str = content["fingerprint"]["archive"]
        self._skipped = tuple(
            sorted((Skipped(**file) for file in content["skipped"]), key=lambda file: file.path)
        )
        self._noted = tuple(
            sorted((Noted(**note) for note in content["noted"]), key=lambda note: note.path)
        )
        remote = Remote.parse(self._archive) if is_remote(self._archive) else None
        self._articles: list[Article] = []
        self._keys: list[FilterKeys] = []
        self._days: list[str | None] = []
        self._first_passage: list[int] = []
        self._passages: list[Passage] = []
        for fields in content["articles"]:
            self._add(fields, remote)
        self._content_hashes: list[int] = content["content_hashes"]
        documents: list[list[str]] = content["terms"]
        self._frequencies = [Counter(terms) for terms in documents]
        self._document_frequencies = Counter(
            term for counter in self._frequencies for term in counter
        )
        self._model = (
            # The library divides by the number of terms and by the average length.
            BM25Okapi(documents, k1=bm25.K1, b=bm25.B, epsilon=bm25.EPSILON)
            if self._document_frequencies
            else None
        )

    def _add(self, fields: Mapping[str, Any], remote: Remote | None) -> None:
        keys = fields["keys"]
        id_, path = len(self._articles), fields["path"]
        url = remote.file_url(self._commit, path) if remote and self._commit else None
        others = {name: value for name, value in fields.items() if name not in {"keys", "id"}}
        paragraphs = tuple(Paragraph(**paragraph) for paragraph in others.pop("paragraphs"))
        others |= {"tags": tuple(others["tags"]), "file_url": url}
        self._articles.append(Article(id_, paragraphs=paragraphs, **others))
        self._keys.append(FilterKeys(keys["author"], keys["source"], tuple(keys["tags"])))
        self._days.append(utc_day(fields["date"]))
        self._first_passage.append(len(self._passages))
        self._passages += [
            Passage(len(self._passages) + i, id_, i, paragraph.text, paragraph.heading)
            for i, paragraph in enumerate(paragraphs)
        ]

    @property
    def generation(self) -> str:
        """Name of the generation, different for each build."""
        return self._name

    @property
    def statistics(self) -> CollectionStatistics:
        """The collection statistics for BM25."""
        average = float(self._model.avgdl) if self._model else 0.0
        return bm25.collection_statistics(self._document_frequencies, len(self._passages), average)

    def document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """Return in how many passages each of ``terms`` occurs; absent terms are left out."""
        counts = self._document_frequencies
        return {term: counts[term] for term in terms if term in counts}

    def search(self, query: TermQuery, k: int) -> list[ScoredPassage]:
        """Return the ``k`` best passages, best first; equal scores in ascending order of ids."""
        boosts = {
            term: boost
            for term, boost in query.boosts.items()
            if term in self._document_frequencies
        }
        if not boosts:
            return []
        scores = np.zeros(len(self._passages))
        for term, boost in boosts.items():
            scores += boost * self._term_scores(term)
        allowed = self._allowed(query)
        candidates = [
            i
            for i, counter in enumerate(self._frequencies)
            if i in allowed and not boosts.keys().isdisjoint(counter)
        ]
        candidates.sort(key=lambda i: (-scores[i], i))
        return [
            ScoredPassage(
                i, self._passages[i].article_id, float(scores[i]), self._content_hashes[i]
            )
            for i in candidates[:k]
        ]

    def explain(self, boosts: Mapping[str, float], passage_id: int) -> dict[str, float]:
        """Return the share of each term of the passage in its score, in the order of ``boosts``."""
        return {
            term: boost * float(self._term_scores(term)[passage_id])
            for term, boost in boosts.items()
            if term in self._frequencies[passage_id]
        }

    def opening_passages(self, query: TermQuery, limit: int) -> list[ScoredPassage]:
        """Return the first passage of each article that satisfies a query's filters and paths."""
        allowed = self._articles_allowed(query.filters, query.paths)
        first = [(a.id, self._first_passage[a.id]) for a in self._newest_first() if a.paragraphs]
        return [
            ScoredPassage(passage, id_, 0.0, self._content_hashes[passage])
            for id_, passage in first
            if id_ in allowed
        ][:limit]

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these ids, in this order."""
        return [self._passages[id_] for id_ in ids]

    def articles(self, ids: Iterable[int]) -> dict[int, Article]:
        """Return the articles with these ids, without their paragraphs."""
        return {id_: replace(self._articles[id_], paragraphs=()) for id_ in ids}

    def article(self, path: str) -> StoredArticle | None:
        """Return the article at ``path``, or None if there is none."""
        for article, first in zip(self._articles, self._first_passage, strict=True):
            if article.path == path:
                end = first + len(article.paragraphs)
                return StoredArticle(article, first, self._content_hashes[first:end])
        return None

    def passages_with_content(self, content_hash: int) -> list[int]:
        """Return the ids of passages with this ``content_hash``, in ascending order."""
        return [i for i, content in enumerate(self._content_hashes) if content == content_hash]

    def articles_with(self, terms: Collection[str]) -> set[int]:
        """Return the ids of articles with a passage that holds all of ``terms``, at least one."""
        if not terms:
            return set()
        holding = (i for i in range(len(self._passages)) if self._holds_all(i, terms))
        return {self._passages[i].article_id for i in holding}

    def similar_bigrams(self, bigram: str) -> list[str]:
        """Return indexed bigrams that share one character, in its position, with ``bigram``."""
        bigrams = [term for term in self._document_frequencies if len(term) == len(bigram)]
        similar: set[str] = set()
        for i, char in enumerate(bigram):
            sharing = [term for term in bigrams if term[i] == char]
            similar.update(sorted(sharing, key=self._frequency_order)[:_MAX_SIMILAR])
        return sorted(similar - {bigram}, key=self._frequency_order)

    def days(self, filters: Filters) -> dict[int, str]:
        """Return the day (``YYYY-MM-DD``, UTC) of each dated article that passes ``filters``."""
        return {
            id_: day
            for id_ in self._articles_allowed(filters, None)
            if (day := self._days[id_]) is not None
        }

    def entries(self) -> list[ArticleEntry]:
        """Return all articles, the newest first."""
        return [
            ArticleEntry(
                article.path,
                article.title,
                article.author,
                article.source,
                article.url,
                article.tags,
            )
            for article in self._newest_first()
        ]

    def _newest_first(self) -> list[Article]:
        by_path = sorted(self._articles, key=lambda article: article.path)
        return sorted(by_path, key=lambda article: self._days[article.id] or "", reverse=True)

    def stats(self) -> Stats:
        """Return the figures of this generation that people are shown."""
        sources = Counter(article.source for article in self._articles)
        counts = [
            SourceCount(name, count, *self._first_and_last(name)) for name, count in sources.items()
        ]
        first, last = self._first_and_last(None)
        return Stats(
            generation=self._name,
            articles=len(self._articles),
            passages=len(self._passages),
            terms=len(self._document_frequencies),
            built_at=self._built_at,
            archive=self._archive,
            bytes=0,
            skipped=self._skipped,
            noted=tuple(note for note in self._noted if note.note),
            sources=tuple(sorted(counts, key=lambda count: (-count.articles, count.name))),
            first_date=first,
            last_date=last,
            commit=self._commit,
        )

    def _first_and_last(self, source: str | None) -> tuple[str | None, str | None]:
        """Return the first and the last day of a source, or of all articles for None."""
        days = [
            day
            for article, day in zip(self._articles, self._days, strict=True)
            if day is not None and source in {None, article.source}
        ]
        return min(days, default=None), max(days, default=None)

    def _frequency_order(self, term: str) -> tuple[int, str]:
        return -self._document_frequencies[term], term

    def _term_scores(self, term: str) -> NDArray[np.float64]:
        assert self._model is not None
        return self._model.get_scores([term])

    def _holds_all(self, passage_id: int, terms: Collection[str]) -> bool:
        return all(term in self._frequencies[passage_id] for term in terms)

    def _allowed(self, query: TermQuery) -> set[int]:
        """Return the ids of the passages that satisfy the conditions of ``query``."""
        articles = self._articles_allowed(query.filters, query.paths)
        return {
            passage.id
            for passage in self._passages
            if passage.article_id in articles
            and self._holds_all(passage.id, query.must)
            and query.must_not.isdisjoint(self._frequencies[passage.id])
        }

    def _articles_allowed(self, filters: Filters, paths: Collection[str] | None) -> set[int]:
        # A filter means the whole name if an article has it, else any name that contains it.
        is_whole_source = any(keys.source == filters.source for keys in self._keys)
        is_whole_author = any(keys.author == filters.author for keys in self._keys)

        def matches(article: Article, keys: FilterKeys, day: str | None) -> bool:
            return (
                _name_matches(keys.source, filters.source, is_whole=is_whole_source)
                and _name_matches(keys.author, filters.author, is_whole=is_whole_author)
                and (filters.tag is None or filters.tag in keys.tags)
                and keys.source not in filters.without_sources
                and (filters.after is None or (day is not None and day >= filters.after))
                and (filters.before is None or (day is not None and day <= filters.before))
                and (paths is None or article.path in paths)
            )

        rows = zip(self._articles, self._keys, self._days, strict=True)
        return {article.id for article, keys, day in rows if matches(article, keys, day)}


def _name_matches(key: str, name: str | None, *, is_whole: bool) -> bool:
    return name is None or key == name or (not is_whole and name in key)

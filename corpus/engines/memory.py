"""rank-bm25's `BM25Okapi` over an archive in memory: for small archives and hosts without a disk.

A generation lives as long as its process, which reads it from a temporary file of the indexing
process and deletes that. The engine is slow and exact, and the oracle of the others.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from corpus import bm25
from corpus.engine import (
    ArticleEntry,
    CollectionStatistics,
    FilterKeys,
    Fingerprint,
    FoldedPassage,
    PreviousArticle,
    PreviousGeneration,
    ScoredPassage,
    StoredArticle,
    TermQuery,
)
from corpus.engines.article_table import ArticleTable
from corpus.engines.tokenized import TokenizedPassage
from corpus.errors import CorpusError, IndexUnusableError
from corpus.model import Article, Filters, Noted, Paragraph, Passage, Skipped, Stats
from corpus.remote import Remote, is_remote
from corpus.scratch import ScratchFolder

MAX_PASSAGES = 20_000
"""A query scores every passage: with more of them it takes too long."""

_FILE = "generation.json"
_MAX_SIMILAR = 8  # bigrams for each position


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
        self._folded: list[str] = []
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
        self._folded += [passage.folded for passage in batch]
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
            "folded": self._folded,
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
        self._articles = [
            self._article(id_, fields, remote) for id_, fields in enumerate(content["articles"])
        ]
        self._table = ArticleTable(
            (replace(article, paragraphs=()), _filter_keys(fields["keys"]), len(article.paragraphs))
            for article, fields in zip(self._articles, content["articles"], strict=True)
        )
        self._passages = [
            Passage(row.first_passage + i, article.id, i, paragraph.text, paragraph.heading)
            for article, row in zip(self._articles, self._table.rows, strict=True)
            for i, paragraph in enumerate(article.paragraphs)
        ]
        self._content_hashes: list[int] = content["content_hashes"]
        self._folded: list[str] = content["folded"]
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

    def _article(self, id_: int, fields: Mapping[str, Any], remote: Remote | None) -> Article:
        path = fields["path"]
        url = remote.file_url(self._commit, path) if remote and self._commit else None
        others = {name: value for name, value in fields.items() if name not in {"keys", "id"}}
        paragraphs = tuple(Paragraph(**paragraph) for paragraph in others.pop("paragraphs"))
        others |= {"tags": tuple(others["tags"]), "file_url": url}
        return Article(id_, paragraphs=paragraphs, **others)

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

    def explain(
        self, boosts: Mapping[str, float], passage_ids: Sequence[int]
    ) -> list[dict[str, float]]:
        """Return the share of each term in the score of each passage, in the order of boosts."""
        return [
            {
                term: boost * float(self._term_scores(term)[id_])
                for term, boost in boosts.items()
                if term in self._frequencies[id_]
            }
            for id_ in passage_ids
        ]

    def opening_passages(self, query: TermQuery, limit: int) -> list[ScoredPassage]:
        """Return the first passage of each article that satisfies a query's filters and paths."""
        allowed = self._table.allowed(query.filters, query.paths)
        return [
            ScoredPassage(
                row.first_passage, row.article.id, 0.0, self._content_hashes[row.first_passage]
            )
            for row in self._table.newest_first
            if row.passages and row.article.id in allowed
        ][:limit]

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these ids, in this order."""
        return [self._passages[id_] for id_ in ids]

    def folded_passages(self, ids: Sequence[int]) -> list[FoldedPassage]:
        """Return what the passages with these ids say, in this order."""
        rows = ((id_, self._table.of_passage(id_)) for id_ in ids)
        return [
            FoldedPassage(row.keys.title, self._folded[id_], id_ - row.first_passage)
            for id_, row in rows
        ]

    def articles(self, ids: Iterable[int]) -> dict[int, Article]:
        """Return the articles with these ids, without their paragraphs."""
        return {id_: self._table.rows[id_].article for id_ in ids}

    def article(self, path: str) -> StoredArticle | None:
        """Return the article at ``path``, or None if there is none."""
        row = self._table.at(path)
        if row is None:
            return None
        hashes = self._content_hashes[row.first_passage : row.first_passage + row.passages]
        return StoredArticle(self._articles[row.article.id], row.first_passage, hashes)

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
        return self._table.days(filters)

    def entries(self) -> list[ArticleEntry]:
        """Return all articles, the newest first."""
        return self._table.entries()

    def stats(self) -> Stats:
        """Return the figures of this generation that people are shown."""
        first, last = self._table.first_and_last()
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
            sources=self._table.sources(),
            first_date=first,
            last_date=last,
            commit=self._commit,
        )

    def _frequency_order(self, term: str) -> tuple[int, str]:
        return -self._document_frequencies[term], term

    def _term_scores(self, term: str) -> NDArray[np.float64]:
        assert self._model is not None
        return self._model.get_scores([term])

    def _holds_all(self, passage_id: int, terms: Collection[str]) -> bool:
        return all(term in self._frequencies[passage_id] for term in terms)

    def _allowed(self, query: TermQuery) -> set[int]:
        """Return the ids of the passages that satisfy the conditions of ``query``."""
        articles = self._table.allowed(query.filters, query.paths)
        return {
            passage.id
            for passage in self._passages
            if passage.article_id in articles
            and self._holds_all(passage.id, query.must)
            and query.must_not.isdisjoint(self._frequencies[passage.id])
        }


def _filter_keys(fields: Mapping[str, Any]) -> FilterKeys:
    return FilterKeys(fields["author"], fields["source"], tuple(fields["tags"]), fields["title"])

"""What must a search engine do for us? Three protocols; each engine implements them as it likes.

A `SearchEngine` hands out the newest `IndexReader`; the child process that indexes an archive fills
an `IndexWriter`. Everything above (idf, query expansion, reranking, snippets, phrase checks) is
shared and knows an engine by these alone. `tests/corpus/engines/test_every_engine.py` is what an
engine must pass.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

from corpus.model import Article, Filters, Passage, Skipped, Stats

INDEX_FORMAT = 2
"""Part of every index's fingerprint: raise it whenever an engine writes its files otherwise."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an index was made from. If any part differs, it must be built again."""

    archive: str
    analyzer: str
    format: int = INDEX_FORMAT


@dataclass(frozen=True, slots=True)
class CollectionStatistics:
    """What BM25 needs to know of a whole generation."""

    passages: int
    average_length: float
    """Of a passage, in terms."""
    idf_floor: float
    """The idf of terms that are in more than half of the passages."""


@dataclass(frozen=True, slots=True)
class TermQuery:
    """Weighted terms to score passages by, and what a passage must satisfy to be scored."""

    boosts: Mapping[str, float]
    """A passage holds at least one of these; each is weighted by its idf times its boost."""
    must: frozenset[str] = frozenset()
    """Terms of which a passage holds all."""
    must_not: frozenset[str] = frozenset()
    """Terms of which a passage holds none."""
    filters: Filters = field(default_factory=Filters)
    """What its article satisfies; texts folded, dates as whole days."""
    paths: frozenset[str] | None = None
    """Where given, its article has one of these paths."""


class ScoredPassage(NamedTuple):
    """A passage that matches a query."""

    passage_id: int
    article_id: int
    score: float
    content_hash: int


class StoredArticle(NamedTuple):
    """An article with all its paragraphs. Its passages have consecutive ids."""

    article: Article
    first_passage: int
    """Id of its first passage."""
    content_hashes: Sequence[int]
    """Of each passage, see `content_hash`."""


class ArticleEntry(NamedTuple):
    """One line of the list of all articles."""

    path: str
    title: str
    author: str
    source: str
    url: str | None
    tags: Sequence[str]


class IndexReader(Protocol):
    """One generation, open for reading. Thread-safe; every method may block for milliseconds."""

    @property
    def generation(self) -> str:
        """Its name; every build has another."""
        ...

    @property
    def statistics(self) -> CollectionStatistics:
        """What BM25 needs to know of it."""
        ...

    def document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """Return in how many passages each of ``terms`` is; those in none are left out."""
        ...

    def search(self, query: TermQuery, k: int) -> list[ScoredPassage]:
        """Return the ``k`` best passages, best first; those with equal scores by ascending id.

        Scores are those of ``BM25Okapi`` with ``bm25.K1`` and ``bm25.B``, terms weighted by their
        boosts.
        """
        ...

    def explain(self, boosts: Mapping[str, float], passage_id: int) -> dict[str, float]:
        """Return what each term that the passage holds adds to its score, in the order given."""
        ...

    def opening_passages(self, query: TermQuery, limit: int) -> list[ScoredPassage]:
        """Return the first passage of each article that satisfies a query's filters and paths.

        The newest articles come first, at most ``limit``; terms do not count, scores are 0.
        """
        ...

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these ids, in this order."""
        ...

    def articles(self, ids: Iterable[int]) -> dict[int, Article]:
        """Return the articles with these ids, without their paragraphs."""
        ...

    def article(self, path: str) -> StoredArticle | None:
        """Return the article at ``path``, or None if the archive has none there."""
        ...

    def articles_with(self, terms: Collection[str]) -> set[int]:
        """Return the ids of articles that have a passage with all of ``terms``; none for none."""
        ...

    def similar_bigrams(self, bigram: str) -> list[str]:
        """Return bigrams that occur and share one character, in its position, with ``bigram``.

        The most frequent first, a few for either position.
        """
        ...

    def days(self, filters: Filters) -> dict[int, str]:
        """Return the day (``YYYY-MM-DD``, UTC) of each dated article that passes ``filters``.

        Args:
            filters: texts folded, dates as whole days.
        """
        ...

    def entries(self) -> list[ArticleEntry]:
        """Return all articles, the newest first."""
        ...

    def stats(self) -> Stats:
        """Return what this generation holds, for people."""
        ...


class SearchEngine(Protocol):
    """Hands out the newest usable generation. Thread-safe."""

    keeps_index: bool
    """Whether a generation outlives this process."""

    @property
    def is_open(self) -> bool:
        """Whether there is a generation to read."""
        ...

    @property
    def index_dir(self) -> Path:
        """The folder in which this engine's writer leaves the next generation."""
        ...

    def refresh(self) -> None:
        """Switch to the newest generation unless it is open already.

        Raises:
            IndexUnusableError: there is none that fits; the message says why.
        """
        ...

    def acquire(self) -> AbstractContextManager[IndexReader]:
        """Refresh, and lend the newest reader; it stays open until the block ends.

        Raises:
            IndexUnusableError: there is none.
            DamagedError: it was found damaged while it was in use, and is quarantined.
        """
        ...

    def on_refresh(self, callback: Callable[[], None]) -> None:
        """Call ``callback``, from any thread, whenever another generation begins to answer."""
        ...

    def on_damaged(self, callback: Callable[[], None]) -> None:
        """Call ``callback``, from any thread, when the open generation was found damaged."""
        ...

    def close(self) -> None:
        """Close the reader once nobody uses it any more; no generation is opened after this."""
        ...


class PreviousArticle(Protocol):
    """An article of the generation before."""

    @property
    def digest(self) -> bytes:
        """Of the file it was read from."""
        ...


@dataclass(frozen=True, slots=True)
class PreviousGeneration:
    """What the generation before was made from."""

    articles: Mapping[str, PreviousArticle]
    """By path."""
    skipped: Mapping[str, tuple[str, bytes | None]]
    """By path: the reason, and the digest of what could be read."""
    passages: int
    commit: str | None
    """Of the archive, if that is a git repository."""

    def digests(self) -> dict[str, bytes]:
        """Return the digest of every file that could be read, by path."""
        skipped = {path: digest for path, (_, digest) in self.skipped.items() if digest is not None}
        return {path: article.digest for path, article in self.articles.items()} | skipped


@dataclass(frozen=True, slots=True)
class FilterKeys:
    """What filters compare of an article, folded."""

    author: str
    source: str
    tags: tuple[str, ...]


class IndexWriter(Protocol):
    """Writes the next generation. Articles come in the order of their paths.

    Entering the ``with`` block reads the generation before; leaving it without a commit discards
    what was written. Whoever opens it holds the lock of the data folder.
    """

    @property
    def previous(self) -> PreviousGeneration | None:
        """The generation before, if it fits and is whole."""
        ...

    @property
    def articles(self) -> int:
        """How many were added or copied."""
        ...

    @property
    def passages(self) -> int:
        """How many these have."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...

    def begin_batch(self, batch: Any) -> None:  # noqa: ANN401 (each engine's own)
        """Take the terms of the articles that are added next, as this engine's inverter gave them.

        Args:
            batch: what :func:`corpus.engines.inverter` returned for these articles.
        """
        ...

    def add(self, article: Article, digest: bytes, keys: FilterKeys) -> None:
        """Add the next article of the batch; ``digest`` is that of its file."""
        ...

    def copy_from_previous(self, article: PreviousArticle, path: str) -> None:
        """Add an article of the generation before, perhaps under another path."""
        ...

    def skip(self, skipped: Sequence[tuple[Skipped, bytes | None]]) -> None:
        """Record the files that are not indexed, with the digest of what could be read."""
        ...

    def commit(self, commit: str | None, on_verify: Callable[[], None]) -> None:
        """Make what was written the newest generation, whole or not at all.

        Args:
            commit: of the archive, if that is a git repository.
            on_verify: called when everything is written and the last check begins.

        Raises:
            CorpusError: what was written does not read back, or is too large for this engine.
            OSError: the disk is full or broken; the generation before is still the newest.
        """
        ...


def content_hash(folded: str) -> int:
    """Return 64 bits that are equal for passages of the same words, whatever their spacing."""
    squeezed = "".join(folded.split()).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(squeezed, digest_size=8).digest(), "little")

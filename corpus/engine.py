"""What must a search engine do for us? Three protocols, without base classes.

A `SearchEngine` hands out the newest `IndexReader`; the indexing process fills an `IndexWriter`.
Everything above (idf, query expansion, reranking, snippets, phrase checks) is shared and uses an
engine only through these. Every engine passes `tests/corpus/engines/test_every_engine.py`.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

from corpus.errors import IndexUnusableError
from corpus.model import Article, Filters, Noted, Passage, Skipped, Stats

INDEX_FORMAT = 4
"""Part of every fingerprint: raise it whenever an engine changes the format of its files."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The inputs of an index. If one of them changes, the index must be rebuilt."""

    archive: str
    analyzer: str
    reading: str = ""
    """The version of the rules by which articles are read."""
    format: int = INDEX_FORMAT

    def check_fits(self, expected: Self) -> None:
        """Make sure that an index of these inputs is one of the ``expected``.

        Raises:
            IndexUnusableError: it is not; the message names the input that differs.
        """
        actual = asdict(self)
        for name, value in asdict(expected).items():
            if actual[name] != value:
                other = "other reading rules" if name == "reading" else f"another {name}"
                raise IndexUnusableError(f"The index was made for {other}.")


@dataclass(frozen=True, slots=True)
class CollectionStatistics:
    """The statistics of a generation that BM25 needs."""

    passages: int
    average_length: float
    """Of a passage, in terms."""
    idf_floor: float
    """The idf of terms that are in more than half of the passages."""


@dataclass(frozen=True, slots=True)
class TermQuery:
    """Weighted terms to score passages by, and conditions that a scored passage satisfies."""

    boosts: Mapping[str, float]
    """A passage holds at least one of these; its idf is multiplied by this boost."""
    must: frozenset[str] = frozenset()
    """A passage holds all of these terms."""
    must_not: frozenset[str] = frozenset()
    """A passage holds none of these terms."""
    filters: Filters = field(default_factory=Filters)
    """Its article passes these; texts folded, dates as whole days."""
    paths: frozenset[str] | None = None
    """If not None, its article has one of these paths."""


class ScoredPassage(NamedTuple):
    """A passage that matches a query."""

    passage_id: int
    article_id: int
    score: float
    content_hash: int


class FoldedPassage(NamedTuple):
    """What a passage says, folded and its numbers in digits: so texts are compared."""

    title: str
    """Of its article."""
    text: str
    """With the heading it stands under."""
    ordinal: int = 0
    """Its position in its article, from 0."""


class StoredArticle(NamedTuple):
    """An article with all its paragraphs. Its passages have consecutive ids."""

    article: Article
    first_passage: int
    """Id of its first passage."""
    content_hashes: Sequence[int]
    """The `content_hash` of each passage."""


class ArticleEntry(NamedTuple):
    """One entry of the list of all articles."""

    path: str
    title: str
    author: str
    source: str
    url: str | None
    tags: Sequence[str]


class IndexReader(Protocol):
    """An open generation. Thread-safe; every method may block for milliseconds."""

    @property
    def generation(self) -> str:
        """Name of the generation, different for each build."""
        ...

    @property
    def statistics(self) -> CollectionStatistics:
        """The collection statistics for BM25."""
        ...

    def document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """Return in how many passages each of ``terms`` occurs; absent terms are left out."""
        ...

    def search(self, query: TermQuery, k: int) -> list[ScoredPassage]:
        """Return the ``k`` best passages, best first; equal scores in ascending order of ids.

        Scores equal those of ``BM25Okapi`` with ``bm25.K1`` and ``bm25.B``, each term weighted by
        its boost.
        """
        ...

    def explain(
        self, boosts: Mapping[str, float], passage_ids: Sequence[int]
    ) -> list[dict[str, float]]:
        """Return the share of each term in the score of each passage, in the order of boosts."""
        ...

    def opening_passages(self, query: TermQuery, limit: int) -> list[ScoredPassage]:
        """Return the first passages of articles that satisfy the filters and paths of ``query``.

        The newest articles come first, at most ``limit``; terms are ignored, scores are 0.
        """
        ...

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these ids, in this order."""
        ...

    def folded_passages(self, ids: Sequence[int]) -> list[FoldedPassage]:
        """Return what the passages with these ids say, in this order."""
        ...

    def articles(self, ids: Iterable[int]) -> dict[int, Article]:
        """Return the articles with these ids, without their paragraphs."""
        ...

    def article(self, path: str) -> StoredArticle | None:
        """Return the article at ``path``, or None if there is none."""
        ...

    def passages_with_content(self, content_hash: int) -> list[int]:
        """Return the ids of passages with this `content_hash`, in ascending order."""
        ...

    def articles_with(self, terms: Collection[str]) -> set[int]:
        """Return the ids of articles with a passage that holds all of ``terms``, at least one."""
        ...

    def similar_bigrams(self, bigram: str) -> list[str]:
        """Return indexed bigrams that share one character, in its position, with ``bigram``.

        The most frequent first, a few for each position.
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
        """Return the figures of this generation that people are shown."""
        ...


class SearchEngine(Protocol):
    """Hands out readers of the newest usable generation. Thread-safe."""

    keeps_index: bool
    """Whether a generation outlives this process."""

    @property
    def is_open(self) -> bool:
        """Whether a generation is open."""
        ...

    @property
    def index_dir(self) -> Path:
        """The folder in which this engine's writer leaves the next generation."""
        ...

    def refresh(self) -> None:
        """Open the newest generation unless it is open already.

        Raises:
            IndexUnusableError: no generation fits; the message says why.
        """
        ...

    def acquire(self) -> AbstractContextManager[IndexReader]:
        """Refresh, and lend the newest reader; it stays open until the block ends.

        Raises:
            IndexUnusableError: no generation is open.
            DamagedError: the generation proved damaged in use, and is quarantined.
        """
        ...

    def on_refresh(self, callback: Callable[[], None]) -> None:
        """Call ``callback``, from any thread, each time a generation is opened."""
        ...

    def on_damaged(self, callback: Callable[[], None]) -> None:
        """Call ``callback``, from any thread, when the open generation proves damaged."""
        ...

    def close(self) -> None:
        """Close the reader once it is unused; no generation is opened after this."""
        ...


class PreviousArticle(Protocol):
    """An article of the previous generation."""

    @property
    def digest(self) -> bytes:
        """Of the file it was read from."""
        ...


@dataclass(frozen=True, slots=True)
class PreviousGeneration:
    """The inputs of the previous generation."""

    articles: Mapping[str, PreviousArticle]
    """By path."""
    skipped: Mapping[str, tuple[str, bytes | None]]
    """By path: the reason, and the digest if the file could be read."""
    passages: int
    commit: str | None
    """Of the archive, if it is a git repository."""
    noted: Mapping[str, Noted] = field(default_factory=dict[str, Noted])
    """What is to be said of articles, by path."""
    until: Mapping[str, str] = field(default_factory=dict[str, str])
    """By path of a skipped file: when it may be published."""

    def due(self, now: str) -> frozenset[str]:
        """Return the paths of files that read otherwise ``now``, though they are unchanged.

        Args:
            now: ISO 8601, UTC, to the second, as are all such moments.
        """
        expiring = {path: note.until for path, note in self.noted.items() if note.until}
        return frozenset(path for path, until in {**self.until, **expiring}.items() if until <= now)

    def digests(self) -> dict[str, bytes]:
        """Return the digest of every file that could be read, by path."""
        skipped = {path: digest for path, (_, digest) in self.skipped.items() if digest is not None}
        return {path: article.digest for path, article in self.articles.items()} | skipped


@dataclass(frozen=True, slots=True)
class FilterKeys:
    """The folded values of an article that filters compare, and its title."""

    author: str
    source: str
    tags: tuple[str, ...]
    title: str = ""
    """As in `FoldedPassage`."""


class IndexWriter(Protocol):
    """Writes the next generation. Articles come in the order of their paths.

    Entering the ``with`` block reads the previous generation; leaving it without a commit discards
    the new one. The caller holds the lock of the data folder.
    """

    @property
    def previous(self) -> PreviousGeneration | None:
        """The previous generation, if it fits and is whole."""
        ...

    @property
    def articles(self) -> int:
        """How many articles were added or copied."""
        ...

    @property
    def passages(self) -> int:
        """How many passages these articles have."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...

    def begin_batch(self, batch: Any) -> None:  # noqa: ANN401 (each engine's own)
        """Take the terms of the articles that are added next, in their order.

        Args:
            batch: the result of :func:`corpus.engines.inverter`'s function for these articles.
        """
        ...

    def add(self, article: Article, digest: bytes, keys: FilterKeys) -> None:
        """Add the next article of the batch, with the digest of its file."""
        ...

    def copy_from_previous(self, article: PreviousArticle, path: str) -> None:
        """Add an article of the previous generation, perhaps under another path."""
        ...

    def skip(self, skipped: Sequence[tuple[Skipped, bytes | None]]) -> None:
        """Record the files that are not indexed, with the digests of those that could be read."""
        ...

    def note(self, noted: Sequence[Noted]) -> None:
        """Record what is to be said of articles."""
        ...

    def commit(self, commit: str | None, on_verify: Callable[[], None]) -> None:
        """Install what was written as the newest generation, atomically.

        Args:
            commit: of the archive, if it is a git repository.
            on_verify: called when everything is written and the final check begins.

        Raises:
            CorpusError: the new index does not read back, or is too large for this engine.
            OSError: the disk is full or broken; the previous generation is still the newest.
        """
        ...


def content_hash(folded: str) -> int:
    """Return a 64-bit hash of a folded passage that does not depend on its spacing."""
    unspaced = "".join(folded.split()).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(unspaced, digest_size=8).digest(), "little")

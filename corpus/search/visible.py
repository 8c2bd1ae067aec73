"""A reader without the articles that were hidden: every search goes through it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import NamedTuple

from corpus.engine import (
    ArticleEntry,
    CollectionStatistics,
    FoldedPassage,
    IndexReader,
    ScoredPassage,
    StoredArticle,
    TermQuery,
)
from corpus.hidden import Hidden
from corpus.model import Article, Filters, Passage, SourceCount, Stats


class _Held(NamedTuple):
    """A hidden article that a generation still holds."""

    source: str
    passages: int


class Visibility:
    """Leaves hidden articles out of each generation. Thread-safe."""

    def __init__(self, hidden: Hidden) -> None:
        self._hidden = hidden
        self._lock = Lock()
        self._cached: tuple[str, frozenset[str], dict[int, _Held]] | None = None

    def of(self, reader: IndexReader) -> IndexReader:
        """Return a reader of the same generation without the articles hidden now.

        Raises:
            CorpusError: it cannot be read which articles are hidden.
        """
        hidden = frozenset(self._hidden.addresses())
        return VisibleReader(reader, hidden, self._held(reader, hidden)) if hidden else reader

    def _held(self, reader: IndexReader, hidden: frozenset[str]) -> Mapping[int, _Held]:
        with self._lock:
            if self._cached is None or self._cached[:2] != (reader.generation, hidden):
                stored = filter(None, (reader.article(path) for path in sorted(hidden)))
                held = {
                    one.article.id: _Held(one.article.source, len(one.content_hashes))
                    for one in stored
                }
                self._cached = reader.generation, hidden, held
            return self._cached[2]


class VisibleReader:
    """An `IndexReader` over another one that leaves out some articles at once.

    The next generation does not hold them. Until then they still count in the statistics of the
    collection, which only shifts scores.
    """

    def __init__(
        self, reader: IndexReader, hidden: frozenset[str], held: Mapping[int, _Held]
    ) -> None:
        self._reader = reader
        self._hidden = hidden
        self._held = held

    @property
    def generation(self) -> str:
        """Name of the generation, different for each set of hidden articles."""
        marks = ",".join(str(id_) for id_ in sorted(self._held))
        return f"{self._reader.generation} without {marks}" if marks else self._reader.generation

    @property
    def statistics(self) -> CollectionStatistics:
        """The collection statistics for BM25, hidden articles included."""
        return self._reader.statistics

    def document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """Return in how many passages each term occurs, hidden ones included."""
        return self._reader.document_frequencies(terms)

    def search(self, query: TermQuery, k: int) -> list[ScoredPassage]:
        """Return the ``k`` best visible passages."""
        wanted = k
        while True:
            found = self._reader.search(self._without_hidden_paths(query), wanted)
            visible = [scored for scored in found if scored.article_id not in self._held]
            if len(visible) >= k or len(found) < wanted:
                return visible[:k]
            wanted *= 2

    def explain(
        self, boosts: Mapping[str, float], passage_ids: Sequence[int]
    ) -> list[dict[str, float]]:
        """Return the share of each term of each passage in its score."""
        return self._reader.explain(boosts, passage_ids)

    def opening_passages(self, query: TermQuery, limit: int) -> list[ScoredPassage]:
        """Return the first passages of visible articles."""
        # One passage an article, so this many more make up for the hidden ones.
        found = self._reader.opening_passages(
            self._without_hidden_paths(query), limit + len(self._held)
        )
        return [scored for scored in found if scored.article_id not in self._held][:limit]

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these ids, which a search has found."""
        return self._reader.passages(ids)

    def folded_passages(self, ids: Sequence[int]) -> list[FoldedPassage]:
        """Return what the passages with these ids say, which a search has found."""
        return self._reader.folded_passages(ids)

    def articles(self, ids: Iterable[int]) -> dict[int, Article]:
        """Return the visible articles with these ids."""
        return self._reader.articles(id_ for id_ in ids if id_ not in self._held)

    def article(self, path: str) -> StoredArticle | None:
        """Return the article at ``path``, or None if there is none or it is hidden."""
        return None if path in self._hidden else self._reader.article(path)

    def passages_with_content(self, content_hash: int) -> list[int]:
        """Return the ids of visible passages with this `content_hash`, in ascending order."""
        found = self._reader.passages_with_content(content_hash)
        if not found or not self._held:
            return found
        passages = self._reader.passages(found)
        return [passage.id for passage in passages if passage.article_id not in self._held]

    def articles_with(self, terms: Collection[str]) -> set[int]:
        """Return the ids of visible articles with a passage that holds all of ``terms``."""
        return self._reader.articles_with(terms) - self._held.keys()

    def similar_bigrams(self, bigram: str) -> list[str]:
        """Return indexed bigrams that share one character with ``bigram``."""
        return self._reader.similar_bigrams(bigram)

    def days(self, filters: Filters) -> dict[int, str]:
        """Return the day of each dated visible article that passes ``filters``."""
        days = self._reader.days(filters)
        return {id_: day for id_, day in days.items() if id_ not in self._held}

    def entries(self) -> list[ArticleEntry]:
        """Return all visible articles, the newest first."""
        return [entry for entry in self._reader.entries() if entry.path not in self._hidden]

    def stats(self) -> Stats:
        """Return the figures of the generation, without what is hidden."""
        stats = self._reader.stats()
        if not self._held:
            return stats
        counted = {source.name: source for source in stats.sources}
        for name, _ in self._held.values():
            if (source := counted.get(name)) is not None:
                counted[name] = replace(source, articles=source.articles - 1)
        return replace(
            stats,
            articles=stats.articles - len(self._held),
            passages=stats.passages - sum(held.passages for held in self._held.values()),
            sources=_largest_first(counted.values()),
        )

    def _without_hidden_paths(self, query: TermQuery) -> TermQuery:
        if query.paths is None:
            return query
        return replace(query, paths=query.paths - self._hidden)


def _largest_first(sources: Iterable[SourceCount]) -> tuple[SourceCount, ...]:
    """Return the sources that hold an article, in the order of `Stats.sources`."""
    held = [source for source in sources if source.articles > 0]
    return tuple(sorted(held, key=lambda source: (-source.articles, source.name)))

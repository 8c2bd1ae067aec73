"""Builds `Hit`s from candidates: highlights, answer, duplicates and parts of the score."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from corpus.analysis.analyzer import Analyzer
from corpus.engine import IndexReader
from corpus.model import Article, Hit, Marks, Passage
from corpus.search import snippets
from corpus.search.rerank import Candidate


@dataclass(frozen=True, slots=True)
class Marker:
    """Finds in passages what to mark for one query; needs no index, so it outlives a generation."""

    analyzer: Analyzer
    question: str
    """Folded."""
    words: Mapping[str, float]
    """The words among its terms, with their weights in an answer."""
    highlighted: Collection[str]
    """Words to highlight."""

    def marks(self, title: str, text: str) -> Marks:
        """Return the marks of a passage's ``text`` in an article with that ``title``."""
        wanted = snippets.Wanted(self.question, self.words, self.analyzer.fold(title))
        return Marks(
            snippets.highlights(self.analyzer.find(text, self.highlighted)),
            snippets.best_answer(text, wanted, self.analyzer.comparable),
        )


@dataclass(frozen=True, slots=True)
class HitBuilder:
    """Builds the hits of one query over one generation."""

    reader: IndexReader
    boosts: Mapping[str, float]
    """Of the query's terms that occur in the index, to explain a score."""
    marker: Marker

    def build(
        self,
        ranked: Iterable[tuple[int, Candidate]],
        passages: Mapping[int, Passage],
        articles: Mapping[int, Article],
    ) -> tuple[Hit, ...]:
        """Return the hits of some candidates.

        Args:
            ranked: ranks, from 1, with their candidates.
            passages: of all candidates, by id.
            articles: of all candidates and their duplicates, by id.
        """
        shown = list(ranked)
        shares = self.reader.explain(self.boosts, [candidate.passage_id for _, candidate in shown])
        return tuple(
            self._hit(rank, candidate, parts, passages[candidate.passage_id], articles)
            for (rank, candidate), parts in zip(shown, shares, strict=True)
        )

    def _hit(
        self,
        rank: int,
        candidate: Candidate,
        parts: Mapping[str, float],
        passage: Passage,
        articles: Mapping[int, Article],
    ) -> Hit:
        article = articles[candidate.article_id]
        return Hit(
            rank=rank,
            score=candidate.score,
            article=article,
            passage=passage,
            marks=cache(partial(self.marker.marks, article.title, passage.text)),
            duplicates=tuple(articles[id_] for id_ in candidate.duplicates),
            parts={**parts, **candidate.parts},
            content_hash=candidate.content,
        )

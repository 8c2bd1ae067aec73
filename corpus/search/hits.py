"""Builds `Hit`s from candidates: highlights, answer, duplicates and parts of the score."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from corpus.analysis.analyzer import Analyzer
from corpus.engine import IndexReader
from corpus.model import Article, Hit, Passage
from corpus.search import snippets
from corpus.search.rerank import Candidate


@dataclass(frozen=True, slots=True)
class HitBuilder:
    """Builds the hits of one query over one generation."""

    reader: IndexReader
    analyzer: Analyzer
    question: str
    """Folded."""
    boosts: Mapping[str, float]
    """Of the query's terms that occur in the index, to explain a score."""
    words: Mapping[str, float]
    """The words among these terms, with their weights in an answer."""
    highlighted: Collection[str]
    """Words to highlight."""

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
        analyzer = self.analyzer
        wanted = snippets.Wanted(self.question, self.words, analyzer.fold(article.title))
        return Hit(
            rank=rank,
            score=candidate.score,
            article=article,
            passage=passage,
            highlights=snippets.highlights(analyzer.find(passage.text, self.highlighted)),
            answer=snippets.best_answer(passage.text, wanted, analyzer.comparable),
            duplicates=tuple(articles[id_] for id_ in candidate.duplicates),
            parts={**parts, **candidate.parts},
            content_hash=candidate.content,
        )

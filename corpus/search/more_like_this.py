"""Passages like another one: those that hold the words that tell most of it."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus import bm25
from corpus.analysis.analyzer import Analyzer
from corpus.engines.local import catalogue
from corpus.engines.local.reader import Index
from corpus.model import Article, Filters, Hit, Passage
from corpus.search import key_terms, query, rerank, snippets
from corpus.search.searcher import MOST_CANDIDATES

_KEY_TERMS = 12
_LEAST_PASSAGES = 2  # that hold a key term: its own passage does in any case
LEAST_SHARE = 0.25
"""Of the score that a passage has for its own key terms: what has less is not like it."""


@dataclass(frozen=True, slots=True)
class Like:
    """The passages that are like one."""

    question: str
    """Its key terms; empty where there is no such passage."""
    total: int
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The key terms of a passage, looked up."""

    question: str
    terms: list[bm25.WeightedTerm]
    words: Mapping[str, float]
    """Those of ``terms`` that are words, and how much each weighs."""


class Related:
    """Finds passages like others in one generation. Calls may be awaited concurrently."""

    def __init__(self, index: Index, analyzer: Analyzer) -> None:
        self._index = index
        self._analyzer = analyzer

    async def __call__(
        self, path: str, ordinal: int, filters: Filters, *, limit: int, offset: int
    ) -> Like:
        """Return ``limit`` passages that are like one, after the first ``offset``.

        Neither it nor what is nearly the same is among them.

        Args:
            path: of its article.
            ordinal: its place there.
            filters: normalised.
            limit: how many to return at most.
            offset: how many to skip, 0 or more.
        """
        located = await catalogue.article(self._index, path)
        if located is None or not 0 <= ordinal < len(located.article.paragraphs):
            return Like("", 0, ())
        text = located.article.paragraphs[ordinal].text
        id_ = located.first_passage + ordinal
        allowed = await self._index.allowed(filters)
        wanted = await asyncio.to_thread(self._look_up, text)
        candidates = await asyncio.to_thread(self._candidates, wanted, id_, allowed)
        passages = await self._index.passages([one.passage_id for one in candidates])
        texts = await asyncio.to_thread(self._fold, passages)
        # The passage itself stands first, so that what is the same as it is folded into it.
        others = rerank.fold_copies(candidates, texts)[1:]
        hits = await self._hits(wanted, others[offset : offset + limit], offset + 1)
        return Like(wanted.question, len(others), hits)

    def _look_up(self, text: str) -> _Wanted:
        terms = key_terms.key_terms(
            text, _KEY_TERMS, self._index, self._analyzer, least_passages=_LEAST_PASSAGES
        )
        question = " ".join(terms)
        reading = query.reading(question, self._analyzer)
        weighted = [
            bm25.WeightedTerm(term, reading.terms[term], known.idf, known.posting)
            for term, known in self._index.look_up(reading.terms).items()
        ]
        words = {one.term: one.weight * one.idf for one in weighted if one.term in reading.words}
        return _Wanted(question, weighted, words)

    def _candidates(
        self, wanted: _Wanted, id_: int, allowed: NDArray[np.bool_] | None
    ) -> list[rerank.Candidate]:
        """Return the passage itself with a boundless score, then those that are like it."""
        index = self._index
        terms = {one.term: one.weight for one in wanted.terms}
        least = LEAST_SHARE * sum(bm25.parts(wanted.terms, index.norms, id_).values())
        ids, scores = index.top_k(terms, MOST_CANDIDATES, allowed=allowed)
        like = (scores >= least) & (scores > 0) & (ids != id_)
        ids = np.concatenate([[id_], ids[like]])
        scores = np.concatenate([[math.inf], scores[like]])
        columns = (ids, index.article_of[ids], scores, index.content_hash[ids])
        return [rerank.Candidate(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]

    def _fold(self, passages: list[Passage]) -> list[str]:
        return self._analyzer.fold_each([f"{one.heading} {one.text}" for one in passages])

    async def _hits(
        self, wanted: _Wanted, shown: list[rerank.Candidate], first_rank: int
    ) -> tuple[Hit, ...]:
        passages = await self._index.passages([one.passage_id for one in shown])
        articles = await self._index.articles(
            id_ for one in shown for id_ in (one.article_id, *one.duplicates)
        )

        def make() -> tuple[Hit, ...]:
            return tuple(
                self._hit(rank, wanted, candidate, passage, articles)
                for rank, (candidate, passage) in enumerate(
                    zip(shown, passages, strict=True), first_rank
                )
            )

        return await asyncio.to_thread(make)

    def _hit(
        self,
        rank: int,
        wanted: _Wanted,
        candidate: rerank.Candidate,
        passage: Passage,
        articles: Mapping[int, Article],
    ) -> Hit:
        article = articles[candidate.article_id]
        fold = self._analyzer.fold
        about = snippets.Wanted(fold(wanted.question), wanted.words, fold(article.title))
        return Hit(
            rank=rank,
            score=candidate.score,
            article=article,
            passage=passage,
            highlights=snippets.highlights(self._analyzer.find(passage.text, wanted.words)),
            answer=snippets.best_answer(passage.text, about, self._analyzer.fold_each),
            duplicates=tuple(articles[id_] for id_ in candidate.duplicates),
            parts=bm25.parts(wanted.terms, self._index.norms, candidate.passage_id),
        )

"""The way of a question through one index generation: terms, candidates, ranking, answers."""

import asyncio
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from corpus import answer, bm25, query, ranking
from corpus.analyzer import Analyzer, is_han
from corpus.dates import epoch_seconds
from corpus.index import Index, IndexedTerm
from corpus.model import Article, Filters, Hit, Passage, Query, Sort
from corpus.synonyms import Synonyms

LONGEST_QUESTION = 300
"""Characters that are looked at; what comes after them is no longer a question."""
MOST_CANDIDATES = 200
_MOST_READ = 5_000  # candidates, in search of those that satisfy the operators
_WIDEN = 4  # times as many candidates are read where operators leave too few

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to."""

    hits: tuple[Hit, ...]
    total: int
    """0 where not even the best candidate is worth showing."""
    query: Query
    indexed: Mapping[str, IndexedTerm]
    """What the index knows of the question's terms."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """A query with what the index knows of it."""

    query: Query
    indexed: Mapping[str, IndexedTerm]
    allowed: Mask | None
    first: list[ranking.Candidate]
    """Of the first stage, best first."""


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A query with its candidates in their final order."""

    looked: _Looked
    candidates: list[ranking.Candidate]
    passages: Mapping[int, Passage]
    """Those that were read, by id: the best candidates' at least."""


class Search:
    """Searches one generation. Calls may be awaited concurrently."""

    def __init__(self, index: Index, analyzer: Analyzer, synonyms: Synonyms) -> None:
        self._index = index
        self._analyzer = analyzer
        self._synonyms = synonyms

    async def __call__(
        self,
        question: str,
        filters: Filters,
        *,
        limit: int,
        sort: Sort,
        offset: int = 0,
        within: Collection[str] | None = None,
    ) -> Found:
        """Return ``limit`` hits for ``question``, those after the first ``offset``.

        Args:
            question: as typed.
            filters: normalised.
            limit: how many hits to return at most.
            sort: the order of the candidates, of which the hits are a part.
            offset: how many hits to skip, 0 or more.
            within: where given, only articles with these paths.
        """
        allowed = await self._index.allowed(filters, within)
        looked = await asyncio.to_thread(self._look_up, question, allowed)
        ranked = await self._rank(looked)
        kept = ranking.kept(ranked.candidates)
        hits = await self._hits(ranked, kept, slice(offset, offset + limit), sort)
        total = 0 if hits is None else len(kept)
        return Found(hits or (), total, looked.query, looked.indexed)

    def _look_up(self, question: str, allowed: Mask | None) -> _Looked:
        parsed = query.parse(question[:LONGEST_QUESTION], self._analyzer, self._synonyms.reword)
        necessary = [query.necessary_terms(phrase, self._analyzer) for phrase in parsed.required]
        indexed = self._index.look_up({*parsed.terms, *chain.from_iterable(necessary)})
        if parsed.required:
            allowed = self._holding(necessary, indexed, allowed)
        first = self._first_stage(parsed, MOST_CANDIDATES, allowed)
        return _Looked(parsed, indexed, allowed, first)

    async def _rank(self, looked: _Looked) -> _Ranked:
        parsed, first = looked.query, looked.first
        if parsed.required or parsed.excluded:
            first, passages, texts = await self._that_satisfy(looked)
        else:
            ids = [one.passage_id for one in first[: ranking.READ]]
            passages = await self._index.passages(ids)
            texts = None

        def second_stage() -> list[ranking.Candidate]:
            folded = texts if texts is not None else self._fold_all(passages)
            return ranking.second_stage(first, folded, self._targets(looked))

        candidates = await asyncio.to_thread(second_stage)
        return _Ranked(looked, candidates, {one.id: one for one in passages})

    async def _that_satisfy(
        self, looked: _Looked
    ) -> tuple[list[ranking.Candidate], list[Passage], list[str]]:
        """Return the candidates that hold what is required and nothing that is excluded.

        Also the passages of all, and the folded texts of as many as the second stage reads. Terms
        alone do not tell: candidates are read until enough of them do, or there are no more.
        """
        parsed, first, k = looked.query, looked.first, MOST_CANDIDATES
        while True:
            passages = await self._index.passages([one.passage_id for one in first])
            texts = await asyncio.to_thread(self._fold_all, passages)
            kept = [
                at
                for at, text in enumerate(texts)
                if all(phrase in text for phrase in parsed.required)
                and not any(phrase in text for phrase in parsed.excluded)
            ][:MOST_CANDIDATES]
            if len(kept) == MOST_CANDIDATES or len(first) < k or k >= _MOST_READ:
                satisfying = [first[at] for at in kept]
                return (
                    satisfying,
                    [passages[at] for at in kept],
                    [texts[at] for at in kept[: ranking.READ]],
                )
            k *= _WIDEN
            first = await asyncio.to_thread(self._first_stage, parsed, k, looked.allowed)

    def _first_stage(self, parsed: Query, k: int, allowed: Mask | None) -> list[ranking.Candidate]:
        index = self._index
        ids, scores = index.top_k(parsed.terms, k, allowed=allowed)
        columns = (ids, index.article_of[ids], scores, index.content_hash[ids])
        return [ranking.Candidate(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]

    def _holding(
        self,
        necessary: Sequence[Collection[str]],
        indexed: Mapping[str, IndexedTerm],
        allowed: Mask | None,
    ) -> Mask:
        """Return which allowed passages have every term that is necessary."""
        holding = np.ones(len(self._index.norms), np.bool_) if allowed is None else allowed.copy()
        for term in chain.from_iterable(necessary):
            found = np.zeros_like(holding)
            if term in indexed:
                found[indexed[term].posting.passages] = True
            holding &= found
        return holding

    def _fold_all(self, passages: Sequence[Passage]) -> list[str]:
        return self._fold_each([f"{one.heading} {one.text}" for one in passages])

    def _fold_each(self, texts: Sequence[str]) -> list[str]:
        return self._analyzer.fold_each(texts)

    def _targets(self, looked: _Looked) -> list[ranking.Target]:
        # A term that no passage holds would have weighed most.
        unknown = math.log(2 * len(self._index.norms) + 1)
        idfs = {term: known.idf for term, known in looked.indexed.items()}
        weights = looked.query.terms
        return [
            ranking.Target(
                text=reading.text,
                characters=frozenset(
                    char for word in reading.words if is_han(word) for char in word
                ),
                best_score=sum(weights[term] * idfs.get(term, unknown) for term in reading.terms),
            )
            for reading in looked.query.readings
        ]

    async def _hits(
        self, ranked: _Ranked, candidates: list[ranking.Candidate], place: slice, sort: Sort
    ) -> tuple[Hit, ...] | None:
        """Return the hits at ``place``; None where not even the best is worth showing."""
        if not candidates:
            return None
        best = candidates[0]
        if sort is not Sort.RELEVANCE:
            candidates = await self._by_date(candidates, newest_first=sort is Sort.NEWEST)
        shown = candidates[place]
        unread = [one.passage_id for one in shown if one.passage_id not in ranked.passages]
        read = {one.id: one for one in await self._index.passages(unread)} if unread else {}
        passages = {**ranked.passages, **read}
        articles = await self._index.articles(
            id_ for one in (best, *shown) for id_ in (one.article_id, *one.duplicates)
        )

        def make() -> tuple[Hit, ...] | None:
            if not self._is_worth_showing(ranked, articles[best.article_id]):
                return None
            words = _word_weights(ranked.looked)
            return tuple(
                self._hit(rank, ranked.looked, one, words, passages, articles)
                for rank, one in enumerate(shown, place.start + 1)
            )

        return await asyncio.to_thread(make)

    def _hit(
        self,
        rank: int,
        looked: _Looked,
        candidate: ranking.Candidate,
        words: Mapping[str, float],
        passages: Mapping[int, Passage],
        articles: Mapping[int, Article],
    ) -> Hit:
        passage, article = passages[candidate.passage_id], articles[candidate.article_id]
        fold = self._analyzer.fold
        wanted = answer.Wanted(looked.query.readings[0].text, words, fold(article.title))
        parts = bm25.parts(_weighted(looked), self._index.norms, candidate.passage_id)
        return Hit(
            rank=rank,
            score=candidate.score,
            article=article,
            passage=passage,
            highlights=answer.highlights(self._analyzer.find(passage.text, words)),
            answer=answer.best_answer(passage.text, wanted, self._fold_each),
            duplicates=tuple(articles[id_] for id_ in candidate.duplicates),
            parts={**parts, **candidate.parts},
        )

    def _is_worth_showing(self, ranked: _Ranked, article: Article) -> bool:
        passage = ranked.passages[ranked.candidates[0].passage_id]
        text = self._analyzer.fold(f"{article.title} {passage.heading} {passage.text}")
        sure = ranking.confidence(ranked.candidates, text, self._targets(ranked.looked))
        return sure >= ranking.CONFIDENT

    async def _by_date(
        self, candidates: list[ranking.Candidate], *, newest_first: bool
    ) -> list[ranking.Candidate]:
        """Order by date, the better one first on the same instant; the undated come last."""
        articles = await self._index.articles(one.article_id for one in candidates)

        def age(candidate: ranking.Candidate) -> tuple[bool, int]:
            written = articles[candidate.article_id].date
            at = epoch_seconds(written) if written else None
            return at is None, (-(at or 0) if newest_first else (at or 0))

        return sorted(candidates, key=age)


def _weighted(looked: _Looked) -> list[bm25.WeightedTerm]:
    return [
        bm25.WeightedTerm(term, weight, looked.indexed[term].idf, looked.indexed[term].posting)
        for term, weight in looked.query.terms.items()
        if term in looked.indexed
    ]


def _word_weights(looked: _Looked) -> dict[str, float]:
    """Return how much each of the question's words that occur weighs in an answer."""
    return {
        one.term: one.weight * one.idf
        for one in _weighted(looked)
        if one.term in looked.query.words
    }

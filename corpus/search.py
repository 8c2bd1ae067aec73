"""The way of a question through one index generation: terms, candidates, ranking, answers."""

import asyncio
import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus import answer, bm25, query, ranking
from corpus.analyzer import Analyzer, is_han
from corpus.dates import epoch_seconds
from corpus.index import Index, IndexedTerm
from corpus.model import Article, Filters, Hit, Notice, NoticeKind, Passage, Query, Sort
from corpus.synonyms import Synonyms

MOST_CANDIDATES = 200
_WIDEN = 4  # times as many candidates are read where operators leave too few
_SOURCES_NAMED = 5
_SEPARATOR = "\x1f"  # of texts that are folded together; no passage holds a control character

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    suggestions: tuple[str, ...] = ()
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class _Looked:
    """A query with what the index knows of it."""

    query: Query
    indexed: Mapping[str, IndexedTerm]
    terms: Sequence[bm25.WeightedTerm]


class Search:
    """Searches one generation. Calls may be awaited concurrently."""

    def __init__(self, index: Index, analyzer: Analyzer, synonyms: Synonyms) -> None:
        self._index = index
        self._analyzer = analyzer
        self._synonyms = synonyms

    async def __call__(self, question: str, filters: Filters, *, limit: int, sort: Sort) -> Found:
        """Return the first ``limit`` hits for ``question``, or why there are none.

        Args:
            question: as typed.
            filters: normalised.
            limit: how many hits to return at most.
            sort: the order of the candidates, of which the hits are the first.
        """
        parsed = await asyncio.to_thread(
            query.parse, question, self._analyzer, self._synonyms.reword
        )
        if not parsed.terms:
            return Found(notice=await self._notice(NoticeKind.EMPTY_QUESTION, filters))
        looked = await self._look_up(parsed)
        allowed = await self._index.allowed(filters) if filters != Filters() else None
        candidates, passages = await self._candidates(looked, allowed)
        if not await self._is_worth_showing(looked, candidates, passages):
            return await self._nothing(looked, filters, question)
        if sort is not Sort.RELEVANCE:
            candidates = await self._by_date(candidates, newest_first=sort is Sort.NEWEST)
        shown = candidates[:limit]
        unread = [one.passage_id for one in shown if one.passage_id not in passages]
        passages |= {one.id: one for one in await self._index.passages(unread)}
        articles = await self._index.articles(
            id_ for one in shown for id_ in (one.article_id, *one.duplicates)
        )
        hits = await asyncio.to_thread(self._hits, looked, shown, passages, articles)
        return Found(hits, len(candidates))

    async def _look_up(self, parsed: Query) -> _Looked:
        necessary = {
            term
            for phrase in parsed.required
            for term in query.necessary_terms(phrase, self._analyzer)
        }
        indexed = await self._index.terms({*parsed.terms, *necessary})
        terms = [
            bm25.WeightedTerm(term, weight, indexed[term].idf, indexed[term].posting)
            for term, weight in parsed.terms.items()
            if term in indexed
        ]
        return _Looked(parsed, indexed, terms)

    async def _candidates(
        self, looked: _Looked, allowed: Mask | None
    ) -> tuple[list[ranking.Candidate], dict[int, Passage]]:
        """Return the ranked candidates and those of their passages that were read."""
        parsed = looked.query
        must_read_all = bool(parsed.required or parsed.excluded)
        if parsed.required:
            allowed = self._holding(looked, allowed)
        k = MOST_CANDIDATES
        while True:
            first = await asyncio.to_thread(self._first_stage, looked, k, allowed)
            exhausted = len(first) < k
            read = first if must_read_all else first[: ranking.READ]
            passages = await self._index.passages([one.passage_id for one in read])
            texts = await asyncio.to_thread(self._fold_all, passages)
            if must_read_all:
                kept = [
                    (one, text)
                    for one, text in zip(first, texts, strict=True)
                    if all(phrase in text for phrase in parsed.required)
                    and not any(phrase in text for phrase in parsed.excluded)
                ][:MOST_CANDIDATES]
                first = [one for one, _ in kept]
                texts = [text for _, text in kept][: ranking.READ]
            if exhausted or not must_read_all or len(first) >= MOST_CANDIDATES:
                break
            k *= _WIDEN
        targets = self._targets(looked)
        ranked = await asyncio.to_thread(ranking.second_stage, first, texts, targets)
        return ranked, {one.id: one for one in passages}

    async def _is_worth_showing(
        self,
        looked: _Looked,
        candidates: Sequence[ranking.Candidate],
        passages: Mapping[int, Passage],
    ) -> bool:
        if not candidates:
            return False
        passage = passages[candidates[0].passage_id]
        articles = await self._index.articles([passage.article_id])
        title = articles[passage.article_id].title
        text = self._analyzer.fold(f"{title} {passage.heading} {passage.text}")
        sure = ranking.confidence(candidates, text, self._targets(looked))
        return sure >= ranking.CONFIDENT

    def _first_stage(
        self, looked: _Looked, k: int, allowed: Mask | None
    ) -> list[ranking.Candidate]:
        index = self._index
        ids, scores = bm25.top_k(looked.terms, index.norms, k, allowed=allowed)
        columns = (ids, index.article_of[ids], scores, index.content_hash[ids])
        return [ranking.Candidate(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]

    def _holding(self, looked: _Looked, allowed: Mask | None) -> Mask:
        """Return which allowed passages have the terms that the required phrases need."""
        holding = np.ones(len(self._index.norms), np.bool_) if allowed is None else allowed.copy()
        for phrase in looked.query.required:
            for term in query.necessary_terms(phrase, self._analyzer):
                found = np.zeros_like(holding)
                if term in looked.indexed:
                    found[looked.indexed[term].posting.passages] = True
                holding &= found
        return holding

    def _fold_all(self, passages: Sequence[Passage]) -> list[str]:
        if not passages:
            return []
        together = _SEPARATOR.join(one.text for one in passages)
        return self._analyzer.fold(together).split(_SEPARATOR)

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

    def _hits(
        self,
        looked: _Looked,
        shown: Sequence[ranking.Candidate],
        passages: Mapping[int, Passage],
        articles: Mapping[int, Article],
    ) -> tuple[Hit, ...]:
        words = looked.query.words
        weights = {one.term: one.weight * one.idf for one in looked.terms if one.term in words}
        question = looked.query.readings[0].text
        fold = self._analyzer.fold
        hits: list[Hit] = []
        for rank, candidate in enumerate(shown, 1):
            passage, article = passages[candidate.passage_id], articles[candidate.article_id]
            wanted = answer.Wanted(question, weights, fold(article.title))
            parts = bm25.parts(looked.terms, self._index.norms, candidate.passage_id)
            hits.append(
                Hit(
                    rank=rank,
                    score=candidate.score,
                    article=article,
                    passage=passage,
                    highlights=answer.highlights(self._analyzer.find(passage.text, weights)),
                    answer=answer.best_answer(passage.text, wanted, fold),
                    duplicates=tuple(articles[id_] for id_ in candidate.duplicates),
                    parts={**parts, **candidate.parts},
                )
            )
        return tuple(hits)

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

    async def _nothing(self, looked: _Looked, filters: Filters, question: str) -> Found:
        """Find out why nothing is worth showing, and what would be."""
        asked = query.operators(question)
        unfiltered = await self._candidates(looked, None)
        if filters != Filters() and await self._is_worth_showing(looked, *unfiltered):
            return Found(notice=await self._notice(NoticeKind.FILTERED_OUT, filters))
        if looked.query.required:
            loose = await self(asked.text, Filters(), limit=1, sort=Sort.RELEVANCE)
            if loose.hits:
                notice = await self._notice(NoticeKind.PHRASE_NOT_FOUND, filters)
                return Found(suggestions=(asked.text,), notice=notice)
        tokens = self._analyzer.words(asked.text)
        words = dict.fromkeys(
            asked.text[token.start : token.end]
            for token in tokens
            if token.text in looked.indexed and token.text not in query.FUNCTION_WORDS
        )
        return Found(notice=await self._notice(NoticeKind.NO_MATCH, filters, tuple(words)))

    async def _notice(
        self, kind: NoticeKind, filters: Filters, words: tuple[str, ...] = ()
    ) -> Notice:
        stats = await self._index.stats()
        names = {self._analyzer.fold(one.name): one.name for one in stats.sources if one.name}
        closest = difflib.get_close_matches(
            filters.source or "", names, n=_SOURCES_NAMED, cutoff=0.4
        )
        sources = [names[key] for key in closest] or list(names.values())[:_SOURCES_NAMED]
        return Notice(kind, stats.first_date, stats.last_date, tuple(sources), words)

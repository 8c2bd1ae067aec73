"""The way of a question through one index generation: terms, candidates, ranking, answers."""

import asyncio
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from corpus import bm25
from corpus.analysis.analyzer import Analyzer
from corpus.analysis.phrases import holds
from corpus.dates import epoch_seconds
from corpus.engines.local.reader import Index, IndexedTerm
from corpus.model import Article, Filters, Hit, Outcome, Passage, Query, Sort
from corpus.search import confidence, query, rerank, snippets
from corpus.search.expansion import Synonyms

LONGEST_QUESTION = 300
"""Characters that are looked at; what comes after them is no longer a question."""
MOST_CANDIDATES = 200
_MOST_READ = 800  # candidates, in search of those that satisfy the operators

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
    outcome: Outcome = Outcome.ANSWER


@dataclass(frozen=True, slots=True)
class _Looked:
    """A query with what the index knows of it."""

    query: Query
    indexed: Mapping[str, IndexedTerm]
    allowed: Mask | None
    first: list[rerank.Candidate]
    """Of the first stage, best first."""


@dataclass(frozen=True, slots=True)
class _Read:
    """Passages as they are kept, with their articles."""

    passages: Sequence[Passage]
    articles: Mapping[int, Article]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A query with its candidates in their final order."""

    looked: _Looked
    candidates: list[rerank.Candidate]
    read: _Read
    """The best candidates at least."""
    outcome: Outcome
    considered: int
    """How many passages the candidates are, copies counted."""


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
        ranked = await self._ranked(question, filters, within)
        looked = ranked.looked
        if ranked.outcome is Outcome.NOTHING:
            return Found((), 0, looked.query, looked.indexed, ranked.outcome)
        kept = rerank.kept(ranked.candidates)
        hits = await self._hits(ranked, kept, slice(offset, offset + limit), sort)
        return Found(hits, len(kept), looked.query, looked.indexed, ranked.outcome)

    async def candidates(
        self, question: str, filters: Filters, within: Collection[str] | None
    ) -> Found:
        """Return all candidates for ``question`` as hits, however little they hold of it.

        Copies are folded, and yet counted in the total.
        """
        ranked = await self._ranked(question, filters, within)
        everything = slice(0, len(ranked.candidates))
        hits = await self._hits(ranked, ranked.candidates, everything, Sort.RELEVANCE)
        return Found(hits, ranked.considered, ranked.looked.query, ranked.looked.indexed)

    async def _ranked(
        self, question: str, filters: Filters, within: Collection[str] | None
    ) -> _Ranked:
        allowed = await self._index.allowed(filters, within)
        return await self._rank(await asyncio.to_thread(self._look_up, question, allowed))

    def _look_up(self, question: str, allowed: Mask | None) -> _Looked:
        parsed = query.parse(question[:LONGEST_QUESTION], self._analyzer, self._synonyms.reword)
        phrases = (*parsed.required, *parsed.excluded)
        necessary = {phrase: query.necessary_terms(phrase, self._analyzer) for phrase in phrases}
        indexed = self._index.look_up({*parsed.terms, *chain.from_iterable(necessary.values())})
        if parsed.required or parsed.excluded:
            allowed = self._may_satisfy(parsed, necessary, indexed, allowed)
        first = self._first_stage(parsed, MOST_CANDIDATES, allowed)
        return _Looked(parsed, indexed, allowed, first)

    async def _rank(self, looked: _Looked) -> _Ranked:
        if looked.query.required or looked.query.excluded:
            first = await self._that_satisfy(looked)
        else:
            first = looked.first
        read = await self._read(first)

        candidates, outcome = await asyncio.to_thread(self._second_stage, looked, first, read)
        return _Ranked(looked, candidates, read, outcome, len(first))

    def _second_stage(
        self, looked: _Looked, first: Sequence[rerank.Candidate], read: _Read
    ) -> tuple[list[rerank.Candidate], Outcome]:
        """Return the candidates in their final order, and what can be said of the best."""
        targets = self._targets(looked)
        ids = list(read.articles)
        titles = self._analyzer.fold_each([read.articles[id_].title for id_ in ids])
        title_of = dict(zip(ids, titles, strict=True))
        folded = self._analyzer.fold_each([f"{one.heading} {one.text}" for one in read.passages])
        texts = {
            one.id: rerank.Text(title_of[one.article_id], text, one.ordinal)
            for one, text in zip(read.passages, folded, strict=True)
        }
        ranked = rerank.rank(first, [texts[one.passage_id] for one in first], targets)
        candidates = rerank.fold_copies(ranked, [texts[one.passage_id].text for one in ranked])
        return candidates, confidence.outcome(candidates, texts, targets)

    async def _read(self, candidates: Sequence[rerank.Candidate]) -> _Read:
        passages = await self._index.passages([one.passage_id for one in candidates])
        return _Read(passages, await self._index.articles(one.article_id for one in candidates))

    async def _that_satisfy(self, looked: _Looked) -> list[rerank.Candidate]:
        """Return the candidates that hold what is required and nothing that is excluded.

        Terms alone do not tell: candidates are read until enough of them do, or there are no more.
        A title and a heading belong to every passage below them.
        """
        parsed, first, k = looked.query, looked.first, MOST_CANDIDATES

        def satisfying(read: _Read) -> list[rerank.Candidate]:
            texts = self._analyzer.fold_each(
                [
                    f"{read.articles[one.article_id].title}\n{one.heading}\n{one.text}"
                    for one in read.passages
                ]
            )
            return [
                candidate
                for candidate, text in zip(first, texts, strict=True)
                if all(holds(text, phrase) for phrase in parsed.required)
                and not any(holds(text, phrase) for phrase in parsed.excluded)
            ][:MOST_CANDIDATES]

        while True:
            kept = await asyncio.to_thread(satisfying, await self._read(first))
            if len(kept) == MOST_CANDIDATES or len(first) < k or k >= _MOST_READ:
                return kept
            k = _MOST_READ
            first = await asyncio.to_thread(self._first_stage, parsed, k, looked.allowed)

    def _first_stage(self, parsed: Query, k: int, allowed: Mask | None) -> list[rerank.Candidate]:
        index = self._index
        ids, scores = index.top_k(parsed.terms, k, allowed=allowed)
        columns = (ids, index.article_of[ids], scores, index.content_hash[ids])
        return [rerank.Candidate(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]

    def _may_satisfy(
        self,
        parsed: Query,
        necessary: Mapping[str, Collection[str]],
        indexed: Mapping[str, IndexedTerm],
        allowed: Mask | None,
    ) -> Mask:
        """Return which allowed passages may satisfy the operators, by the terms they hold."""
        mask = np.ones(len(self._index.norms), np.bool_) if allowed is None else allowed.copy()
        for term in chain.from_iterable(necessary[phrase] for phrase in parsed.required):
            found = np.zeros_like(mask)
            if term in indexed:
                found[indexed[term].posting.passages] = True
            mask &= found
        for phrase in parsed.excluded:
            # What is a term itself need not be looked for in the text.
            if phrase in necessary[phrase] and phrase in indexed:
                mask[indexed[phrase].posting.passages] = False
        return mask

    def _targets(self, looked: _Looked) -> list[rerank.Target]:
        # A term that no passage holds would have weighed most.
        unknown = math.log(2 * len(self._index.norms) + 2)
        idfs = {term: known.idf for term, known in looked.indexed.items()}
        weights = looked.query.terms
        return [
            rerank.Target(
                text=reading.text,
                words={word: idfs.get(word, unknown) / unknown for word in reading.words},
                best_score=sum(weights[term] * idfs.get(term, unknown) for term in reading.terms),
            )
            for reading in looked.query.readings
        ]

    async def _hits(
        self, ranked: _Ranked, candidates: list[rerank.Candidate], place: slice, sort: Sort
    ) -> tuple[Hit, ...]:
        """Return the hits at ``place``."""
        if sort is not Sort.RELEVANCE:
            candidates = await self._by_date(candidates, newest_first=sort is Sort.NEWEST)
        shown = candidates[place]
        passages = {one.id: one for one in ranked.read.passages}
        unread = [one.passage_id for one in shown if one.passage_id not in passages]
        if unread:
            passages |= {one.id: one for one in await self._index.passages(unread)}
        articles = ranked.read.articles
        named = {id_ for one in shown for id_ in (one.article_id, *one.duplicates)}
        if not named <= articles.keys():
            articles = await self._index.articles(named)

        ranks = range(place.start + 1, place.start + 1 + len(shown))
        numbered = list(zip(ranks, shown, strict=True))
        return await asyncio.to_thread(self._answered, ranked.looked, numbered, passages, articles)

    def _answered(
        self,
        looked: _Looked,
        shown: Sequence[tuple[int, rerank.Candidate]],
        passages: Mapping[int, Passage],
        articles: Mapping[int, Article],
    ) -> tuple[Hit, ...]:
        words = _word_weights(looked)
        return tuple(self._hit(rank, looked, one, words, passages, articles) for rank, one in shown)

    def _hit(
        self,
        rank: int,
        looked: _Looked,
        candidate: rerank.Candidate,
        words: Mapping[str, float],
        passages: Mapping[int, Passage],
        articles: Mapping[int, Article],
    ) -> Hit:
        passage, article = passages[candidate.passage_id], articles[candidate.article_id]
        fold = self._analyzer.fold
        wanted = snippets.Wanted(looked.query.readings[0].text, words, fold(article.title))
        parts = bm25.parts(_weighted(looked), self._index.norms, candidate.passage_id)
        return Hit(
            rank=rank,
            score=candidate.score,
            article=article,
            passage=passage,
            highlights=snippets.highlights(
                self._analyzer.find(passage.text, snippets.words_to_mark(words))
            ),
            answer=snippets.best_answer(passage.text, wanted, self._analyzer.fold_each),
            duplicates=tuple(articles[id_] for id_ in candidate.duplicates),
            parts={**parts, **candidate.parts},
        )

    async def _by_date(
        self, candidates: list[rerank.Candidate], *, newest_first: bool
    ) -> list[rerank.Candidate]:
        """Order by date, the better one first on the same instant; the undated come last."""
        articles = await self._index.articles(one.article_id for one in candidates)

        def age(candidate: rerank.Candidate) -> tuple[bool, int]:
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

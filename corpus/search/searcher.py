"""The way of a question through one index generation: terms, candidates, ranking, answers."""

import asyncio
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from corpus import bm25
from corpus.analysis.analyzer import Analyzer, is_han
from corpus.analysis.numerals import in_digits
from corpus.analysis.phrases import holds, loosened
from corpus.dates import epoch_seconds, utc_day
from corpus.engines.local.reader import Index, IndexedTerm
from corpus.model import Article, Filters, Hit, Passage, Query, Reading, Sort
from corpus.search import confidence, query, rerank, snippets
from corpus.search.conditions import ArchiveNames, date_fit
from corpus.search.days import Days, mentions
from corpus.search.expansion import Synonyms

LONGEST_QUESTION = 300
"""Characters that are looked at; what comes after them is no longer a question."""
MOST_CANDIDATES = 200
_MOST_READ = 800  # candidates, in search of those that satisfy the operators

DATE = 0.35
AUTHOR = 0.1
PREFERRED = 0.2

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
    is_worth_showing: bool
    """Whether the first candidate is."""
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
        parsed = await self._parse(question)
        if parsed.talk:
            return Found((), 0, parsed, {})
        if listed := await self._listed(parsed, filters, within):
            kept = listed.candidates
            hits = await self._hits(listed, kept, slice(offset, offset + limit), sort)
            return Found(hits, len(kept), parsed, {})
        ranked = await self._ranked(question, filters, within)
        looked = ranked.looked
        if not ranked.is_worth_showing:
            return Found((), 0, looked.query, looked.indexed)
        kept = rerank.kept(ranked.candidates)
        hits = await self._hits(ranked, kept, slice(offset, offset + limit), sort)
        return Found(hits, len(kept), looked.query, looked.indexed)

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

    async def _parse(self, question: str) -> Query:
        names = await _names(self._index, self._analyzer)
        return query.parse(
            question[:LONGEST_QUESTION], self._analyzer, self._synonyms.reword, names=names
        )

    async def _listed(
        self, parsed: Query, filters: Filters, within: Collection[str] | None
    ) -> "_Ranked | None":
        """Return the passages that a condition names by itself, or None."""
        by_kind = {condition.kind: condition.value for condition in parsed.conditions}
        if "address" in by_kind:
            allowed = await self._index.allowed(filters, [by_kind["address"]])
        elif "author" in by_kind and parsed.is_name:
            allowed = await self._index.allowed(
                replace(filters, author=self._analyzer.fold(by_kind["author"])), within
            )
        elif "source" in by_kind:
            allowed = await self._index.allowed(
                replace(filters, source=self._analyzer.fold(by_kind["source"])), within
            )
        else:
            return None
        assert allowed is not None
        terms = parsed.terms if "address" in by_kind else {}
        scores = (
            dict(
                zip(
                    *(c.tolist() for c in self._index.top_k(terms, 200, allowed=allowed)),
                    strict=True,
                )
            )
            if terms
            else {}
        )
        ids = np.flatnonzero(allowed)
        if "address" not in by_kind:
            _, firsts = np.unique(self._index.article_of[ids], return_index=True)
            ids = ids[firsts]
        ordered = sorted(ids.tolist(), key=lambda i: (-scores.get(i, 0), i))[:MOST_CANDIDATES]
        candidates = [
            rerank.Candidate(
                i, int(self._index.article_of[i]), 1.0, int(self._index.content_hash[i])
            )
            for i in ordered
        ]
        looked = _Looked(parsed, self._index.look_up(parsed.terms), None, candidates)
        return _Ranked(
            looked,
            candidates,
            await self._read(candidates),
            is_worth_showing=True,
            considered=len(candidates),
        )

    async def _ranked(
        self, question: str, filters: Filters, within: Collection[str] | None
    ) -> _Ranked:
        allowed = await self._index.allowed(filters, within)
        parsed = await self._parse(question)
        asked = [Days.of_value(c.value) for c in parsed.conditions if c.kind == "date"]
        dated = [
            await self._index.allowed(
                replace(filters, after=day.first.isoformat(), before=day.last.isoformat()), within
            )
            for day in asked
        ]
        return await self._rank(await asyncio.to_thread(self._look_up, parsed, allowed, dated))

    def _look_up(
        self, parsed: Query, allowed: Mask | None, dated: Sequence[Mask | None] = ()
    ) -> _Looked:
        phrases = (*parsed.required, *parsed.excluded)
        necessary = {phrase: query.necessary_terms(phrase, self._analyzer) for phrase in phrases}
        indexed = self._index.look_up({*parsed.terms, *chain.from_iterable(necessary.values())})
        if parsed.required or parsed.excluded:
            allowed = self._may_satisfy(parsed, necessary, indexed, allowed)
        first = self._first_stage(parsed, MOST_CANDIDATES, allowed)
        first = self._with_dated(first, parsed, indexed, dated)
        return _Looked(parsed, indexed, allowed, first)

    def _with_dated(
        self,
        first: list[rerank.Candidate],
        parsed: Query,
        indexed: Mapping[str, IndexedTerm],
        dated: Sequence[Mask | None],
    ) -> list[rerank.Candidate]:
        """Bring what came out in the days asked for among those that are read."""
        looked = _Looked(parsed, indexed, None, first)
        bonus = DATE * self._targets(looked)[0].best_score
        known = {candidate.passage_id: candidate for candidate in first}
        inside: set[int] = set()
        for mask in dated:
            found = self._first_stage(parsed, rerank.READ, mask)
            inside |= {candidate.passage_id for candidate in found}
            known |= {c.passage_id: c for c in found}
            if mask is not None:
                inside |= {id_ for id_ in known if mask[id_]}
        return (
            sorted(known.values(), key=lambda c: -(c.score + bonus * (c.passage_id in inside)))
            if dated
            else first
        )

    async def _rank(self, looked: _Looked) -> _Ranked:
        if looked.query.required or looked.query.excluded:
            first = await self._that_satisfy(looked)
        else:
            first = looked.first
        read = await self._read(first[: rerank.READ])

        candidates, is_worth_showing = await asyncio.to_thread(
            self._second_stage, looked, first, read
        )
        return _Ranked(looked, candidates, read, is_worth_showing, len(first))

    def _second_stage(
        self, looked: _Looked, first: Sequence[rerank.Candidate], read: _Read
    ) -> tuple[list[rerank.Candidate], bool]:
        """Return the candidates in their final order, and whether the best is worth showing."""
        targets = self._targets(looked)
        texts = self._fold_each([f"{one.heading} {one.text}" for one in read.passages])
        preferences = self._preferences(looked.query, read, texts) * targets[0].best_score
        candidates = rerank.second_stage(first, texts, targets, preferences)
        if not candidates:
            return [], False
        return candidates, self._is_worth_showing(candidates, read, targets)

    def _fold_each(self, texts: list[str]) -> list[str]:
        return [in_digits(text) for text in self._analyzer.fold_each(texts)]

    def _preferences(self, parsed: Query, read: _Read, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return how well each passage read fits what is preferred, as shares of the best score."""
        fits = np.zeros(len(texts))
        asked = [Days.of_value(c.value) for c in parsed.conditions if c.kind == "date"]
        authors = {c.value for c in parsed.conditions if c.kind == "author"}
        today = datetime.now(UTC).date()
        for i, (passage, text) in enumerate(zip(read.passages, texts, strict=True)):
            article = read.articles[passage.article_id]
            if asked:
                day = utc_day(article.date)
                published = date.fromisoformat(day) if day else None
                named = mentions(f"{self._analyzer.fold(article.title)} {text}", today)
                fits[i] += DATE * max(date_fit(days, published, named) for days in asked)
            fits[i] += AUTHOR * (article.author in authors)
            fits[i] += PREFERRED * sum(
                holds(loosened(text), loosened(phrase)) for phrase in parsed.preferred
            )
        return fits

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
            folded = self._analyzer.fold_each(
                [
                    f"{read.articles[one.article_id].title}\n{one.heading}\n{one.text}"
                    for one in read.passages
                ]
            )
            texts = [loosened(text) for text in folded]
            return [
                candidate
                for candidate, text in zip(first, texts, strict=True)
                if all(holds(text, loosened(phrase)) for phrase in parsed.required)
                and not any(holds(text, loosened(phrase)) for phrase in parsed.excluded)
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
                text=in_digits(reading.text),
                characters=frozenset(
                    char for word in reading.words if is_han(word) for char in word
                ),
                words={
                    word: idfs.get(word, unknown) / unknown * _share(reading, word)
                    for word in reading.words
                },
                telling=frozenset(
                    char
                    for word in reading.words
                    if is_han(word) and _share(reading, word) >= min(TELLING, _heaviest(reading))
                    for char in word
                ),
                best_score=sum(weights[term] * idfs.get(term, unknown) for term in reading.terms),
            )
            for reading in looked.query.readings
        ]

    def _is_worth_showing(
        self,
        candidates: Sequence[rerank.Candidate],
        read: _Read,
        targets: Sequence[rerank.Target],
    ) -> bool:
        passages = {one.id: one for one in read.passages}
        passage = passages[candidates[0].passage_id]
        title = f"{read.articles[passage.article_id].title} {passage.heading}"
        best = confidence.Best(*self._fold_each([title, passage.text]))
        return confidence.confidence(candidates, best, targets) >= confidence.CONFIDENT

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
        wanted = snippets.Wanted(in_digits(fold(looked.query.typed)), words, fold(article.title))
        parts = bm25.parts(_weighted(looked), self._index.norms, candidate.passage_id)
        return Hit(
            rank=rank,
            score=candidate.score,
            article=article,
            passage=passage,
            highlights=snippets.highlights(
                self._analyzer.find(passage.text, snippets.words_to_mark(words))
            ),
            answer=snippets.best_answer(passage.text, wanted, self._fold_each),
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


_names_of: "WeakKeyDictionary[Index, ArchiveNames]" = WeakKeyDictionary()


async def _names(index: Index, analyzer: Analyzer) -> ArchiveNames:
    if index not in _names_of:
        rows = await index.connection.execute_fetchall(
            "SELECT author, source, url, path FROM article"
        )
        _names_of[index] = ArchiveNames([tuple(row) for row in rows], analyzer.fold_each)
    return _names_of[index]


TELLING = 0.65


def _share(reading: Reading, word: str) -> float:
    return min(1.0, reading.terms[word] / query.WORD_WEIGHT)


def _heaviest(reading: Reading) -> float:
    return max(_share(reading, word) for word in reading.words)


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

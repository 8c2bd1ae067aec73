"""Passages similar to a given one, by its key terms."""

import math
from dataclasses import dataclass

from corpus import bm25
from corpus.analysis.analyzer import Analyzer
from corpus.engine import IndexReader, TermQuery
from corpus.model import Filters, Hit
from corpus.search import query, rerank
from corpus.search.hits import HitBuilder, Marker
from corpus.search.key_terms import key_terms
from corpus.search.rerank import Candidate
from corpus.search.searcher import MAX_CANDIDATES

_MAX_KEY_TERMS = 12
_MIN_PASSAGES = 2  # that hold a key term; the given passage is one of them
MIN_SHARE = 0.25
"""Minimum score of a similar passage, as a share of the given passage's own score."""


@dataclass(frozen=True, slots=True)
class SimilarPassages:
    """Passages similar to a given one."""

    question: str
    """The key terms of the given passage; empty if it does not exist."""
    total: int
    hits: tuple[Hit, ...]


class MoreLikeThis:
    """Finds similar passages in one generation. Blocks: call it from a thread."""

    def __init__(self, reader: IndexReader, analyzer: Analyzer) -> None:
        self._reader = reader
        self._analyzer = analyzer

    def search(
        self, path: str, ordinal: int, filters: Filters, *, limit: int, offset: int
    ) -> SimilarPassages:
        """Return ``limit`` passages similar to a given one, after the first ``offset``.

        The given passage and its near-copies are not among them.

        Args:
            path: of the article of the given passage.
            ordinal: position of the passage in that article.
            filters: normalised.
            limit: how many to return at most.
            offset: how many to skip, 0 or more.
        """
        stored = self._reader.article(path)
        if stored is None or not 0 <= ordinal < len(stored.article.paragraphs):
            return SimilarPassages("", 0, ())
        given = Candidate(
            stored.first_passage + ordinal,
            stored.article.id,
            math.inf,
            content=stored.content_hashes[ordinal],
        )
        terms = key_terms(
            stored.article.paragraphs[ordinal].text,
            _MAX_KEY_TERMS,
            self._reader,
            self._analyzer,
            min_passages=_MIN_PASSAGES,
        )
        question = " ".join(terms)
        variant = query.variant(question, self._analyzer)
        frequencies = self._reader.document_frequencies(variant.terms)
        boosts = {term: boost for term, boost in variant.terms.items() if term in frequencies}

        candidates = self._candidates(given, boosts, filters)
        passages = self._reader.passages([c.passage_id for c in candidates])
        texts = self._analyzer.fold_each([f"{p.heading} {p.text}" for p in passages])
        # The given passage comes first, so that its near-copies are folded into it.
        others = rerank.fold_copies(candidates, texts)[1:]

        shown = others[offset : offset + limit]
        idf = bm25.idfs(frequencies, self._reader.statistics)
        words = {word: boosts[word] * idf[word] for word in boosts if word in variant.words}
        marker = Marker(self._analyzer, self._analyzer.fold(question), words, words)
        hits = HitBuilder(self._reader, boosts, marker).build(
            enumerate(shown, offset + 1),
            {p.id: p for p in self._reader.passages([c.passage_id for c in shown])},
            self._reader.articles(id_ for c in shown for id_ in (c.article_id, *c.duplicates)),
        )
        return SimilarPassages(question, len(others), hits)

    def _candidates(
        self, given: Candidate, boosts: dict[str, float], filters: Filters
    ) -> list[Candidate]:
        """Return the given passage, then the similar ones."""
        own_score = sum(self._reader.explain(boosts, [given.passage_id])[0].values())
        scored = self._reader.search(TermQuery(boosts, filters=filters), MAX_CANDIDATES)
        return [
            given,
            *(
                Candidate(passage_id, article_id, score, content=content_hash)
                for passage_id, article_id, score, content_hash in scored
                if score >= MIN_SHARE * own_score and score > 0 and passage_id != given.passage_id
            ),
        ]

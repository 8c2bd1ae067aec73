"""rank-bm25's Okapi over an inverted index: the model is the library's, the scan is not.

``BM25Okapi`` keeps a dictionary for every document and looks at all of them for every question.
Here it gets only the statistics it needs (how many documents hold each term, how many there are,
how long they are on average) and works out the idf with its own code; scoring then visits nothing
but the postings of the question's terms. Scores equal ``BM25Okapi.get_scores`` on the same tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]

K1 = 0.4
B = 0.3
"""Passages are short: a repeated term and a long passage say less than in whole documents."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the idf of a collection depends on. All counts are of passages."""

    size: int
    average_length: float
    """In tokens."""
    document_frequencies: dict[str, int]


@dataclass(frozen=True, slots=True)
class Posting:
    """The passages that hold one term."""

    passages: NDArray[np.unsignedinteger[Any]]
    """Passage ids, ascending, shape (document frequency,)."""
    frequencies: NDArray[np.unsignedinteger[Any]]
    """How often the term occurs in each, same shape."""


@dataclass(frozen=True, slots=True)
class WeightedTerm:
    """One term of a question as the index knows it."""

    term: str
    weight: float
    """How often the question holds it, or less for a term that only stands in for another."""
    idf: float
    posting: Posting


class OkapiStatistics(BM25Okapi):
    """``BM25Okapi`` made from a collection's statistics in place of its documents.

    Only its idf and its parameters are meant to be used; it knows no documents to score.
    """

    def __init__(self, statistics: Statistics, *, k1: float = K1, b: float = B) -> None:
        super().__init__(statistics, k1=k1, b=b)

    def _initialize(self, corpus: Statistics) -> dict[str, int]:
        self.corpus_size = corpus.size
        self.avgdl = corpus.average_length
        return corpus.document_frequencies

    def _calc_idf(self, nd: dict[str, int]) -> None:
        # A collection without a single term has no average idf; the library divides by zero.
        if nd:
            super()._calc_idf(nd)


def idf(statistics: Statistics) -> dict[str, float]:
    """Return each term's idf as ``BM25Okapi`` computes it, with its floor for frequent terms."""
    return OkapiStatistics(statistics).idf


def idf_floor(document_frequencies: NDArray[np.integer[Any]], size: int) -> float:
    """Return the idf that ``BM25Okapi`` gives to terms that are in more than half of ``size``.

    A share of the average over all terms. The library averages over a dictionary of them; here it
    only sees each frequency that occurs, and how many terms have it weighs the average.
    """
    occurring, counts = np.unique(document_frequencies, return_counts=True)
    if not len(occurring):
        return 0.0
    epsilon = OkapiStatistics(Statistics(size, 0.0, {})).epsilon
    return epsilon * float(np.dot(raw_idf(occurring, size), counts)) / int(counts.sum())


def raw_idf(document_frequencies: NDArray[np.integer[Any]], size: int) -> Floats:
    """Return idfs before the floor, negative where more than half of ``size`` hold the term."""
    return np.log(size - document_frequencies + 0.5) - np.log(document_frequencies + 0.5)


def floored_idf(document_frequencies: NDArray[np.integer[Any]], size: int, floor: float) -> Floats:
    """Return the idfs of terms, given :func:`idf_floor` of the collection."""
    raw = raw_idf(document_frequencies, size)
    return np.where(raw < 0, floor, raw)


def length_norms(lengths: NDArray[Any], average_length: float, *, b: float = B) -> Floats:
    """Return ``1 - b + b * length / average`` for every passage, shape of ``lengths``."""
    return 1 - b + b * lengths.astype(np.float64) / (average_length or 1.0)


def contribution(
    term: WeightedTerm, frequencies: NDArray[Any], norms: Floats, *, k1: float = K1
) -> Floats:
    """Return what ``term`` adds to the score of passages with these frequencies and norms."""
    scale = term.weight * term.idf * (k1 + 1)
    return scale * frequencies / (frequencies + k1 * norms)


def top_k(
    terms: Sequence[WeightedTerm],
    norms: Floats,
    k: int,
    *,
    allowed: NDArray[np.bool_] | None = None,
) -> tuple[Ids, Floats]:
    """Return the ``k`` best passages that hold at least one term: ids and scores, best first.

    Args:
        terms: the question's terms that occur in the index.
        norms: :func:`length_norms` of all passages, shape (passages,).
        k: how many to return at most.
        allowed: where given, only passages with a true value are candidates, shape (passages,).

    Passages with the same score are in the order of their ids.
    """
    scores = np.zeros(len(norms))
    matched = np.zeros(len(norms), np.bool_)
    for term in terms:
        ids = term.posting.passages
        scores[ids] += contribution(term, term.posting.frequencies, norms[ids])
        matched[ids] = True
    if allowed is not None:
        matched &= allowed
    candidates = np.flatnonzero(matched)
    found = scores[candidates]
    if len(candidates) > k:
        # Everything that ties with the k-th best stays, so that the ids decide among them.
        threshold = np.partition(found, len(found) - k)[len(found) - k]
        candidates = candidates[found >= threshold]
        found = scores[candidates]
    order = np.lexsort((candidates, -found))[:k]
    return candidates[order], found[order]


def parts(terms: Sequence[WeightedTerm], norms: Floats, passage: int) -> dict[str, float]:
    """Return what each term that ``passage`` holds adds to its score."""
    found: dict[str, float] = {}
    for term in terms:
        at = int(np.searchsorted(term.posting.passages, passage))
        if at < len(term.posting.passages) and term.posting.passages[at] == passage:
            frequencies = term.posting.frequencies[at : at + 1]
            found[term.term] = float(contribution(term, frequencies, norms[[passage]])[0])
    return found

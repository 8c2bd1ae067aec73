"""Okapi BM25 as pure functions over a collection's statistics. Every engine is held to it.

The formula is rank-bm25's ``BM25Okapi``: an idf of ``log((N - n + 0.5) / (n + 0.5))``, which would
be negative for terms in more than half of the passages and is a share of the average idf for them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.engine import CollectionStatistics

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]

K1 = 0.4
B = 0.3
"""Passages are short: a repeated term and a long passage say less than in whole documents.

Chosen by ``python -m bench quality``.
"""

EPSILON = 0.25
"""Share of the average idf that very frequent terms get; the default of ``BM25Okapi``."""


def idfs(
    document_frequencies: Mapping[str, int], statistics: CollectionStatistics
) -> dict[str, float]:
    """Return the idf of each term.

    Args:
        document_frequencies: in how many passages each term is, above 0.
        statistics: of the whole collection.
    """
    counts = np.fromiter(document_frequencies.values(), np.int64, len(document_frequencies))
    values = floored_idf(counts, statistics.passages, statistics.idf_floor)
    return dict(zip(document_frequencies, values.tolist(), strict=True))


def collection_statistics(
    document_frequencies: Mapping[str, int], passages: int, average_length: float
) -> CollectionStatistics:
    """Return the statistics of a collection, given the frequencies of all its terms."""
    counts = np.fromiter(document_frequencies.values(), np.int64, len(document_frequencies))
    return CollectionStatistics(passages, average_length, idf_floor(counts, passages))


def idf_floor(document_frequencies: NDArray[np.integer[Any]], size: int) -> float:
    """Return the idf of terms that are in more than half of ``size`` passages.

    Args:
        document_frequencies: of all terms of the collection, in any order, shape (terms,).
        size: how many passages there are.
    """
    return idf_floor_of(*np.unique(document_frequencies, return_counts=True), size)


def idf_floor_of(
    occurring: NDArray[np.integer[Any]], counts: NDArray[np.integer[Any]], size: int
) -> float:
    """Return :func:`idf_floor`, given how many terms have each of the ``occurring`` frequencies."""
    # rank-bm25 averages over a dictionary of all terms. Only few different frequencies occur: each
    # is computed once and weighted by how many terms have it.
    if not len(occurring):
        return 0.0
    return EPSILON * float(np.dot(raw_idf(occurring, size), counts)) / int(counts.sum())


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


def term_scores(
    weights: Floats | float, frequencies: NDArray[Any], norms: Floats, *, k1: float = K1
) -> Floats:
    """Return what terms add to the scores of passages.

    Args:
        weights: the boost of a term times its idf, one for all or one a passage.
        frequencies: of the term in each passage.
        norms: :func:`length_norms` of these passages.
        k1: how soon a repeated term says no more.
    """
    return weights * (k1 + 1) * frequencies / (frequencies + k1 * norms)

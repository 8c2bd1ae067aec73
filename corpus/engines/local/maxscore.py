"""The exact k best passages for a query, without scoring all passages that hold one of its terms.

Every posting has an impact: its BM25 share without the idf, as one byte, rounded up. One pass over
these bytes gives every passage an upper bound that is at most one step per term too high; only
passages whose bound reaches the k-th best are then scored exactly (float64).

If the terms have many postings, MaxScore skips most of them: terms come in descending order of
their maximum score; once the remaining terms cannot lift a new passage into the k best, their long
lists are only probed for the few passages that are still candidates.
(H. Turtle, J. Flood: Query evaluation: strategies and optimizations, 1995.)
"""

from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.bm25 import K1, Floats, Ids, term_scores
from corpus.engines.local.mapped_file import Column

STEPS = 255
"""Of an impact: the byte 255 stands for the maximum of any posting, ``k1 + 1``."""
STEP = (K1 + 1) / STEPS

ROUNDING = 1.01  # float32 sums of 200 bounds are off by less than a hundredth of a step
_MIN_BOUND = np.float32(1e-30)  # above zero: a passage without any of the terms is no candidate
# Below this many postings, pruning costs more calls than it saves work.
_PRUNE_FROM = 65_536
_PRUNE_FROM_PER_RESULT = 1_500
_FIRST_READ = 24_576  # postings that are read before the first threshold is computed
_MAX_K_PROBED = 50  # for more results, probing for a better first threshold does not pay
# Measured, in nanoseconds: to probe one list for one passage, and to add up one posting.
_PROBE_NS, _ADD_NS = 40, 3

Bounds = NDArray[np.float32]


def impacts(frequencies: NDArray[Any], norms: Floats) -> NDArray[np.uint8]:
    """Return the impact byte of postings with these frequencies and length norms."""
    exact = K1 * norms
    exact += frequencies
    np.divide(frequencies, exact, out=exact)
    # The division may round down; the tiny factor keeps the byte an upper bound.
    exact *= STEPS * (1 + 1e-12)
    np.minimum(exact, STEPS, out=exact)
    return np.ceil(exact, out=exact).astype(np.uint8)


class PostingLists(NamedTuple):
    """The posting lists of a query's terms, as ranges of the posting arrays."""

    starts: Ids
    """Of the lists, shape (terms,)."""
    ends: Ids
    weights: Floats
    """Boost of each term times its idf; above zero."""
    max_impacts: NDArray[np.uint8]
    """The largest impact in each list."""


class MaxScore:
    """Finds the best passages by the posting arrays of one index. Thread-safe, one query at a time.

    Args:
        passages: ids (uint32), ascending within a list, shape (postings,).
        impacts: bytes, same shape.
        frequencies: same shape.
        norms: of each passage, shape (passages,).
    """

    def __init__(
        self,
        passages: Column,
        impacts: Column,
        frequencies: NDArray[np.uint16],
        norms: Floats,
    ) -> None:
        self._passage_column = passages
        self._impact_column = impacts
        self._passages: NDArray[np.uint32] = passages.entries
        self._impacts: NDArray[np.uint8] = impacts.entries
        self._frequencies = frequencies
        self._norms = norms
        # Reused by all queries: fresh memory costs more than clearing.
        self._bounds = np.zeros(len(norms), np.float32)
        self._marked = np.zeros(len(norms), np.bool_)
        self._lock = Lock()

    def top_k(
        self, lists: PostingLists, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Ids, Floats]:
        """Return the ``k`` best passages that are in at least one list: ids and scores, best first.

        Equal scores come in ascending order of ids.

        Args:
            lists: at least one.
            k: how many to return at most, at least 1.
            allowed: if not None, only passages with a true value are candidates.
        """
        total = int((lists.ends - lists.starts).sum())
        with self._lock:
            if total > _PRUNE_FROM + _PRUNE_FROM_PER_RESULT * k and len(lists.starts) > 1:
                return self._pruned(_by_max_score(lists), k, allowed)
            return self._exhaustive(lists, k, allowed)

    def _exhaustive(
        self, lists: PostingLists, k: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[Ids, Floats]:
        self._bounds.fill(0)
        sizes = lists.ends - lists.starts
        ids = self._add(lists, 0, len(sizes), allowed)
        slack = _slack(lists)
        threshold = _MIN_BOUND
        eligible = np.where(sizes >= k, lists.weights, 0.0)
        heaviest = int(eligible.argmax())
        if eligible[heaviest]:
            # The passages of one list are distinct, so the k-th best of them is not above the
            # k-th best of all.
            first = int(sizes[:heaviest].sum())
            bounds = self._bounds.take(ids[first : first + int(sizes[heaviest])])
            threshold = max(threshold, _kth_largest(bounds, k) - slack)
        candidates = (self._bounds >= threshold).nonzero()[0]
        if len(candidates) > k:
            bounds = self._bounds.take(candidates)
            candidates = candidates[bounds >= _kth_largest(bounds.copy(), k) - slack]
        return self._scored(lists, sizes, ids, candidates, k)

    def _add(
        self, lists: PostingLists, first: int, end: int, allowed: NDArray[np.bool_] | None
    ) -> Ids:
        """Add up the bounds of a range of lists and return their passages, list after list."""
        spans = list(
            zip(lists.starts[first:end].tolist(), lists.ends[first:end].tolist(), strict=True)
        )
        ids = self._passage_column.gather(spans).astype(np.int64)
        impacts = self._impact_column.gather(spans)
        steps = (lists.weights[first:end] * STEP).astype(np.float32)
        bounds = np.repeat(steps, lists.ends[first:end] - lists.starts[first:end])
        np.multiply(impacts, bounds, out=bounds)
        np.add.at(self._bounds, ids, bounds)
        if allowed is not None:
            np.multiply(self._bounds, allowed, out=self._bounds)
        return ids

    def _scored(
        self, lists: PostingLists, sizes: Ids, ids: Ids, candidates: Ids, k: int
    ) -> tuple[Ids, Floats]:
        """Score ``candidates``, given the passage ``ids`` of all postings."""
        self._marked[candidates] = True
        positions = self._marked.take(ids).nonzero()[0]
        self._marked[candidates] = False
        ends = sizes.cumsum()
        terms = ends.searchsorted(positions, side="right")
        frequencies = self._frequencies.take(positions + (lists.ends - ends).take(terms))
        passages = ids.take(positions)
        parts = term_scores(
            lists.weights.take(terms), frequencies.astype(np.float64), self._norms.take(passages)
        )
        rows = candidates.searchsorted(passages)
        scores: Floats = np.bincount(rows, parts, len(candidates)).astype(np.float64, copy=False)
        return _best(candidates, scores, k)

    def _pruned(
        self, lists: PostingLists, k: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[Ids, Floats]:
        sizes = lists.ends - lists.starts
        count = len(sizes)
        max_scores = lists.weights * STEP * lists.max_impacts
        # The maximum score of each list and all lists after it together, then 0.
        rest = np.append(np.cumsum(max_scores[::-1])[::-1], 0.0)
        slack = _slack(lists)
        self._bounds.fill(0)
        read = max(1, int(np.searchsorted(np.cumsum(sizes), _FIRST_READ, side="right")))
        ids = self._add(lists, 0, read, allowed)
        threshold = self._first_threshold(lists, ids, read, k) - slack
        needed = read
        while needed < count and rest[needed] >= threshold:
            needed += 1
        if needed > read:
            self._add(lists, read, needed, allowed)
        candidates = np.flatnonzero(self._bounds >= max(_MIN_BOUND, threshold - rest[needed]))
        bounds = self._bounds[candidates]
        for i in range(needed, count):
            if len(candidates) * _PROBE_NS > int(sizes[i]) * _ADD_NS:
                self._bounds[candidates] = bounds
                self._add(lists, i, i + 1, None)
                bounds = self._bounds[candidates]
            else:
                self._probe(lists, i, candidates, bounds)
            if len(bounds) > k:
                threshold = max(threshold, _kth_largest(bounds.copy(), k) - slack)
            is_candidate = bounds >= threshold - rest[i + 1]
            candidates, bounds = candidates[is_candidate], bounds[is_candidate]
        if len(bounds) > k:
            candidates = candidates[bounds >= _kth_largest(bounds.copy(), k) - slack]
        return self._scored_by_probing(lists, candidates, k)

    def _first_threshold(self, lists: PostingLists, ids: Ids, read: int, k: int) -> float:
        """Return a bound that at least ``k`` passages reach, or 0."""
        bounds = self._bounds[ids]
        # Each list holds a passage at most once, so k * read postings are of at least k passages.
        enough = min(len(ids), k * read)
        likely = ids[bounds >= max(_MIN_BOUND, _kth_largest(bounds.copy(), enough))]
        # With counts, since without them numpy imports its masked arrays, 3 MB that nobody needs.
        best, _ = np.unique(likely, return_counts=True)
        if len(best) < k:
            return 0.0
        bounds = self._bounds[best]
        if k <= _MAX_K_PROBED:
            if len(best) > k:
                chosen = np.sort(np.argpartition(bounds, len(bounds) - k)[len(bounds) - k :])
                best, bounds = best[chosen], bounds[chosen]
            for i in range(read, len(lists.starts)):
                self._probe(lists, i, best, bounds)
        return _kth_largest(bounds, k)

    def _probe(self, lists: PostingLists, i: int, candidates: Ids, bounds: Bounds) -> None:
        """Add the bounds of list ``i`` for ``candidates`` (ascending) to their ``bounds``."""
        start, end = int(lists.starts[i]), int(lists.ends[i])
        positions, is_present = _look_up(self._passages[start:end], candidates)
        step = np.float32(lists.weights[i] * STEP)
        bounds += self._impacts[start:end][positions] * is_present * step

    def _scored_by_probing(
        self, lists: PostingLists, candidates: Ids, k: int
    ) -> tuple[Ids, Floats]:
        scores = np.zeros(len(candidates))
        norms = self._norms[candidates]
        for start, end, weight in zip(
            lists.starts.tolist(), lists.ends.tolist(), lists.weights.tolist(), strict=True
        ):
            positions, is_present = _look_up(self._passages[start:end], candidates)
            frequencies = self._frequencies[start:end][positions] * is_present
            scores += term_scores(weight, frequencies.astype(np.float64), norms)
        return _best(candidates, scores, k)


def _by_max_score(lists: PostingLists) -> PostingLists:
    """Sort ``lists`` by their maximum scores, the highest first."""
    order = np.argsort(-(lists.weights * lists.max_impacts), kind="stable")
    return PostingLists(
        lists.starts[order], lists.ends[order], lists.weights[order], lists.max_impacts[order]
    )


def _slack(lists: PostingLists) -> float:
    """Return by how much a bound may exceed the score: one step for each term."""
    return float(lists.weights.sum()) * STEP * ROUNDING


def _look_up(passages: NDArray[np.uint32], candidates: Ids) -> tuple[Ids, NDArray[np.bool_]]:
    """Return the position of each candidate in a list, and whether the list holds it."""
    ids = candidates.astype(np.uint32)
    positions = passages.searchsorted(ids)
    positions[positions == len(passages)] = 0
    return positions, passages[positions] == ids


def _kth_largest(values: Bounds, k: int) -> float:
    """Return the ``k``-th largest of at least ``k`` values, which are reordered."""
    i = len(values) - k
    values.partition(i)
    return float(values[i])


def _best(candidates: Ids, scores: Floats, k: int) -> tuple[Ids, Floats]:
    order = np.lexsort((candidates, -scores))[:k]
    return candidates[order], scores[order]

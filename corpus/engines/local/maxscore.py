"""The k best passages for a question, exactly, without looking at all that hold one of its terms.

Every posting carries its impact: what BM25 makes of frequency and length, as one byte, rounded up.
One pass over those bytes gives every passage an upper bound that is at most one step a term too
high; only passages whose bound reaches the k-th best are then scored exactly (float64).

Where a question's terms have many postings, MaxScore leaves out most of these: terms are taken by
the most they can add; once what is left cannot lift a passage that was not met yet into the k best,
the long lists of the rest are only probed for the few passages that are still in the running.
(H. Turtle, J. Flood: Query evaluation: strategies and optimizations, 1995.)
"""

from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.bm25 import K1, Floats, Ids, term_scores
from corpus.engines.local.mapped_file import Column

STEPS = 255
"""Of an impact: the byte 255 stands for the most that any posting can have, ``k1 + 1``."""
STEP = (K1 + 1) / STEPS

_ROUNDING = 1.01  # float32 sums of 200 bounds are off by less than a hundredth of a step
_LEAST = np.float32(1e-30)  # above zero: what no term reached is no candidate
# Below this many postings, pruning costs more calls than it saves work.
_PRUNE_FROM = 65_536
_PRUNE_FROM_PER_RESULT = 1_500
_FIRST_READ = 24_576  # postings that are read before the first look at the threshold
_MOST_PROBED_FIRST = 50  # results: to tighten the threshold by probing for more does not pay
# In nanoseconds, by measurement: one passage probed in one list, one posting added up.
_PROBE, _ADD = 40, 3

Bounds = NDArray[np.float32]


def impacts(frequencies: NDArray[Any], norms: Floats) -> NDArray[np.uint8]:
    """Return the impact byte of postings with these frequencies and length norms."""
    exact = K1 * norms
    exact += frequencies
    np.divide(frequencies, exact, out=exact)
    # The division may round down; then the least bit more keeps the byte an upper bound.
    exact *= STEPS * (1 + 1e-12)
    np.minimum(exact, STEPS, out=exact)
    return np.ceil(exact, out=exact).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Lists:
    """The posting lists of a question's terms, by where they are."""

    starts: Ids
    """Where each list begins in the posting arrays, shape (terms,)."""
    ends: Ids
    weights: Floats
    """How often the question holds each term, times its idf; above zero."""
    best: NDArray[np.uint8]
    """The largest impact in each list."""


class Engine:
    """Answers questions over the posting arrays of one index. Thread-safe, one question at a time.

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
        # Kept between questions: fresh memory costs more than clearing.
        self._bounds = np.zeros(len(norms), np.float32)
        self._marked = np.zeros(len(norms), np.bool_)
        self._lock = Lock()

    def top_k(
        self, lists: Lists, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Ids, Floats]:
        """Return the ``k`` best passages that are in at least one list: ids and scores, best first.

        Passages with the same score are in the order of their ids.

        Args:
            lists: at least one.
            k: how many to return at most, at least 1.
            allowed: where given, only passages with a true value are candidates.
        """
        total = int((lists.ends - lists.starts).sum())
        with self._lock:
            if total > _PRUNE_FROM + _PRUNE_FROM_PER_RESULT * k and len(lists.starts) > 1:
                return self._pruned(_by_most(lists), k, allowed)
            return self._exhaustive(lists, k, allowed)

    def _exhaustive(
        self, lists: Lists, k: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[Ids, Floats]:
        self._bounds.fill(0)
        sizes = lists.ends - lists.starts
        ids = self._add(lists, 0, len(sizes), allowed)
        slack = _slack(lists)
        threshold = _LEAST
        eligible = np.where(sizes >= k, lists.weights, 0.0)
        one = int(eligible.argmax())
        if eligible[one]:
            # The passages of one list are all different: their k-th best is no more than the
            # k-th best of all.
            first = int(sizes[:one].sum())
            among = self._bounds.take(ids[first : first + int(sizes[one])])
            threshold = max(threshold, _kth(among, k) - slack)
        candidates = (self._bounds >= threshold).nonzero()[0]
        if len(candidates) > k:
            found = self._bounds.take(candidates)
            candidates = candidates[found >= _kth(found.copy(), k) - slack]
        return self._scored(lists, sizes, ids, candidates, k)

    def _add(self, lists: Lists, first: int, last: int, allowed: NDArray[np.bool_] | None) -> Ids:
        """Add the bounds of some lists up and return their passages, list after list."""
        spans = list(
            zip(lists.starts[first:last].tolist(), lists.ends[first:last].tolist(), strict=True)
        )
        ids = self._passage_column.gather(spans).astype(np.int64)
        impacts = self._impact_column.gather(spans)
        steps = (lists.weights[first:last] * STEP).astype(np.float32)
        each = np.repeat(steps, lists.ends[first:last] - lists.starts[first:last])
        np.multiply(impacts, each, out=each)
        np.add.at(self._bounds, ids, each)
        if allowed is not None:
            np.multiply(self._bounds, allowed, out=self._bounds)
        return ids

    def _scored(
        self, lists: Lists, sizes: Ids, ids: Ids, candidates: Ids, k: int
    ) -> tuple[Ids, Floats]:
        """Score ``candidates`` by those of the postings ``ids`` that are theirs."""
        self._marked[candidates] = True
        at = self._marked.take(ids).nonzero()[0]
        self._marked[candidates] = False
        ends = sizes.cumsum()
        term = ends.searchsorted(at, side="right")
        frequencies = self._frequencies.take(at + (lists.ends - ends).take(term))
        found = ids.take(at)
        parts = term_scores(
            lists.weights.take(term), frequencies.astype(np.float64), self._norms.take(found)
        )
        rows = candidates.searchsorted(found)
        scores: Floats = np.bincount(rows, parts, len(candidates)).astype(np.float64, copy=False)
        return _best(candidates, scores, k)

    def _pruned(
        self, lists: Lists, k: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[Ids, Floats]:
        sizes = lists.ends - lists.starts
        count = len(sizes)
        most = lists.weights * STEP * lists.best
        # What the lists from each one on can add together, then 0.
        rest = np.append(np.cumsum(most[::-1])[::-1], 0.0)
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
        candidates = np.flatnonzero(self._bounds >= max(_LEAST, threshold - rest[needed]))
        bounds = self._bounds[candidates]
        for one in range(needed, count):
            if len(candidates) * _PROBE > int(sizes[one]) * _ADD:
                self._bounds[candidates] = bounds
                self._add(lists, one, one + 1, None)
                bounds = self._bounds[candidates]
            else:
                self._probe(lists, one, candidates, bounds)
            if len(bounds) > k:
                threshold = max(threshold, _kth(bounds.copy(), k) - slack)
            stays = bounds >= threshold - rest[one + 1]
            candidates, bounds = candidates[stays], bounds[stays]
        if len(bounds) > k:
            candidates = candidates[bounds >= _kth(bounds.copy(), k) - slack]
        return self._scored_by_probing(lists, candidates, k)

    def _first_threshold(self, lists: Lists, ids: Ids, read: int, k: int) -> float:
        """Return a bound that at least ``k`` passages reach, or 0."""
        bounds = self._bounds[ids]
        # A passage is at most once in each list, so k different ones are among k times as many.
        enough = min(len(ids), k * read)
        best = np.unique(ids[bounds >= max(_LEAST, _kth(bounds.copy(), enough))])
        if len(best) < k:
            return 0.0
        bounds = self._bounds[best]
        if k <= _MOST_PROBED_FIRST:
            if len(best) > k:
                chosen = np.sort(np.argpartition(bounds, len(bounds) - k)[len(bounds) - k :])
                best, bounds = best[chosen], bounds[chosen]
            for one in range(read, len(lists.starts)):
                self._probe(lists, one, best, bounds)
        return _kth(bounds, k)

    def _probe(self, lists: Lists, one: int, candidates: Ids, bounds: Bounds) -> None:
        """Add what one list holds for ``candidates`` (ascending) to their ``bounds``."""
        start, end = int(lists.starts[one]), int(lists.ends[one])
        at, is_there = _look_up(self._passages[start:end], candidates)
        step = np.float32(lists.weights[one] * STEP)
        bounds += self._impacts[start:end][at] * is_there * step

    def _scored_by_probing(self, lists: Lists, candidates: Ids, k: int) -> tuple[Ids, Floats]:
        scores = np.zeros(len(candidates))
        norms = self._norms[candidates]
        for start, end, weight in zip(
            lists.starts.tolist(), lists.ends.tolist(), lists.weights.tolist(), strict=True
        ):
            at, is_there = _look_up(self._passages[start:end], candidates)
            frequencies = self._frequencies[start:end][at] * is_there
            scores += term_scores(weight, frequencies.astype(np.float64), norms)
        return _best(candidates, scores, k)


def _by_most(lists: Lists) -> Lists:
    """Order ``lists`` by the most they can add."""
    order = np.argsort(-(lists.weights * lists.best), kind="stable")
    return Lists(lists.starts[order], lists.ends[order], lists.weights[order], lists.best[order])


def _slack(lists: Lists) -> float:
    """Return by how much a bound is too high at most: one step for each term."""
    return float(lists.weights.sum()) * STEP * _ROUNDING


def _look_up(passages: NDArray[np.uint32], candidates: Ids) -> tuple[Ids, NDArray[np.bool_]]:
    """Return where each candidate is in a list, and whether it is there at all."""
    wanted = candidates.astype(np.uint32)
    at = passages.searchsorted(wanted)
    at[at == len(passages)] = 0
    return at, passages[at] == wanted


def _kth(values: Bounds, k: int) -> float:
    """Return the ``k``-th largest of at least ``k`` values, which are reordered."""
    at = len(values) - k
    values.partition(at)
    return float(values[at])


def _best(candidates: Ids, scores: Floats, k: int) -> tuple[Ids, Floats]:
    order = np.lexsort((candidates, -scores))[:k]
    return candidates[order], scores[order]

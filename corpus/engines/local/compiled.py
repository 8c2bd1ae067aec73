"""The best passages by one compiled loop: what `maxscore` finds, without its calls of numpy.

Impacts, bounds and MaxScore are the same; see there. What differs is what a loop makes cheap. It
goes through the passages in windows whose bounds fit the processor's cache, as Lucene's bulk scorer
does, and the best of the windows before tell which lists need not be read in the next. The passages
of a window are remembered as their bounds are added up, so that nothing is done for the others, and
the k-th best bound is found by counting bounds in buckets.

It is compiled by numba when it is first called, in some ten seconds, and runs without the
interpreter's lock. Nothing compiled is kept: machine code in a file would have to be checked, and
to be known to fit this code, `corpus.bm25` and numba.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from corpus.bm25 import K1, Floats, Ids
from corpus.engines.local.generation import Manifest
from corpus.engines.local.maxscore import ROUNDING, STEP, Bounds, PostingLists
from corpus.engines.local.postings import Postings
from corpus.engines.local.term_keys import term_key
from corpus.errors import DamagedError

_WINDOW = 2**16  # passages
_BUCKETS = 1024
_SORTED_PER_SCANNED = 4  # to sort a passage costs this many times as much as to look at its bound
_DAMAGED = "The index is damaged: a posting is of no passage."
_MIN_STEP = np.float32(1e-30)  # above zero: a passage whose bound is zero was not met yet

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Mask = NDArray[np.bool_]
_Uint32s = NDArray[np.uint32]


class _Files(NamedTuple):
    """The posting files, as `Postings` has them, and the norms of all passages."""

    keys: NDArray[np.uint64]
    starts: _Uint32s
    max_impacts: NDArray[np.uint8]
    passages: _Uint32s
    impacts: NDArray[np.uint8]
    frequencies: NDArray[np.uint16]
    norms: Floats


class _Memory(NamedTuple):
    """What all queries work in: fresh memory costs more than clearing. Shape (``_WINDOW``,)."""

    bounds: Bounds
    """Of the window's passages; zero between two windows."""
    met: _Uint32s
    """The passages whose bounds are above zero, in the order in which they were met."""

    @classmethod
    def new(cls) -> "_Memory":
        """Return what no query has worked in yet."""
        return cls(np.zeros(_WINDOW, np.float32), np.empty(_WINDOW, np.uint32))


class _Search(NamedTuple):
    """What stays the same from window to window."""

    files: _Files
    memory: _Memory
    allowed: _Mask
    """Whether each passage may be a candidate; empty: all may."""
    order: Ids
    """Of the lists, the highest maximum score first."""
    rest: Floats
    """The maximum score of each list in that order and all after it together, then 0."""


class _Window(NamedTuple):
    """Some passages whose bounds are added up."""

    first: int
    """The lowest; the window ends ``_WINDOW`` passages later."""
    size: int
    """How many passages of it have been met."""


class CompiledPostings(Postings):
    """Finds the same as `Postings`, sooner."""

    # Every list is read where it is mapped, and a page that was trimmed costs a page fault.
    MAX_MAPPED_BYTES = 128 * 2**20

    def __init__(self, folder: Path, manifest: Manifest, norms: Floats) -> None:
        """Map the posting files.

        Raises:
            OSError: a file cannot be read.
        """
        super().__init__(folder, manifest, norms)
        self._files = _Files(
            self.keys,
            self.starts,
            self.max_impacts,
            self.ids,
            self.impacts,
            self.frequencies,
            norms,
        )
        self._memory = _Memory.new()
        self._all_allowed = np.zeros(0, np.bool_)
        self._lock = Lock()

    def _best(
        self, boosts: Mapping[str, float], k: int, allowed: _Mask | None
    ) -> tuple[Ids, Floats]:
        keys = np.array([term_key(term) for term in boosts], np.uint64)
        weights = np.fromiter(boosts.values(), np.float64, len(boosts))
        mask = self._all_allowed if allowed is None else allowed
        with self._lock:
            # The loop reads mapped files, where beyond an end the process would die.
            self.check_sizes()
            lists = _find(keys, weights, self._floor, self._files)
            if (lists.weights > 0).all():
                try:
                    return _top_k(lists, self._files, mask, self._memory, k)
                except BaseException:
                    self._memory.bounds.fill(0)
                    raise
        # Negative weights are for tiny archives, where everything is fast.
        return super()._best(boosts, k, allowed)


def compile_all() -> None:
    """Compile the loop, so that nobody's question waits for it: call it as `CompiledPostings` does.

    It is compiled for the types that it is given: those of an index without a term.
    """

    def mapped(kind: Any) -> NDArray[Any]:  # noqa: ANN401 (a dtype)
        entries = np.zeros(2, kind)
        entries.flags.writeable = False
        return entries

    kinds = (np.uint64, np.uint32, np.uint8, np.uint32, np.uint8, np.uint16)
    files = _Files(*map(mapped, kinds), norms=np.ones(1))
    lists = _find(np.ones(1, np.uint64), np.ones(1), 0.0, files)
    _top_k(lists, files, np.zeros(0, np.bool_), _Memory.new(), 1)


def _compiled(function: _Function) -> _Function:
    untyped: Any = numba
    return cast("_Function", untyped.njit(nogil=True, error_model="numpy")(function))


@_compiled
def _find(keys: NDArray[np.uint64], boosts: Floats, floor: float, files: _Files) -> PostingLists:
    """Return the lists of those terms that occur, as `Postings` weighs them."""
    rows = np.searchsorted(files.keys, keys)
    terms = np.array(
        [i for i, row in enumerate(rows) if row < len(files.keys) and files.keys[row] == keys[i]],
        np.int64,
    )
    rows = rows[terms]
    starts = files.starts[rows].astype(np.int64)
    ends = files.starts[rows + 1].astype(np.int64)
    if (starts > ends).any() or (ends > len(files.passages)).any():
        raise DamagedError(_DAMAGED)
    # `bm25.floored_idf`
    found = ends - starts
    idfs = np.log(len(files.norms) - found + 0.5) - np.log(found + 0.5)
    weights = np.where(idfs < 0, floor, idfs) * boosts[terms]
    return PostingLists(starts, ends, weights, files.max_impacts[rows])


@_compiled
def _first(lists: PostingLists, terms: Ids, passages: _Uint32s) -> int:
    """Return the first passage in the lists of ``terms``, or -1 if these are empty."""
    first = -1
    for term in terms:
        if lists.starts[term] < lists.ends[term]:
            passage = int(passages[lists.starts[term]])
            first = passage if first < 0 else min(first, passage)
    return first


@_compiled
def _add(search: _Search, lists: PostingLists, term: int, window: _Window) -> _Window:
    """Add the bounds of one list to those of the window, and return it."""
    step = max(np.float32(lists.weights[term] * STEP), _MIN_STEP)
    passages, impacts = search.files.passages, search.files.impacts
    allowed = search.allowed
    bounds, met = search.memory
    first, count = np.uint32(window.first), window.size
    width = min(_WINDOW, len(search.files.norms) - window.first)
    for i in range(np.uint64(lists.starts[term]), np.uint64(lists.ends[term])):
        passage = passages[i]
        # Checked when it was opened, but a page may be read from the disk again.
        if passage - first >= width:
            raise DamagedError(_DAMAGED)
        bound = bounds[passage - first]
        if bound == 0:
            if len(allowed) and not allowed[passage]:
                continue
            if count == width:
                raise DamagedError(_DAMAGED)
            met[count] = passage
            count += 1
        bounds[passage - first] = bound + step * impacts[i]
    return _Window(window.first, count)


@_compiled
def _reached_by(values: NDArray[Any], k: int, most: float) -> float:
    """Return a number, at most a bucket below the ``k``-th largest value, that ``k`` values reach.

    Args:
        values: from 0 to ``most``, at least ``k``.
        k: above zero.
        most: above zero.
    """
    counts = np.zeros(_BUCKETS, np.int64)
    per_unit = (_BUCKETS - 1) / most
    for value in values:
        counts[max(0, min(int(value * per_unit), _BUCKETS - 1))] += 1
    bucket = _BUCKETS - 1
    reached = counts[bucket]
    while reached < k:
        bucket -= 1
        reached += counts[bucket]
    return bucket / per_unit * (1 - 1e-9)  # the product was rounded


@_compiled
def _bounds(memory: _Memory, first: int, passages: _Uint32s) -> Bounds:
    return memory.bounds[passages - np.uint32(first)]


@_compiled
def _candidates(memory: _Memory, window: _Window, least: float) -> _Uint32s:
    """Return those of the passages met whose bound is at least ``least``, ascending."""
    met = memory.met[: window.size]
    found = met[_bounds(memory, window.first, met) >= least]
    if len(found) * np.log2(len(found) + 1.0) * _SORTED_PER_SCANNED <= _WINDOW:
        return np.sort(found)
    size = 0
    for offset, bound in enumerate(memory.bounds):
        if bound > 0 and bound >= least and size < len(found):
            found[size] = window.first + offset
            size += 1
    return found[:size]


@_compiled
def _place(passages: _Uint32s, low: int, end: int, wanted: int) -> int:
    """Return the first place from ``low`` to ``end`` whose passage is not below ``wanted``."""
    high = low
    step = 1
    while high < end and passages[high] < wanted:
        low = high + 1
        high += step
        step += step
    high = min(high, end)
    while low < high:
        middle = (low + high) >> 1
        if passages[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@_compiled
def _places(lists: PostingLists, terms: Ids, passages: _Uint32s, wanted: int) -> Ids:
    """Return that place in the list of each of ``terms``, same shape."""
    places = np.empty_like(terms)
    for i in range(len(terms)):
        term = int(terms[i])
        places[i] = _place(passages, lists.starts[term], lists.ends[term], wanted)
    return places


@_compiled
def _probe(
    search: _Search, lists: PostingLists, term: int, first: int, candidates: _Uint32s
) -> None:
    """Add the bounds of one list for ``candidates`` alone, of the window from ``first`` on."""
    step = max(np.float32(lists.weights[term] * STEP), _MIN_STEP)
    place, end = lists.starts[term], lists.ends[term]
    for passage in candidates:
        place = _place(search.files.passages, place, end, passage)
        if place == end:
            break
        if search.files.passages[place] == passage:
            search.memory.bounds[passage - np.uint32(first)] += step * search.files.impacts[place]


@_compiled
def _scores(lists: PostingLists, files: _Files, candidates: _Uint32s) -> Floats:
    """Return the exact scores of ``candidates``, same shape: their `bm25.term_scores` summed up."""
    scores = np.zeros(len(candidates))
    for term, weight in enumerate(lists.weights):
        place, end = lists.starts[term], lists.ends[term]
        for i, passage in enumerate(candidates):
            place = _place(files.passages, place, end, passage)
            if place == end:
                break
            if files.passages[place] == passage:
                frequency = float(files.frequencies[place])
                norm = files.norms[passage]
                scores[i] += weight * (K1 + 1) * frequency / (frequency + K1 * norm)
    return scores


@_compiled
def _best_of_window(
    search: _Search, lists: PostingLists, first: int, threshold: float, k: int
) -> _Uint32s:
    """Return the passages that may be among the best, ascending.

    Args:
        search: the query.
        lists: their parts in the window, or from it on.
        first: passage of the window.
        threshold: to be reached by the score.
        k: how many passages of the window are enough, whatever their scores; 0: they do not count.
    """
    order, rest, memory = search.order, search.rest, search.memory
    sizes = (lists.ends - lists.starts)[order]
    rounded = lists.weights.sum() * STEP * (ROUNDING - 1)
    slack = lists.weights.sum() * STEP * ROUNDING
    window = _Window(first, 0)
    done = 0
    while done < len(order) and rest[done] >= threshold:
        window = _add(search, lists, order[done], window)
        done += 1
        # A better threshold costs as much as to read a list as long as what has been met.
        is_worth = done == len(order) or sizes[done] >= window.size
        if is_worth and 0 < k <= window.size:
            bounds = _bounds(memory, first, memory.met[: window.size])
            threshold = max(threshold, _reached_by(bounds, k, rest[0]) - slack)
    threshold -= rounded
    candidates = _candidates(memory, window, threshold - rest[done])
    for i in range(done, len(order)):
        _probe(search, lists, order[i], first, candidates)
        bounds = _bounds(memory, first, candidates)
        if 0 < k < len(candidates):
            threshold = max(threshold, _reached_by(bounds, k, rest[0]) - slack)
        candidates = candidates[bounds >= threshold - rest[i + 1]]
    memory.bounds[memory.met[: window.size] - np.uint32(first)] = 0
    return candidates


@_compiled
def _top_k(
    lists: PostingLists, files: _Files, allowed: _Mask, memory: _Memory, k: int
) -> tuple[Ids, Floats]:
    max_scores = lists.weights * STEP * lists.max_impacts
    order = np.argsort(-max_scores, kind="mergesort")
    rest = np.append(np.cumsum(max_scores[order][::-1])[::-1], 0.0)
    search = _Search(files, memory, allowed, order, rest)
    starts = lists.starts.copy()  # of what is left of the lists
    best, scores = np.zeros(0, np.uint32), np.zeros(0)
    threshold = 0.0
    needed = len(order)  # the lists after these cannot lift a passage among the best by themselves
    while True:
        ends = lists.ends.copy()
        left = PostingLists(starts, ends, lists.weights, lists.max_impacts)
        first = _first(left, order[:needed], files.passages)
        if first < 0:
            break
        ends[order[:needed]] = _places(left, order[:needed], files.passages, first + _WINDOW)
        wanted = k if len(best) < k else 0
        candidates = _best_of_window(search, left, first, threshold, wanted)
        found = _scores(left, files, candidates)
        if len(found) > k:
            is_best = found >= _reached_by(found, k, rest[0])
            candidates, found = candidates[is_best], found[is_best]
        # Of equal scores the earlier passage comes first, since the sort is stable.
        best, scores = np.append(best, candidates), np.append(scores, found)
        ranks = np.argsort(-scores, kind="mergesort")[:k]
        best, scores = best[ranks], scores[ranks]
        starts[order[:needed]] = ends[order[:needed]]
        if len(best) == k:
            threshold = scores[k - 1]
            while needed and rest[needed - 1] < threshold:
                needed -= 1
        # Those that are not needed are still probed, from the next window on.
        starts[order[needed:]] = _places(left, order[needed:], files.passages, first + _WINDOW)
    return best.astype(np.int64), scores

"""Many batches of postings -> the posting files of a generation, in bounded memory.

Batches are merged in memory into a run, sorted by term and passage; a full run goes to the disk.
The runs, and the postings that are taken over from the generation before, are then read side by
side, a range of terms at a time, and written out in their final order.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.bm25 import Floats, idf_floor
from corpus.engines.local.generation import EarlySync
from corpus.engines.local.inverted_batch import InvertedBatch
from corpus.engines.local.maxscore import impacts
from corpus.engines.local.postings import FREQUENCIES, IDS, IMPACTS, TERMS
from corpus.engines.local.term_keys import Keys
from corpus.errors import CorpusError

_RUN = 700_000  # postings kept in memory, 14 bytes each, twice as much while they are sorted
_STRIPE = 200_000  # postings merged at a time, unless one term alone has more
_MAX_POSTINGS = np.iinfo(np.uint32).max
_SYNCED = 40  # stripes that go to the disk together, 56 MB
_THREADS = 2  # that merge: a third would wait for the disk

Ids32 = NDArray[np.uint32]
Frequencies = NDArray[np.uint16]


class Run(Protocol):
    """Postings sorted by term, read in ranges of terms."""

    @property
    def keys(self) -> Keys:
        """Of its terms, ascending."""
        ...

    @property
    def starts(self) -> NDArray[np.integer[Any]]:
        """Where the postings of each term begin, and their number, shape (terms + 1,)."""
        ...

    def read(self, first: int, last: int) -> tuple[Ids32, Frequencies]:
        """Return passage and frequency of the postings from ``first`` to before ``last``.

        A passage id of ``DELETED`` stands for a posting that is no more.
        """
        ...


DELETED = np.iinfo(np.uint32).max


@dataclass(frozen=True, slots=True)
class _SpilledRun:
    """A run on the disk: keys, starts, ids, frequencies. Nothing of it stays in memory."""

    path: Path
    terms: int
    postings: int

    @property
    def keys(self) -> Keys:
        return np.memmap(self.path, "<u8", "r", 0, (self.terms,))

    @property
    def starts(self) -> NDArray[np.uint32]:
        return np.memmap(self.path, "<u4", "r", 8 * self.terms, (self.terms + 1,))

    def read(self, first: int, last: int) -> tuple[Ids32, Frequencies]:
        ids_at = 12 * self.terms + 4
        frequencies_at = ids_at + 4 * self.postings
        return (
            np.fromfile(self.path, "<u4", last - first, offset=ids_at + 4 * first),
            np.fromfile(self.path, "<u2", last - first, offset=frequencies_at + 2 * first),
        )


@dataclass(frozen=True, slots=True)
class MergedPostings:
    """What the posting files hold."""

    terms: int
    postings: int
    idf_floor: float


_Range = tuple[int, int]
"""First and before-last of some keys."""


@dataclass(frozen=True, slots=True)
class _Stripe:
    """The postings of all terms in a range, in their final order."""

    keys: Keys
    """Of the terms, ascending."""
    counts: NDArray[np.int64]
    """Postings of each term, above 0."""
    ids: Ids32
    frequencies: Frequencies
    impacts: NDArray[np.uint8]


class RunWriter:
    """Collects batches, in the order of their passages, as sorted runs in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._batches: list[tuple[Keys, Ids32, Frequencies]] = []
        self._held = 0
        self.runs: list[Run] = []

    def add(self, batch: InvertedBatch, passage_ids: Ids32) -> None:
        """Add a batch.

        Args:
            batch: its postings.
            passage_ids: the id of each of its passages, ascending, and above all added before.
        """
        passages = passage_ids[batch.passages]
        self._batches.append((batch.keys, passages, batch.frequencies))
        self._held += len(passages)
        if self._held >= _RUN:
            self.spill()

    def spill(self) -> None:
        """Write what is held in memory as a run."""
        if not self._held:
            return
        keys, ids, frequencies = (
            np.concatenate(column) for column in zip(*self._batches, strict=True)
        )
        self._batches.clear()
        self._held = 0
        # Stable: each term's passages stay in the ascending order of the batches.
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        firsts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
        path = self._folder / f"run-{len(self.runs)}"
        with path.open("wb") as file:
            _write(file, keys[firsts], "<u8")
            _write(file, np.append(firsts, len(keys)), "<u4")
            _write(file, ids[order], "<u4")
            _write(file, frequencies[order], "<u2")
        self.runs.append(_SpilledRun(path, len(firsts), len(keys)))

    def remove(self) -> None:
        """Delete the runs."""
        for run in self.runs:
            if isinstance(run, _SpilledRun):
                run.path.unlink()
        self.runs.clear()


def merge_runs(
    runs: Sequence[Run], folder: Path, norms: Floats, syncing: EarlySync
) -> MergedPostings:
    """Write the posting files of ``runs`` into ``folder``.

    Args:
        runs: no posting is in two of them.
        folder: of the generation to be.
        norms: of all its passages.
        syncing: is told what has been written.

    Raises:
        CorpusError: they are more than the files can count.
        OSError: the disk is full or broken.
    """
    terms = _Terms()
    merged = partial(_merged, runs, _Impacts(norms))
    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(_THREADS))
        paths = [folder / name for name in (IDS, IMPACTS, FREQUENCIES)]
        ids_file, impacts_file, frequencies_file = (
            stack.enter_context(path.open("wb")) for path in paths
        )
        for number, stripe in enumerate(_in_order(threads, merged, _ranges(runs)), 1):
            if number % _SYNCED == 0:
                syncing.begin(*paths)
            if len(stripe.keys):
                _write(ids_file, stripe.ids, "<u4")
                _write(frequencies_file, stripe.frequencies, "<u2")
                _write(impacts_file, stripe.impacts, "u1")
                terms.add(stripe)
    return terms.write(folder / TERMS, len(norms))


def _in_order(
    threads: ThreadPoolExecutor, work: Callable[[_Range], _Stripe], ranges: Iterable[_Range]
) -> Iterator[_Stripe]:
    """Give the results for ``ranges``, in order, with no more ahead than there are threads."""
    ahead: deque[Future[_Stripe]] = deque()
    for one in ranges:
        if len(ahead) == _THREADS:
            yield ahead.popleft().result()
        ahead.append(threads.submit(work, one))
    while ahead:
        yield ahead.popleft().result()


class _Impacts:
    """Works impact bytes out, as :func:`corpus.engines.local.maxscore.impacts` does, sooner."""

    def __init__(self, norms: Floats) -> None:
        self._norms = norms
        # Of a term that occurs once: nearly all do.
        self._once = impacts(np.ones(len(norms), np.uint16), norms)

    def __call__(self, ids: Ids32, frequencies: Frequencies) -> NDArray[np.uint8]:
        found = self._once[ids]
        more = np.flatnonzero(frequencies != 1)
        found[more] = impacts(frequencies[more], self._norms[ids[more]])
        return found


class _Terms:
    """Collects what ``terms.bin`` holds."""

    def __init__(self) -> None:
        self._keys: list[Keys] = []
        self._counts: list[Ids32] = []
        self._best: list[NDArray[np.uint8]] = []

    def add(self, stripe: _Stripe) -> None:
        starts = np.cumsum(stripe.counts) - stripe.counts
        self._keys.append(stripe.keys)
        self._counts.append(stripe.counts.astype(np.uint32))
        self._best.append(np.maximum.reduceat(stripe.impacts, starts))

    def write(self, path: Path, passages: int) -> MergedPostings:
        counts = np.concatenate([np.zeros(0, np.uint32), *self._counts])
        ends = np.cumsum(counts, dtype=np.int64)
        postings = int(ends[-1]) if len(ends) else 0
        if postings > _MAX_POSTINGS:
            raise CorpusError(
                "The archive is too large: its index has more than 4 billion postings."
            )
        with path.open("wb") as file:
            for keys in self._keys:
                _write(file, keys, "<u8")
            _write(file, np.append(0, ends), "<u4")
            for best in self._best:
                _write(file, best, "u1")
        return MergedPostings(len(counts), postings, idf_floor(counts, passages))


def _merged(runs: Sequence[Run], impacts_of: _Impacts, keys: _Range) -> _Stripe:
    """Return the postings that all runs have of terms in a range of keys."""
    bounds = np.array(keys, np.uint64)
    spans = [slice(*run.keys.searchsorted(bounds).tolist()) for run in runs]
    terms = [run.keys[span] for run, span in zip(runs, spans, strict=True)]
    distinct, ranks = np.unique(np.concatenate(terms), return_inverse=True)
    ends = np.cumsum([len(one) for one in terms])
    each = np.split(ranks.astype(np.uint64) << np.uint64(32), ends[:-1])
    parts = [_part(run, span, rank) for run, span, rank in zip(runs, spans, each, strict=True)]
    places, frequencies = (np.concatenate(column) for column in zip(*parts, strict=True))
    if np.any(places[1:] < places[:-1]):
        order = np.argsort(places, kind="stable")  # fast where sorted pieces are merged
        places, frequencies = places[order], frequencies[order]
    ids = places.astype(np.uint32)
    firsts = np.arange(len(distinct) + 1, dtype=np.uint64) << np.uint64(32)
    counts = np.diff(places.searchsorted(firsts))
    stays = counts > 0  # what has no posting left is no term any more
    return _Stripe(distinct[stays], counts[stays], ids, frequencies, impacts_of(ids, frequencies))


def _part(run: Run, terms: slice, ranks: Keys) -> tuple[NDArray[np.uint64], Frequencies]:
    """Return place and frequency of the postings of some terms, without those that are ``DELETED``.

    A place orders the postings of a stripe: the rank of the term, then the passage, 32 bits each.
    """
    starts = run.starts[terms.start : terms.stop + 1].astype(np.int64)
    ids, frequencies = run.read(int(starts[0]), int(starts[-1]))
    places = np.repeat(ranks, np.diff(starts))
    places |= ids
    stays = ids != DELETED
    if not stays.all():
        places, frequencies = places[stays], frequencies[stays]
    return places, frequencies


def _ranges(runs: Sequence[Run]) -> Iterator[_Range]:
    """Give ranges of keys, first and before-last, that hold about ``_STRIPE`` postings together.

    Cut where the largest run would be cut into equal parts: term frequencies of the others are
    much the same.
    """
    largest = max(runs, key=lambda run: int(run.starts[-1]), default=None)
    if largest is None:
        return
    total = sum(int(run.starts[-1]) for run in runs)
    share = max(1, int(largest.starts[-1]) * _STRIPE // max(1, total))
    cuts = np.searchsorted(largest.starts, np.arange(share, int(largest.starts[-1]), share))
    places = np.unique(cuts[cuts < len(largest.keys)])
    bounds = [0, *largest.keys[places].tolist(), 2**64 - 1]
    for first, last in pairwise(bounds):
        if first < last:
            yield first, last


def _write(file: IO[bytes], values: NDArray[Any], kind: str) -> None:
    # Not ndarray.tofile, which does not say that the disk is full before the file is closed.
    file.write(np.ascontiguousarray(values, kind).data)

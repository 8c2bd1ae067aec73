"""Many batches of postings -> the posting files of a generation, in bounded memory.

Batches are merged in memory into a run, sorted by term and passage; a full run goes to the disk.
The runs, and the postings that are taken over from the generation before, are then read side by
side, a range of terms at a time, and written out in their final order.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.bags import Bags
from corpus.bm25 import Floats, idf_floor
from corpus.postings import FREQUENCIES, IDS, IMPACTS, TERMS
from corpus.termkey import Keys
from corpus.topk import impacts

_RUN = 1_000_000  # postings kept in memory, 14 bytes each, and as much again while they are sorted
_STRIPE = 500_000  # postings merged at a time, unless one term alone has more

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

        A passage id of ``GONE`` stands for a posting that is no more.
        """
        ...


GONE = np.iinfo(np.uint32).max


@dataclass(frozen=True, slots=True)
class _SpilledRun:
    """A run on the disk: its ids, then its frequencies."""

    path: Path
    keys: Keys
    starts: NDArray[np.int64]

    def read(self, first: int, last: int) -> tuple[Ids32, Frequencies]:
        frequencies_at = 4 * int(self.starts[-1])
        count = last - first
        with self.path.open("rb") as file:
            file.seek(4 * first)
            ids = np.fromfile(file, "<u4", count)
            file.seek(frequencies_at + 2 * first)
            return ids, np.fromfile(file, "<u2", count)


@dataclass(frozen=True, slots=True)
class Written:
    """What the posting files hold."""

    terms: int
    postings: int
    idf_floor: float


class RunSorter:
    """Collects batches, in the order of their passages, as sorted runs in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._batches: list[tuple[Keys, Ids32, Frequencies]] = []
        self._held = 0
        self.runs: list[Run] = []

    def add(self, batch: Bags, passage_ids: Ids32) -> None:
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
        keys = np.concatenate([batch[0] for batch in self._batches])
        # Stable: each term's passages stay in the ascending order of the batches.
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        firsts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
        path = self._folder / f"run-{len(self.runs)}"
        with path.open("wb") as file:
            _write(file, np.concatenate([batch[1] for batch in self._batches])[order], "<u4")
            _write(file, np.concatenate([batch[2] for batch in self._batches])[order], "<u2")
        self.runs.append(_SpilledRun(path, keys[firsts], np.append(firsts, len(keys))))
        self._batches.clear()
        self._held = 0

    def remove(self) -> None:
        """Delete the runs."""
        for run in self.runs:
            if isinstance(run, _SpilledRun):
                run.path.unlink()
        self.runs.clear()


def merge(runs: Sequence[Run], folder: Path, norms: Floats) -> Written:
    """Write the posting files of ``runs`` into ``folder``.

    Args:
        runs: no posting is in two of them.
        folder: of the generation to be.
        norms: of all its passages.
    """
    terms = _Terms()
    with ExitStack() as files:
        ids_file, impacts_file, frequencies_file = (
            files.enter_context((folder / name).open("wb")) for name in (IDS, IMPACTS, FREQUENCIES)
        )
        for keys, counts, ids, frequencies in _stripes(runs):
            weights = impacts(frequencies, norms[ids])
            _write(ids_file, ids, "<u4")
            _write(frequencies_file, frequencies, "<u2")
            _write(impacts_file, weights, "u1")
            starts = np.cumsum(counts) - counts
            terms.add(keys, counts, np.maximum.reduceat(weights, starts))
    return terms.write(folder / TERMS, len(norms))


class _Terms:
    """Collects what ``terms.bin`` holds."""

    def __init__(self) -> None:
        self._keys: list[Keys] = []
        self._counts: list[Ids32] = []
        self._best: list[NDArray[np.uint8]] = []

    def add(self, keys: Keys, counts: NDArray[np.int64], best: NDArray[np.uint8]) -> None:
        self._keys.append(keys)
        self._counts.append(counts.astype(np.uint32))
        self._best.append(best)

    def write(self, path: Path, passages: int) -> Written:
        counts = np.concatenate([np.zeros(0, np.uint32), *self._counts])
        ends = np.cumsum(counts, dtype=np.int64)
        postings = int(ends[-1]) if len(ends) else 0
        with path.open("wb") as file:
            for keys in self._keys:
                _write(file, keys, "<u8")
            _write(file, np.append(0, ends), "<u4")
            for best in self._best:
                _write(file, best, "u1")
        return Written(len(counts), postings, idf_floor(counts, passages))


def _stripes(
    runs: Sequence[Run],
) -> Iterator[tuple[Keys, NDArray[np.int64], Ids32, Frequencies]]:
    """Give the postings of all runs in order: keys, postings of each, passages, frequencies."""
    for first_key, last_key in _ranges(runs):
        parts = [part for part in (_part(run, first_key, last_key) for run in runs) if len(part[0])]
        if not parts:
            continue
        keys, ids, frequencies = (np.concatenate(column) for column in zip(*parts, strict=True))
        distinct, ranks = _ranked(keys, [len(part[0]) for part in parts])
        order_by = ranks.astype(np.uint64) << np.uint64(32) | ids
        if np.any(order_by[1:] < order_by[:-1]):
            order = np.argsort(order_by, kind="stable")  # fast where sorted pieces are merged
            ranks, ids, frequencies = ranks[order], ids[order], frequencies[order]
        yield distinct, np.bincount(ranks, minlength=len(distinct)), ids, frequencies


def _ranked(keys: Keys, sizes: Sequence[int]) -> tuple[Keys, NDArray[np.int64]]:
    """Return the distinct keys of some sorted arrays, one after another, and each key's place."""
    new = np.append(True, keys[1:] != keys[:-1])
    new[np.cumsum(sizes)[:-1]] = True
    firsts = np.flatnonzero(new)
    distinct = np.unique(keys[firsts])
    ranks = np.searchsorted(distinct, keys[firsts])
    return distinct, np.repeat(ranks, np.diff(firsts, append=len(keys)))


def _part(run: Run, first_key: int, last_key: int) -> tuple[Keys, Ids32, Frequencies]:
    """Return key, passage and frequency of the postings of terms in a range of keys."""
    first, last = np.searchsorted(run.keys, np.array([first_key, last_key], np.uint64))
    starts = run.starts[first : last + 1].astype(np.int64)
    keys = np.repeat(run.keys[first:last], np.diff(starts))
    ids, frequencies = run.read(int(starts[0]), int(starts[-1]))
    stays = ids != GONE
    if not stays.all():
        keys, ids, frequencies = keys[stays], ids[stays], frequencies[stays]
    return keys, ids, frequencies


def _ranges(runs: Sequence[Run]) -> Iterator[tuple[int, int]]:
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

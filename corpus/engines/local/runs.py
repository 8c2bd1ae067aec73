"""External merge sort: batches of postings -> the posting files of a generation.

Batches are merged in memory into a run, sorted by term and passage; a full run is written to disk.
Many runs are merged into a longer one, so that there are never so many that finding their pieces
takes longer than reading them. Then the runs and the postings of the previous generation are read
in parallel, a range of terms at a time, and written in their final order.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.bm25 import Floats, idf_floor
from corpus.engines.local.generation import EarlySync
from corpus.engines.local.inverted_batch import InvertedBatch
from corpus.engines.local.maxscore import impacts
from corpus.engines.local.postings import FREQUENCIES, IDS, IMPACTS, TERMS
from corpus.engines.local.term_keys import Keys
from corpus.errors import CorpusError

_RUN_POSTINGS = 350_000  # in memory, 14 bytes each, three times as much while they are sorted
_MAX_RUNS = 100  # merged into a longer one: an archive of 350,000 passages has fewer
_STRIPE_POSTINGS = 200_000  # merged at a time, unless a single term has more
_MAX_POSTINGS = np.iinfo(np.uint32).max
_SYNC_INTERVAL = 40  # stripes, 56 MB
_THREADS = 2  # that merge: a third would wait for the disk

Ids32 = NDArray[np.uint32]
Frequencies = NDArray[np.uint16]


class Run(Protocol):
    """Postings sorted by term, read by ranges of terms."""

    @property
    def keys(self) -> Keys:
        """Of its terms, ascending."""
        ...

    @property
    def starts(self) -> NDArray[np.integer[Any]]:
        """Start of the postings of each term, then the number of all, shape (terms + 1,)."""
        ...

    def read(self, start: int, end: int) -> tuple[Ids32, Frequencies]:
        """Return passage ids and frequencies of the postings from ``start`` to before ``end``.

        The passage id ``DELETED`` marks a posting that is omitted.
        """
        ...


DELETED = np.iinfo(np.uint32).max


@dataclass(frozen=True, slots=True)
class _SpilledRun:
    """A run on disk: keys and starts in one file, ids and frequencies in one each.

    None of it stays in memory.
    """

    folder: Path
    number: int
    terms: int

    @property
    def keys(self) -> Keys:
        return np.memmap(self._file("terms"), "<u8", "r", 0, (self.terms,))

    @property
    def starts(self) -> NDArray[np.uint32]:
        return np.memmap(self._file("terms"), "<u4", "r", 8 * self.terms, (self.terms + 1,))

    def read(self, start: int, end: int) -> tuple[Ids32, Frequencies]:
        count = end - start
        return (
            np.fromfile(self._file("ids"), "<u4", count, offset=4 * start),
            np.fromfile(self._file("frequencies"), "<u2", count, offset=2 * start),
        )

    def remove(self) -> None:
        """Delete its files."""
        for column in ("terms", "ids", "frequencies"):
            self._file(column).unlink()

    def _file(self, column: str) -> Path:
        return _run_file(self.folder, self.number, column)


def _run_file(folder: Path, number: int, column: str) -> Path:
    return folder / f"run-{number}-{column}"


@dataclass(frozen=True, slots=True)
class MergedPostings:
    """Figures of the merged posting files."""

    terms: int
    postings: int
    idf_floor: float


_KeyRange = tuple[int, int]
"""The first key, and the one after the last."""
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class _Stripe:
    """The postings of all terms in a range of keys, by term and passage."""

    keys: Keys
    """Of the terms, ascending."""
    counts: NDArray[np.int64]
    """Postings of each term, above 0."""
    ids: Ids32
    frequencies: Frequencies


class RunWriter:
    """Collects batches, in the order of their passages, as sorted runs in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._batches: list[tuple[Keys, Ids32, Frequencies]] = []
        self._postings = 0  # in memory
        self._written = 0  # runs, those that were merged included
        self._long: list[_SpilledRun] = []
        self._spilled: list[_SpilledRun] = []

    @property
    def runs(self) -> list[Run]:
        """All runs on disk."""
        return [*self._long, *self._spilled]

    def add(self, batch: InvertedBatch, passage_ids: Ids32) -> None:
        """Add a batch.

        Args:
            batch: its postings.
            passage_ids: of its passages, ascending, above those of earlier batches.
        """
        passages = passage_ids[batch.passages]
        self._batches.append((batch.keys, passages, batch.frequencies))
        self._postings += len(passages)
        if self._postings >= _RUN_POSTINGS:
            self.spill()

    def spill(self) -> None:
        """Write the postings in memory to disk as a run."""
        if not self._postings:
            return
        keys, ids, frequencies = (
            np.concatenate(column) for column in zip(*self._batches, strict=True)
        )
        self._batches.clear()
        self._postings = 0
        # Stable, so that each term's passages stay in ascending order.
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        firsts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
        counts = np.diff(np.append(firsts, len(keys)))
        run = _Stripe(keys[firsts], counts, ids[order], frequencies[order])
        self._spilled.append(self._to_disk([run]))
        if len(self._spilled) == _MAX_RUNS:
            with closing(_merge_ranges(self._spilled, _merge_stripe)) as stripes:
                self._long.append(self._to_disk(stripes))
            _remove(self._spilled)

    def remove(self) -> None:
        """Delete the files of the runs."""
        _remove(self._long)
        _remove(self._spilled)

    def _to_disk(self, stripes: Iterable[_Stripe]) -> _SpilledRun:
        """Write stripes, ascending, as a run."""
        number = self._written
        self._written += 1
        keys: list[Keys] = []
        counts: list[NDArray[np.int64]] = []
        with (
            _run_file(self._folder, number, "ids").open("wb") as ids_file,
            _run_file(self._folder, number, "frequencies").open("wb") as frequencies_file,
        ):
            for stripe in stripes:
                keys.append(stripe.keys)
                counts.append(stripe.counts)
                _write(ids_file, stripe.ids, "<u4")
                _write(frequencies_file, stripe.frequencies, "<u2")
        with _run_file(self._folder, number, "terms").open("wb") as terms_file:
            _write(terms_file, np.concatenate(keys), "<u8")
            _write(terms_file, np.append(0, np.cumsum(np.concatenate(counts))), "<u4")
        return _SpilledRun(self._folder, number, sum(map(len, keys)))


def _remove(runs: list[_SpilledRun]) -> None:
    for run in runs:
        run.remove()
    runs.clear()


def merge_runs(
    runs: Sequence[Run], folder: Path, norms: Floats, syncing: EarlySync
) -> MergedPostings:
    """Merge ``runs`` into the posting files in ``folder``.

    Args:
        runs: disjoint.
        folder: of the new generation.
        norms: of all its passages.
        syncing: syncs the files while they are written.

    Raises:
        CorpusError: there are more postings than the files can count.
        OSError: the disk is full or broken.
    """
    terms = _TermsFile()
    impacts_of = _Impacts(norms)

    def merge(runs: Sequence[Run], keys: _KeyRange) -> tuple[_Stripe, NDArray[np.uint8]]:
        stripe = _merge_stripe(runs, keys)
        return stripe, impacts_of(stripe.ids, stripe.frequencies)

    with ExitStack() as stack:
        paths = [folder / name for name in (IDS, IMPACTS, FREQUENCIES)]
        ids_file, impacts_file, frequencies_file = (
            stack.enter_context(path.open("wb")) for path in paths
        )
        merged = stack.enter_context(closing(_merge_ranges(runs, merge)))
        for number, (stripe, stripe_impacts) in enumerate(merged, 1):
            if number % _SYNC_INTERVAL == 0:
                syncing.begin(*paths)
            if len(stripe.keys):
                _write(ids_file, stripe.ids, "<u4")
                _write(frequencies_file, stripe.frequencies, "<u2")
                _write(impacts_file, stripe_impacts, "u1")
                terms.add(stripe, stripe_impacts)
    return terms.write(folder / TERMS, len(norms))


def _merge_ranges(
    runs: Sequence[Run], merge: Callable[[Sequence[Run], _KeyRange], _Result]
) -> Generator[_Result]:
    """Yield what ``merge`` returns for all ranges of terms, in order; a few are under way.

    Close it, so that none reads on in files that are deleted after an error.
    """
    in_flight: deque[Future[_Result]] = deque()
    with ThreadPoolExecutor(_THREADS) as threads:
        for keys in _key_ranges(runs):
            if len(in_flight) == _THREADS:
                yield in_flight.popleft().result()
            in_flight.append(threads.submit(merge, runs, keys))
        while in_flight:
            yield in_flight.popleft().result()


class _Impacts:
    """A faster :func:`corpus.engines.local.maxscore.impacts` for passages with known norms."""

    def __init__(self, norms: Floats) -> None:
        self._norms = norms
        # By passage, for a frequency of 1, as nearly all are.
        self._for_single = impacts(np.ones(len(norms), np.uint16), norms)

    def __call__(self, ids: Ids32, frequencies: Frequencies) -> NDArray[np.uint8]:
        result = self._for_single[ids]
        multiple = np.flatnonzero(frequencies != 1)
        result[multiple] = impacts(frequencies[multiple], self._norms[ids[multiple]])
        return result


class _TermsFile:
    """Collects the columns of ``terms.bin``, then writes it."""

    def __init__(self) -> None:
        self._keys: list[Keys] = []
        self._counts: list[Ids32] = []
        self._max_impacts: list[NDArray[np.uint8]] = []

    def add(self, stripe: _Stripe, stripe_impacts: NDArray[np.uint8]) -> None:
        starts = np.cumsum(stripe.counts) - stripe.counts
        self._keys.append(stripe.keys)
        self._counts.append(stripe.counts.astype(np.uint32))
        self._max_impacts.append(np.maximum.reduceat(stripe_impacts, starts))

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
            for max_impacts in self._max_impacts:
                _write(file, max_impacts, "u1")
        return MergedPostings(len(counts), postings, idf_floor(counts, passages))


def _merge_stripe(runs: Sequence[Run], keys: _KeyRange) -> _Stripe:
    """Merge the postings of all runs for the terms in a range of keys."""
    bounds = np.array(keys, np.uint64)
    spans = [slice(*run.keys.searchsorted(bounds).tolist()) for run in runs]
    terms = [run.keys[span] for run, span in zip(runs, spans, strict=True)]
    distinct, ranks = np.unique(np.concatenate(terms), return_inverse=True)
    ends = np.cumsum([len(keys_of_run) for keys_of_run in terms])
    ranks_by_run = np.split(ranks.astype(np.uint64) << np.uint64(32), ends[:-1])
    parts = [
        _read_postings(run, span, shifted)
        for run, span, shifted in zip(runs, spans, ranks_by_run, strict=True)
    ]
    sort_keys, frequencies = (np.concatenate(column) for column in zip(*parts, strict=True))
    if np.any(sort_keys[1:] < sort_keys[:-1]):
        order = np.argsort(sort_keys, kind="stable")  # fast for a few sorted pieces
        sort_keys, frequencies = sort_keys[order], frequencies[order]
    ids = sort_keys.astype(np.uint32)
    firsts = np.arange(len(distinct) + 1, dtype=np.uint64) << np.uint64(32)
    counts = np.diff(sort_keys.searchsorted(firsts))
    occurs = counts > 0  # a term without postings is dropped
    return _Stripe(distinct[occurs], counts[occurs], ids, frequencies)


def _read_postings(run: Run, terms: slice, ranks: Keys) -> tuple[NDArray[np.uint64], Frequencies]:
    """Return sort keys and frequencies of the postings of ``terms``, without ``DELETED`` ones.

    A sort key is the rank of the term in the stripe, then the passage, 32 bits each.
    """
    starts = run.starts[terms.start : terms.stop + 1].astype(np.int64)
    ids, frequencies = run.read(int(starts[0]), int(starts[-1]))
    sort_keys = np.repeat(ranks, np.diff(starts))
    sort_keys |= ids
    is_present = ids != DELETED
    if not is_present.all():
        sort_keys, frequencies = sort_keys[is_present], frequencies[is_present]
    return sort_keys, frequencies


def _key_ranges(runs: Sequence[Run]) -> Iterator[_KeyRange]:
    """Yield ranges of keys that have about ``_STRIPE_POSTINGS`` postings in all runs together.

    They divide the largest run into equal parts: the other runs have similar term frequencies.
    """
    largest = max(runs, key=lambda run: int(run.starts[-1]), default=None)
    if largest is None:
        return
    total = sum(int(run.starts[-1]) for run in runs)
    share = max(1, int(largest.starts[-1]) * _STRIPE_POSTINGS // max(1, total))
    cuts = np.searchsorted(largest.starts, np.arange(share, int(largest.starts[-1]), share))
    cuts = np.unique(cuts[cuts < len(largest.keys)])
    bounds = [0, *largest.keys[cuts].tolist(), 2**64 - 1]
    for first, end in pairwise(bounds):
        if first < end:
            yield first, end


def _write(file: IO[bytes], values: NDArray[Any], kind: str) -> None:
    # ndarray.tofile would report a full disk only when the file is closed.
    file.write(np.ascontiguousarray(values, kind).data)

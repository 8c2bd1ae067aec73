"""Postings come out of the runs as they went in, however often these are merged."""

import itertools
import threading
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.engines.local import runs
from corpus.engines.local.generation import EarlySync
from corpus.engines.local.inverted_batch import InvertedBatch
from corpus.engines.local.postings import FREQUENCIES, IDS
from corpus.engines.local.runs import RunWriter, merge_runs

PASSAGES, TERMS = 90, 7
IN_A_BATCH = 2


def batch(first: int) -> tuple[InvertedBatch, runs.Ids32]:
    """Return passages from ``first`` on, with every term that divides their numbers."""
    ids = np.arange(first, first + IN_A_BATCH, dtype=np.uint32)
    pairs = [(t, i) for t in range(1, TERMS + 1) for i in range(IN_A_BATCH) if not ids[i] % t]
    keys, passages = np.array(pairs, np.uint64).T
    counted = replace(
        InvertedBatch.none(),
        keys=keys,
        passages=passages.astype(np.uint32),
        frequencies=np.ones(len(keys), np.uint16),
    )
    return counted, ids


def write_runs(folder: Path) -> RunWriter:
    writer = RunWriter(folder)
    for first in range(0, PASSAGES, IN_A_BATCH):
        writer.add(*batch(first))
    writer.spill()
    return writer


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_RUN_POSTINGS", 1)  # each batch is a run
    monkeypatch.setattr(runs, "_STRIPE_POSTINGS", 20)


@pytest.mark.parametrize("max_runs", [2, 3, 10, 100])
@pytest.mark.usefixtures("small")
def test_runs_are_merged_before_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, max_runs: int
) -> None:
    monkeypatch.setattr(runs, "_MAX_RUNS", max_runs)
    writer = write_runs(tmp_path)
    long, short = divmod(PASSAGES // IN_A_BATCH, max_runs)
    assert len(writer.runs) == long + short
    assert len([*tmp_path.iterdir()]) == 3 * len(writer.runs)
    with EarlySync() as syncing:
        merged = merge_runs(writer.runs, tmp_path, np.ones(PASSAGES), syncing)
    expected = [i for t in range(1, TERMS + 1) for i in range(PASSAGES) if not i % t]
    assert merged.postings == len(expected)
    assert np.fromfile(tmp_path / IDS, "<u4").tolist() == expected
    assert np.fromfile(tmp_path / FREQUENCIES, "<u2").tolist() == [1] * len(expected)
    writer.remove()
    assert not [*tmp_path.glob("run-*")]


@pytest.mark.usefixtures("small")
def test_after_an_error_nothing_reads_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_MAX_RUNS", 10)
    threads = threading.active_count()
    write, writes = runs._write, itertools.count(1)

    def write_until_full(file: IO[bytes], values: NDArray[np.integer[Any]], kind: str) -> None:
        if next(writes) > 4 * 10:  # ten runs of four columns: the next is of the longer run
            raise OSError("no space left")
        write(file, values, kind)

    monkeypatch.setattr(runs, "_write", write_until_full)
    with pytest.raises(OSError, match="no space left") as failure:
        write_runs(tmp_path)
    assert failure  # whose traceback keeps all that was suspended
    assert threading.active_count() == threads

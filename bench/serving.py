"""What a process that answers questions holds and takes, alone and while its child reindexes."""

import asyncio
import multiprocessing
import os
import random
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from bench.memory import Peak, held_megabytes
from corpus.engines.local import article_store, generation
from corpus.engines.local.reader import LocalReader
from corpus.indexing import child
from corpus.indexing.job import Job
from corpus.indexing.memory import give_back_freed
from corpus.library import Library

_QUESTIONS = 300
_SEED = 7
_ASKED_EVERY = 0.5  # seconds, during the reindex


def measure(job: Job) -> dict[str, Any]:
    """Serve the index of ``job``, and build it anew meanwhile with one worker."""
    # Spawned: what this process holds must not count.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, replace(job, workers=1), _titles(job)))
    process.start()
    theirs.close()  # so that its end is noticed
    assert process.pid is not None
    result: dict[str, Any] = {}
    for name in ("peak_mb", "with_reindex_mb"):
        with Peak(process.pid) as peak:
            result |= ours.recv()
        result[name] = peak.megabytes
        ours.send(None)
    process.join()
    return result


def _titles(job: Job) -> list[str]:
    folder = generation.current(Path(job.data_dir))
    with closing(sqlite3.connect(article_store.uri(folder), uri=True)) as connection:
        titles = [title for (title,) in connection.execute("SELECT DISTINCT title FROM article")]
    random.Random(_SEED).shuffle(titles)  # noqa: S311 (reproducible, nothing secret)
    return titles[:_QUESTIONS]


def _serve(connection: Connection, job: Job, questions: Sequence[str]) -> None:
    give_back_freed()  # as the bot does
    asyncio.run(_serving(connection, job, questions))


async def _serving(connection: Connection, job: Job, questions: Sequence[str]) -> None:
    fingerprint = job.fingerprint(job.analyzer())
    imports = held_megabytes(os.getpid())
    started = time.perf_counter()
    reader = LocalReader.open(Path(job.data_dir), fingerprint)
    seconds = time.perf_counter() - started
    opened = held_megabytes(os.getpid()) - imports
    reader.close()
    async with Library(Path(job.archive), Path(job.data_dir)) as library:
        await library.open()
        times = [(await library.search(question)).elapsed_ms for question in questions]
        p50, p99 = np.percentile(times, [50, 99]).tolist()
        connection.send(
            {
                "imports_mb": imports,
                "open_s": round(seconds, 3),
                "open_mb": opened,
                "search_p50_ms": round(p50, 2),
                "search_p99_ms": round(p99, 2),
            }
        )
        connection.recv()
        reindex = asyncio.ensure_future(child.run(job.rebuilding(), lambda _: None))
        asked = 0
        while not reindex.done():
            await library.search(questions[asked % len(questions)])
            await asyncio.wait([reindex], timeout=_ASKED_EVERY)
            asked += 1
        connection.send({"reindex_s": round((await reindex).seconds, 1)})
        connection.recv()

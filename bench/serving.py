"""Memory and time of a process that answers questions, alone and while its child reindexes."""

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

from bench.memory import Peak, total_megabytes
from corpus.engines.local import article_store, generation
from corpus.engines.local.reader import LocalReader
from corpus.indexing.job import Job
from corpus.indexing.parent import run_child
from corpus.indexing.process_memory import give_back_freed
from corpus.library import Library

_QUESTIONS = 300
_SEED = 7
_QUESTION_INTERVAL = 0.5  # seconds, during the reindex


def measure(job: Job) -> dict[str, Any]:
    """Answer from the index of ``job``, then again while one worker rebuilds it."""
    # Spawned, so that the memory of this process does not count.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_answer, args=(theirs, replace(job, workers=1), _titles(job)))
    process.start()
    theirs.close()  # so that the child's death ends the pipe
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


def _answer(connection: Connection, job: Job, questions: Sequence[str]) -> None:
    give_back_freed()  # as the bot does
    asyncio.run(_answer_all(connection, job, questions))


async def _milliseconds(library: Library, question: str) -> float:
    """Return how long a search took with the marks of all its hits."""
    started = time.perf_counter()
    for hit in (await library.search(question)).hits:
        hit.marks()
    return 1000 * (time.perf_counter() - started)


async def _answer_all(connection: Connection, job: Job, questions: Sequence[str]) -> None:
    fingerprint = job.fingerprint(job.analyzer())
    imports = total_megabytes(os.getpid())
    started = time.perf_counter()
    reader = LocalReader.open(Path(job.data_dir), fingerprint)
    seconds = time.perf_counter() - started
    opened = total_megabytes(os.getpid()) - imports
    reader.close()
    async with Library(Path(job.archive), Path(job.data_dir)) as library:
        await library.open()
        times = [await _milliseconds(library, question) for question in questions]
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
        reindex = asyncio.ensure_future(run_child(job.rebuilding(), lambda _: None))
        questions_sent = 0
        while not reindex.done():
            await library.search(questions[questions_sent % len(questions)])
            await asyncio.wait([reindex], timeout=_QUESTION_INTERVAL)
            questions_sent += 1
        connection.send({"reindex_s": round((await reindex).seconds, 1)})
        connection.recv()

"""The worker processes that read files, which a hostile file may crash or stall.

Workers are forked from a server process that has imported what they need and does nothing else:
they inherit no thread, lock or half-written file, start at once and share its memory. A worker that
dies, or that takes longer over its files than honest ones take, is replaced, and its files are
tried one by one: what does it again is skipped, the rest of the archive is indexed.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from corpus.indexing.batch import MAX_SECONDS, Batch, PreparedFile
from corpus.indexing.job import Source
from corpus.indexing.memory import available_memory

_BATCH = 32
"""Files a worker gets at a time: enough for numpy, few enough to fit in a pipe and in memory."""
_PRELOADED = ["corpus.indexing.worker", "rjieba"]
_CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
_AHEAD = 2  # batches a worker has: one to work on, one to go on with
_WORKER_BYTES = 160 * 2**20
_SPARED_BYTES = 256 * 2**20  # of what is available: for this process and for serving meanwhile
_MAX_WORKERS = 8
_START_SECONDS = 30.0
_SILENT_SECONDS = 30.0  # a worker that hears no alarm either


def worker_count() -> int:
    """Return how many workers the processors and the memory that is free now allow, at least 1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    fitting = (available_memory() - _SPARED_BYTES) // _WORKER_BYTES
    return max(1, min(cores or 1, fitting, _MAX_WORKERS))


class Workers:
    """Prepares files in other processes. Leaving the ``with`` block ends these."""

    def __init__(self, source: Source, count: int) -> None:
        self._source = source
        self._count = count
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        for worker in self._workers:
            worker.kill()
        self._workers.clear()

    def expect(self) -> None:
        """Tell that there will be files to prepare: what takes long to start is started now."""
        if _CAN_FORK:
            forkserver.set_forkserver_preload(_PRELOADED)
            forkserver.ensure_running()

    def prepare_all(self, paths: Sequence[str]) -> Iterator[Batch]:
        """Give all of ``paths`` prepared, in order."""
        batches = [paths[at : at + _BATCH] for at in range(0, len(paths), _BATCH)]
        for _ in range(min(self._count, len(batches))):
            self._workers.append(_Worker(self._source))
        sent: deque[tuple[int, Sequence[str]]] = deque()
        for number, batch in enumerate(batches):
            if len(sent) == _AHEAD * len(self._workers):
                yield from self._received(sent)
            place = number % len(self._workers)
            self._workers[place].send(batch)
            sent.append((place, batch))
        while sent:
            yield from self._received(sent)
        self._end()  # what comes next needs the memory

    def _received(self, sent: deque[tuple[int, Sequence[str]]]) -> Iterator[Batch]:
        place, batch = sent.popleft()
        prepared = self._workers[place].receive()
        if prepared is not None:
            yield prepared
            return
        self._replace(place)
        for path in batch:
            self._workers[place].send([path])
            alone = self._workers[place].receive()
            yield alone or _without(path, self._replace(place))
        for waiting_place, waiting in sent:
            if waiting_place == place:
                self._workers[place].send(waiting)

    def _replace(self, place: int) -> str:
        """Put a new worker in the place of one that is dead or stuck; return what ended it."""
        status = self._workers[place].kill()
        self._workers[place] = _Worker(self._source)
        if status == -signal.SIGALRM:
            return f"takes longer than {MAX_SECONDS} s to read"
        return "crashes the program that reads it"


def _without(path: str, reason: str) -> Batch:
    return Batch([PreparedFile(path, None, None, None, reason, ended_worker=True)], None)


class _Worker:
    """One worker process, seen from the parent."""

    def __init__(self, source: Source) -> None:
        get = multiprocessing.get_context
        context = get("forkserver") if _CAN_FORK else get("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, source), daemon=True)
        self._process.start()
        theirs.close()  # so that its end is noticed
        self._has_started = False

    def send(self, paths: Sequence[str]) -> None:
        with suppress(OSError):  # if it is dead, receive() tells
            self._connection.send(list(paths))

    def receive(self) -> Batch | None:
        """Return the next batch, or None where the worker is dead or stuck."""
        try:
            if not self._has_started:
                if not self._connection.poll(_START_SECONDS):
                    return None
                self._connection.recv()
                self._has_started = True
            if not self._connection.poll(_SILENT_SECONDS):
                return None
            return self._connection.recv()
        except (EOFError, OSError):
            return None

    def kill(self) -> int | None:
        """End it where it has not ended; return its exit code."""
        self._process.kill()
        self._process.join()
        self._connection.close()
        return self._process.exitcode


def _work(connection: Connection, source: Source) -> None:
    # Imported by the server that workers are forked from; no parser of articles is loaded here.
    from corpus.indexing.worker import work  # noqa: PLC0415

    work(connection, source)

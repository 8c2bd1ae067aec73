"""The pool of worker processes that read files, any of which may crash or stall its worker.

Workers are forked from a server process that has imported what they need and does nothing else:
they inherit no thread, lock or half-written file, start at once and share its memory. A worker that
dies or exceeds its processor time is replaced, and the files of its batch are tried one by one: a
file that ends its worker again is skipped for a day, the rest of the archive is indexed.

Pebble's pool of killable workers was tried in its place; bench/README.md says why it was not kept.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

import psutil

from corpus.archive.files import is_feed
from corpus.engine import FilterKeys
from corpus.indexing.job import Source
from corpus.indexing.process_memory import available_memory
from corpus.model import Article, Noted, Skipped, SourceReading

MAX_SECONDS = 4
"""Of processor time, for a batch and then for each of its files alone; an honest file takes
milliseconds."""

MAX_FEED_SECONDS = 25
"""The same where there is a feed among them, of thousands of articles."""
MAX_GROWTH = 384 * 2**20
"""By so many bytes a process that reads files may grow: an honest file of 8 MB takes half."""
_BATCH_FILES = 8
"""Files a worker gets at a time: enough for numpy, few enough to fit in a pipe and in memory."""
_PRELOADED = ["corpus.indexing.worker", "rjieba"]
_POLL_SECONDS = 1.0
_CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
_MAX_QUEUED = 2  # batches per worker: the current one and the next
_WORKER_BYTES = 160 * 2**20
_RESERVED_BYTES = 256 * 2**20  # of the available memory: for this process and for answering
_MAX_WORKERS = 8
_MAX_IDLE_SECONDS = 30  # of a worker that waits for a disk, and so uses no processor time
_RETRY_AFTER = timedelta(days=1)
"""What ended a worker may have been the machine's fault, such as too little memory."""


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """One file as a worker has read it."""

    path: str
    digest: bytes | None
    """Of its bytes; None if they cannot be read, or if the file ended the worker."""
    articles: tuple[tuple[Article, FilterKeys], ...] = ()
    """Its articles, with the id 0; only a feed has several."""
    skipped: tuple[Skipped, ...] = ()
    """What of it is skipped: the file, or entries of a feed."""
    noted: tuple[Noted, ...] = ()
    readings: tuple[SourceReading, ...] = ()
    """How much of each of its articles was read."""
    ended_worker: bool = False
    """Whether it crashed or stalled the worker."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The files of one request to a worker."""

    files: list[PreparedFile]
    inverted: Any
    """The terms of the passages of all articles, in order, in the form that the engine's writer
    takes; None if no article was read."""


def file_digest(raw: bytes) -> bytes:
    """Return the digest that identifies a file's content."""
    return blake2b(raw, digest_size=16).digest()


def worker_count() -> int:
    """Return how many workers the processors and the available memory allow, at least 1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    fitting = (available_memory() - _RESERVED_BYTES) // _WORKER_BYTES
    return max(1, min(cores or 1, fitting, _MAX_WORKERS))


class WorkerPool:
    """Prepares files in worker processes; leaving the ``with`` block kills these."""

    def __init__(self, source: Source, count: int, *, is_last: bool = False) -> None:
        """Start nothing yet.

        Args:
            source: the files.
            count: of workers.
            is_last: whether this process prepares nothing after these: the server ends, too.
        """
        self._source = source
        self._count = count
        self._is_last = is_last
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._kill_all()

    def _kill_all(self) -> None:
        for worker in self._workers:
            worker.kill()
        self._workers.clear()

    def warm_up(self) -> None:
        """Start the server process ahead of the first file, since that takes long; idempotent."""
        if _CAN_FORK:
            forkserver.set_forkserver_preload(_PRELOADED)
            forkserver.ensure_running()

    def prepare_all(self, paths: Sequence[str]) -> Iterator[Batch]:
        """Yield all of ``paths`` prepared, in order."""
        batches = [
            paths[start : start + _BATCH_FILES] for start in range(0, len(paths), _BATCH_FILES)
        ]
        for _ in range(min(self._count, len(batches))):
            self._workers.append(_Worker(self._source))
        queue: deque[tuple[int, Sequence[str]]] = deque()
        for number, batch in enumerate(batches):
            if len(queue) == _MAX_QUEUED * len(self._workers):
                yield from self._receive(queue)
            worker = number % len(self._workers)
            self._workers[worker].send(batch)
            queue.append((worker, batch))
        while queue:
            yield from self._receive(queue)
        self._kill_all()  # the next phase needs the memory
        if self._is_last and _CAN_FORK:
            # The module has no other name for it; the server holds 65 MB that it no longer shares.
            forkserver._forkserver._stop()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]

    def _receive(self, queue: deque[tuple[int, Sequence[str]]]) -> Iterator[Batch]:
        worker, paths = queue.popleft()
        prepared = self._workers[worker].receive()
        if prepared is not None:
            yield prepared
            return
        self._replace(worker)
        for path in paths:
            self._workers[worker].send([path])
            alone = self._workers[worker].receive()
            yield alone or self._without(path, self._replace(worker, path))
        for queued_worker, queued_paths in queue:
            if queued_worker == worker:
                self._workers[worker].send(queued_paths)

    def _replace(self, worker: int, path: str = "") -> str:
        """Replace a worker that is dead or stuck; return the reason to skip its file, ``path``."""
        is_idle = self._workers[worker].is_idle
        status = self._workers[worker].kill()
        self._workers[worker] = _Worker(self._source)
        if status == -signal.SIGPROF:
            seconds = MAX_FEED_SECONDS if is_feed(path) else MAX_SECONDS
            return f"takes more than {seconds} s of processor time to read"
        if is_idle:
            return f"is not given by the disk within {_MAX_IDLE_SECONDS} s"
        return "crashes the program that reads it"

    def _without(self, path: str, reason: str) -> Batch:
        now = datetime.fromisoformat(self._source.now) if self._source.now else datetime.now(UTC)
        until = (now + _RETRY_AFTER).isoformat(timespec="seconds")
        file = PreparedFile(path, None, skipped=(Skipped(path, reason, until),), ended_worker=True)
        return Batch([file], None)


class _Worker:
    """The parent's side of one worker process."""

    def __init__(self, source: Source) -> None:
        get = multiprocessing.get_context
        context = get("forkserver") if _CAN_FORK else get("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, source), daemon=True)
        self._process.start()
        theirs.close()  # so that the worker's death ends the connection
        self._has_started = False
        self.is_idle = False
        """Whether it was left because it used no processor time."""

    def send(self, paths: Sequence[str]) -> None:
        with suppress(OSError):  # receive() notices a dead worker
            self._connection.send(list(paths))

    def receive(self) -> Batch | None:
        """Return the next batch, or None if the worker is dead or stuck."""
        try:
            if not self._has_started:
                if not self._has_sent():
                    return None
                self._connection.recv()
                self._has_started = True
            return self._connection.recv() if self._has_sent() else None
        except (EOFError, OSError):
            return None

    def _has_sent(self) -> bool:
        """Wait for a message, as long as the worker works; return whether there is one."""
        used, idle = -1.0, 0
        # By turns of this process: while the whole machine sleeps, or all is stopped, none passes.
        while not self._connection.poll(_POLL_SECONDS):
            before, used = used, self._processor_seconds()
            idle = 0 if used > before else idle + 1
            if idle * _POLL_SECONDS >= _MAX_IDLE_SECONDS:
                self.is_idle = True
                return False
        return True

    def _processor_seconds(self) -> float:
        try:
            times = psutil.Process(self._process.pid).cpu_times()
        except psutil.Error:  # it has ended, which ends the connection
            return 0.0
        return times.user + times.system

    def kill(self) -> int | None:
        """Kill the process unless it has ended; return its exit code."""
        self._process.kill()
        self._process.join()
        self._connection.close()
        return self._process.exitcode


def _work(connection: Connection, source: Source) -> None:
    # Imported in the server that workers are forked from: this process loads no parser.
    from corpus.indexing.worker import work  # noqa: PLC0415

    work(connection, source)

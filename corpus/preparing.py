"""Files -> articles with their terms, in worker processes that a hostile file may crash or stall.

Workers are forked from a server process that has imported what they need and does nothing else:
they inherit no thread, lock or half-written file, start at once and share its memory. A worker that
dies, or that takes longer than any honest batch of files does, is replaced, and its files are tried
one by one: what does it again is skipped, the rest of the archive is indexed.
"""

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from corpus import archive
from corpus.analyzer import Analyzer
from corpus.bags import Bags, bags
from corpus.errors import ArticleError
from corpus.memory import available_memory, give_back_freed
from corpus.model import Article
from corpus.source import Source

_BATCH = 32
"""Files a worker gets at a time: enough for numpy, few enough to fit in a pipe and in memory."""
_HARMLESS = 256 * 2**10
"""Bytes of a batch that is prepared without a worker, which would take longer to start: what so
little can do to a parser, its own limits bear."""
_PRELOADED = ["corpus.preparing", "rjieba"]
_CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
_AHEAD = 2  # batches a worker has: one to work on, one to go on with
_WORKER_BYTES = 160 * 2**20
_SPARED_BYTES = 256 * 2**20  # of what is available: for this process and for serving meanwhile
_MOST_WORKERS = 8
_BATCH_SECONDS = 30.0
_FILE_SECONDS = 5.0  # an honest file takes milliseconds
_START_SECONDS = 30.0
_ALARM_SECONDS = 2 * int(_BATCH_SECONDS)


@dataclass(frozen=True, slots=True)
class Keys:
    """What filters compare, folded."""

    author: str
    source: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One file, read."""

    path: str
    digest: bytes | None
    """Of its bytes; None if they cannot be read."""
    article: Article | None
    """Its id is 0; None if it is not to be indexed."""
    keys: Keys | None
    reason: str = ""
    """Why it is not to be indexed."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that were prepared together."""

    files: list[Prepared]
    bags: Bags
    """Of the passages of all articles, in order."""


def digest(raw: bytes) -> bytes:
    """Return what a file's content is recognised by."""
    return blake2b(raw, digest_size=16).digest()


def prepare(source: Source, paths: Sequence[str]) -> Batch:
    """Read, parse and segment some files here and now."""
    root, analyzer = Path(source.archive), _analyzer(source)
    files: list[Prepared] = []
    articles: list[Article] = []
    for path in paths:
        found: bytes | None = None
        try:
            raw = archive.read_bytes(root, path)
            found = digest(raw)
            article = archive.parse(path, raw, article_id=0)
        except ArticleError as error:
            files.append(Prepared(path, found, None, None, str(error)))
            continue
        keys = Keys(
            analyzer.fold(article.author),
            analyzer.fold(article.source),
            tuple(analyzer.fold(tag) for tag in article.tags),
        )
        articles.append(article)
        files.append(Prepared(path, found, article, keys))
    return Batch(files, bags(articles, analyzer))


@cache
def _analyzer(source: Source) -> Analyzer:
    # One for the life of a worker, which has one source.
    return source.analyzer(prefer_fast=True)


def worker_count() -> int:
    """Return how many workers the processors and the memory that is free now allow, at least 1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    fitting = (available_memory() - _SPARED_BYTES) // _WORKER_BYTES
    return max(1, min(cores or 1, fitting, _MOST_WORKERS))


class Workers:
    """Prepares files in other processes. Leaving the ``with`` block ends these."""

    def __init__(self, source: Source, count: int) -> None:
        self._source = source
        self._count = count
        self._workers: list[_Worker] = []
        self._expected_files = 0
        self._expected_bytes = 0

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

    def expect(self, size: int) -> None:
        """Tell that a file of ``size`` bytes will have to be prepared.

        What takes long to start is started as soon as it is known to be needed.
        """
        self._expected_files += 1
        self._expected_bytes += size
        if _CAN_FORK and not self._is_harmless:
            forkserver.set_forkserver_preload(_PRELOADED)
            forkserver.ensure_running()

    @property
    def _is_harmless(self) -> bool:
        return self._expected_files <= _BATCH and self._expected_bytes <= _HARMLESS

    def prepare_all(self, paths: Sequence[str]) -> Iterator[Batch]:
        """Give all of ``paths``, each of which was expected, prepared, in order."""
        if paths and self._is_harmless:
            yield prepare(self._source, paths)
            return
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
        prepared = self._workers[place].receive(_BATCH_SECONDS)
        if prepared is not None:
            yield prepared
            return
        self._restart(place)
        for path in batch:
            self._workers[place].send([path])
            alone = self._workers[place].receive(_FILE_SECONDS)
            if alone is None:
                self._restart(place)
                alone = _crashing(path)
            yield alone
        for waiting_place, waiting in sent:
            if waiting_place == place:
                self._workers[place].send(waiting)

    def _restart(self, place: int) -> None:
        self._workers[place].kill()
        self._workers[place] = _Worker(self._source)


def _crashing(path: str) -> Batch:
    reason = f"crashes the reader, or keeps it busy for more than {_FILE_SECONDS:.0f} s"
    return Batch([Prepared(path, None, None, None, reason)], Bags.none())


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

    def receive(self, seconds: float) -> Batch | None:
        """Return the next batch, or None where the worker is dead or stuck."""
        try:
            if not self._has_started:
                if not self._connection.poll(_START_SECONDS):
                    return None
                self._connection.recv()
                self._has_started = True
            if not self._connection.poll(seconds):
                return None
            return self._connection.recv()
        except (EOFError, OSError):
            return None

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()


def _work(connection: Connection, source: Source) -> None:
    """Prepare what comes, until the parent closes the connection or dies."""
    give_back_freed()
    gc.freeze()  # to look at what the server has imported is to copy it
    with suppress(EOFError, OSError):
        _analyzer(source).load()
        connection.send(None)
        while True:
            paths = connection.recv()
            # The kernel ends what is stuck even where the parent is no longer there to do it.
            signal.alarm(_ALARM_SECONDS)
            prepared = prepare(source, paths)
            signal.alarm(0)
            connection.send(prepared)

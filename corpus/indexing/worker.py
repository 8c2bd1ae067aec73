"""A worker process: reads files into articles with their terms, see ``pool``."""

import gc
import signal
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

from corpus import hidden
from corpus.analysis.analyzer import Analyzer
from corpus.archive import files as archive_files
from corpus.archive import post
from corpus.archive.omissions import chars_by_reason
from corpus.engine import FilterKeys
from corpus.engines import inverter
from corpus.errors import ArticleError
from corpus.indexing.job import Source
from corpus.indexing.pool import (
    MAX_FEED_SECONDS,
    MAX_GROWTH,
    MAX_SECONDS,
    Batch,
    PreparedFile,
    file_digest,
)
from corpus.indexing.process_memory import give_back_freed, limit_growth
from corpus.model import Article, Noted, Skipped, SourceReading


def work(connection: Connection, source: Source) -> None:
    """Prepare the files that the parent asks for, until it closes the connection or dies."""
    give_back_freed()
    gc.freeze()  # a collection would copy every page shared with the server
    with suppress(EOFError, OSError):
        _analyzer(source).load()
        limit_growth(MAX_GROWTH)
        connection.send(None)
        while True:
            paths = connection.recv()
            # The kernel ends a stuck worker, in whatever C code, even without a parent. Processor
            # time counts: on a busy machine an honest file may take minutes.
            has_feed = any(map(archive_files.is_feed, paths))
            signal.setitimer(signal.ITIMER_PROF, MAX_FEED_SECONDS if has_feed else MAX_SECONDS)
            prepared = prepare(source, paths)
            signal.setitimer(signal.ITIMER_PROF, 0)
            connection.send(prepared)


def prepare(source: Source, paths: Sequence[str]) -> Batch:
    """Read, parse and segment files in this process."""
    root, analyzer = Path(source.archive), _analyzer(source)
    now = datetime.fromisoformat(source.now) if source.now else datetime.now(UTC)
    files: list[PreparedFile] = []
    articles: list[Article] = []
    for path in paths:
        digest: bytes | None = None
        try:
            raw = archive_files.read_bytes(root, path)
            digest = file_digest(raw)
            readings, left_out = post.read_all(path, raw, now)
        except ArticleError as error:
            skipped = (Skipped(path, str(error), error.until),)
            files.append(PreparedFile(path, digest, skipped=skipped))
            continue
        left_out += [
            Skipped(reading.article.path, hidden.REASON)
            for reading in readings
            if reading.article.path in source.hidden
        ]
        readings = [r for r in readings if r.article.path not in source.hidden]
        own = [reading.article for reading in readings]
        articles += own
        files.append(
            PreparedFile(
                path,
                digest,
                tuple((article, _filter_keys(article, analyzer)) for article in own),
                tuple(left_out),
                tuple(
                    Noted(reading.article.path, reading.note, reading.until)
                    for reading in readings
                    if reading.note or reading.until
                ),
                tuple(map(_source_reading, readings)),
            )
        )
    return Batch(files, inverter(source.search_url)(articles, analyzer))


def _source_reading(reading: post.Reading) -> SourceReading:
    left_out = chars_by_reason(reading.body.omissions)
    return SourceReading(reading.article.source, 1, reading.body.chars, left_out)


def _filter_keys(article: Article, analyzer: Analyzer) -> FilterKeys:
    return FilterKeys(
        analyzer.fold(article.author),
        analyzer.fold(article.source),
        tuple(analyzer.fold(tag) for tag in article.tags),
        analyzer.comparable([article.title])[0],
    )


@cache
def _analyzer(source: Source) -> Analyzer:
    # A worker has one source all its life.
    return source.analyzer(prefer_fast=True)

"""A worker process: reads files into articles with their terms, see ``pool``."""

import gc
import signal
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.analysis.analyzer import Analyzer
from corpus.archive import files as archive_files
from corpus.archive import post
from corpus.engine import FilterKeys
from corpus.engines import inverter
from corpus.errors import ArticleError
from corpus.indexing.job import Source
from corpus.indexing.pool import MAX_SECONDS, Batch, PreparedFile, file_digest
from corpus.indexing.process_memory import give_back_freed, limit_growth

if TYPE_CHECKING:
    from corpus.model import Article

_MAX_BYTES = 384 * 2**20
"""By which a worker may grow: an honest file of 8 MB takes half of it."""


def work(connection: Connection, source: Source) -> None:
    """Prepare the files that the parent asks for, until it closes the connection or dies."""
    give_back_freed()
    gc.freeze()  # a collection would copy every page shared with the server
    with suppress(EOFError, OSError):
        _analyzer(source).load()
        limit_growth(_MAX_BYTES)
        connection.send(None)
        while True:
            paths = connection.recv()
            # The kernel ends a stuck worker, in whatever C code, even without a parent.
            signal.alarm(MAX_SECONDS)
            prepared = prepare(source, paths)
            signal.alarm(0)
            connection.send(prepared)


def prepare(source: Source, paths: Sequence[str]) -> Batch:
    """Read, parse and segment files in this process."""
    root, analyzer = Path(source.archive), _analyzer(source)
    files: list[PreparedFile] = []
    articles: list[Article] = []
    for path in paths:
        digest: bytes | None = None
        try:
            raw = archive_files.read_bytes(root, path)
            digest = file_digest(raw)
            article = post.parse(path, raw, article_id=0)
        except ArticleError as error:
            files.append(PreparedFile(path, digest, None, None, str(error)))
            continue
        keys = FilterKeys(
            analyzer.fold(article.author),
            analyzer.fold(article.source),
            tuple(analyzer.fold(tag) for tag in article.tags),
        )
        articles.append(article)
        files.append(PreparedFile(path, digest, article, keys))
    return Batch(files, inverter(source.search_url)(articles, analyzer))


@cache
def _analyzer(source: Source) -> Analyzer:
    # A worker has one source all its life.
    return source.analyzer(prefer_fast=True)

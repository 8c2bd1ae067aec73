"""What a worker process does: reads files into articles with their terms, see ``workers``."""

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
from corpus.indexing.batch import MAX_SECONDS, Batch, PreparedFile, file_digest
from corpus.indexing.job import Source
from corpus.indexing.memory import give_back_freed, limit_growth

if TYPE_CHECKING:
    from corpus.model import Article

_MAX_BYTES = 384 * 2**20
"""What a worker may take beside what it starts with: an honest file of 8 MB takes half of it."""


def work(connection: Connection, source: Source) -> None:
    """Prepare the files that the parent names, until it closes the connection or dies."""
    give_back_freed()
    gc.freeze()  # a collection would copy every page shared with the server
    with suppress(EOFError, OSError):
        _analyzer(source).load()
        limit_growth(_MAX_BYTES)
        connection.send(None)
        while True:
            paths = connection.recv()
            # The kernel ends what is stuck, in whatever C code that is, parent or no parent.
            signal.alarm(MAX_SECONDS)
            prepared = prepare(source, paths)
            signal.alarm(0)
            connection.send(prepared)


def prepare(source: Source, paths: Sequence[str]) -> Batch:
    """Read, parse and segment some files here and now."""
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
    # One for the life of a worker, which has one source.
    return source.analyzer(prefer_fast=True)

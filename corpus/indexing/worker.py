"""Files -> articles with their terms: what a worker process does, see ``workers``."""

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
from corpus.engines.local.inverted_batch import bags
from corpus.errors import ArticleError
from corpus.indexing.batch import MOST_SECONDS, Batch, Keys, Prepared, digest
from corpus.indexing.memory import give_back_freed, limit_growth
from corpus.indexing.source import Source

if TYPE_CHECKING:
    from corpus.model import Article

_MOST_BYTES = 384 * 2**20
"""What a worker may take beside what it starts with: an honest file of 8 MB takes half of it."""


def work(connection: Connection, source: Source) -> None:
    """Prepare what comes, until the parent closes the connection or dies."""
    give_back_freed()
    gc.freeze()  # to look at what the server has imported is to copy it
    with suppress(EOFError, OSError):
        _analyzer(source).load()
        limit_growth(_MOST_BYTES)
        connection.send(None)
        while True:
            paths = connection.recv()
            # The kernel ends what is stuck, in whatever C code that is, parent or no parent.
            signal.alarm(MOST_SECONDS)
            prepared = prepare(source, paths)
            signal.alarm(0)
            connection.send(prepared)


def prepare(source: Source, paths: Sequence[str]) -> Batch:
    """Read, parse and segment some files here and now."""
    root, analyzer = Path(source.archive), _analyzer(source)
    files: list[Prepared] = []
    articles: list[Article] = []
    for path in paths:
        found: bytes | None = None
        try:
            raw = archive_files.read_bytes(root, path)
            found = digest(raw)
            article = post.parse(path, raw, article_id=0)
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

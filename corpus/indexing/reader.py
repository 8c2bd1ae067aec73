"""``python -m corpus.indexing.reader ROOT PATH``: one file as it is read, as a JSON object.

Untrusted articles are parsed here, outside the process that asks, within a worker's limits.
"""

import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from corpus.archive import files, post
from corpus.errors import ArticleError
from corpus.indexing.pool import MAX_FEED_SECONDS, MAX_GROWTH, MAX_SECONDS
from corpus.indexing.process_memory import limit_growth
from corpus.model import ArticleReading, FileReading, LeftOut, Skipped


def main(arguments: Sequence[str]) -> int:
    """Read one file and print its `FileReading`."""
    root, path = arguments
    limit_growth(MAX_GROWTH)
    # The kernel ends this process, in whatever C code it is.
    seconds = MAX_FEED_SECONDS if files.is_feed(files.file_of(path)) else MAX_SECONDS
    signal.setitimer(signal.ITIMER_PROF, seconds)
    sys.stdout.write(json.dumps(asdict(_read(Path(root), path))))
    return 0


def _read(root: Path, path: str) -> FileReading:
    root, file = _located(root, files.file_of(path))
    try:
        raw = files.read_bytes(root, file)
        readings, skipped = post.read_all(file, raw, datetime.now(UTC))
    except ArticleError as error:
        return FileReading((), (Skipped(path, str(error), error.until),))
    articles = map(_article_reading, readings)
    if files.file_of(path) == path:
        return FileReading(tuple(articles), tuple(skipped))
    return FileReading(
        tuple(article for article in articles if article.path == path),
        tuple(entry for entry in skipped if entry.path == path),
    )


def _located(root: Path, path: str) -> tuple[Path, str]:
    """Return the folder a file is read from, the archive or else its own, and its path there."""
    inside = Path(os.path.normpath(root / path))
    if inside.is_relative_to(root) and inside.exists():
        return root, inside.relative_to(root).as_posix()
    place = Path(path).absolute()
    return (place.parent, place.name) if place.exists() else (root, path)


def _article_reading(reading: post.Reading) -> ArticleReading:
    article = reading.article
    left_out = tuple(LeftOut(o.text, o.reason.value) for o in reading.body.omissions)
    return ArticleReading(
        article.path, article.title, article.paragraphs, reading.body.chars, left_out, reading.note
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""``python -m corpus.archive ROOT PATH``: one file as it is read, as a JSON object.

Untrusted articles are parsed here, outside the process that asks, which can kill this one.
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
from corpus.model import ArticleReading, FileReading, LeftOut, Skipped

_MAX_SECONDS = 25


def main(arguments: Sequence[str]) -> int:
    """Read one file and print its `FileReading`."""
    root, path = arguments
    signal.alarm(_MAX_SECONDS)  # ends this process, in whatever C code it is
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

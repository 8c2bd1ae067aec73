import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from corpus.archive import READING_VERSION, files, post
from corpus.errors import ArticleError
from corpus.library import SAMPLE_ARCHIVE

DATA = Path(__file__).parents[2] / "data"
ROOTS = (
    Path(__file__).with_name("reading_cases"),
    SAMPLE_ARCHIVE,
    *(DATA / name for name in ("hugo-blog", "hexo-blog", "other-files")),
)
"""Small posts of every kind that is read by a rule of its own, and whole archives."""

READ_TO = {5: "bba158dbe1e63a51"}
"""By version: the digest of what these are read to."""


def _read(root: Path, path: str) -> Iterator[str]:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        readings, skipped = post.read_all(path, files.read_bytes(root, path), now)
    except ArticleError as error:
        yield f"{path}: {error}"
        return
    for reading in readings:
        article = asdict(reading.article)
        yield json.dumps({"article": article, "note": reading.note, "until": reading.until})
    for entry in skipped:
        yield json.dumps(asdict(entry))


def test_a_change_of_how_articles_are_read_raises_the_version() -> None:
    digest = hashlib.sha256()
    for root in ROOTS:
        for path in files.scan(root):
            for record in _read(root, path):
                digest.update(record.encode())
    assert READ_TO.get(READING_VERSION) == digest.hexdigest()[:16], (
        "These posts are read otherwise than before: raise READING_VERSION, so that an upgrade reads"
        " unchanged files again, and enter the new digest here."
    )

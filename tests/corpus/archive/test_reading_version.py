import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from corpus.archive import READING_VERSION, files, post
from corpus.errors import ArticleError
from corpus.library import SAMPLE_ARCHIVE

CASES = Path(__file__).with_name("reading_cases")
"""Small posts of every kind that is read by a rule of its own."""

READ_TO = {2: "8c8a8a1550e5368c"}
"""By version: the digest of what the cases and the sample archive are read to."""


def _read(root: Path, path: str) -> str:
    try:
        article = post.parse(path, files.read_bytes(root, path), article_id=0)
        return json.dumps(asdict(article))
    except ArticleError as error:
        return f"{path}: {error}"


def test_a_change_of_how_articles_are_read_raises_the_version() -> None:
    digest = hashlib.sha256()
    for root in (CASES, SAMPLE_ARCHIVE):
        for path in files.scan(root):
            digest.update(_read(root, path).encode())
    assert READ_TO.get(READING_VERSION) == digest.hexdigest()[:16], (
        "These posts are read otherwise than before: raise READING_VERSION, so that an upgrade reads"
        " unchanged files again, and enter the new digest here."
    )

"""Articles -> a new index generation, switched in by one atomic rename."""

import hashlib
import json
import os
import sqlite3
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from corpus.bm25 import Statistics, idf
from corpus.dates import utc_day
from corpus.errors import CorpusError
from corpus.index import APPLICATION_ID, FORMAT, SCHEMA, Fingerprint
from corpus.model import Article, Skipped

_UNFINISHED = ".building"
_MOST_FREQUENT = np.iinfo(np.uint16).max


@dataclass(frozen=True, slots=True)
class PassageTerms:
    """The terms a passage is found by, repeated as they occur."""

    context: Sequence[str]
    """Of the article's title and the heading above the passage."""
    text: Sequence[str]
    content: str
    """Its text without differences of script, case and spacing: equal for copies."""


class IndexWriter:
    """Writes one generation beside ``path``; nothing is at ``path`` before :meth:`install`.

    Leaving the ``with`` block without it removes what was written.
    """

    def __init__(self, path: Path, fingerprint: Fingerprint) -> None:
        self._path = path
        self._fingerprint = fingerprint
        self._building = path.with_name(path.name + _UNFINISHED)
        sweep(path)
        self._connection = sqlite3.connect(self._building, isolation_level=None)
        # A file that is thrown away after any failure needs no journal; install() syncs it once.
        self._connection.executescript(
            f"PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT};"
            f"BEGIN; {SCHEMA}"
        )
        self._term_ids: dict[str, int] = {}
        self._articles = 0
        self._lengths = array("I")
        self._article_of = array("I")
        self._content_hash = array("Q")
        # One entry a posting, in passage order.
        self._posting_term = array("I")
        self._posting_passage = array("I")
        self._posting_frequency = array("H")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()
        self._building.unlink(missing_ok=True)

    @property
    def articles(self) -> int:
        """How many were added: the id the next one must have."""
        return self._articles

    @property
    def passages(self) -> int:
        """How many the added articles have."""
        return len(self._lengths)

    def add(
        self,
        article: Article,
        digest: bytes,
        passages: Sequence[PassageTerms],
        *,
        keys: tuple[str, str, Sequence[str]],
    ) -> None:
        """Add an article.

        Args:
            article: its id must be :attr:`articles`.
            digest: of the file it was read from.
            passages: the terms of each of its paragraphs.
            keys: its author, source and tags, folded.
        """
        author_key, source_key, tag_keys = keys
        self._connection.execute(
            "INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article.id,
                article.path,
                digest,
                article.title,
                article.date,
                utc_day(article.date) if article.date else None,
                article.author,
                article.source,
                article.url,
                json.dumps(article.tags, ensure_ascii=False),
                author_key,
                source_key,
            ),
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO article_tag VALUES (?, ?)",
            [(key, article.id) for key in tag_keys],
        )
        first = self.passages
        self._connection.executemany(
            "INSERT INTO passage VALUES (?, ?, ?, ?, ?)",
            [
                (first + ordinal, article.id, ordinal, paragraph.heading, paragraph.text)
                for ordinal, paragraph in enumerate(article.paragraphs)
            ],
        )
        self._articles += 1
        for passage in passages:
            self._add_passage(article.id, passage)

    def _add_passage(self, article_id: int, passage: PassageTerms) -> None:
        passage_id = len(self._lengths)
        content = hashlib.blake2b(passage.content.encode(), digest_size=8).digest()
        self._content_hash.append(int.from_bytes(content, "little"))
        self._lengths.append(len(passage.context) + len(passage.text))
        self._article_of.append(article_id)
        for term, frequency in Counter(chain(passage.context, passage.text)).items():
            self._posting_term.append(self._term_ids.setdefault(term, len(self._term_ids)))
            self._posting_passage.append(passage_id)
            self._posting_frequency.append(min(frequency, _MOST_FREQUENT))

    def skip(self, skipped: Skipped, digest: bytes | None) -> None:
        """Remember a file that is not indexed, with the digest of what could be read of it."""
        self._connection.execute(
            "INSERT INTO skipped VALUES (?, ?, ?)", (skipped.path, skipped.reason, digest)
        )

    def install(self) -> None:
        """Write the postings, verify the file and put it at ``path`` in one step.

        Raises:
            CorpusError: the file written does not read back whole.
        """
        average_length = float(np.mean(self._lengths)) if self._lengths else 0.0
        self._write_postings(average_length)
        self._connection.executemany(
            "INSERT INTO vector VALUES (?, ?)",
            [
                ("lengths", np.asarray(self._lengths, "<u4").tobytes()),
                ("article_of", np.asarray(self._article_of, "<u4").tobytes()),
                ("content_hash", np.asarray(self._content_hash, "<u8").tobytes()),
            ],
        )
        self._connection.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [
                ("fingerprint", json.dumps(asdict(self._fingerprint), ensure_ascii=False)),
                ("built_at", datetime.now(UTC).isoformat(timespec="seconds")),
                ("articles", str(self._articles)),
                ("passages", str(self.passages)),
                ("terms", str(len(self._term_ids))),
                ("average_length", repr(average_length)),
            ],
        )
        self._connection.execute("COMMIT")
        ((verdict,),) = self._connection.execute("PRAGMA quick_check(1)").fetchall()
        if verdict != "ok":
            raise CorpusError(f"The new index does not read back whole: {verdict}")
        self._connection.close()
        _sync(self._building)
        self._building.replace(self._path)
        _sync(self._path.parent)

    def _write_postings(self, average_length: float) -> None:
        term_of = np.asarray(self._posting_term, np.uint32)
        # A stable sort keeps the passages of each term in the ascending order they came in.
        order = np.argsort(term_of, kind="stable")
        passages = np.asarray(self._posting_passage, "<u4")[order]
        frequencies = np.asarray(self._posting_frequency, "<u2")[order]
        document_frequencies = np.bincount(term_of, minlength=len(self._term_ids))
        ends = np.cumsum(document_frequencies)
        starts = ends - document_frequencies
        counts = dict(zip(self._term_ids, document_frequencies.tolist(), strict=True))
        idfs = idf(Statistics(self.passages, average_length, counts))
        self._connection.executemany(
            "INSERT INTO posting VALUES (?, ?, ?, ?)",
            (
                (term, idfs[term], passages[a:b].tobytes(), frequencies[a:b].tobytes())
                for term, a, b in sorted(
                    zip(self._term_ids, starts.tolist(), ends.tolist(), strict=True)
                )
            ),
        )


def sweep(path: Path) -> None:
    """Remove what a killed build left beside the index at ``path``."""
    for leftover in path.parent.glob(f"{path.name}{_UNFINISHED}*"):
        leftover.unlink()


@dataclass(frozen=True, slots=True)
class Indexed:
    """Which files a generation was made from, and what came of each."""

    articles: Mapping[str, bytes]
    """Digest by path."""
    skipped: Mapping[str, tuple[str, bytes | None]]
    """Reason and digest by path."""
    passages: int


def indexed(path: Path, fingerprint: Fingerprint) -> Indexed | None:
    """Return what the generation at ``path`` was made from, or None where it does not fit.

    Read without aiosqlite: the child that builds an index has no event loop.
    """
    if not path.is_file():
        return None
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        try:
            meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
            if json.loads(meta.get("fingerprint", "{}")) != asdict(fingerprint):
                return None
            articles = dict(connection.execute("SELECT path, digest FROM article").fetchall())
            skipped = connection.execute("SELECT path, reason, digest FROM skipped").fetchall()
            ((passages,),) = connection.execute("SELECT count(*) FROM passage").fetchall()
        except sqlite3.DatabaseError:
            return None
    return Indexed(articles, {row[0]: (row[1], row[2]) for row in skipped}, passages)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

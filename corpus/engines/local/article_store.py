"""The SQLite file of a generation: articles, the text of their passages, and skipped files."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from corpus.dates import utc_day
from corpus.engine import FilterKeys, PreviousGeneration
from corpus.errors import CorpusError
from corpus.model import Article, Filters, Noted, Skipped

ARTICLES = "articles.sqlite"
APPLICATION_ID = 0x464F4F54  # "FOOT"

SCHEMA = """
CREATE TABLE article (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    digest BLOB NOT NULL,       -- of the file's bytes
    title TEXT NOT NULL,
    date TEXT,                  -- as written
    day TEXT,                   -- the same in UTC, YYYY-MM-DD
    author TEXT NOT NULL,
    source TEXT NOT NULL,
    url TEXT,
    tags TEXT NOT NULL,         -- JSON array
    author_key TEXT NOT NULL,   -- *_key: folded, as filters and the second stage compare it
    source_key TEXT NOT NULL,
    title_key TEXT NOT NULL,
    first_passage INTEGER NOT NULL,
    passages INTEGER NOT NULL
);
CREATE TABLE article_tag (
    tag_key TEXT NOT NULL, article_id INTEGER NOT NULL, PRIMARY KEY (tag_key, article_id)
) WITHOUT ROWID;
CREATE TABLE passage (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    heading TEXT NOT NULL,
    text TEXT NOT NULL,
    folded TEXT NOT NULL        -- both, as `FoldedPassage.text`
);
CREATE TABLE skipped (path TEXT PRIMARY KEY, reason TEXT NOT NULL, until TEXT, digest BLOB);
CREATE TABLE noted (path TEXT PRIMARY KEY, note TEXT NOT NULL, until TEXT);
"""

# Tags are stored by name, not by article, so they are copied together, at the end.
_CREATE_COPIED = """
PRAGMA temp_store = MEMORY;
CREATE TEMP TABLE copied (old INTEGER PRIMARY KEY, new INTEGER NOT NULL);
"""
_COPY_TAGS = """
INSERT INTO article_tag SELECT tag_key, new FROM previous.article_tag
JOIN copied ON old = article_id ORDER BY tag_key, new
"""


def uri(folder: Path) -> str:
    """Return the URI that opens the file of a finished generation; unchanging, it needs no lock."""
    return f"{(folder / ARTICLES).absolute().as_uri()}?mode=ro&immutable=1"


@dataclass(frozen=True, slots=True)
class LocalArticle:
    """An article of the previous generation."""

    id: int
    digest: bytes
    first_passage: int
    passages: int
    """How many it has."""


@dataclass(frozen=True, slots=True)
class ArticleRange:
    """Articles of the previous generation with consecutive ids."""

    first: LocalArticle
    last: LocalArticle

    @property
    def end_passage(self) -> int:
        """The id after the one of their last passage."""
        return self.last.first_passage + self.last.passages


def read_articles(folder: Path) -> dict[str, LocalArticle]:
    """Return the articles of the generation in ``folder`` by path."""
    with closing(sqlite3.connect(uri(folder), uri=True)) as connection:
        articles = connection.execute(
            "SELECT path, id, digest, first_passage, passages FROM article"
        )
        return {path: LocalArticle(*row) for path, *row in articles}


def describe(
    folder: Path, articles: Mapping[str, LocalArticle], passages: int, commit: str | None
) -> PreviousGeneration:
    """Return the inputs of the generation in ``folder``, which has these articles."""
    with closing(sqlite3.connect(uri(folder), uri=True)) as connection:
        skipped = connection.execute("SELECT path, reason, until, digest FROM skipped").fetchall()
        noted = connection.execute("SELECT path, note, until FROM noted")
        return PreviousGeneration(
            articles,
            {path: (reason, digest) for path, reason, _, digest in skipped},
            passages,
            commit,
            {path: Noted(path, note, until) for path, note, until in noted},
            {path: until for path, _, until, _ in skipped if until},
        )


def conditions(
    filters: Filters, paths: Collection[str] | None = None
) -> tuple[list[str], list[str]]:
    """Return SQL conditions on an article, and the values of their parameters.

    Args:
        filters: texts folded, dates as whole days.
        paths: if not None, the article has one of these.
    """
    clauses: list[str] = []
    values: list[str] = []
    for column, value in (("source_key", filters.source), ("author_key", filters.author)):
        if value is not None:
            # The whole name if an article has it, else any name that contains the text.
            exact = f"SELECT 1 FROM article AS other WHERE other.{column} = ?"  # noqa: S608
            clauses.append(f"({column} = ? OR (instr({column}, ?) AND NOT EXISTS ({exact})))")
            values += [value] * 3
    if filters.tag is not None:
        clauses.append("id IN (SELECT article_id FROM article_tag WHERE tag_key = ?)")
        values.append(filters.tag)
    if filters.without_sources:
        clauses.append("source_key NOT IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(filters.without_sources))
    for comparison, value in ((">=", filters.after), ("<=", filters.before)):
        if value is not None:
            clauses.append(f"day {comparison} ?")
            values.append(value)
    if paths is not None:
        clauses.append("path IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(sorted(paths)))
    return clauses, values


class ArticleStoreWriter:
    """Writes the file of a new generation.

    Args:
        folder: of the new generation.
        previous: the folder of the previous generation, if articles are copied from it.

    Raises:
        sqlite3.Error: from every method, if the disk is full.
    """

    def __init__(self, folder: Path, previous: Path | None) -> None:
        self._copies = previous is not None
        self._connection = sqlite3.connect(folder / ARTICLES, isolation_level=None, uri=True)
        try:
            self._begin(previous)
        except BaseException:
            self._connection.close()
            raise

    def _begin(self, previous: Path | None) -> None:
        # The file is deleted after any failure, so it needs no journal; it is synced once, at the
        # end.
        self._connection.executescript(
            f"PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA cache_size = -4096;"
        )
        if previous is not None:
            self._connection.execute("ATTACH ? AS previous", (uri(previous),))
            self._connection.executescript(_CREATE_COPIED)
        self._connection.executescript(f"BEGIN; {SCHEMA}")

    def add(
        self,
        article: Article,
        digest: bytes,
        folded: Sequence[str],
        *,
        keys: FilterKeys,
        first_passage: int,
    ) -> None:
        """Add an article.

        Args:
            article: its id is its position.
            digest: of its file.
            folded: its passages as `FoldedPassage.text`.
            keys: the values that filters compare.
            first_passage: id of its first passage.
        """
        row = (
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
            keys.author,
            keys.source,
            keys.title,
            first_passage,
            len(article.paragraphs),
        )
        self._connection.execute(
            "INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO article_tag VALUES (?, ?)",
            [(key, article.id) for key in sorted(set(keys.tags))],
        )
        self._connection.executemany(
            "INSERT INTO passage VALUES (?, ?, ?, ?, ?, ?)",
            [
                (first_passage + i, article.id, i, paragraph.heading, paragraph.text, folded[i])
                for i, paragraph in enumerate(article.paragraphs)
            ],
        )

    def copy(
        self, articles: ArticleRange, first_id: int, first_passage: int, path: str | None = None
    ) -> None:
        """Add articles of the previous generation.

        Args:
            articles: to add.
            first_id: new id of the first article.
            first_passage: new id of its first passage.
            path: new path of a single article; None if it is unchanged.
        """
        first, last = articles.first.id, articles.last.id
        shift = first_id - first
        passage_shift = first_passage - articles.first.first_passage
        self._connection.execute(
            "INSERT INTO article SELECT id + ?, coalesce(?, path), digest, title, date, day,"
            " author, source, url, tags, author_key, source_key, title_key, first_passage + ?,"
            " passages"
            " FROM previous.article WHERE id BETWEEN ? AND ?",
            (shift, path, passage_shift, first, last),
        )
        self._connection.execute(
            "INSERT INTO passage SELECT id + ?, article_id + ?, ordinal, heading, text, folded"
            " FROM previous.passage WHERE id >= ? AND id < ?",
            (passage_shift, shift, articles.first.first_passage, articles.end_passage),
        )
        self._connection.execute(
            "INSERT INTO copied SELECT id, id + ? FROM previous.article WHERE id BETWEEN ? AND ?",
            (shift, first, last),
        )

    def skip(self, skipped: Sequence[tuple[Skipped, bytes | None]]) -> None:
        """Record the files that are not indexed, with the digests of those that could be read."""
        self._connection.executemany(
            "INSERT INTO skipped VALUES (?, ?, ?, ?)",
            [
                (file.path, file.reason, file.until, digest)
                for file, digest in sorted(skipped, key=lambda entry: entry[0].path)
            ],
        )

    def note(self, noted: Sequence[Noted]) -> None:
        """Record what is to be said of articles."""
        self._connection.executemany(
            "INSERT INTO noted VALUES (?, ?, ?)",
            [(note.path, note.note, note.until) for note in sorted(noted, key=lambda n: n.path)],
        )

    def finish(self) -> None:
        """Complete, check and close the file.

        Raises:
            CorpusError: it does not read back whole.
        """
        if self._copies:
            self._connection.execute(_COPY_TAGS)
        self._connection.execute("COMMIT")
        ((verdict,),) = self._connection.execute("PRAGMA main.quick_check(1)").fetchall()
        if verdict != "ok":
            raise CorpusError(f"The new index does not read back whole: {verdict}")
        self.close()

    def close(self) -> None:
        """Close the file as it is."""
        self._connection.close()

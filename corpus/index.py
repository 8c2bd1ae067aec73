"""One index generation in one SQLite file: write it, open it, verify it. The only SQL of the index.

A generation is written once, beside the one in use, and never changed afterwards, so readers open
it as immutable: no lock, no journal, no shared memory.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import aiosqlite
import numpy as np
from numpy.typing import NDArray

from corpus.bm25 import Posting, length_norms
from corpus.errors import IndexUnusableError
from corpus.model import Article, Filters, Passage, Skipped, SourceCount, Stats

APPLICATION_ID = 0x464F4F54  # "FOOT"
FORMAT = 1

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
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
    author_key TEXT NOT NULL,   -- *_key: folded, what filters compare
    source_key TEXT NOT NULL
);
CREATE TABLE article_tag (
    tag_key TEXT NOT NULL, article_id INTEGER NOT NULL, PRIMARY KEY (tag_key, article_id)
) WITHOUT ROWID;
CREATE TABLE passage (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    heading TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE posting (
    term TEXT PRIMARY KEY,
    idf REAL NOT NULL,
    passages BLOB NOT NULL,     -- uint32, little-endian, ascending
    frequencies BLOB NOT NULL   -- uint16, little-endian
);
CREATE TABLE vector (name TEXT PRIMARY KEY, data BLOB NOT NULL);  -- one number a passage
CREATE TABLE skipped (path TEXT PRIMARY KEY, reason TEXT NOT NULL, digest BLOB);
"""

_VARIABLES = 500  # of one statement; SQLite's own limit is far higher, its planner prefers less


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an index must have been made from to be of use; a difference means: build it again."""

    archive: str
    analyzer: str
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class IndexedTerm:
    """A term as the index knows it."""

    term: str
    idf: float
    posting: Posting


class Index:
    """A generation opened for reading. Methods may be awaited concurrently."""

    def __init__(
        self,
        connection: aiosqlite.Connection,
        meta: Mapping[str, str],
        vectors: Mapping[str, bytes],
        size: int,
    ) -> None:
        self._connection = connection
        self._meta = meta
        self._size = size
        lengths = np.frombuffer(vectors["lengths"], "<u4")
        self.norms = length_norms(lengths, float(meta["average_length"]))
        """Of each passage, shape (passages,)."""
        self.article_of = np.frombuffer(vectors["article_of"], "<u4")
        """Article id of each passage, shape (passages,)."""
        self.content_hash = np.frombuffer(vectors["content_hash"], "<u8")
        """Equal for passages of the same words, whatever their script; shape (passages,)."""

    @classmethod
    async def open(cls, path: Path, fingerprint: Fingerprint) -> Self:
        """Open the generation at ``path``.

        Raises:
            IndexUnusableError: none is there, or it is damaged, or not made from this archive by
                this analyzer; the message says which.
        """
        if not path.is_file():
            raise IndexUnusableError("There is no index yet.")
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        connection = await aiosqlite.connect(uri, uri=True)
        try:
            return await cls._open(connection, path, fingerprint)
        except sqlite3.DatabaseError as error:
            await connection.close()
            raise IndexUnusableError(f"The index is damaged: {error}.") from error
        except BaseException:
            await connection.close()
            raise

    @classmethod
    async def _open(
        cls, connection: aiosqlite.Connection, path: Path, fingerprint: Fingerprint
    ) -> Self:
        ((application_id,),) = await connection.execute_fetchall("PRAGMA application_id")
        if application_id != APPLICATION_ID:
            raise IndexUnusableError(f"{path.name} is not an index of this program.")
        meta = await _pairs(connection, "SELECT key, value FROM meta")
        built_from = json.loads(meta.get("fingerprint", "{}"))
        for name, value in asdict(fingerprint).items():
            if built_from.get(name) != value:
                raise IndexUnusableError(f"The index was made for another {name}.")
        vectors = await _pairs(connection, "SELECT name, data FROM vector")
        counted = await connection.execute_fetchall(
            "SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM passage)"
        )
        if list(counted) != [(int(meta["articles"]), int(meta["passages"]))]:
            raise IndexUnusableError("The index is damaged: rows are missing.")
        return cls(connection, meta, vectors, path.stat().st_size)

    async def close(self) -> None:
        """Close the file."""
        await self._connection.close()

    async def terms(self, terms: Iterable[str]) -> dict[str, IndexedTerm]:
        """Return those of ``terms`` that occur in the index, with their postings."""
        rows = await self._select(
            "SELECT term, idf, passages, frequencies FROM posting WHERE term IN ({})", list(terms)
        )
        return {
            term: IndexedTerm(
                term, idf, Posting(np.frombuffer(ids, "<u4"), np.frombuffer(frequencies, "<u2"))
            )
            for term, idf, ids, frequencies in rows
        }

    async def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these ids, in this order."""
        rows = await self._select(
            "SELECT id, article_id, ordinal, text, heading FROM passage WHERE id IN ({})", ids
        )
        found = {row[0]: Passage(*row) for row in rows}
        return [found[id_] for id_ in ids]

    async def articles(self, ids: Iterable[int]) -> dict[int, Article]:
        """Return the articles with these ids, without their paragraphs."""
        rows = await self._select(
            "SELECT id, path, title, date, author, source, url, tags FROM article WHERE id IN ({})",
            sorted(set(ids)),
        )
        return {
            id_: Article(id_, path, title, date, author, source, url, tuple(json.loads(tags)))
            for id_, path, title, date, author, source, url, tags in rows
        }

    async def allowed(self, filters: Filters) -> NDArray[np.bool_]:
        """Return for each passage whether its article satisfies ``filters``, shape (passages,).

        The texts of ``filters`` must be folded and its dates whole days.
        """
        clauses: list[str] = []
        values: list[str] = []
        for column, value in (("source_key", filters.source), ("author_key", filters.author)):
            if value is not None:
                # The whole name where there is such a one, else any name that holds the text.
                holds = f"SELECT 1 FROM article AS other WHERE other.{column} = ?"  # noqa: S608
                clauses.append(f"({column} = ? OR (instr({column}, ?) AND NOT EXISTS ({holds})))")
                values += [value] * 3
        if filters.tag is not None:
            clauses.append("id IN (SELECT article_id FROM article_tag WHERE tag_key = ?)")
            values.append(filters.tag)
        for comparison, value in ((">=", filters.after), ("<=", filters.before)):
            if value is not None:
                clauses.append(f"day {comparison} ?")
                values.append(value)
        rows = await self._connection.execute_fetchall(
            f"SELECT id FROM article WHERE {' AND '.join(clauses) or 'TRUE'}",  # noqa: S608
            values,
        )
        allowed = np.zeros(int(self._meta["articles"]), np.bool_)
        allowed[[row[0] for row in rows]] = True
        return allowed[self.article_of]

    async def stats(self) -> Stats:
        """Return what this generation holds."""
        sources = await self._connection.execute_fetchall(
            "SELECT source, count(*), min(day), max(day) FROM article"
            " GROUP BY source ORDER BY count(*) DESC, source"
        )
        skipped = await self._connection.execute_fetchall(
            "SELECT path, reason FROM skipped ORDER BY path"
        )
        ((first, last),) = await self._connection.execute_fetchall(
            "SELECT min(day), max(day) FROM article"
        )
        return Stats(
            articles=int(self._meta["articles"]),
            passages=len(self.norms),
            terms=int(self._meta["terms"]),
            built_at=self._meta["built_at"],
            archive=json.loads(self._meta["fingerprint"])["archive"],
            bytes=self._size,
            skipped=tuple(Skipped(*row) for row in skipped),
            sources=tuple(SourceCount(*row) for row in sources),
            first_date=first,
            last_date=last,
        )

    async def _select(self, statement: str, values: Sequence[str | int]) -> list[Any]:
        """Run ``statement``, whose ``{}`` stands for a list, over ``values`` in parts."""
        rows: list[Any] = []
        for start in range(0, len(values), _VARIABLES):
            part = values[start : start + _VARIABLES]
            places = ",".join("?" * len(part))
            rows += await self._connection.execute_fetchall(statement.format(places), part)
        return rows


async def _pairs(connection: aiosqlite.Connection, statement: str) -> dict[str, Any]:
    rows: Iterable[Any] = await connection.execute_fetchall(statement)
    return dict(rows)

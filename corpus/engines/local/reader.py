"""One index generation, opened for reading: rows through SQLite, postings from mapped files.

A generation is written once and never changed afterwards, so readers take no lock.
"""

import asyncio
import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiosqlite
import numpy as np
from numpy.typing import NDArray

from corpus.bm25 import Floats, Ids, Posting, length_norms
from corpus.engines.local import article_store, generation
from corpus.engines.local.generation import Fingerprint, Manifest
from corpus.engines.local.postings import PassageColumns, Postings
from corpus.errors import DamagedError, IndexUnusableError
from corpus.model import Article, Filters, Passage, Skipped, SourceCount, Stats
from corpus.remote import Remote, is_remote

_VARIABLES = 500  # of one statement; SQLite's own limit is far higher, its planner prefers less
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class IndexedTerm:
    """A term as the index knows it."""

    term: str
    idf: float
    posting: Posting


class Index:
    """A generation opened for reading. Methods may be awaited concurrently."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Check every byte of the generation in ``folder`` and map it.

        Raises:
            IndexUnusableError: it is damaged.
            OSError: a file cannot be read.
        """
        generation.check_whole(folder, manifest)
        columns = PassageColumns(folder, manifest)
        self._folder = folder
        archive = manifest.fingerprint.archive
        self._remote = Remote.parse(archive) if is_remote(archive) else None
        self._manifest = manifest
        self.norms = length_norms(columns.lengths, manifest.average_length)
        """Of each passage, shape (passages,)."""
        self.article_of = columns.article_of
        """Article id of each passage, shape (passages,)."""
        self.content_hash = columns.content_hash
        """Equal for passages of the same words, whatever their script; shape (passages,)."""
        self._postings = Postings(folder, manifest, self.norms)
        self._connection: aiosqlite.Connection

    @property
    def connection(self) -> aiosqlite.Connection:
        """To the rows of articles and passages, see ``article_store.SCHEMA``."""
        return self._connection

    @classmethod
    async def open(cls, path: Path, fingerprint: Fingerprint) -> Self:
        """Open the generation that the file at ``path`` names.

        A damaged generation is put aside: it is not met again.

        Raises:
            IndexUnusableError: there is none, or it is damaged, or not made from this archive by
                this analyzer; the message says which.
        """
        self = await asyncio.to_thread(cls._load, path.parent, fingerprint)
        try:
            self._connection = await aiosqlite.connect(article_store.uri(self._folder), uri=True)
        except sqlite3.Error as error:
            # Checked a moment ago, so not damaged: there are too many open files, or it is gone.
            raise IndexUnusableError(f"The index cannot be read: {error}.") from error
        try:
            await self._check_rows()
        except sqlite3.DatabaseError as error:
            await self.close()
            generation.put_aside(self._folder)
            raise IndexUnusableError(f"The index is damaged: {error}.") from error
        except BaseException:
            await self.close()
            raise
        return self

    @classmethod
    def _load(cls, data_dir: Path, fingerprint: Fingerprint) -> Self:
        for attempt in range(_ATTEMPTS):
            folder = generation.current(data_dir)
            try:
                manifest = generation.read_manifest(folder)
                generation.check_fits(manifest, fingerprint)
                return cls(folder, manifest)
            except (IndexUnusableError, OSError) as error:
                # Was it replaced, and removed, while it was read? Then the next one is meant.
                if attempt < _ATTEMPTS - 1 and generation.current(data_dir) != folder:
                    continue
                if isinstance(error, DamagedError):
                    generation.put_aside(folder)
                if isinstance(error, IndexUnusableError):
                    raise
                raise IndexUnusableError(f"The index cannot be read: {error}.") from error
        raise IndexUnusableError("The index was replaced again and again while it was opened.")

    async def _check_rows(self) -> None:
        counted = await self._connection.execute_fetchall(
            "SELECT (SELECT count(*) FROM article), (SELECT max(id) + 1 FROM passage)"
        )
        if list(counted) != [(self._manifest.articles, self._manifest.passages or None)]:
            raise sqlite3.DatabaseError("rows are missing")

    async def close(self) -> None:
        """Close the files."""
        await self._connection.close()

    def check_sizes(self) -> None:
        """Make sure that what is mapped is still there: a file that is cut off ends the process.

        Raises:
            DamagedError: it is not.
        """
        self._postings.check_sizes()

    async def put_aside(self) -> None:
        """Keep this generation from being opened again: it was damaged while it was open."""
        await asyncio.to_thread(generation.put_aside, self._folder)

    async def terms(self, terms: Iterable[str]) -> dict[str, IndexedTerm]:
        """Return those of ``terms`` that occur in the index, with their postings."""
        return await asyncio.to_thread(self.look_up, list(terms))

    def look_up(self, terms: Iterable[str]) -> dict[str, IndexedTerm]:
        """Do what :meth:`terms` does, for a caller that is in a thread already."""
        return {
            term: IndexedTerm(term, entry.idf, self._postings.posting(entry))
            for term, entry in self._postings.look_up(terms).items()
        }

    def similar_pairs(self, pair: str) -> list[str]:
        """Return the pairs of characters that occur and share one, at its place, with ``pair``.

        The most frequent first, a few for either place.
        """
        return self._postings.similar_pairs(pair)

    def top_k(
        self, terms: Mapping[str, float], k: int, *, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Ids, Floats]:
        """Return the ``k`` best passages that hold at least one term: ids and scores, best first.

        Scores are those of ``BM25Okapi.get_scores``; passages with the same score are in the order
        of their ids. Blocks for a millisecond: call it from a thread.

        Args:
            terms: the question's, and how often it holds each.
            k: how many to return at most.
            allowed: where given, only passages with a true value are candidates.
        """
        return self._postings.top_k(terms, k, allowed)

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
            id_: Article(
                id_,
                path,
                title,
                date,
                author,
                source,
                url,
                tuple(json.loads(tags)),
                file_url=self._file_url(path),
            )
            for id_, path, title, date, author, source, url, tags in rows
        }

    async def days(self, filters: Filters) -> dict[int, str]:
        """Return the day (``YYYY-MM-DD``, UTC) of each dated article, by its id.

        Args:
            filters: what the article must satisfy; texts folded, dates whole days.
        """
        clauses, values = _conditions(filters)
        rows = await self._connection.execute_fetchall(
            f"SELECT id, day FROM article WHERE {' AND '.join(['day IS NOT NULL', *clauses])}",  # noqa: S608
            values,
        )
        return {id_: day for id_, day in rows}  # noqa: C416 (rows are no pairs to a type checker)

    async def allowed(
        self, filters: Filters, within: Collection[str] | None = None
    ) -> NDArray[np.bool_] | None:
        """Return for each passage whether it may be shown, shape (passages,); None where all may.

        Args:
            filters: what its article must satisfy; texts folded, dates whole days.
            within: where given, the paths of which its article must have one.
        """
        clauses, values = _conditions(filters)
        if within is not None:
            clauses.append("path IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(tuple(within)))
        if not clauses:
            return None
        rows = await self._connection.execute_fetchall(
            f"SELECT id FROM article WHERE {' AND '.join(clauses)}",  # noqa: S608
            values,
        )
        allowed = np.zeros(self._manifest.articles, np.bool_)
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
            generation=self._folder.name,
            articles=self._manifest.articles,
            passages=self._manifest.passages,
            terms=self._manifest.terms,
            built_at=self._manifest.built_at,
            archive=self._manifest.fingerprint.archive,
            bytes=sum(size for size, *_ in self._manifest.files.values()),
            commit=self._manifest.commit,
            skipped=tuple(Skipped(*row) for row in skipped),
            sources=tuple(SourceCount(*row) for row in sources),
            first_date=first,
            last_date=last,
        )

    def _file_url(self, path: str) -> str | None:
        commit = self._manifest.commit
        return self._remote.file_url(commit, path) if self._remote and commit else None

    async def _select(self, statement: str, values: Sequence[str | int]) -> list[Any]:
        """Run ``statement``, whose ``{}`` stands for a list, over ``values`` in parts."""
        rows: list[Any] = []
        for start in range(0, len(values), _VARIABLES):
            part = values[start : start + _VARIABLES]
            places = ",".join("?" * len(part))
            rows += await self._connection.execute_fetchall(statement.format(places), part)
        return rows


def _conditions(filters: Filters) -> tuple[list[str], list[str]]:
    """Return what SQL asks of an article, and the values of its parameters."""
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
    if filters.without_sources:
        clauses.append("source_key NOT IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(filters.without_sources))
    for comparison, value in ((">=", filters.after), ("<=", filters.before)):
        if value is not None:
            clauses.append(f"day {comparison} ?")
            values.append(value)
    return clauses, values

"""An open generation of the local engine: rows from SQLite, postings from files.

A generation is written once and never changed, so readers need no lock on its files.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from corpus.bm25 import length_norms
from corpus.engine import (
    ArticleEntry,
    CollectionStatistics,
    Fingerprint,
    FoldedPassage,
    ScoredPassage,
    StoredArticle,
    TermQuery,
)
from corpus.engines.local import article_store, generation
from corpus.engines.local.generation import Manifest
from corpus.engines.local.postings import PassageColumns, Postings
from corpus.errors import DamagedError, IndexUnusableError
from corpus.model import Article, Filters, Noted, Paragraph, Passage, Skipped, SourceCount, Stats
from corpus.remote import Remote, is_remote

_MAX_VARIABLES = 500  # of a statement; SQLite allows far more, but plans fewer better
_MAX_ATTEMPTS = 3

Mask = NDArray[np.bool_]


class LocalReader:
    """The local engine's `IndexReader`."""

    def __init__(
        self, folder: Path, manifest: Manifest, postings_class: type[Postings] = Postings
    ) -> None:
        """Check every byte of the generation in ``folder`` and map its files.

        Args:
            folder: of the generation.
            manifest: of the generation.
            postings_class: how its posting files are searched.

        Raises:
            DamagedError: it is not as it was written.
            IndexUnusableError: it cannot be opened now.
            OSError: a file cannot be read.
        """
        generation.check_whole(folder, manifest)
        self._folder = folder
        self._manifest = manifest
        archive = manifest.fingerprint.archive
        self._remote = Remote.parse(archive) if is_remote(archive) else None
        columns = PassageColumns(folder, manifest)
        self._article_ids = columns.article_ids
        """Article id of each passage, shape (passages,)."""
        self._content_hashes = columns.content_hashes
        """Shape (passages,)."""
        norms = length_norms(columns.lengths, manifest.average_length)
        self._postings = postings_class(folder, manifest, norms)
        self._lock = Lock()  # for the connection
        try:
            self._connection = sqlite3.connect(
                article_store.uri(folder), uri=True, check_same_thread=False
            )
        except sqlite3.Error as error:
            # The file was just checked: too many files are open, or it was removed.
            raise IndexUnusableError(f"The index cannot be read: {error}.") from error
        try:
            self._check_rows()
        except sqlite3.DatabaseError as error:
            self.close()
            raise DamagedError(f"The index is damaged: {error}.") from error
        except BaseException:
            self.close()
            raise

    @classmethod
    def open(
        cls, data_dir: Path, fingerprint: Fingerprint, postings_class: type[Postings] = Postings
    ) -> Self:
        """Open the current generation in ``data_dir``. A damaged one is quarantined.

        Args:
            data_dir: the folder of the generations.
            fingerprint: that the generation must have.
            postings_class: how its posting files are searched.

        Raises:
            IndexUnusableError: there is none, or it is damaged, or has another fingerprint; the
                message says which.
        """
        for attempt in range(_MAX_ATTEMPTS):
            folder = generation.current(data_dir)
            try:
                manifest = generation.read_manifest(folder)
                manifest.fingerprint.check_fits(fingerprint)
                return cls(folder, manifest, postings_class)
            except (IndexUnusableError, OSError) as error:
                # If it was replaced and removed meanwhile, open its successor.
                if attempt < _MAX_ATTEMPTS - 1 and generation.current(data_dir) != folder:
                    continue
                if isinstance(error, DamagedError):
                    generation.quarantine(folder)
                if isinstance(error, IndexUnusableError):
                    raise
                raise IndexUnusableError(f"The index cannot be read: {error}.") from error
        raise IndexUnusableError("The index was replaced again and again while it was opened.")

    def close(self) -> None:
        """Close the database; mapped files are closed with the last array that uses them."""
        self._connection.close()

    def check_sizes(self) -> None:
        """Check that the mapped files are still whole: reading beyond an end would be fatal.

        Raises:
            DamagedError: a file has been cut off.
        """
        self._postings.check_sizes()

    def quarantine(self) -> None:
        """Move this generation away, which proved damaged in use."""
        generation.quarantine(self._folder)

    @property
    def generation(self) -> str:
        """Name of the folder, different for each build."""
        return self._folder.name

    @property
    def statistics(self) -> CollectionStatistics:
        """The collection statistics for BM25."""
        manifest = self._manifest
        return CollectionStatistics(manifest.passages, manifest.average_length, manifest.idf_floor)

    def document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """Return in how many passages each of ``terms`` occurs; absent terms are left out."""
        entries = self._postings.look_up(terms)
        return {term: entry.end - entry.start for term, entry in entries.items()}

    def search(self, query: TermQuery, k: int) -> list[ScoredPassage]:
        """Return the ``k`` best passages, best first; equal scores in ascending order of ids."""
        ids, scores = self._postings.top_k(query.boosts, k, self._candidates(query))
        columns = (ids, self._article_ids[ids], scores, self._content_hashes[ids])
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [ScoredPassage(*row) for row in rows]

    def explain(
        self, boosts: Mapping[str, float], passage_ids: Sequence[int]
    ) -> list[dict[str, float]]:
        """Return the share of each term in the score of each passage, in the order of boosts."""
        return self._postings.explain(boosts, passage_ids)

    def opening_passages(self, query: TermQuery, limit: int) -> list[ScoredPassage]:
        """Return the first passage of each article that satisfies a query's filters and paths."""
        clauses, values = article_store.conditions(query.filters, query.paths)
        where = " AND ".join(["passages > 0", *clauses])
        rows = self._select(
            f"SELECT first_passage, id FROM article WHERE {where}"  # noqa: S608
            " ORDER BY day DESC, path LIMIT ?",
            [*values, limit],
        )
        return [
            ScoredPassage(first, id_, 0.0, int(self._content_hashes[first])) for first, id_ in rows
        ]

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages with these ids, in this order."""
        rows = self._select_in(
            "SELECT id, article_id, ordinal, text, heading FROM passage WHERE id IN ({})", ids
        )
        by_id = {row[0]: Passage(*row) for row in rows}
        return [by_id[id_] for id_ in ids]

    def folded_passages(self, ids: Sequence[int]) -> list[FoldedPassage]:
        """Return what the passages with these ids say, in this order."""
        rows = self._select_in(
            "SELECT passage.id, title_key, folded, ordinal FROM passage"
            " JOIN article ON article.id = article_id WHERE passage.id IN ({})",
            ids,
        )
        by_id = {row[0]: FoldedPassage(*row[1:]) for row in rows}
        return [by_id[id_] for id_ in ids]

    def articles(self, ids: Iterable[int]) -> dict[int, Article]:
        """Return the articles with these ids, without their paragraphs."""
        rows = self._select_in(
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
                _tags(tags),
                file_url=self._file_url(path),
            )
            for id_, path, title, date, author, source, url, tags in rows
        }

    def article(self, path: str) -> StoredArticle | None:
        """Return the article at ``path``, or None if there is none."""
        # JSON, since a lone surrogate, which no path of a file holds, fails as a parameter.
        rows = self._select(
            "SELECT id, first_passage, passages FROM article WHERE path = json_extract(?, '$')",
            (json.dumps(path),),
        )
        for id_, first, count in rows:
            paragraphs = self._select(
                "SELECT text, heading FROM passage WHERE id >= ? AND id < ? ORDER BY id",
                (first, first + count),
            )
            article = replace(
                self.articles([id_])[id_], paragraphs=tuple(Paragraph(*row) for row in paragraphs)
            )
            return StoredArticle(
                article, first, self._content_hashes[first : first + count].tolist()
            )
        return None

    def passages_with_content(self, content_hash: int) -> list[int]:
        """Return the ids of passages with this ``content_hash``, in ascending order."""
        return np.flatnonzero(self._content_hashes == np.uint64(content_hash)).tolist()

    def articles_with(self, terms: Collection[str]) -> set[int]:
        """Return the ids of articles with a passage that holds all of ``terms``, at least one."""
        if not terms:
            return set()
        holding = self._holding_all(terms, np.ones(len(self._article_ids), np.bool_))
        return set(self._article_ids[holding].tolist())

    def similar_bigrams(self, bigram: str) -> list[str]:
        """Return indexed bigrams that share one character, in its position, with ``bigram``."""
        return self._postings.similar_bigrams(bigram)

    def days(self, filters: Filters) -> dict[int, str]:
        """Return the day (``YYYY-MM-DD``, UTC) of each dated article that passes ``filters``."""
        clauses, values = article_store.conditions(filters)
        where = " AND ".join(["day IS NOT NULL", *clauses])
        return dict(self._select(f"SELECT id, day FROM article WHERE {where}", values))  # noqa: S608

    def entries(self) -> list[ArticleEntry]:
        """Return all articles, the newest first."""
        rows = self._select(
            "SELECT path, title, author, source, url, tags FROM article ORDER BY day DESC, path"
        )
        return [
            ArticleEntry(path, title, author, source, url, _tags(tags))
            for path, title, author, source, url, tags in rows
        ]

    def stats(self) -> Stats:
        """Return the figures of this generation that people are shown."""
        sources = self._select(
            "SELECT source, count(*), min(day), max(day) FROM article"
            " GROUP BY source ORDER BY count(*) DESC, source"
        )
        noted = self._select("SELECT path, note, until FROM noted WHERE note != '' ORDER BY path")
        skipped = self._select("SELECT path, reason, until FROM skipped ORDER BY path")
        ((first, last),) = self._select("SELECT min(day), max(day) FROM article")
        return Stats(
            generation=self.generation,
            articles=self._manifest.articles,
            passages=self._manifest.passages,
            terms=self._manifest.terms,
            built_at=self._manifest.built_at,
            archive=self._manifest.fingerprint.archive,
            bytes=sum(size for size, *_ in self._manifest.files.values()),
            commit=self._manifest.commit,
            skipped=tuple(Skipped(*row) for row in skipped),
            noted=tuple(Noted(*row) for row in noted),
            sources=tuple(SourceCount(*row) for row in sources),
            first_date=first,
            last_date=last,
        )

    def _candidates(self, query: TermQuery) -> Mask | None:
        """Return whether each passage may be scored, shape (passages,); None if all may."""
        candidates = self._filtered(query.filters, query.paths)
        if not query.must and not query.must_not:
            return candidates
        if candidates is None:
            candidates = np.ones(len(self._article_ids), np.bool_)
        candidates = self._holding_all(query.must, candidates)
        for entry in self._postings.look_up(query.must_not).values():
            candidates[self._postings.posting_list(entry).passages] = False
        return candidates

    def _holding_all(self, terms: Collection[str], candidates: Mask) -> Mask:
        """Return which of ``candidates`` hold all of ``terms``, same shape."""
        entries = self._postings.look_up(terms)
        if len(entries) < len(set(terms)):
            return np.zeros_like(candidates)
        for entry in entries.values():
            holding = np.zeros_like(candidates)
            holding[self._postings.posting_list(entry).passages] = True
            candidates = candidates & holding
        return candidates

    def _filtered(self, filters: Filters, paths: Collection[str] | None) -> Mask | None:
        clauses, values = article_store.conditions(filters, paths)
        if not clauses:
            return None
        where = " AND ".join(clauses)
        rows = self._select(f"SELECT id FROM article WHERE {where}", values)  # noqa: S608
        allowed = np.zeros(self._manifest.articles, np.bool_)
        allowed[[id_ for (id_,) in rows]] = True
        return allowed[self._article_ids]

    def _check_rows(self) -> None:
        counts = self._select(
            "SELECT (SELECT count(*) FROM article), (SELECT max(id) + 1 FROM passage)"
        )
        if counts != [(self._manifest.articles, self._manifest.passages or None)]:
            raise sqlite3.DatabaseError("rows are missing")

    def _file_url(self, path: str) -> str | None:
        commit = self._manifest.commit
        return self._remote.file_url(commit, path) if self._remote and commit else None

    def _select(self, statement: str, values: Sequence[str | int] = ()) -> list[Any]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def _select_in(self, statement: str, values: Sequence[int]) -> list[Any]:
        """Run ``statement`` for parts of ``values``, each of which replaces its ``{}``."""
        rows: list[Any] = []
        for start in range(0, len(values), _MAX_VARIABLES):
            part = values[start : start + _MAX_VARIABLES]
            rows += self._select(statement.format(",".join("?" * len(part))), part)
        return rows


@lru_cache(2**10)  # most articles share theirs with others
def _tags(written: str) -> tuple[str, ...]:
    return tuple(json.loads(written))

"""Writes a generation of the local engine, from new articles and copies of previous ones."""

import sqlite3
from array import array
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from corpus.bm25 import length_norms
from corpus.engine import FilterKeys, Fingerprint, PreviousArticle, PreviousGeneration
from corpus.engines.local import generation
from corpus.engines.local.article_store import (
    ARTICLES,
    ArticleRange,
    ArticleStoreWriter,
    LocalArticle,
    describe,
    read_articles,
)
from corpus.engines.local.generation import EarlySync, Manifest
from corpus.engines.local.inverted_batch import InvertedBatch
from corpus.engines.local.postings import (
    FREQUENCIES,
    IDS,
    IMPACTS,
    PASSAGES,
    TERMS,
    PassageColumns,
    Postings,
)
from corpus.engines.local.runs import DELETED, Frequencies, Ids32, RunWriter, merge_runs
from corpus.engines.local.term_keys import Keys
from corpus.errors import DamagedError, IndexUnusableError
from corpus.model import Article, Noted, Skipped

_FILES = (ARTICLES, PASSAGES, TERMS, IDS, IMPACTS, FREQUENCIES)


class PreviousIndex:
    """The previous generation, from which unchanged articles are copied.

    Its postings are a ``runs.Run`` in which passages have their ids of the next generation.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Open the generation in ``folder``.

        Raises:
            OSError, sqlite3.Error: a file cannot be read.
        """
        self.folder = folder
        articles = read_articles(folder)
        self.articles: Mapping[str, LocalArticle] = articles
        self.description = describe(folder, articles, manifest.passages, manifest.commit)
        self.columns = PassageColumns(folder, manifest)
        norms = length_norms(self.columns.lengths, manifest.average_length)
        self._postings = Postings(folder, manifest, norms)
        self._new_id = np.full(manifest.passages, DELETED, np.uint32)

    @property
    def keys(self) -> Keys:
        """Of its terms, ascending."""
        return self._postings.keys

    @property
    def starts(self) -> NDArray[np.uint32]:
        """Start of the postings of each term, then the number of all."""
        return self._postings.starts

    def read(self, start: int, end: int) -> tuple[Ids32, Frequencies]:
        """Return new passage ids, or ``DELETED``, and frequencies; see ``runs.Run``."""
        count = end - start
        ids = np.fromfile(self.folder / IDS, "<u4", count, offset=4 * start)
        frequencies = np.fromfile(self.folder / FREQUENCIES, "<u2", count, offset=2 * start)
        return self._new_id[ids], frequencies

    def renumber(self, articles: ArticleRange, first_passage: int) -> slice:
        """Give the passages of ``articles`` new ids from ``first_passage`` on; return the old."""
        old = slice(articles.first.first_passage, articles.end_passage)
        self._new_id[old] = np.arange(first_passage, first_passage + old.stop - old.start)
        return old


class LocalWriter:
    """The local engine's `IndexWriter`: writes one generation into ``data_dir``."""

    def __init__(self, data_dir: Path, fingerprint: Fingerprint) -> None:
        """Create the writer; it reads and writes nothing yet."""
        self._data_dir = data_dir
        self._fingerprint = fingerprint
        self._previous: PreviousIndex | None = None
        self._folder: Path | None = None
        self._is_installed = False
        self._store: ArticleStoreWriter
        self._runs: RunWriter
        self._batch = InvertedBatch.none()
        self._batch_ids = np.zeros(0, np.uint32)
        self._batch_position = 0
        self._lengths = array("I")
        self._article_ids = array("I")
        self._content_hashes = array("Q")
        self._pending: ArticleRange | None = None
        self._has_copied = False
        self._articles = 0

    def __enter__(self) -> Self:
        """Remove the remains of killed builds and read the previous generation."""
        generation.remove_stale(self._data_dir)
        self._previous = self._read_previous()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._folder is not None:
            self._store.close()
            if not self._is_installed:
                with suppress(OSError):
                    generation.discard(self._folder)

    @property
    def previous(self) -> PreviousGeneration | None:
        """The previous generation, if it fits and is whole."""
        return self._previous.description if self._previous else None

    @property
    def articles(self) -> int:
        """How many articles were added or copied: the id of the next one."""
        return self._articles

    @property
    def passages(self) -> int:
        """How many passages these articles have: the id of the next one."""
        return len(self._lengths)

    def _read_previous(self) -> PreviousIndex | None:
        """Return the current generation, or None if it is unusable.

        A damaged generation is quarantined; an unreadable one stays until the next is installed.
        """
        try:
            folder = generation.current(self._data_dir)
        except IndexUnusableError:
            return None
        try:
            manifest = generation.read_manifest(folder)
            manifest.fingerprint.check_fits(self._fingerprint)
            generation.check_whole(folder, manifest)
            return PreviousIndex(folder, manifest)
        except (DamagedError, sqlite3.DatabaseError):
            generation.quarantine(folder)
            return None
        except (IndexUnusableError, OSError):
            return None

    def _start(self) -> Path:
        """Return the folder of the new generation, created at the first call."""
        if self._folder is None:
            folder = generation.create(self._data_dir)
            previous = self._previous.folder if self._previous else None
            try:
                self._store = ArticleStoreWriter(folder, previous)
            except BaseException:
                generation.discard(folder)
                raise
            self._runs = RunWriter(folder)
            self._folder = folder
        return self._folder

    def begin_batch(self, batch: InvertedBatch) -> None:
        """Take the postings of the articles that are added next, in their order."""
        self._start()
        self._end_batch()
        self._batch = batch
        self._batch_ids = np.empty(len(batch.lengths), np.uint32)
        self._batch_position = 0

    def _end_batch(self) -> None:
        assert self._batch_position == len(self._batch_ids)
        self._runs.add(self._batch, self._batch_ids)

    def add(self, article: Article, digest: bytes, keys: FilterKeys) -> None:
        """Add the next article of the batch, with its final id."""
        self._copy_pending()
        first = self.passages
        count = len(article.paragraphs)
        article = replace(article, id=self._articles)
        span = slice(self._batch_position, self._batch_position + count)
        folded = self._batch.folded[span]
        self._store.add(article, digest, folded, keys=keys, first_passage=first)
        self._batch_ids[span] = np.arange(first, first + count)
        self._batch_position += count
        self._append(
            self._batch.lengths[span],
            self._batch.content_hashes[span],
            np.full(count, self._articles, np.uint32),
        )
        self._articles += 1

    def _append(
        self,
        lengths: NDArray[np.uint32],
        content_hashes: NDArray[np.uint64],
        article_ids: NDArray[np.uint32],
    ) -> None:
        self._lengths.frombytes(lengths.tobytes())
        self._content_hashes.frombytes(content_hashes.tobytes())
        self._article_ids.frombytes(article_ids.tobytes())

    def copy_from_previous(self, article: PreviousArticle, path: str) -> None:
        """Add an article of the previous generation, perhaps under another path."""
        assert self._previous is not None
        assert isinstance(article, LocalArticle)
        self._start()
        if self._previous.articles.get(path) is not article:
            self._copy_pending()
            self._copy(ArticleRange(article, article), path)
        elif self._pending is not None and article.id == self._pending.last.id + 1:
            self._pending = replace(self._pending, last=article)
        else:
            self._copy_pending()
            self._pending = ArticleRange(article, article)

    def _copy_pending(self) -> None:
        # A range of articles is copied far faster than one at a time.
        if self._pending is not None:
            pending, self._pending = self._pending, None
            self._copy(pending)

    def _copy(self, articles: ArticleRange, path: str | None = None) -> None:
        assert self._previous is not None
        self._has_copied = True
        first = self.passages
        self._store.copy(articles, self._articles, first, path)
        old = self._previous.renumber(articles, first)
        columns = self._previous.columns
        first_id = np.uint32(articles.first.id)
        article_ids = columns.article_ids[old] - first_id + np.uint32(self._articles)
        self._append(columns.lengths[old], columns.content_hashes[old], article_ids)
        self._articles += articles.last.id - articles.first.id + 1

    def skip(self, skipped: Sequence[tuple[Skipped, bytes | None]]) -> None:
        """Record the files that are not indexed, with the digests of those that could be read."""
        self._start()
        self._store.skip(skipped)

    def note(self, noted: Sequence[Noted]) -> None:
        """Record what is to be said of articles."""
        self._start()
        self._store.note(noted)

    def commit(self, commit: str | None, on_verify: Callable[[], None]) -> None:
        """Write the postings, then make the generation the current one.

        Raises:
            CorpusError: the new index does not read back, or has too many postings.
            OSError, sqlite3.Error: the disk is full or broken; the previous generation is current.
        """
        folder = self._start()
        manifest = replace(self._merge(folder), commit=commit)
        on_verify()
        manifest.files.update({name: generation.checksums(folder / name) for name in _FILES})
        generation.install(folder, manifest)
        self._is_installed = True

    def _merge(self, folder: Path) -> Manifest:
        """Write all that was added; return the manifest without its files."""
        self._copy_pending()
        self._end_batch()
        self._store.finish()
        self._runs.spill()
        lengths = np.asarray(self._lengths, "<u4")
        average = float(lengths.mean()) if len(lengths) else 0.0
        columns = (
            lengths,
            np.asarray(self._article_ids, "<u4"),
            np.asarray(self._content_hashes, "<u8"),
        )
        (folder / PASSAGES).write_bytes(b"".join(column.tobytes() for column in columns))
        copied = [self._previous] if self._previous and self._has_copied else []
        with EarlySync() as syncing:
            syncing.begin(folder / ARTICLES)
            norms = length_norms(lengths, average)
            merged = merge_runs([*copied, *self._runs.runs], folder, norms, syncing)
        self._runs.remove()
        return Manifest(
            fingerprint=self._fingerprint,
            built_at=datetime.now(UTC).isoformat(timespec="seconds"),
            articles=self._articles,
            passages=len(lengths),
            terms=merged.terms,
            postings=merged.postings,
            average_length=average,
            idf_floor=merged.idf_floor,
        )

"""Writes a generation of the local engine: new articles, and those copied from the one before."""

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
    read_sources,
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
from corpus.model import Article, Skipped

_FILES = (ARTICLES, PASSAGES, TERMS, IDS, IMPACTS, FREQUENCIES)


class PreviousIndex:
    """The generation before, as a source of articles that have not changed.

    Its postings are a ``runs.Run`` in which passages have the ids they get in the next generation.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Open it.

        Raises:
            OSError, sqlite3.Error: a file cannot be read.
        """
        self.folder = folder
        articles, skipped = read_sources(folder)
        self.articles: Mapping[str, LocalArticle] = articles
        self.description = PreviousGeneration(articles, skipped, manifest.passages, manifest.commit)
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
        """Where the postings of each term begin, and their number."""
        return self._postings.starts

    def read(self, first: int, last: int) -> tuple[Ids32, Frequencies]:
        """Return the new passage id, or ``DELETED``, and the frequency of some postings."""
        count = last - first
        ids = np.fromfile(self.folder / IDS, "<u4", count, offset=4 * first)
        frequencies = np.fromfile(self.folder / FREQUENCIES, "<u2", count, offset=2 * first)
        return self._new_id[ids], frequencies

    def renumber(self, articles: ArticleRange, first_passage: int) -> slice:
        """Give the passages of ``articles`` new ids, from ``first_passage``; return the old ids."""
        old = slice(articles.first.first_passage, articles.end_passage)
        self._new_id[old] = np.arange(first_passage, first_passage + old.stop - old.start)
        return old


class LocalWriter:
    """The local engine's `IndexWriter`: one generation in ``data_dir``."""

    def __init__(self, data_dir: Path, fingerprint: Fingerprint) -> None:
        """Name where to write and what the generation is made from."""
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
        self._article_of = array("I")
        self._content_hashes = array("Q")
        self._to_copy: ArticleRange | None = None
        self._has_copied = False
        self._articles = 0

    def __enter__(self) -> Self:
        """Remove what killed builds have left and read the generation before."""
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
        """The generation before, if it fits and is whole."""
        return self._previous.description if self._previous else None

    @property
    def articles(self) -> int:
        """How many were added or copied: the id that the next one gets."""
        return self._articles

    @property
    def passages(self) -> int:
        """How many these have: the id that the next one gets."""
        return len(self._lengths)

    def _read_previous(self) -> PreviousIndex | None:
        """Return the current generation, or None where it is of no use.

        A damaged one is quarantined. One that cannot be read, for whatever reason, stays until the
        next one is installed.
        """
        try:
            folder = generation.current(self._data_dir)
        except IndexUnusableError:
            return None
        try:
            manifest = generation.read_manifest(folder)
            generation.check_fits(manifest, self._fingerprint)
            generation.check_whole(folder, manifest)
            return PreviousIndex(folder, manifest)
        except (DamagedError, sqlite3.DatabaseError):
            generation.quarantine(folder)
            return None
        except (IndexUnusableError, OSError):
            return None

    def _start(self) -> Path:
        """Create the new generation's folder, where it is not there yet, and return it."""
        if self._folder is None:
            folder = generation.create(self._data_dir)
            before = self._previous.folder if self._previous else None
            try:
                self._store = ArticleStoreWriter(folder, before)
            except BaseException:
                generation.discard(folder)
                raise
            self._runs = RunWriter(folder)
            self._folder = folder
        return self._folder

    def begin_batch(self, batch: InvertedBatch) -> None:
        """Take the postings of the passages of the articles that are added next, in their order."""
        self._start()
        self._end_batch()
        self._batch = batch
        self._batch_ids = np.empty(len(batch.lengths), np.uint32)
        self._batch_position = 0

    def _end_batch(self) -> None:
        assert self._batch_position == len(self._batch_ids)
        self._runs.add(self._batch, self._batch_ids)

    def add(self, article: Article, digest: bytes, keys: FilterKeys) -> None:
        """Add the next article of the batch; it gets its id here."""
        self._copy_pending()
        first = self.passages
        count = len(article.paragraphs)
        article = replace(article, id=self._articles)
        self._store.add(article, digest, keys=keys, first_passage=first)
        span = slice(self._batch_position, self._batch_position + count)
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
        article_of: NDArray[np.uint32],
    ) -> None:
        self._lengths.frombytes(lengths.tobytes())
        self._content_hashes.frombytes(content_hashes.tobytes())
        self._article_of.frombytes(article_of.tobytes())

    def copy_from_previous(self, article: PreviousArticle, path: str) -> None:
        """Add an article of the generation before, perhaps under another path."""
        assert self._previous is not None
        assert isinstance(article, LocalArticle)
        self._start()
        if self._previous.articles.get(path) is not article:
            self._copy_pending()
            self._copy(ArticleRange(article, article), path)
        elif self._to_copy is not None and article.id == self._to_copy.last.id + 1:
            self._to_copy = replace(self._to_copy, last=article)
        else:
            self._copy_pending()
            self._to_copy = ArticleRange(article, article)

    def _copy_pending(self) -> None:
        # One article at a time takes far longer than a range of them at once.
        if self._to_copy is not None:
            pending, self._to_copy = self._to_copy, None
            self._copy(pending)

    def _copy(self, articles: ArticleRange, path: str | None = None) -> None:
        assert self._previous is not None
        self._has_copied = True
        first = self.passages
        self._store.copy(articles, self._articles, first, path)
        old = self._previous.renumber(articles, first)
        columns = self._previous.columns
        first_id = np.uint32(articles.first.id)
        article_of = columns.article_of[old] - first_id + np.uint32(self._articles)
        self._append(columns.lengths[old], columns.content_hash[old], article_of)
        self._articles += articles.last.id - articles.first.id + 1

    def skip(self, skipped: Sequence[tuple[Skipped, bytes | None]]) -> None:
        """Record the files that are not indexed, with the digest of what could be read."""
        self._start()
        self._store.skip(skipped)

    def commit(self, commit: str | None, on_verify: Callable[[], None]) -> None:
        """Write the postings, then make the generation the current one.

        Raises:
            CorpusError: what was written does not read back, or has too many postings.
            OSError, sqlite3.Error: the disk is full or broken; the generation before is current.
        """
        folder = self._start()
        manifest = replace(self._merge(folder), commit=commit)
        on_verify()
        manifest.files.update({name: generation.checksums(folder / name) for name in _FILES})
        generation.install(folder, manifest)
        self._is_installed = True

    def _merge(self, folder: Path) -> Manifest:
        """Write everything that was added; return what the generation holds."""
        self._copy_pending()
        self._end_batch()
        self._store.finish()
        self._runs.spill()
        lengths = np.asarray(self._lengths, "<u4")
        average = float(lengths.mean()) if len(lengths) else 0.0
        columns = (
            lengths,
            np.asarray(self._article_of, "<u4"),
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

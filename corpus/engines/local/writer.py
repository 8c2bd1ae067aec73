"""Articles, new and taken over from the generation before -> the next generation."""

from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from corpus.bm25 import length_norms
from corpus.engines.local import generation
from corpus.engines.local.article_store import (
    ARTICLES,
    ArticlesWriter,
    OldArticle,
    OldArticles,
    read_sources,
)
from corpus.engines.local.generation import EarlySync, Fingerprint, Manifest
from corpus.engines.local.inverted_batch import Bags
from corpus.engines.local.postings import (
    FREQUENCIES,
    IDS,
    IMPACTS,
    PASSAGES,
    TERMS,
    PassageColumns,
    Postings,
)
from corpus.engines.local.runs import GONE, Frequencies, Ids32, RunSorter, merge
from corpus.engines.local.term_keys import Keys
from corpus.model import Article, Skipped

_FILES = (ARTICLES, PASSAGES, TERMS, IDS, IMPACTS, FREQUENCIES)


class Before:
    """The generation before, as a source of articles that have not changed.

    Its postings are a ``runs.Run`` in which passages have the ids that they get in the next
    generation.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Open it.

        Raises:
            OSError, sqlite3.Error: a file cannot be read.
        """
        self.folder = folder
        self.passages = manifest.passages
        self.commit = manifest.commit
        self.articles, self.skipped = read_sources(folder)
        self.columns = PassageColumns(folder, manifest)
        norms = length_norms(self.columns.lengths, manifest.average_length)
        self._postings = Postings(folder, manifest, norms)
        self._new_id = np.full(manifest.passages, GONE, np.uint32)

    def digests(self) -> dict[str, bytes]:
        """Return the digest of every file that could be read, by path."""
        skipped = {path: found for path, (_, found) in self.skipped.items() if found is not None}
        return {path: one.digest for path, one in self.articles.items()} | skipped

    @property
    def keys(self) -> Keys:
        """Of its terms, ascending."""
        return self._postings.keys

    @property
    def starts(self) -> NDArray[np.uint32]:
        """Where the postings of each term begin, and their number."""
        return self._postings.starts

    def read(self, first: int, last: int) -> tuple[Ids32, Frequencies]:
        """Return new passage id, or ``GONE``, and frequency of some postings."""
        count = last - first
        ids = np.fromfile(self.folder / IDS, "<u4", count, offset=4 * first)
        frequencies = np.fromfile(self.folder / FREQUENCIES, "<u2", count, offset=2 * first)
        return self._new_id[ids], frequencies

    def take(self, old: OldArticles, first_passage: int) -> slice:
        """Give the passages of ``old`` new ids, from ``first_passage``; return where they were."""
        place = slice(old.first.first_passage, old.end_passage)
        self._new_id[place] = np.arange(first_passage, first_passage + place.stop - place.start)
        return place


class IndexWriter:
    """Writes one generation into ``data_dir``; it is not current before :meth:`install`.

    Articles must come in the order of their paths. Leaving the ``with`` block without having
    installed removes what was written.
    """

    def __init__(self, data_dir: Path, fingerprint: Fingerprint, before: Before | None) -> None:
        self._fingerprint = fingerprint
        self._before = before
        self._folder = generation.create(data_dir)
        try:
            self._articles = ArticlesWriter(self._folder, before.folder if before else None)
        except BaseException:
            generation.discard(self._folder)
            raise
        self._runs = RunSorter(self._folder)
        self._batch = Bags.none()
        self._batch_ids = np.zeros(0, np.uint32)
        self._placed = 0
        self._lengths = array("I")
        self._article_of = array("I")
        self._contents = array("Q")
        self._taken: OldArticles | None = None
        self._is_installed = False
        self.articles = 0
        """How many were written: the id that the next one gets."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._articles.close()
        if not self._is_installed:
            with suppress(OSError):
                generation.discard(self._folder)

    @property
    def passages(self) -> int:
        """How many the articles that were written have."""
        return len(self._lengths)

    def begin_batch(self, bags: Bags) -> None:
        """Give the terms of the passages of the articles that are added next, in their order."""
        self._end_batch()
        self._batch = bags
        self._batch_ids = np.empty(len(bags.lengths), np.uint32)
        self._placed = 0

    def _end_batch(self) -> None:
        assert self._placed == len(self._batch_ids)
        self._runs.add(self._batch, self._batch_ids)

    def add(self, article: Article, digest: bytes, keys: tuple[str, str, Sequence[str]]) -> None:
        """Add an article, the next of the batch that was begun.

        Args:
            article: its id is given to it here.
            digest: of the file it was read from.
            keys: its author, source and tags, folded.
        """
        self._copy_taken()
        first = self.passages
        count = len(article.paragraphs)
        article = replace(article, id=self.articles)
        self._articles.add(article, digest, keys=keys, first_passage=first)
        place = slice(self._placed, self._placed + count)
        self._batch_ids[place] = np.arange(first, first + count)
        self._placed += count
        self._append(
            self._batch.lengths[place],
            self._batch.contents[place],
            np.full(count, self.articles, np.uint32),
        )
        self.articles += 1

    def _append(
        self,
        lengths: NDArray[np.uint32],
        contents: NDArray[np.uint64],
        article_of: NDArray[np.uint32],
    ) -> None:
        self._lengths.frombytes(lengths.tobytes())
        self._contents.frombytes(contents.tobytes())
        self._article_of.frombytes(article_of.tobytes())

    def take_over(self, article: OldArticle, path: str) -> None:
        """Add an article of the generation before, maybe under another path."""
        assert self._before is not None
        if self._before.articles.get(path) is not article:
            self._copy_taken()
            self._copy(OldArticles(article, article), path)
        elif self._taken is not None and article.id == self._taken.last.id + 1:
            self._taken = replace(self._taken, last=article)
        else:
            self._copy_taken()
            self._taken = OldArticles(article, article)

    def _copy_taken(self) -> None:
        # One article at a time takes far longer than all that follow one another at once.
        if self._taken is not None:
            taken, self._taken = self._taken, None
            self._copy(taken)

    def _copy(self, old: OldArticles, path: str | None = None) -> None:
        assert self._before is not None
        first = self.passages
        self._articles.copy(old, self.articles, first, path)
        place = self._before.take(old, first)
        columns = self._before.columns
        article_of = columns.article_of[place] - np.uint32(old.first.id) + np.uint32(self.articles)
        self._append(columns.lengths[place], columns.content_hash[place], article_of)
        self.articles += old.last.id - old.first.id + 1

    def skip(self, skipped: Sequence[tuple[Skipped, bytes | None]]) -> None:
        """Remember the files that are not indexed, with the digest of what could be read."""
        self._articles.skip(skipped)

    def merge(self) -> Manifest:
        """Write the postings; everything is added. Return what the generation holds."""
        self._copy_taken()
        self._end_batch()
        self._articles.finish()
        self._runs.spill()
        lengths = np.asarray(self._lengths, "<u4")
        average = float(lengths.mean()) if len(lengths) else 0.0
        columns = (
            lengths,
            np.asarray(self._article_of, "<u4"),
            np.asarray(self._contents, "<u8"),
        )
        (self._folder / PASSAGES).write_bytes(b"".join(column.tobytes() for column in columns))
        runs = [*([self._before] if self._before else []), *self._runs.runs]
        with EarlySync() as syncing:
            syncing.begin(self._folder / ARTICLES)
            written = merge(runs, self._folder, length_norms(lengths, average), syncing)
        self._runs.remove()
        return Manifest(
            fingerprint=self._fingerprint,
            built_at=datetime.now(UTC).isoformat(timespec="seconds"),
            articles=self.articles,
            passages=len(lengths),
            terms=written.terms,
            postings=written.postings,
            average_length=average,
            idf_floor=written.idf_floor,
        )

    def install(self, manifest: Manifest) -> None:
        """Sum the files up and make the generation the current one.

        Raises:
            OSError: the disk is full or broken.
        """
        manifest.files.update({name: generation.checksums(self._folder / name) for name in _FILES})
        generation.install(self._folder, manifest)
        self._is_installed = True

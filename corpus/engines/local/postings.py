"""The posting files of a generation, read on demand.

``terms.bin``: the keys of all terms, ascending (uint64), the start of the postings of each, with
the total after the last (uint32), and the largest impact of each (uint8). ``ids.bin``,
``impacts.bin`` and ``frequencies.bin``: one passage id (uint32), impact (uint8) and frequency
(uint16) per posting. ``passages.bin``: of each passage, the length in tokens (uint32), the article
(uint32) and the content hash (uint64). All little-endian.

The posting files are mapped: queries read them from the page cache, and :meth:`trim` returns the
pages to the system once they exceed a number of bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from corpus.bm25 import Floats, Ids, floored_idf, term_scores
from corpus.engines.local.generation import Manifest
from corpus.engines.local.mapped_file import Column
from corpus.engines.local.maxscore import MaxScore, PostingLists
from corpus.engines.local.term_keys import BITS, term_key

TERMS, IDS, IMPACTS, FREQUENCIES, PASSAGES = (
    "terms.bin",
    "ids.bin",
    "impacts.bin",
    "frequencies.bin",
    "passages.bin",
)
_TRIM_INTERVAL = 4  # queries: one maps a few megabytes, since the kernel maps 64 kB at a time
_MAX_SIMILAR = 8  # bigrams for each position


@dataclass(frozen=True, slots=True)
class TermEntry:
    """The entry of one term in the index."""

    start: int
    """Of its postings."""
    end: int
    idf: float


@dataclass(frozen=True, slots=True)
class PostingList:
    """The passages that hold one term."""

    passages: NDArray[np.uint32]
    """Passage ids, ascending, shape (document frequency,)."""
    frequencies: NDArray[np.uint16]
    """How often the term occurs in each, same shape."""


@dataclass(frozen=True, slots=True)
class WeightedPostingList:
    """A posting list with the weight of its term: the boost times the idf."""

    weight: float
    postings: PostingList


class PassageColumns:
    """Length, article and content hash of each passage, in memory: 16 bytes a passage."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        count = manifest.passages
        raw = (folder / PASSAGES).read_bytes()
        self.lengths = np.frombuffer(raw, "<u4", count)
        self.article_ids = np.frombuffer(raw, "<u4", count, 4 * count)
        self.content_hashes = np.frombuffer(raw, "<u8", count, 8 * count)


class Postings:
    """The terms and postings of one generation. Thread-safe."""

    MAX_MAPPED_BYTES = 24 * 2**20
    """Of posting files that may count as this process's memory before they are trimmed."""

    def __init__(self, folder: Path, manifest: Manifest, norms: Floats) -> None:
        """Map the posting files.

        Raises:
            OSError: a file cannot be read.
        """
        self._size = manifest.passages
        self._floor = manifest.idf_floor
        self._norms = norms
        self._queries = 0
        self._mapped_at_open = _mapped_bytes()
        terms = manifest.terms
        # Never trimmed: every query reads some of its pages for each term.
        self._terms = Column(folder / TERMS, np.uint8)
        lexicon = self._terms.entries
        self.keys: NDArray[np.uint64] = lexicon[: 8 * terms].view("<u8")
        """Of all terms, ascending."""
        self.starts: NDArray[np.uint32] = lexicon[8 * terms : 12 * terms + 4].view("<u4")
        """Start of the postings of each term, then the number of postings."""
        self.max_impacts: NDArray[np.uint8] = lexicon[12 * terms + 4 :]
        """Of each term."""
        ids = Column(folder / IDS, "<u4")
        impacts = Column(folder / IMPACTS, np.uint8)
        frequencies = Column(folder / FREQUENCIES, "<u2")
        self._columns = (ids, impacts, frequencies)
        self.ids: NDArray[np.uint32] = ids.entries
        """Passage ids, ascending within a term."""
        self.impacts: NDArray[np.uint8] = impacts.entries
        self.frequencies: NDArray[np.uint16] = frequencies.entries
        self._maxscore = MaxScore(ids, impacts, self.frequencies, norms)

    def look_up(self, terms: Iterable[str]) -> dict[str, TermEntry]:
        """Return the entries of those of ``terms`` that occur in the index."""
        names = list(terms)
        positions, lists = self._find(names)
        rows = (lists.starts.tolist(), lists.ends.tolist(), lists.weights.tolist())
        return {
            names[i]: TermEntry(*row) for i, *row in zip(positions.tolist(), *rows, strict=True)
        }

    def _find(self, terms: Sequence[str]) -> tuple[Ids, PostingLists]:
        """Return the positions in ``terms`` of those that occur, and their idf-weighted lists."""
        keys = np.array([term_key(term) for term in terms], np.uint64)
        rows = self.keys.searchsorted(keys)
        if len(self.keys):
            rows[rows == len(self.keys)] = 0
            positions = (self.keys.take(rows) == keys).nonzero()[0]
        else:
            positions = np.zeros(0, np.int64)
        rows = rows.take(positions)
        starts = self.starts.take(rows).astype(np.int64)
        ends = self.starts.take(rows + 1).astype(np.int64)
        weights = floored_idf(ends - starts, self._size, self._floor)
        return positions, PostingLists(starts, ends, weights, self.max_impacts.take(rows))

    def similar_bigrams(self, bigram: str) -> list[str]:
        """Return indexed bigrams that share one character, in its position, with ``bigram``.

        The most frequent first, a few for each position. Reads all bigrams: a few milliseconds.
        """
        first, end = self.keys.searchsorted(np.array([1 << BITS, 1 << 2 * BITS], np.uint64))
        keys = self.keys[first:end]
        frequencies = np.diff(self.starts[first : end + 1])
        left, right = (np.uint64(ord(char)) for char in bigram)
        similar: list[int] = []
        for is_similar in (keys >> np.uint64(BITS) == left, keys & np.uint64(2**BITS - 1) == right):
            sharing = is_similar.nonzero()[0]
            order = np.argsort(-frequencies[sharing].astype(np.int64), kind="stable")
            similar += sharing[order[:_MAX_SIMILAR]].tolist()
        similar.sort(key=lambda i: -int(frequencies[i]))
        bigrams = [chr(key >> BITS) + chr(key & 2**BITS - 1) for key in keys[similar].tolist()]
        return [candidate for candidate in bigrams if candidate != bigram]

    def posting_list(self, entry: TermEntry) -> PostingList:
        """Return the postings of a term."""
        span = slice(entry.start, entry.end)
        return PostingList(self.ids[span], self.frequencies[span])

    def top_k(
        self, boosts: Mapping[str, float], k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Ids, Floats]:
        """Return the ``k`` best passages that hold at least one term: ids and scores, best first.

        Equal scores come in ascending order of ids.

        Args:
            boosts: of the query's terms.
            k: how many to return at most.
            allowed: if not None, only passages with a true value are candidates.
        """
        if not boosts or k < 1:
            return np.zeros(0, np.int64), np.zeros(0)
        best = self._best(boosts, k, allowed)
        self._queries += 1
        if (
            self._queries % _TRIM_INTERVAL == 0
            and _mapped_bytes() - self._mapped_at_open > self.MAX_MAPPED_BYTES
        ):
            self.trim()
        return best

    def _best(
        self, boosts: Mapping[str, float], k: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[Ids, Floats]:
        """Return what `top_k` returns, for a term at least and ``k`` above zero."""
        terms = list(boosts)
        positions, lists = self._find(terms)
        if not len(positions):
            return np.zeros(0, np.int64), np.zeros(0)
        lists.weights[:] *= np.fromiter(boosts.values(), np.float64, len(terms)).take(positions)
        if lists.weights.min() <= 0:
            # In a tiny archive most terms are in most passages, and their idf is negative.
            weighted = [
                WeightedPostingList(boosts[term] * entry.idf, self.posting_list(entry))
                for term, entry in self.look_up(terms).items()
            ]
            return exhaustive_top_k(weighted, self._norms, k, allowed=allowed)
        return self._maxscore.top_k(lists, k, allowed)

    def explain(
        self, boosts: Mapping[str, float], passage_ids: Sequence[int]
    ) -> list[dict[str, float]]:
        """Return the share of each term in the score of each passage, in the order of boosts."""
        ids = np.array(passage_ids, np.uint32)
        norms = self._norms[ids]
        parts: list[dict[str, float]] = [{} for _ in passage_ids]
        for term, entry in self.look_up(boosts).items():
            postings = self.posting_list(entry)
            positions = postings.passages.searchsorted(ids)
            positions[positions == len(postings.passages)] = 0
            holding = (postings.passages[positions] == ids).nonzero()[0]
            frequencies = postings.frequencies[positions[holding]]
            scores = term_scores(boosts[term] * entry.idf, frequencies, norms[holding])
            for i, score in zip(holding.tolist(), scores.tolist(), strict=True):
                parts[i][term] = score
        return parts

    def check_sizes(self) -> None:
        """Check in a few microseconds that the mapped files are still whole.

        Raises:
            DamagedError: a file has been cut off.
        """
        for column in (self._terms, *self._columns):
            column.check_size()

    def trim(self) -> None:
        """Return the memory of the mapped pages to the system."""
        for column in self._columns:
            column.trim()


def _mapped_bytes() -> int:
    """Return the bytes of files in this process's memory; where only Linux counts them, many."""
    return getattr(_process().memory_info(), "shared", 2**63 - 1)


@cache
def _process() -> psutil.Process:
    return psutil.Process()  # which reads files of the system, as long as a search takes


def exhaustive_top_k(
    terms: Sequence[WeightedPostingList],
    norms: Floats,
    k: int,
    *,
    allowed: NDArray[np.bool_] | None = None,
) -> tuple[Ids, Floats]:
    """Return the ``k`` best passages by scoring all that hold a term: ids and scores, best first.

    Args:
        terms: those of the query that occur; their weights may be negative.
        norms: ``bm25.length_norms`` of all passages, shape (passages,).
        k: how many to return at most.
        allowed: if not None, only passages with a true value are candidates, shape (passages,).

    Equal scores come in ascending order of ids.
    """
    scores = np.zeros(len(norms))
    matched = np.zeros(len(norms), np.bool_)
    for term in terms:
        ids = term.postings.passages
        scores[ids] += term_scores(term.weight, term.postings.frequencies, norms[ids])
        matched[ids] = True
    if allowed is not None:
        matched &= allowed
    candidates = np.flatnonzero(matched)
    candidate_scores = scores[candidates]
    if len(candidates) > k:
        # All that tie with the k-th best stay, so that the ids decide among them.
        threshold = np.partition(candidate_scores, len(candidates) - k)[len(candidates) - k]
        candidates = candidates[candidate_scores >= threshold]
        candidate_scores = scores[candidates]
    order = np.lexsort((candidates, -candidate_scores))[:k]
    return candidates[order], candidate_scores[order]

"""The posting files of a generation, read on demand: terms -> where their postings are.

``terms.bin``: the keys of all terms, ascending (uint64), where each one's postings begin, with the
total after the last (uint32), and the largest impact of each (uint8). ``ids.bin``,
``impacts.bin`` and ``frequencies.bin``: one passage id (uint32), impact (uint8) and frequency
(uint16) a posting. ``passages.bin``: of each passage, the length in tokens (uint32), the article
(uint32) and the hash of its words (uint64). All little-endian.

The posting files are mapped: what questions ask for comes from the page cache, and :meth:`trim`
gives the pages back once they are more than a bounded number of bytes.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.bm25 import Floats, Ids, floored_idf, term_scores
from corpus.engines.local.generation import Manifest
from corpus.engines.local.mapped_file import Column
from corpus.engines.local.maxscore import Engine, Lists
from corpus.engines.local.term_keys import BITS, term_key

TERMS, IDS, IMPACTS, FREQUENCIES, PASSAGES = (
    "terms.bin",
    "ids.bin",
    "impacts.bin",
    "frequencies.bin",
    "passages.bin",
)
_CHECKED_EVERY = 4  # questions: one maps a few megabytes, since the kernel maps 64 kB at a time
_MAX_SIMILAR = 8  # bigrams for either position
_MAX_MAPPED_BYTES = 24 * 2**20
"""Bytes of posting files that may count as this process's memory before they are given back."""


@dataclass(frozen=True, slots=True)
class TermEntry:
    """What the index knows of one term."""

    start: int
    """Where its postings begin."""
    end: int
    idf: float


@dataclass(frozen=True, slots=True)
class Posting:
    """The passages that hold one term."""

    passages: NDArray[np.uint32]
    """Passage ids, ascending, shape (document frequency,)."""
    frequencies: NDArray[np.uint16]
    """How often the term occurs in each, same shape."""


@dataclass(frozen=True, slots=True)
class WeightedPosting:
    """A posting list and its term's boost times its idf."""

    weight: float
    posting: Posting


class PassageColumns:
    """One number a passage and column, all in memory: 16 bytes a passage."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        count = manifest.passages
        raw = (folder / PASSAGES).read_bytes()
        self.lengths = np.frombuffer(raw, "<u4", count)
        self.article_of = np.frombuffer(raw, "<u4", count, 4 * count)
        self.content_hash = np.frombuffer(raw, "<u8", count, 8 * count)


class Postings:
    """The terms and postings of one generation. Thread-safe."""

    def __init__(self, folder: Path, manifest: Manifest, norms: Floats) -> None:
        """Map the posting files.

        Raises:
            OSError: one cannot be read.
        """
        self._size = manifest.passages
        self._floor = manifest.idf_floor
        self._norms = norms
        self._asked = 0
        self._mapped = _mapped_bytes()
        terms = manifest.terms
        # Kept in memory as far as it is used: a question looks at some pages for every term.
        self._terms = Column(folder / TERMS, np.uint8)
        lexicon = self._terms.entries
        self.keys: NDArray[np.uint64] = lexicon[: 8 * terms].view("<u8")
        """Of all terms, ascending."""
        self.starts: NDArray[np.uint32] = lexicon[8 * terms : 12 * terms + 4].view("<u4")
        """Where the postings of each term begin, and the number of postings."""
        self._best = lexicon[12 * terms + 4 :]
        ids = Column(folder / IDS, "<u4")
        impacts = Column(folder / IMPACTS, np.uint8)
        frequencies = Column(folder / FREQUENCIES, "<u2")
        self._columns = (ids, impacts, frequencies)
        self.ids: NDArray[np.uint32] = ids.entries
        """Passage ids, ascending within a term."""
        self.frequencies: NDArray[np.uint16] = frequencies.entries
        self._engine = Engine(ids, impacts, self.frequencies, norms)

    def look_up(self, terms: Iterable[str]) -> dict[str, TermEntry]:
        """Return those of ``terms`` that occur in the index."""
        wanted = list(terms)
        places, lists = self._find(wanted)
        rows = (lists.starts.tolist(), lists.ends.tolist(), lists.weights.tolist())
        return {
            wanted[place]: TermEntry(*row)
            for place, *row in zip(places.tolist(), *rows, strict=True)
        }

    def _find(self, terms: Sequence[str]) -> tuple[Ids, Lists]:
        """Return the places in ``terms`` of those that occur, and their lists, weighed by idf."""
        keys = np.array([term_key(term) for term in terms], np.uint64)
        at = self.keys.searchsorted(keys)
        if len(self.keys):
            at[at == len(self.keys)] = 0
            places = (self.keys.take(at) == keys).nonzero()[0]
        else:
            places = np.zeros(0, np.int64)
        at = at.take(places)
        starts = self.starts.take(at).astype(np.int64)
        ends = self.starts.take(at + 1).astype(np.int64)
        weights = floored_idf(ends - starts, self._size, self._floor)
        return places, Lists(starts, ends, weights, self._best.take(at))

    def similar_bigrams(self, bigram: str) -> list[str]:
        """Return bigrams that occur and share one character, in its position, with ``bigram``.

        The most frequent first, a few for either position. Looks at all bigrams: a few
        milliseconds.
        """
        first, last = self.keys.searchsorted(np.array([1 << BITS, 1 << 2 * BITS], np.uint64))
        keys = self.keys[first:last]
        frequencies = np.diff(self.starts[first : last + 1])
        left, right = (np.uint64(ord(char)) for char in bigram)
        similar: list[int] = []
        for shares in (keys >> np.uint64(BITS) == left, keys & np.uint64(2**BITS - 1) == right):
            sharing = shares.nonzero()[0]
            order = np.argsort(-frequencies[sharing].astype(np.int64), kind="stable")
            similar += sharing[order[:_MAX_SIMILAR]].tolist()
        similar.sort(key=lambda i: -int(frequencies[i]))
        bigrams = [chr(key >> BITS) + chr(key & 2**BITS - 1) for key in keys[similar].tolist()]
        return [other for other in bigrams if other != bigram]

    def posting(self, entry: TermEntry) -> Posting:
        """Return the passages of a term."""
        return Posting(self.ids[entry.start : entry.end], self.frequencies[entry.start : entry.end])

    def top_k(
        self, terms: Mapping[str, float], k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Ids, Floats]:
        """Return the ``k`` best passages that hold at least one term: ids and scores, best first.

        Passages with the same score are in the order of their ids.

        Args:
            terms: the question's, and how often it holds each.
            k: how many to return at most.
            allowed: where given, only passages with a true value are candidates.
        """
        names = list(terms)
        places, lists = self._find(names)
        if not len(places) or k < 1:
            return np.zeros(0, np.int64), np.zeros(0)
        lists.weights[:] *= np.fromiter(terms.values(), np.float64, len(names)).take(places)
        if lists.weights.min() <= 0:
            # In a tiny archive most terms are in most passages, and their idf is negative.
            weighted = [
                WeightedPosting(terms[term] * entry.idf, self.posting(entry))
                for term, entry in self.look_up(names).items()
            ]
            return exhaustive_top_k(weighted, self._norms, k, allowed=allowed)
        best = self._engine.top_k(lists, k, allowed)
        self._asked += 1
        if self._asked % _CHECKED_EVERY == 0 and _mapped_bytes() - self._mapped > _MAX_MAPPED_BYTES:
            self.trim()
        return best

    def explain(self, terms: Mapping[str, float], passage_id: int) -> dict[str, float]:
        """Return what each of ``terms`` that the passage holds adds to its score."""
        parts: dict[str, float] = {}
        for term, entry in self.look_up(terms).items():
            posting = self.posting(entry)
            i = int(posting.passages.searchsorted(passage_id))
            if i < len(posting.passages) and posting.passages[i] == passage_id:
                frequencies = posting.frequencies[i : i + 1]
                norms = self._norms[[passage_id]]
                parts[term] = float(term_scores(terms[term] * entry.idf, frequencies, norms)[0])
        return parts

    def check_sizes(self) -> None:
        """Make sure that the mapped files are there to their ends, in a few microseconds.

        Raises:
            DamagedError: one has been cut off.
        """
        for column in (self._terms, *self._columns):
            column.check_size()

    def trim(self) -> None:
        """Give the memory back that reading the posting files has taken."""
        for column in self._columns:
            column.trim()


def _mapped_bytes() -> int:
    """Return how much of this process's memory are files; without Linux's word for it, a lot."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[2])
    except (OSError, ValueError, IndexError):
        return 2**63 - 1
    return pages * os.sysconf("SC_PAGE_SIZE")


def exhaustive_top_k(
    terms: Sequence[WeightedPosting],
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
        allowed: where given, only passages with a true value are candidates, shape (passages,).

    Passages with the same score are in the order of their ids.
    """
    scores = np.zeros(len(norms))
    matched = np.zeros(len(norms), np.bool_)
    for term in terms:
        ids = term.posting.passages
        scores[ids] += term_scores(term.weight, term.posting.frequencies, norms[ids])
        matched[ids] = True
    if allowed is not None:
        matched &= allowed
    candidates = np.flatnonzero(matched)
    candidate_scores = scores[candidates]
    if len(candidates) > k:
        # Everything that ties with the k-th best stays, so that the ids decide among them.
        threshold = np.partition(candidate_scores, len(candidates) - k)[len(candidates) - k]
        candidates = candidates[candidate_scores >= threshold]
        candidate_scores = scores[candidates]
    order = np.lexsort((candidates, -candidate_scores))[:k]
    return candidates[order], candidate_scores[order]

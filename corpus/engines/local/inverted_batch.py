"""Articles -> their passages' terms and how often each occurs, as arrays, many articles at once.

The same terms that ``Analyzer.terms`` gives for each text by itself, without a string for each: a
batch is folded and segmented as one text, and its terms are computed as keys by numpy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from unicodedata import is_normalized

import numpy as np
from numpy.typing import NDArray

from corpus.analysis.analyzer import Analyzer, non_han_terms, number_terms
from corpus.engine import content_hash
from corpus.engines.local.term_keys import LONGEST_WRITTEN_OUT, Keys, span_keys, term_key
from corpus.model import Article

Ints = NDArray[np.int64]

_BREAK = "\n"  # between texts and between runs: no token holds it, and it folds to itself
_BREAK_POINT = ord(_BREAK)
_MOST_FREQUENT = np.iinfo(np.uint16).max
_PAIR = 2


@dataclass(frozen=True, slots=True)
class InvertedBatch:
    """The terms of a batch of passages, which are numbered from 0."""

    keys: Keys
    """Of each posting, ascending, shape (postings,)."""
    passages: NDArray[np.uint32]
    """Of each posting, ascending within a key."""
    frequencies: NDArray[np.uint16]
    lengths: NDArray[np.uint32]
    """Tokens of each passage, shape (passages,)."""
    content_hashes: NDArray[np.uint64]
    """Of each passage: equal where the words are the same, whatever script or spacing."""

    @classmethod
    def none(cls) -> Self:
        """Return the terms of no passage."""
        return cls(*(np.zeros(0, kind) for kind in ("u8", "u4", "u2", "u4", "u8")))


@dataclass(frozen=True, slots=True)
class _Tokens:
    """Keys of tokens, grouped by the text they are of."""

    keys: Keys
    ends: Ints
    """Where each text's tokens end, with a 0 before, shape (texts + 1,)."""


def invert(articles: Sequence[Article], analyzer: Analyzer) -> InvertedBatch:
    """Return the terms that each paragraph of ``articles`` is found by, numbered in order.

    A paragraph seldom repeats what the article is about, so the title and the heading above it
    count as part of it.
    """
    texts: list[str] = []
    number: dict[str, int] = {}
    holder: list[int] = []
    held: list[int] = []
    bodies: list[int] = []
    for article in articles:
        for paragraph in article.paragraphs:
            for text in filter(None, (article.title, paragraph.heading, paragraph.text)):
                if text not in number:
                    number[text] = len(texts)
                    texts.append(text)
                holder.append(len(bodies))
                held.append(number[text])
            bodies.append(number[paragraph.text] if paragraph.text else -1)
    folded = fold_all(texts, analyzer)
    groups = _tokens(folded, analyzer)
    hashes = [content_hash(text) for text in folded]
    keys, passages = _spread(groups, np.array(holder, np.int64), np.array(held, np.int64))
    lengths = np.bincount(passages, minlength=len(bodies)).astype(np.uint32)
    return InvertedBatch(
        *_counted(keys, passages),
        lengths,
        np.array([hashes[body] if body >= 0 else 0 for body in bodies], np.uint64),
    )


def fold_all(texts: Sequence[str], analyzer: Analyzer) -> list[str]:
    """Fold each of ``texts`` as if by itself."""
    # One text with decomposed characters would slow all of them down; a line end spoils the count.
    plain = [text for text in texts if is_normalized("NFC", text) and _BREAK not in text]
    together = analyzer.fold(_BREAK.join(plain)).split(_BREAK)
    assert not plain or len(together) == len(plain)
    folded = dict(zip(plain, together, strict=False))
    return [folded[text] if text in folded else analyzer.fold(text) for text in texts]


def _tokens(folded: Sequence[str], analyzer: Analyzer) -> tuple[_Tokens, ...]:
    """Return the words in Han, the bigrams and the other words of each text."""
    whole = _BREAK.join(folded)
    lengths = np.fromiter(map(len, folded), np.int64, len(folded)) + len(_BREAK)
    text_ends = np.cumsum(lengths)
    han: list[tuple[int, int]] = []
    other_starts: list[int] = []
    other_keys: list[int] = []
    for start, end, is_han in analyzer.spans(whole):
        if is_han:
            han.append((start, end))
        else:
            of_token = _non_han_keys(whole[start:end])
            other_starts += [start] * len(of_token)
            other_keys += of_token
    for start, value in number_terms(whole):
        other_starts.append(start)
        other_keys.append(_known_key(value))
    # Grouping by text needs them in the order of the texts.
    order = np.argsort(np.array(other_starts, np.int64), kind="stable")
    starts_of_others = np.array(other_starts, np.int64)[order]
    joined = _BREAK.join([whole[start:end] for start, end in han])
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    words = analyzer.segment(joined) if joined else []
    sizes = np.fromiter(map(len, words), np.int64, len(words))
    starts = np.cumsum(sizes) - sizes
    is_word = points[starts] != _BREAK_POINT
    starts, sizes = starts[is_word], sizes[is_word]
    keys = np.empty(len(starts), np.uint64)
    for size in range(1, LONGEST_WRITTEN_OUT + 1):
        chosen = sizes == size
        keys[chosen] = span_keys(points, starts[chosen], size)
    for at in np.flatnonzero(sizes > LONGEST_WRITTEN_OUT).tolist():
        start = int(starts[at])
        keys[at] = _known_key(joined[start : start + int(sizes[at])])
    text_of = _texts_of_points(np.array(han, np.int64).reshape(-1, 2), text_ends, len(points))
    pairs = _pairs(points, starts[sizes == _PAIR])
    of_others = np.searchsorted(text_ends, starts_of_others, side="right")
    texts = len(folded)
    return (
        _grouped(keys, text_of[starts], texts),
        _grouped(span_keys(points, pairs, _PAIR), text_of[pairs], texts),
        _grouped(np.array(other_keys, np.uint64)[order], of_others, texts),
    )


_known_key = lru_cache(2**15)(term_key)  # names and years come again and again


@lru_cache(2**15)
def _non_han_keys(token: str) -> tuple[int, ...]:
    return tuple(map(term_key, non_han_terms(token)))


def _texts_of_points(han: Ints, text_ends: Ints, points: int) -> Ints:
    """Return the text that each code point of the joined runs is of, shape (points,)."""
    sizes = han[:, 1] - han[:, 0] + len(_BREAK)
    return np.repeat(np.searchsorted(text_ends, han[:, 0], side="right"), sizes)[:points]


def _pairs(points: Keys, words_of_two: Ints) -> Ints:
    """Return where the pairs of neighbours begin that are not words themselves."""
    within = points != _BREAK_POINT
    is_pair = within[:-1] & within[1:]
    is_pair[words_of_two] = False
    return np.flatnonzero(is_pair)


def _grouped(keys: Keys, texts: Ints, count: int) -> _Tokens:
    """Group ``keys``, whose texts ascend."""
    return _Tokens(keys, np.searchsorted(texts, np.arange(count + 1)))


def _spread(groups: Sequence[_Tokens], holder: Ints, held: Ints) -> tuple[Keys, Ints]:
    """Return key and passage of every token of every passage.

    Args:
        groups: tokens by text.
        holder: passages, one for each text a passage is made of.
        held: those texts, same shape.
    """
    keys: list[Keys] = []
    passages: list[Ints] = []
    for tokens in groups:
        first = tokens.ends[held]
        counts = tokens.ends[held + 1] - first
        ends = np.cumsum(counts)
        total = int(ends[-1]) if len(ends) else 0
        keys.append(tokens.keys[np.repeat(first - ends + counts, counts) + np.arange(total)])
        passages.append(np.repeat(holder, counts))
    return np.concatenate(keys), np.concatenate(passages)


def _counted(keys: Keys, passages: Ints) -> tuple[Keys, NDArray[np.uint32], NDArray[np.uint16]]:
    """Return each different pair of key and passage, sorted, and how often it occurs."""
    distinct, ranks = np.unique(keys, return_inverse=True)
    pairs = np.sort(ranks.astype(np.uint64) << np.uint64(32) | passages.astype(np.uint64))
    is_first = np.ones(len(pairs), np.bool_)
    is_first[1:] = pairs[1:] != pairs[:-1]
    firsts = np.flatnonzero(is_first)
    counts = np.diff(firsts, append=len(pairs))
    pairs = pairs[firsts]
    return (
        distinct[(pairs >> np.uint64(32)).astype(np.int64)],
        pairs.astype(np.uint32),
        np.minimum(counts, _MOST_FREQUENT).astype(np.uint16),
    )

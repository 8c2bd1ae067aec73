"""Articles -> the terms of their passages with frequencies, as arrays, many articles at once.

The terms are those of ``Analyzer.terms`` for each text by itself, but without a string for each: a
batch is folded and segmented as one text, and numpy computes the keys of its terms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from unicodedata import is_normalized

import numpy as np
from numpy.typing import NDArray

from corpus.analysis.analyzer import Analyzer, non_han_terms, number_terms
from corpus.analysis.numerals import in_digits
from corpus.engine import content_hash
from corpus.engines.local.term_keys import MAX_PLAIN_CHARS, Keys, span_keys, term_key
from corpus.model import Article

Ints = NDArray[np.int64]

_BREAK = "\n"  # between texts and between spans of Han: in no token, and unchanged by folding
_BREAK_POINT = ord(_BREAK)
_MAX_FREQUENCY = np.iinfo(np.uint16).max
_BIGRAM_CHARS = 2


@dataclass(frozen=True, slots=True)
class InvertedBatch:
    """The terms of a batch of passages, numbered from 0."""

    keys: Keys
    """Of each posting, ascending, shape (postings,)."""
    passages: NDArray[np.uint32]
    """Of each posting, ascending within a key."""
    frequencies: NDArray[np.uint16]
    lengths: NDArray[np.uint32]
    """Tokens of each passage, shape (passages,)."""
    content_hashes: NDArray[np.uint64]
    """Of each passage, equal for the same words in any script and spacing."""
    folded: Sequence[str]
    """Of each passage, as `FoldedPassage.text`."""

    @classmethod
    def none(cls) -> Self:
        """Return an empty batch."""
        return cls(*(np.zeros(0, kind) for kind in ("u8", "u4", "u2", "u4", "u8")), folded=())


@dataclass(frozen=True, slots=True)
class _Tokens:
    """Keys of tokens, grouped by text."""

    keys: Keys
    ends: Ints
    """0, then the end of each text's tokens, shape (texts + 1,)."""


def invert(articles: Sequence[Article], analyzer: Analyzer) -> InvertedBatch:
    """Return the terms of each paragraph of ``articles``, numbered in order.

    A paragraph seldom repeats the topic of its article, so it includes the title and its heading.
    """
    texts: list[str] = []
    numbers: dict[str, int] = {}
    # The passages and the texts that they consist of, as pairs.
    pair_passages: list[int] = []
    pair_texts: list[int] = []
    bodies: list[int] = []
    for article in articles:
        for paragraph in article.paragraphs:
            for text in filter(None, (article.title, paragraph.heading, paragraph.text)):
                if text not in numbers:
                    numbers[text] = len(texts)
                    texts.append(text)
                pair_passages.append(len(bodies))
                pair_texts.append(numbers[text])
            bodies.append(numbers[paragraph.text] if paragraph.text else -1)
    folded = fold_all(texts, analyzer)
    groups = _tokens(folded, analyzer)
    hashes = [content_hash(text) for text in folded]
    folded_of = {"": "", **dict(zip(texts, folded, strict=True))}
    keys, passages = _tokens_of_passages(
        groups, np.array(pair_passages, np.int64), np.array(pair_texts, np.int64)
    )
    lengths = np.bincount(passages, minlength=len(bodies)).astype(np.uint32)
    return InvertedBatch(
        *_count(keys, passages),
        lengths,
        np.array([hashes[body] if body >= 0 else 0 for body in bodies], np.uint64),
        [
            in_digits(f"{folded_of[paragraph.heading]} {folded_of[paragraph.text]}")
            for article in articles
            for paragraph in article.paragraphs
        ],
    )


def fold_all(texts: Sequence[str], analyzer: Analyzer) -> list[str]:
    """Fold each of ``texts`` as if by itself."""
    # A text with decomposed characters would slow down all; a line end would split its text.
    plain = [text for text in texts if is_normalized("NFC", text) and _BREAK not in text]
    together = analyzer.fold(_BREAK.join(plain)).split(_BREAK)
    assert not plain or len(together) == len(plain)
    folded = dict(zip(plain, together, strict=False))
    return [folded[text] if text in folded else analyzer.fold(text) for text in texts]


def _tokens(folded: Sequence[str], analyzer: Analyzer) -> tuple[_Tokens, ...]:
    """Return the Han words, the bigrams and the other words of each text."""
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
            token_keys = _non_han_keys(whole[start:end])
            other_starts += [start] * len(token_keys)
            other_keys += token_keys
    for start, value in number_terms(whole):
        other_starts.append(start)
        other_keys.append(_cached_key(value))
    # To be grouped by text, they must be in the order of the texts.
    order = np.argsort(np.array(other_starts, np.int64), kind="stable")
    joined = _BREAK.join([whole[start:end] for start, end in han])
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    words = analyzer.segment(joined) if joined else []
    sizes = np.fromiter(map(len, words), np.int64, len(words))
    starts = np.cumsum(sizes) - sizes
    is_word = points[starts] != _BREAK_POINT
    starts, sizes = starts[is_word], sizes[is_word]
    keys = np.empty(len(starts), np.uint64)
    for size in range(1, MAX_PLAIN_CHARS + 1):
        has_size = sizes == size
        keys[has_size] = span_keys(points, starts[has_size], size)
    for i in np.flatnonzero(sizes > MAX_PLAIN_CHARS).tolist():
        start = int(starts[i])
        keys[i] = _cached_key(joined[start : start + int(sizes[i])])
    text_of = _texts_of_points(np.array(han, np.int64).reshape(-1, 2), text_ends, len(points))
    bigrams = _bigrams(points, starts[sizes == _BIGRAM_CHARS])
    texts_of_others = np.searchsorted(
        text_ends, np.array(other_starts, np.int64)[order], side="right"
    )
    texts = len(folded)
    return (
        _group(keys, text_of[starts], texts),
        _group(span_keys(points, bigrams, _BIGRAM_CHARS), text_of[bigrams], texts),
        _group(np.array(other_keys, np.uint64)[order], texts_of_others, texts),
    )


_cached_key = lru_cache(2**15)(term_key)  # names and years recur


@lru_cache(2**15)
def _non_han_keys(token: str) -> tuple[int, ...]:
    return tuple(map(term_key, non_han_terms(token)))


def _texts_of_points(han: Ints, text_ends: Ints, points: int) -> Ints:
    """Return the text of each code point of the joined Han spans, shape (points,)."""
    sizes = han[:, 1] - han[:, 0] + len(_BREAK)
    return np.repeat(np.searchsorted(text_ends, han[:, 0], side="right"), sizes)[:points]


def _bigrams(points: Keys, two_character_words: Ints) -> Ints:
    """Return the starts of the bigrams that are not words themselves."""
    is_han = points != _BREAK_POINT
    is_bigram = is_han[:-1] & is_han[1:]
    is_bigram[two_character_words] = False
    return np.flatnonzero(is_bigram)


def _group(keys: Keys, texts: Ints, count: int) -> _Tokens:
    """Group ``keys`` by their ``texts``, which ascend."""
    return _Tokens(keys, np.searchsorted(texts, np.arange(count + 1)))


def _tokens_of_passages(
    groups: Sequence[_Tokens], pair_passages: Ints, pair_texts: Ints
) -> tuple[Keys, Ints]:
    """Return key and passage of every token of every passage.

    Args:
        groups: tokens by text.
        pair_passages: each passage, once for each text that it consists of.
        pair_texts: these texts, same shape.
    """
    keys: list[Keys] = []
    passages: list[Ints] = []
    for tokens in groups:
        first = tokens.ends[pair_texts]
        counts = tokens.ends[pair_texts + 1] - first
        ends = np.cumsum(counts)
        total = int(ends[-1]) if len(ends) else 0
        keys.append(tokens.keys[np.repeat(first - ends + counts, counts) + np.arange(total)])
        passages.append(np.repeat(pair_passages, counts))
    return np.concatenate(keys), np.concatenate(passages)


def _count(keys: Keys, passages: Ints) -> tuple[Keys, NDArray[np.uint32], NDArray[np.uint16]]:
    """Return each distinct pair of key and passage, sorted, with its frequency."""
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
        np.minimum(counts, _MAX_FREQUENCY).astype(np.uint16),
    )

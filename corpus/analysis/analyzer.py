"""Text -> tokens, the same way for articles and questions. Owns the segmenter."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import opencc

from corpus.analysis import segmenter
from corpus.analysis.folding import Folder, fold_character
from corpus.analysis.han import CLASS, Ints, split
from corpus.analysis.numerals import numbers
from corpus.errors import CorpusError
from corpus.model import Token

VERSION = 3
"""Part of every index's fingerprint: raise it whenever the same text gives other tokens."""

_LONGEST_RUN = 2_000  # jieba's time grows with the square of a run of one repeated character

_SEPARATOR = "\x1f"  # of texts that are folded together

_HAN_WORD = re.compile(f"[{CLASS}]+")
_WORD = rf"(?:(?![{CLASS}])[^\W_])"
_TOKEN = (
    rf"(?P<han>[{CLASS}]+)"
    # 1,000 and 3.14 are one number each; 2021.1.6 is three
    r"|(?<!\d)\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])"
    r"|(?<![\d.])\d+\.\d+(?!\d|\.\d)"
    rf"|{_WORD}+(?:['\u0300-\u036f]{_WORD}+)*"
)


class Analyzer:
    """Turns text into terms: NFKC, no case, Simplified script, Han runs cut into words by jieba.

    Thread-safe.
    """

    def __init__(
        self,
        user_dict: Path | None = None,
        *,
        cache_dir: Path | None = None,
        prefer_fast: bool = False,
    ) -> None:
        """Read the user's words.

        Args:
            user_dict: a text file of the words that must stay whole, one a line, optionally
                followed by a frequency and a part of speech, as jieba reads it.
            cache_dir: an existing folder for jieba's packed dictionary; default: the system's
                temporary folder.
            prefer_fast: segment with rjieba where it is installed, for the same tokens sooner.

        Raises:
            CorpusError: the user dictionary cannot be read.
        """
        self._prefer_fast = prefer_fast
        self._folder = Folder()
        self._to_simplified = opencc.OpenCC("t2s")
        self._cache_dir = cache_dir
        words = _read_user_dict(user_dict) if user_dict else []
        self._user_words = [(self.fold(word), frequency) for word, frequency in words]
        mixed = [word for word, _ in self._user_words if not is_han(word)]
        kept_whole = [re.escape(word) for word in sorted(mixed, key=len, reverse=True) if word]
        self._token = re.compile("|".join([*kept_whole, _TOKEN]))
        self._keeps_mixed_words = bool(kept_whole)
        described = f"{VERSION} {segmenter.VERSION} {self._user_words}"
        self.fingerprint = hashlib.sha256(described.encode()).hexdigest()[:16]
        """Names everything that decides which tokens a text gives."""

    @cached_property
    def segment(self) -> segmenter.Segmenter:
        """Cut runs of Han characters, given between line ends, into words."""
        # Made at first use: an index that is found unchanged never needs it. Two threads that
        # come first together make it twice and keep one.
        words = [(word, frequency) for word, frequency in self._user_words if word]
        if self._prefer_fast and segmenter.is_fast_installed():
            return segmenter.fast(words)
        return segmenter.reference(words, self._cache_dir)

    def load(self) -> None:
        """Load jieba and its dictionary now, not at the first question."""
        _ = self.segment

    def fold(self, text: str) -> str:
        """Return ``text`` without differences of width, case and script."""
        if not unicodedata.is_normalized("NFC", text):
            return self._simplify("".join(folded for folded, _, _ in self._fold_clusters(text)))
        return self._simplify(self._folder.fold(text))

    def fold_each(self, texts: Sequence[str]) -> list[str]:
        """Fold each of ``texts``, which hold no control characters."""
        # One call for many texts: each costs more than what is in it.
        return self.fold(_SEPARATOR.join(texts)).split(_SEPARATOR) if texts else []

    def terms(self, text: str) -> list[str]:
        """Return what ``text`` is found by: its words, then the bigrams between and inside them.

        The bigrams find the names that the dictionary splits, and the words inside longer ones.
        """
        words: list[str] = []
        between: list[str] = []
        for run in self._runs(self.fold(text)):
            words += run.words
            if run.is_han:
                between += bigrams(run.words)
        return words + between + [value for _, value in _other_writings(self.fold(text))]

    def words(self, text: str) -> list[Token]:
        """Return the words of ``text`` with the spans of the original glyphs they came from."""
        folded, origins = self._fold_with_origins(text)
        return [Token(word, origins[a], origins[b - 1] + 1) for word, a, b in self._spans(folded)]

    def find(self, text: str, words: Collection[str]) -> list[Token]:
        """Return where ``words``, as the analyzer gives them, stand in ``text``, by their start.

        Words of several Han characters are also found inside longer words; spans may overlap.
        """
        folded, origins = self._fold_with_origins(text)
        found: set[tuple[str, int, int]] = set()
        single = {word for word in words if len(word) == 1 and is_han(word)}
        for match in self._token.finditer(folded):
            first, last = match.span()
            if match["han"] is None:
                if _plain(match[0]) in words:
                    found.add((_plain(match[0]), first, last))
            elif not single.isdisjoint(match[0]):
                # One character stands for itself only where the segmenter leaves it alone.
                spans = self._spans(match[0])
                found |= {(word, first + a, first + b) for word, a, b in spans if word in single}
        found.update(
            (number.value, number.start, number.end)
            for number in numbers(folded)
            if number.value in words
        )
        for word in words:
            if len(word) > 1 and is_han(word):
                starts = (match.start() for match in re.finditer(re.escape(word), folded))
                found.update((word, start, start + len(word)) for start in starts)
        spans = sorted(found, key=lambda span: span[1:])
        return [Token(word, origins[start], origins[end - 1] + 1) for word, start, end in spans]

    def _fold_with_origins(self, text: str) -> tuple[str, Sequence[int]]:
        """Fold, and for each folded character give the index of the original one."""
        if unicodedata.is_normalized("NFC", text):
            folded = self._folder.fold(text)
            if self._folder.keeps_length(text):
                return self._simplify(folded), range(len(text))
        pieces: list[str] = []
        origins: list[int] = []
        for folded, start, end in self._fold_clusters(text):
            pieces.append(folded)
            # All but the first point at the cluster's end: a token that ends inside the cluster
            # still covers its marks.
            origins += [start, *[end - 1] * (len(folded) - 1)] if folded else []
        return self._simplify("".join(pieces)), origins

    def _fold_clusters(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Fold each character of ``text`` together with the marks that follow it."""
        start = 0
        for end in range(1, len(text) + 1):
            if end == len(text) or not _continues_cluster(text[end]):
                cluster = unicodedata.normalize("NFC", text[start:end])
                yield "".join(map(fold_character, cluster)), start, end
                start = end

    def _simplify(self, folded: str) -> str:
        if folded.isascii():
            return folded
        simplified = self._to_simplified.convert(folded)
        if len(simplified) == len(folded):
            return simplified
        # No phrase of today's tables changes the length; if one does, the offsets still hold.
        convert = self._to_simplified.convert
        return "".join(c if len(c := convert(char)) == 1 else char for char in folded)

    def _spans(self, folded: str) -> Iterator[tuple[str, int, int]]:
        for run in self._runs(folded):
            start = run.start
            for word in run.words:
                end = start + len(word) if run.is_han else run.end
                yield word, start, end
                start = end

    def _runs(self, folded: str) -> Iterator["_Run"]:
        for match in self._token.finditer(folded):
            first, last = match.span()
            if match["han"] is None:
                yield _Run([_plain(match[0])], first, last, is_han=False)
                continue
            for start in range(first, last, _LONGEST_RUN):
                end = min(start + _LONGEST_RUN, last)
                yield _Run(self.segment(folded[start:end]), start, end, is_han=True)

    def runs(self, folded: str) -> "Runs":
        """Return what ``folded`` is made of, its Han characters not yet cut into words."""
        if self._keeps_mixed_words:
            # A word of the user may begin with a Han character: only the expression can tell.
            found = [match.span() for match in self._token.finditer(folded)]
            words = [folded[first:last] for first, last in found]
            han = [
                (start, min(start + _LONGEST_RUN, last))
                for (first, last), word in zip(found, words, strict=True)
                if is_han(word)
                for start in range(first, last, _LONGEST_RUN)
            ]
            others = [
                (first, word)
                for (first, _), word in zip(found, words, strict=True)
                if not is_han(word)
            ]
            starts = np.array([first for first, _ in others], np.int64)
            spans = np.array(han, np.int64).reshape(-1, 2)
            return Runs(spans, starts, [_plain(word) for _, word in others])
        parts = split(folded, _LONGEST_RUN)
        matches = list(self._token.finditer(parts.rest))
        starts = parts.origins[np.array([match.start() for match in matches], np.int64)].tolist()
        found = [(start, _plain(match[0])) for start, match in zip(starts, matches, strict=True)]
        found = sorted([*found, *_other_writings(folded)])
        return Runs(
            parts.han,
            np.array([start for start, _ in found], np.int64),
            [term for _, term in found],
        )


def _other_writings(folded: str) -> list[tuple[int, str]]:
    """Return the numbers that no token of ``folded`` is, with where they begin."""
    return [
        (number.start, number.value)
        for number in numbers(folded)
        if _plain(folded[number.start : number.end]) != number.value
    ]


class Runs(NamedTuple):
    """What a folded text is made of."""

    han: Ints
    """Start and end of each run to be segmented by itself, shape (runs, 2)."""
    starts: Ints
    """Where each word or number in another script begins."""
    others: list[str]
    """Their terms."""


class _Run(NamedTuple):
    """Words that stand next to each other: of one stretch of Han characters, or a single other."""

    words: list[str]
    start: int
    end: int
    is_han: bool


def _plain(word: str) -> str:
    return word.replace(",", "")


def is_han(word: str) -> bool:
    """Return whether ``word`` is of Han characters only."""
    return bool(_HAN_WORD.fullmatch(word))


def bigrams(words: Sequence[str]) -> list[str]:
    """Return the character bigrams of ``words``, written together, that are not words of them."""
    run = "".join(words)
    pairs: list[str | None] = [run[i : i + 2] for i in range(len(run) - 1)]
    start = 0
    for word in words:
        if len(word) == len("二字"):
            pairs[start] = None
        start += len(word)
    return [pair for pair in pairs if pair is not None]


def _continues_cluster(char: str) -> bool:
    # Conjoining vowels and finals of decomposed Hangul are no combining marks, yet compose.
    return bool(unicodedata.combining(char)) or "\u1160" <= char <= "\u11ff"


def _read_user_dict(path: Path) -> list[tuple[str, int | None]]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"The user dictionary {path} cannot be read: {error}") from error
    words: list[tuple[str, int | None]] = []
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        if len(fields) > 1 and fields[1].isdecimal():
            words.append((fields[0], int(fields[1])))
        elif len(fields) == 1:
            words.append((fields[0], None))
        else:
            raise CorpusError(
                f"The user dictionary {path}, line {number}: after the word comes a frequency,"
                f" a whole number, not {fields[1]!r}"
            )
    return words

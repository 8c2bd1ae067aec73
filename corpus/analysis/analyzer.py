"""Turns text into terms, the same way for articles and for questions. Owns the segmenter."""

import hashlib
import re
import threading
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import opencc
import Stemmer

from corpus.analysis import segmenter
from corpus.analysis.folding import Folder, fold_character
from corpus.analysis.numerals import in_digits, numbers
from corpus.model import Token

VERSION = 4
"""Part of every index's fingerprint: raise it whenever the same text gives other terms."""

_SEPARATOR = "\x1f"  # of texts that are folded together

_MAX_HAN = 2_000  # jieba's time grows with the square of a run of one repeated character
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAN_WORD = re.compile(f"[{HAN}]+")
_LETTER = rf"[^\W_{HAN}]"
_SPAN = (
    rf"(?P<han>[{HAN}]{{1,{_MAX_HAN}}})"
    # 1,000 and 3.14 are one number each; 2021.1.6 is three
    r"|(?<!\d)\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])"
    r"|(?<![\d.])\d+\.\d+(?!\d|\.\d)"
    # pm2.5 is a word and a number
    r"|(?<![a-z0-9_.'-])[a-z]+(?=\d+\.\d+(?![a-z\d]|\.\d))"
    # .net, c++, c#, covid-19, can't, node.js
    rf"|(?:(?<![a-z0-9_.])\.(?=[a-z]))?{_LETTER}+(?:['\u0300-\u036f-]{_LETTER}+)*"
    rf"(?:(?:\+\+?|\#)(?!{_LETTER})|(?<=[a-z0-9])\.[a-z]{{2,3}}(?![a-z0-9_.'-]))?"
)

_DELIMITED = re.compile(r"[a-z]+|\d+|[^\W\d_a-z]+")
_JOINT = re.compile(r"-|(?<=[a-z0-9])\.(?=[a-z])")
_PART = re.compile(r"(?:^\.)?[^.-]+")
_MIN_PART = 2  # characters: a letter of f16 or x-ray by itself finds nothing
_MIN_ELIDED = 3  # characters: of the word behind an elided one, l'oreal
_MAX_COMPOUND = 16  # characters: nobody writes a longer one as one word
_MIN_STEMMED = 4  # characters


class Span(NamedTuple):
    """A part of a folded text: Han characters to be segmented, or one token of another script."""

    start: int
    end: int
    is_han: bool


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
        """Read the user dictionary.

        Args:
            user_dict: a text file of words that must stay whole, one a line, each optionally
                followed by a frequency and a part of speech, as in jieba's own format.
            cache_dir: an existing folder for jieba's packed dictionary; default: the system's
                temporary folder.
            prefer_fast: segment with rjieba, which gives the same words sooner; for indexing.

        Raises:
            CorpusError: the user dictionary cannot be read.
        """
        self._prefer_fast = prefer_fast
        self._folder = Folder()
        self._to_simplified = opencc.OpenCC("t2s")
        self._cache_dir = cache_dir
        words = segmenter.read_user_words(user_dict) if user_dict else []
        self._user_words = [(self.fold(word), frequency) for word, frequency in words]
        mixed = [word for word, _ in self._user_words if not is_han(word)]
        # Words of Han alone stay whole in the segmenter, these in the tokenizer.
        whole = [re.escape(word) for word in sorted(mixed, key=len, reverse=True) if word]
        self._has_mixed_words = bool(mixed)
        self._span = re.compile("|".join([*whole, _SPAN]))
        described = f"{VERSION} {segmenter.VERSION} {self._user_words}"
        self.fingerprint = hashlib.sha256(described.encode()).hexdigest()[:16]
        """Changes with everything that decides which terms a text gives."""

    @cached_property
    def segment(self) -> segmenter.Segmenter:
        """The segmenter of runs of Han characters, which may be joined by line ends."""
        # Made at first use: a reindex that finds nothing changed does without. Two threads may each
        # make one at the same time; they are alike.
        words = [(word, frequency) for word, frequency in self._user_words if word]
        if self._prefer_fast:
            return segmenter.fast_segmenter(words)
        return segmenter.reference_segmenter(words, self._cache_dir)

    def load(self) -> None:
        """Load the segmenter now instead of at its first use."""
        _ = self.segment

    def fold(self, text: str) -> str:
        """Return ``text`` without differences of width, case and script."""
        if not unicodedata.is_normalized("NFC", text):
            return self._simplify("".join(folded for folded, _, _ in self._fold_clusters(text)))
        return self._simplify(self._folder.fold(text))

    def fold_each(self, texts: Sequence[str]) -> list[str]:
        """Fold each of ``texts``, which hold no control characters."""
        # In one call, since a call costs more than folding a sentence.
        return self.fold(_SEPARATOR.join(texts)).split(_SEPARATOR) if texts else []

    def comparable(self, texts: Sequence[str]) -> list[str]:
        """Fold each of ``texts``, their numbers in digits, to compare them by their characters."""
        return in_digits(self.fold(_SEPARATOR.join(texts))).split(_SEPARATOR) if texts else []

    def spans(self, folded: str) -> Iterator[Span]:
        """Yield the Han spans and the other tokens of ``folded``, in order.

        Everything is tokenized here, one text at a time or a batch of articles joined by line ends.
        A long run of Han characters is yielded in several spans.
        """
        for match in self._span.finditer(folded):
            start, end = match.span()
            if _JOINT.search(match[0]) and not _is_compound(match[0]):
                for part in _PART.finditer(match[0]):
                    yield Span(start + part.start(), start + part.end(), is_han=False)
            else:
                yield Span(start, end, match.lastgroup == "han")

    def terms(self, text: str) -> list[str]:
        """Return the terms that ``text`` is found by: its words, then what else finds them.

        That is the bigrams between and inside Han words: they find the names that the dictionary
        splits, and the words inside longer ones.
        """
        words: list[str] = []
        others: list[str] = []
        folded = self.fold(text)
        for span in self.spans(folded):
            piece = folded[span.start : span.end]
            if span.is_han:
                segmented = self.segment(piece)
                words += segmented
                others += bigrams(segmented)
            else:
                word, *forms = non_han_terms(piece)
                words.append(word)
                others += forms
        return words + others + [value for _, value in number_terms(folded)]

    def words(self, text: str) -> list[Token]:
        """Return the words of ``text``, each with its span in the original text."""
        folded, origins = self._fold_with_origins(text)
        return [Token(word, origins[a], origins[b - 1] + 1) for word, a, b in self._words(folded)]

    def find(self, text: str, words: Collection[str]) -> list[Token]:
        """Return the occurrences of ``words`` in ``text``, sorted by their start.

        Words of several Han characters are found inside longer words, too; spans may overlap.

        Args:
            text: as written.
            words: folded, as `words` and `terms` return them.
        """
        folded, origins = self._fold_with_origins(text)
        found: set[tuple[str, int, int]] = set()
        han = [word for word in words if is_han(word)]
        single = {word for word in han if len(word) == 1}
        # Looking at Latin words and numbers takes longer than all the rest.
        has_others = len(han) < len(words) or self._has_mixed_words
        for span in self.spans(folded) if single or has_others else ():
            piece = folded[span.start : span.end]
            if not span.is_han and has_others:
                terms = (term for term in non_han_terms(piece) if term in words)
                found.update((term, span.start, span.end) for term in terms)
            elif span.is_han and not single.isdisjoint(piece):
                # A single character is a word only where the segmenter leaves it alone.
                found.update(word for word in self._han_words(folded, span) if word[0] in single)
        for number in numbers(folded) if has_others else ():
            if number.value in words:
                found.add((number.value, number.start, number.end))
        for word in han:
            start = folded.find(word) if word not in single else -1
            while start >= 0:
                end = start + len(word)
                found.add((word, start, end))
                start = folded.find(word, end)
        spans = sorted(found, key=lambda span: span[1:])
        return [Token(word, origins[start], origins[end - 1] + 1) for word, start, end in spans]

    def _fold_with_origins(self, text: str) -> tuple[str, Sequence[int]]:
        """Return ``text`` folded, and for each folded character the offset of its original."""
        if unicodedata.is_normalized("NFC", text):
            folded, origins = self._folder.fold_with_origins(text)
            return self._simplify(folded), origins
        pieces: list[str] = []
        offsets: list[int] = []
        for folded, start, end in self._fold_clusters(text):
            pieces.append(folded)
            # All but the first get the cluster's end, so that a token that ends inside the cluster
            # covers its marks.
            offsets += [start, *[end - 1] * (len(folded) - 1)] if folded else []
        return self._simplify("".join(pieces)), offsets

    def _fold_clusters(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Fold each character of ``text`` with its combining marks; yield it with its span."""
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
        # No phrase of OpenCC's tables changes the length today; should one, offsets must hold.
        convert = self._to_simplified.convert
        return "".join(c if len(c := convert(char)) == 1 else char for char in folded)

    def _words(self, folded: str) -> Iterator[tuple[str, int, int]]:
        """Yield each word of ``folded`` with its start and its end."""
        for span in self.spans(folded):
            if span.is_han:
                yield from self._han_words(folded, span)
            else:
                yield non_han_terms(folded[span.start : span.end])[0], span.start, span.end

    def _han_words(self, folded: str, span: Span) -> Iterator[tuple[str, int, int]]:
        start = span.start
        for word in self.segment(folded[span.start : span.end]):
            yield word, start, start + len(word)
            start += len(word)


@lru_cache(2**15)  # names and years come again and again
def non_han_terms(token: str) -> tuple[str, ...]:
    """Return the terms of a folded token that is not Han: the word itself, then its other forms.

    A word-delimiter graph: covid-19 and covid19 are both found by covid19, covid and 19, wi-fi by
    wifi, node.js by nodejs, l'oreal by loreal and oreal. A possessive is cut (taiwan's), a sign is
    part of the word (c++, .net), and an English word is also found by its stem.
    """
    word = token.replace(",", "").removesuffix("'s")
    if word.replace(".", "").isdecimal():
        return (word,)  # perhaps a decimal number
    bare = word.strip(".+#")
    pieces = _JOINT.split(bare)
    forms = [_JOINT.sub("", bare), *pieces] if len(pieces) > 1 else [word, bare]
    if "'" in bare:
        forms.append(forms[0].replace("'", ""))
        *_, last = bare.split("'")
        forms += [last] if len(last) >= _MIN_ELIDED else []  # no 't or 're
    parts = _DELIMITED.findall(bare)
    if len(parts) > 1:
        forms += [part for part in parts if len(part) >= _MIN_PART]
    forms += [
        stem(form)
        for form in forms
        if len(form) >= _MIN_STEMMED and form.isascii() and form.isalpha()
    ]
    return tuple(dict.fromkeys(filter(None, forms)))


class _Stemmers(threading.local):
    """A stemmer for each thread: two must not use one at the same time."""

    def __init__(self) -> None:
        self.english = Stemmer.Stemmer("english", 0)  # no cache of its own: stem() has one


_STEMMERS = _Stemmers()


@lru_cache(2**15)
def stem(word: str) -> str:
    """Return the stem of an English word in lower case."""
    return _STEMMERS.english.stemWord(word)


def _is_compound(token: str) -> bool:
    """Return whether a joined token may be written as one word: no date, no long phrase."""
    joined = _JOINT.sub("", token)
    return not joined.isdecimal() and len(joined) <= _MAX_COMPOUND


def number_terms(folded: str) -> list[tuple[int, str]]:
    """Return the numbers that are no token of ``folded`` themselves, with where they begin.

    三千, 3千 and 3,000 are all found by 3000, 二〇二〇 and 民国109年 by 2020.
    """
    return [
        (number.start, number.value)
        for number in numbers(folded)
        if folded[number.start : number.end].replace(",", "") != number.value
    ]


def is_han(word: str) -> bool:
    """Return whether ``word`` has only Han characters."""
    return bool(_HAN_WORD.fullmatch(word))


def bigrams(words: Sequence[str]) -> list[str]:
    """Return the character bigrams of adjacent ``words``, without those that are such a word."""
    text = "".join(words)
    pairs: list[str | None] = [text[i : i + 2] for i in range(len(text) - 1)]
    start = 0
    for word in words:
        if len(word) == len("二字"):
            pairs[start] = None
        start += len(word)
    return [pair for pair in pairs if pair is not None]


def _continues_cluster(char: str) -> bool:
    # Conjoining Hangul vowels and finals compose, although they are not combining marks.
    return bool(unicodedata.combining(char)) or "\u1160" <= char <= "\u11ff"

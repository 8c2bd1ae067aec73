"""Corrects misspelt words by what the archive itself writes.

A Han character is suspected where it is in no word that occurs and forms with a neighbour a pair
that no passage holds. It is replaced only by characters that sound alike, and only where passages
hold the corrected phrase: an unknown word stays as it is typed. A Latin word that does not occur is
replaced by a frequent one that is one slip away.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from string import ascii_lowercase
from typing import NamedTuple

import opencc

from corpus.analysis.analyzer import Analyzer, is_han
from corpus.analysis.numerals import numbers
from corpus.analysis.pinyin import Likeness, alike
from corpus.engine import IndexReader, TermQuery
from corpus.model import Token
from corpus.search.query import LIGHT_WORDS, STOP_WORDS
from corpus.search.regional_words import to_region

MAX_CORRECTED_CHARS = 40
"""A longer text has enough right characters, or is not a question."""
MIN_PASSAGES = 4
"""That hold a correction verbatim, or it is not established."""
MIN_SURE = 20
"""That hold it where it is less likely: a character that sounds only similar, or that forms no word
of the dictionary with others (健康码)."""
MIN_BESIDE = 10
"""That hold a corrected word of two characters and the word beside it, apart."""
MIN_PHRASE = 3
"""Characters: a pair with one wrong character leaves too little to tell what it was."""
MIN_LATIN = 5
"""Letters: shorter words are one letter away from too many others."""

_MAX_READ = 40  # passages read to count those that hold a phrase
_MAX_TRIED = 8  # corrections of one character or word
_SURELY = 3  # times as many passages as the next correction of the same length has

_NUMERALS = frozenset("〇零一二两三四五六七八九十百千万亿")


class _Correction(NamedTuple):
    """A replacement in a folded question."""

    start: int
    end: int
    text: str
    phrase: tuple[int, int]
    """The span, in the question, of what passages hold verbatim once it is corrected."""
    likeness: Likeness
    passages: int


@dataclass(frozen=True, slots=True)
class Corrected:
    """A question with its misspelt words corrected, in the script it is typed in."""

    question: str
    words: tuple[str, ...]
    """The corrected words, or the phrases they stand in."""


class Corrector:
    """Corrects questions by one generation. Blocks: call it from a thread."""

    def __init__(self, reader: IndexReader, analyzer: Analyzer) -> None:
        self._reader = reader
        self._analyzer = analyzer

    def correct(self, typed: str) -> Corrected | None:
        """Return ``typed`` corrected, or None where nothing is surely misspelt."""
        folded = self._analyzer.fold(typed)
        if len(folded) != len(typed) or len(folded) > MAX_CORRECTED_CHARS:
            return None
        tokens = self._analyzer.words(folded)
        found = [*self._han(folded, tokens), *self._latin(tokens)]
        if not found:
            return None
        question, words = typed, list[str]()
        for correction in sorted(found, reverse=True):
            text = _as_typed(correction.text, typed, folded, correction.start)
            question = question[: correction.start] + text + question[correction.end :]
            first, last = correction.phrase
            words.append(question[first : last + len(text) - (correction.end - correction.start)])
        return Corrected(question, tuple(dict.fromkeys(reversed(words))))

    def _han(self, folded: str, tokens: Sequence[Token]) -> Iterator[_Correction]:
        pairs = {folded[i : i + 2] for i in range(len(folded) - 1)}
        words = {token.text for token in tokens}
        known = self._reader.document_frequencies({pair for pair in pairs if is_han(pair)} | words)
        for run in _runs(folded, tokens):
            best: _Correction | None = None
            for token in run:
                # Words that occur stay as they are, single characters only beside known ones.
                if len(token.text) > 1 and token.text in known:
                    continue
                span = run[0].start, run[-1].end
                for i in range(token.start, token.end):
                    around = _pairs(i, span)
                    if around and not all(folded[a : a + 2] in known for a in around):
                        tried = self._tried(folded, i, run, alike(folded[i]))
                        best = _better(best, _surest(tried))
            if best:
                yield best

    def _tried(
        self, folded: str, i: int, run: Sequence[Token], likeness: Mapping[str, Likeness]
    ) -> list[_Correction]:
        """Return the corrections by the characters of ``likeness`` that passages hold verbatim."""
        first, end = run[0].start, run[-1].end
        starts = range(max(first, i - MIN_PHRASE + 1), min(i, end - MIN_PHRASE) + 1)
        windows = {
            (char, start): _pairs_of(folded[start:i] + char + folded[i + 1 : start + MIN_PHRASE])
            for char in likeness
            if char != folded[i] and char not in _NUMERALS
            for start in starts
        }
        frequencies = self._reader.document_frequencies(set(chain.from_iterable(windows.values())))
        least = {
            window: min(frequencies.get(pair, 0) for pair in pairs)
            for window, pairs in windows.items()
        }
        plausible = sorted(
            (window for window in windows if least[window] >= MIN_PASSAGES),
            key=lambda window: (likeness[window[0]], -least[window]),
        )
        found: list[_Correction] = []
        for char, start in plausible[:_MAX_TRIED]:
            corrected = folded[:i] + char + folded[i + 1 :]
            word = self._word(corrected, i, run)
            if word and (len(word.text) > 1 or likeness[char] is Likeness.SAME):
                texts = self._holding(windows[char, start])
                found += _verified(corrected, i, run, word, likeness[char], texts)
        return found or self._beside(folded, i, run, likeness)

    def _beside(
        self, folded: str, i: int, run: Sequence[Token], likeness: Mapping[str, Likeness]
    ) -> list[_Correction]:
        """Return corrections to words of two characters that occur with the word beside them."""
        found: list[_Correction] = []
        for left, right in pairwise(run):
            if not (left.start <= i < right.end and len(left.text) == len(right.text) == 1):
                continue
            context = [
                token.text
                for token in run
                if len(token.text) > 1 and (token.end == left.start or token.start == right.end)
            ]
            same = [
                char for char, how in likeness.items() if how is Likeness.SAME and char != folded[i]
            ]
            words = {
                folded[left.start : i] + char + folded[i + 1 : right.end]: char for char in same
            }
            known = self._reader.document_frequencies(words)
            frequent = sorted(known, key=lambda word: -known[word])
            for word in [word for word in frequent if known[word] >= MIN_SURE][:_MAX_TRIED]:
                if [token.text for token in self._analyzer.words(word)] != [word]:
                    continue
                count = max((len(self._holding([word, other])) for other in context), default=0)
                if count >= MIN_BESIDE:
                    span = left.start, right.end
                    found.append(_Correction(i, i + 1, words[word], span, Likeness.SAME, count))
        return found

    def _word(self, corrected: str, i: int, run: Sequence[Token]) -> Token | None:
        """Return the word of ``corrected`` at ``i``, if it cuts no word of the question in two."""
        first = run[0].start
        tokens = self._analyzer.words(corrected[first : run[-1].end])
        word = next(token for token in tokens if token.start <= i - first < token.end)
        word = Token(word.text, word.start + first, word.end + first)
        borders = {token.start for token in run} | {token.end for token in run}
        if word.text in STOP_WORDS or word.text in LIGHT_WORDS:
            return None
        return word if {word.start, word.end} <= borders else None

    def _latin(self, tokens: Iterable[Token]) -> Iterator[_Correction]:
        for token in tokens:
            word = token.text
            if len(word) < MIN_LATIN or not (word.isascii() and word.isalpha()):
                continue
            if self._reader.document_frequencies([word]):
                continue
            known = self._reader.document_frequencies(_slips(word))
            for other in sorted(known, key=lambda other: -known[other])[:_MAX_TRIED]:
                # A term may be a mere stem.
                whole = re.compile(rf"(?<![a-z]){other}(?![a-z])")
                count = sum(bool(whole.search(text)) for text in self._holding([other]))
                if count >= MIN_PASSAGES:
                    span = token.start, token.end
                    yield _Correction(*span, other, span, Likeness.SAME, count)
                    break

    def _holding(self, terms: Sequence[str]) -> list[str]:
        """Return folded texts of passages, with their titles, that hold all of ``terms``."""
        query = TermQuery(dict.fromkeys(terms, 1.0), must=frozenset(terms))
        scored = self._reader.search(query, _MAX_READ)
        articles = self._reader.articles({hit.article_id for hit in scored})
        passages = self._reader.passages([hit.passage_id for hit in scored])
        return self._analyzer.fold_each(
            [f"{articles[p.article_id].title}\n{p.heading}\n{p.text}" for p in passages]
        )


def _runs(folded: str, tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the Han words of a question in stretches without function words and numbers."""
    counted = [(number.start, number.end) for number in numbers(folded)]
    run: list[Token] = []
    for token in tokens:
        is_part = (
            is_han(token.text)
            and token.text not in STOP_WORDS
            and token.text not in LIGHT_WORDS
            and not any(start < token.end and token.start < end for start, end in counted)
        )
        if run and not (is_part and token.start == run[-1].end):
            yield run
            run = []
        if is_part:
            run.append(token)
    if run:
        yield run


def _pairs(i: int, run: tuple[int, int]) -> list[int]:
    """Return the starts of the pairs within ``run`` that hold the character ``i``."""
    return [start for start in (i - 1, i) if run[0] <= start and start + 2 <= run[1]]


def _verified(
    corrected: str,
    i: int,
    run: Sequence[Token],
    word: Token,
    likeness: Likeness,
    texts: Sequence[str],
) -> Iterator[_Correction]:
    """Yield the correction with the longest phrase around ``i`` that ``texts`` hold, if any is."""
    first, end = run[0].start, run[-1].end
    for length in range(end - first, MIN_PHRASE - 1, -1):
        for start in range(max(first, i - length + 1), min(i, end - length) + 1):
            span = start, start + length
            phrase = corrected[start : span[1]]
            count = sum(phrase in text for text in texts)
            if not (start <= word.start and word.end <= span[1]) or _NUMERALS & set(phrase):
                continue
            is_attached = len(word.text) == 1 and not _is_name(span, run)
            if is_attached and not (i == span[1] - 1 and _is_whole(phrase, texts)):
                continue
            if count >= (MIN_SURE if is_attached or likeness is Likeness.CLOSE else MIN_PASSAGES):
                yield _Correction(i, i + 1, corrected[i], span, likeness, count)
                return


def _is_name(span: tuple[int, int], run: Sequence[Token]) -> bool:
    """Return whether the dictionary knows no word in ``span``, as in that of many names."""
    inside = [token for token in run if span[0] < token.end and token.start < span[1]]
    return all(len(token.text) == 1 for token in inside)


def _is_whole(phrase: str, texts: Sequence[str]) -> bool:
    """Return whether different characters follow ``phrase``: it does not end inside a word."""
    following = Counter(
        text[match.end() : match.end() + 1]
        for text in texts
        for match in re.finditer(re.escape(phrase), text)
    )
    return max(following.values(), default=0) <= following.total() / 2


def _pairs_of(text: str) -> list[str]:
    return [text[i : i + 2] for i in range(len(text) - 1)]


def _order(correction: _Correction) -> tuple[int, int, int]:
    start, end = correction.phrase
    return end - start, -correction.likeness, correction.passages


def _better(one: _Correction | None, other: _Correction | None) -> _Correction | None:
    return max((c for c in (one, other) if c), key=_order, default=None)


def _surest(found: Sequence[_Correction]) -> _Correction | None:
    """Return the best of ``found`` for one position, unless the next one is as good."""
    ordered = sorted({c.text: c for c in found}.values(), key=_order, reverse=True)
    if len(ordered) > 1:
        best, second = ordered[:2]
        if _order(best)[:2] == _order(second)[:2] and best.passages < _SURELY * second.passages:
            return None
    return ordered[0] if ordered else None


def _slips(word: str) -> set[str]:
    """Return the words at a Damerau-Levenshtein distance of 1 from ``word``, same first letter."""
    parts = [(word[:i], word[i:]) for i in range(1, len(word) + 1)]
    slips = {a + b[1:] for a, b in parts if b}
    slips |= {a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1}
    slips |= {a + char + b[1:] for a, b in parts if b for char in ascii_lowercase}
    slips |= {a + char + b for a, b in parts for char in ascii_lowercase}
    return slips - {word}


@cache
def _to_traditional() -> opencc.OpenCC:
    return to_region("s2tw")


def _as_typed(text: str, typed: str, folded: str, start: int) -> str:
    """Return ``text``, which replaces what is at ``start``, in the script and case of ``typed``."""
    if text.isascii():
        return text.capitalize() if typed[start].isupper() else text
    return text if typed.casefold() == folded else _to_traditional().convert(text)

"""Extracts the key terms of a text by tf-idf."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.analysis.analyzer import Analyzer, is_han
from corpus.engine import IndexReader
from corpus.model import Token
from corpus.search.query import STOP_WORDS

MAX_TEXT_CHARS = 4_000
"""The rest of a longer text is ignored."""
_MIN_ADJACENT = 3  # passages
_MIN_SHARE_OF_RARER = 0.4
_MIN_SHARE_OF_COMMONER = 0.1
"""Two words form one name if they are adjacent in this many passages, and in these shares of the
passages that hold the rarer and the commoner word. The last does not apply to a single character
before a word: it may be a surname, which precedes many words."""
_MAX_NAME_CHARS = 12
_MAX_PERSON_CHARS = 3  # of a name written in single characters
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")


@dataclass(frozen=True, slots=True)
class _Term:
    """One word, or several words that form a name."""

    typed: str
    folded: str
    passages: int
    """Upper bound of the number of passages that hold it."""


def key_terms(
    text: str, limit: int, reader: IndexReader, analyzer: Analyzer, *, min_passages: int = 1
) -> tuple[str, ...]:
    """Return the key terms of ``text`` by tf-idf, as typed, best first.

    Words that are mostly adjacent form one term. Blocks for some milliseconds: call it from a
    thread.

    Args:
        text: any text.
        limit: how many to return at most.
        reader: of the index that gives the idf.
        analyzer: that made the index.
        min_passages: a term in fewer passages is left out.
    """
    text = _ADDRESS.sub(" ", text[:MAX_TEXT_CHARS])
    tokens = [token for token in analyzer.words(text) if token.text not in STOP_WORDS]
    bigrams = {_bigram(left, right) for left, right in _adjacent(tokens)}
    passages = reader.document_frequencies({token.text for token in tokens} | bigrams)
    first: dict[str, _Term] = {}
    counts: dict[str, int] = {}
    for name in _names(tokens, passages):
        term = _term(name, text, passages)
        if len(term.folded) > 1 and term.passages >= min_passages:
            first.setdefault(term.folded, term)
            counts[term.folded] = counts.get(term.folded, 0) + 1
    size = reader.statistics.passages

    def weight(term: _Term) -> float:
        return (1 + math.log(counts[term.folded])) * math.log(1 + size / term.passages)

    best: list[_Term] = []
    for term in sorted(first.values(), key=weight, reverse=True):
        if len(best) == limit:
            break
        if not any(term.folded in better.folded for better in best):
            best.append(term)
    return tuple(term.typed for term in best)


def _adjacent(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """Yield each pair of adjacent Han words."""
    for left, right in pairwise(tokens):
        if left.end == right.start and is_han(left.text) and is_han(right.text):
            yield left, right


def _bigram(left: Token, right: Token) -> str:
    """Return the bigram across the boundary of two words: a term of the index."""
    return left.text[-1] + right.text[0]


def _names(tokens: Sequence[Token], passages: Mapping[str, int]) -> list[list[Token]]:
    """Group the words into names: words that are seldom apart in the archive."""
    joined = {right for left, right in _adjacent(tokens) if _is_joined(left, right, passages)}
    names: list[list[Token]] = []
    for token in tokens:
        if token in joined and _has_room(names[-1], token):
            names[-1].append(token)
        else:
            names.append([token])
    return names


def _has_room(name: Sequence[Token], token: Token) -> bool:
    if all(len(word.text) == 1 for word in (*name, token)):
        return len(name) < _MAX_PERSON_CHARS
    return token.end - name[0].start <= _MAX_NAME_CHARS


def _is_joined(left: Token, right: Token, passages: Mapping[str, int]) -> bool:
    if any(len(word.text) > 1 and word.text not in passages for word in (left, right)):
        return False  # else the name, which no passage holds, would hide the other word
    adjacent = passages.get(_bigram(left, right), 0)
    rarer, commoner = sorted(passages.get(word.text, 0) for word in (left, right))
    return adjacent >= max(_MIN_ADJACENT, _MIN_SHARE_OF_RARER * rarer) and (
        adjacent >= _MIN_SHARE_OF_COMMONER * commoner or len(left.text) == 1
    )


def _term(name: Sequence[Token], text: str, passages: Mapping[str, int]) -> _Term:
    bigrams = [_bigram(left, right) for left, right in pairwise(name)]
    # A single character may be part of names only, and never a word of the archive.
    words = [word.text for word in name if len(word.text) > 1 or len(name) == 1]
    typed = "".join(char for char in text[name[0].start : name[-1].end] if char.isprintable())
    return _Term(
        typed,
        "".join(word.text for word in name),
        min(passages.get(term, 0) for term in (*words, *bigrams)),
    )

"""A text -> the words in it that tell most, by how rare they are in the archive."""

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
"""Characters that are looked at."""
_MIN_TOGETHER = 3
_OF_RARER = 0.4
_OF_COMMONER = 0.1
"""Two words are one name where they touch in so many passages, and in so large a share of those
that hold the one and the other. A single character before a word may be a surname, which stands
before many."""
_MAX_NAME_CHARS = 12  # characters
_MAX_SPELLED = 3  # single characters in a row: the name of a person
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")


@dataclass(frozen=True, slots=True)
class _Term:
    """One word, or several that are one name."""

    typed: str
    folded: str
    passages: int
    """That hold it, at most."""


def key_terms(
    text: str, limit: int, reader: IndexReader, analyzer: Analyzer, *, min_passages: int = 1
) -> tuple[str, ...]:
    """Return the words of ``text``, as typed, that tell most of it (tf-idf), best first.

    Words that mostly stand together are one name. Blocks for some milliseconds: call it from a
    thread.

    Args:
        text: anything.
        limit: how many to return at most.
        reader: where rare words tell more than frequent ones.
        analyzer: the one the index was made with.
        min_passages: that must hold a word; others are left out.
    """
    text = _ADDRESS.sub(" ", text[:MAX_TEXT_CHARS])
    tokens = [token for token in analyzer.words(text) if token.text not in STOP_WORDS]
    pairs = {_pair(left, right) for left, right in _neighbours(tokens)}
    passages = reader.document_frequencies({token.text for token in tokens} | pairs)
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

    chosen: list[_Term] = []
    for term in sorted(first.values(), key=weight, reverse=True):
        if len(chosen) == limit:
            break
        if not any(term.folded in other.folded for other in chosen):
            chosen.append(term)
    return tuple(term.typed for term in chosen)


def _neighbours(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """Give each two Han words that touch."""
    for one, other in pairwise(tokens):
        if one.end == other.start and is_han(one.text) and is_han(other.text):
            yield one, other


def _pair(one: Token, other: Token) -> str:
    """Return the characters on either side of where two words touch: a term of the index."""
    return one.text[-1] + other.text[0]


def _names(tokens: Sequence[Token], passages: Mapping[str, int]) -> list[list[Token]]:
    """Gather words into names: those that seldom stand in the archive without each other."""
    sticky = {other for one, other in _neighbours(tokens) if _is_sticky(one, other, passages)}
    names: list[list[Token]] = []
    for token in tokens:
        if token in sticky and _has_room(names[-1], token):
            names[-1].append(token)
        else:
            names.append([token])
    return names


def _has_room(name: Sequence[Token], token: Token) -> bool:
    is_spelled = len(token.text) == 1 and all(len(one.text) == 1 for one in name)
    if is_spelled:
        return len(name) < _MAX_SPELLED
    return token.end - name[0].start <= _MAX_NAME_CHARS


def _is_sticky(one: Token, other: Token, passages: Mapping[str, int]) -> bool:
    if any(len(word.text) > 1 and word.text not in passages for word in (one, other)):
        return False  # else what no passage holds would take the other word out with it
    together = passages.get(_pair(one, other), 0)
    rarer, commoner = sorted(passages.get(word.text, 0) for word in (one, other))
    return together >= max(_MIN_TOGETHER, _OF_RARER * rarer) and (
        together >= _OF_COMMONER * commoner or len(one.text) == 1
    )


def _term(name: Sequence[Token], text: str, passages: Mapping[str, int]) -> _Term:
    pairs = [_pair(one, other) for one, other in pairwise(name)]
    # A single character may never be a word of its own in the archive, only part of a name.
    words = [one.text for one in name if len(one.text) > 1 or len(name) == 1]
    typed = "".join(char for char in text[name[0].start : name[-1].end] if char.isprintable())
    return _Term(
        typed,
        "".join(one.text for one in name),
        min(passages.get(term, 0) for term in (*words, *pairs)),
    )

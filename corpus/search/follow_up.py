"""Which terms of an earlier question does a question need that goes on from it (pure)?

那後來呢？ and "What about 2020?" say nothing by themselves; 高鐵是哪一年通車的？ says it all. So
terms are added only to a question that leaves its topic unsaid: one without a word that tells of
anything, a short one, and one that points back by a pronoun or a connective.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime

from corpus.analysis.analyzer import Analyzer
from corpus.model import Token
from corpus.search.conditions import dates, holds_address
from corpus.search.query import LIGHT_WORDS, STOP_WORDS, split_operators, variant
from corpus.search.talk import Talk, talk, without_markup

MAX_ADDED = 6
"""Terms; the rarest are taken."""
SHORT = 1
"""A question of so many telling words leaves its topic unsaid: 什麼時候登陸？"""
MAX_POINTING = 3
"""A question of more telling words says what it is about, even with a pronoun or a connective."""

# Folded.
_PRONOUNS = frozenset(
    """
    它 他 她 它们 他们 她们 牠 牠们 祂 这 这个 那个 这些 那些 这件 那件 这次 那次 这位 那位 这样
    那样 此 此事 此人 该 其 其中 当时 那年 那天 那时 那里 这里 前者 后者
    it its he she him his her hers they them their theirs
    """.split()
)
_CONNECTIVES = frozenset(
    """
    那 那么 所以 但 但是 可是 不过 然后 后来 接着 接下来 之后 还有 另外 咁 噉
    and but so then or also
    """.split()
)
_ELLIPSIS = re.compile(
    r"呢\W*\Z|\A\W*(?:and\s|but\s|so\s)?(?:what|how)(?:'s|\sis)?\s(?:about|else)\b"
)
_THAT = re.compile(
    r"\b(?:about|of|on|after|before|from|with|since|by)\s(?:this|that|these|those|then)\b"
    r"|\b(?:this|that|these|those)\W*\Z|\A\W*(?:this|that|these|those)\b"
)
_MIN_NAME_CHARS = 3
"""A word that long before a pronoun may be the name that it stands for."""


def added_terms(
    question: str,
    earlier: str,
    analyzer: Analyzer,
    frequencies: Callable[[Collection[str]], Mapping[str, int]],
    *,
    today: date | None = None,
) -> tuple[str, ...]:
    """Return what ``question`` leaves unsaid of ``earlier``, as typed there and in its order.

    Nothing is returned where it is a full question by itself, or no question at all.

    Args:
        question: as typed.
        earlier: the question before it, as typed.
        analyzer: the one the index was made with.
        frequencies: tells in how many passages each of some words is that occur.
        today: in UTC, from which relative dates count; default: now.
    """
    today = today or datetime.now(UTC).date()
    said = without_markup(question)
    folded = analyzer.fold(said)
    own = _telling(said, analyzer, today)
    kind = talk(folded)
    if kind not in {None, Talk.FOLLOW_UP} or _insists(said):
        return ()
    refers = kind is Talk.FOLLOW_UP or _refers(folded, analyzer)
    # A single character counts or measures as often as it names: 停電的有多少戶？
    size = sum(len(token.text) > 1 for token in own)
    if size > (MAX_POINTING if refers or _goes_on(folded, analyzer) else SHORT):
        return ()
    spans = _telling(earlier, analyzer, today)
    passages = frequencies({token.text for token in spans} | {token.text for token in own})
    mine = {token.text for token in own}
    # A word that both have, and no pronoun, names the topic anew; what the earlier question has of
    # it more exactly still belongs to it.
    shared = [passages.get(token.text, 0) for token in spans if token.text in mine]
    limit = None if refers else min(shared, default=None)
    lacking = [
        token
        for token in spans
        if passages.get(token.text, 0) > 0 and token.text not in mine
        if limit is None or passages[token.text] < limit
    ]
    rarest = sorted(lacking, key=lambda token: passages[token.text])[:MAX_ADDED]
    found = [(token.start, token.end) for token in rarest]
    if not dates(folded, today):
        found += _times(earlier, analyzer, today)
    return _typed(earlier, found)


def joined(question: str, added: Sequence[str]) -> str:
    """Return the question with the terms that it goes on from."""
    return " ".join((*added, question))


def _telling(text: str, analyzer: Analyzer, today: date) -> list[Token]:
    """Return the words that tell what ``text`` is about, the first of each; no dates."""
    words = set(variant(text, analyzer, today).words) - STOP_WORDS - LIGHT_WORDS
    tokens: dict[str, Token] = {}
    for token in analyzer.words(text):
        if token.text in words:
            tokens.setdefault(token.text, token)
    return list(tokens.values())


def _insists(text: str) -> bool:
    """Return whether a question has operators or an address: it is meant as it stands."""
    asked = split_operators(text)
    return bool(asked.required or asked.excluded) or holds_address(text)


def _goes_on(folded: str, analyzer: Analyzer) -> bool:
    """Return whether a text begins or ends as what goes on with a conversation does."""
    tokens = analyzer.words(folded)
    return bool(_ELLIPSIS.search(folded) or (tokens and tokens[0].text in _CONNECTIVES))


def _refers(folded: str, analyzer: Analyzer) -> bool:
    """Return whether a pronoun stands for something that the text itself does not name."""
    if _THAT.search(folded):
        return True
    for token in analyzer.words(folded):
        if token.text in _PRONOUNS:
            return True
        if len(token.text) >= _MIN_NAME_CHARS and token.text not in STOP_WORDS:
            return False
    return False


def _times(text: str, analyzer: Analyzer, today: date) -> list[tuple[int, int]]:
    """Return the spans of the dates in ``text``."""
    folded = analyzer.fold(text)
    if len(folded) != len(text):
        return []  # offsets would not hold
    return [(found.start, found.end) for found in dates(folded, today)]


def _typed(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """Return the spans of ``text`` as typed; those that touch are one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    pieces = (
        "".join(char for char in text[start:end] if char.isprintable()) for start, end in merged
    )
    return tuple(dict.fromkeys(filter(None, pieces)))

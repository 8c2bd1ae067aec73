"""A question -> what to look for: its terms without the words that only make it a question."""

import calendar
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date

from corpus.analyzer import Analyzer, bigrams, is_han
from corpus.errors import QueryError
from corpus.model import Filters, Query, Token

WORD_WEIGHT = 2.0
BIGRAM_WEIGHT = 1.0
"""A word says more than two characters that happen to follow each other."""

# Folded, as the analyzer gives them.
FUNCTION_WORDS = frozenset(
    # asking
    "什么 甚么 为什么 为甚么 为何 谁 哪 哪个 哪些 哪里 哪儿 哪一 哪一个 哪一些 哪位 哪种 哪年 哪天"
    " 何 何时 何地 何处 何人 何种 何事 何故 何谓 多少 几 几个 多久 怎么 怎样 怎么样 如何 怎"
    " 是否 能否 可否 有没有 是不是 会不会 能不能 吗 呢 么 嘛 吧 啊 请问 请 想 知道 告诉 是谁 是什么"
    " 有何 有谁 有哪些 有多少 什么样 什么时候 甚么时候 几时 多大 多高 多长 多远 多深 多重 多快"
    # particles, pronouns, prepositions
    " 的 地 得 了 着 过 是 在 有 和 与 及 或 也 都 就 被 把 对 于 以 而 之 其 这 那 这个 那个"
    " 为 由 从 到 向 给 让 用 所 因 但 则 并 且 我 你 他 她 它 我们 你们 他们 会 能 要 可以 以及"
    # the same in English
    " what which who whom whose when where why how many much is are was were be been do does did"
    " the a an of in on at to for from by with and or as it its this that there have".split()
)


def parse(question: str, analyzer: Analyzer) -> Query:
    """Return the terms of ``question``; none at all where it holds no word.

    A question of nothing but function words ("是誰") is about these.
    """
    tokens = analyzer.words(question)
    telling = [token for token in tokens if token.text not in FUNCTION_WORDS] or tokens
    words = Counter(token.text for token in telling)
    terms = Counter({word: WORD_WEIGHT * count for word, count in words.items()})
    for run in _adjacent(telling):
        terms.update({pair: BIGRAM_WEIGHT * n for pair, n in Counter(bigrams(run)).items()})
    return Query(frozenset(words), dict(terms))


def _adjacent(tokens: Sequence[Token]) -> list[list[str]]:
    """Return the Han words of ``tokens`` in stretches without anything between them."""
    stretches: list[list[str]] = []
    end = -1
    for token in tokens:
        if not is_han(token.text):
            continue
        if token.start != end:
            stretches.append([])
        stretches[-1].append(token.text)
        end = token.end
    return stretches


def normalise(filters: Filters, analyzer: Analyzer) -> Filters:
    """Return ``filters`` with texts folded and dates as whole days; blank ones are dropped.

    Raises:
        QueryError: a date that is none, or a range that ends before it begins.
    """
    after = _day(filters.after, last=False)
    before = _day(filters.before, last=True)
    if after and before and after > before:
        raise QueryError(f"The dates leave nothing: {after} comes after {before}.")
    return replace(
        filters,
        source=_fold(filters.source, analyzer),
        author=_fold(filters.author, analyzer),
        tag=_fold(filters.tag, analyzer),
        after=after,
        before=before,
    )


def _fold(text: str | None, analyzer: Analyzer) -> str | None:
    return (analyzer.fold(text).strip() or None) if text else None


def _day(text: str | None, *, last: bool) -> str | None:
    """Return the first or last day of a year, month or day as written."""
    if text is None or not text.strip():
        return None
    match = re.fullmatch(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?", text.strip(), re.ASCII)
    if match:
        year, month, day = (int(part or 0) for part in match.groups())
        month = month or (12 if last else 1)
        # Out of a calendar's range, these raise as an impossible day does.
        with suppress(ValueError):
            day = day or (calendar.monthrange(year, month)[1] if last else 1)
            return date(year, month, day).isoformat()
    raise QueryError(f"“{text.strip()[:40]}” is not a date: write 2021, 2021-01 or 2021-01-06.")

"""A question -> a `Query`: its words without stop words, its operators, other wordings of it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from corpus.analysis.analyzer import Analyzer, bigrams, is_han
from corpus.model import Query, QueryVariant, Token

WORD_WEIGHT = 2.0
BIGRAM_WEIGHT = 1.0
"""A word says more than two neighbouring characters."""
SYNONYM_WEIGHT = 0.5
"""Boost of a term that only another wording has, beside 1 for the typed ones."""

# Folded, as the analyzer gives them.
STOP_WORDS = frozenset(
    # asking
    "什么 甚么 为什么 为甚么 为何 谁 哪 哪个 哪些 哪里 哪儿 哪一 哪一个 哪一些 哪位 哪种 哪年 哪天"
    " 何 何时 何地 何处 何人 何种 何事 何故 何谓 多少 几 几个 多久 怎么 怎样 怎么样 如何 怎"
    " 是否 能否 可否 有没有 是不是 会不会 能不能 吗 呢 么 嘛 吧 啊 请问 请 想 知道 告诉 是谁 是什么"
    " 有何 有谁 有哪些 有多少 什么样 什么时候 甚么时候 几时 多大 多高 多长 多远 多深 多重 多快"
    " 哪一年 哪一天 哪一种 哪一位 几年 几月 几号 几点 几天 几次 几位 几种 几岁 几人 怎么办 怎么回事"
    " 大概 大约 究竟 到底 应该 该"
    # particles, pronouns, prepositions
    " 的 地 得 了 着 过 是 在 有 和 与 及 或 也 都 就 被 把 对 于 以 而 之 其 这 那 这个 那个 个"
    " 多 为 由 从 到 向 给 让 用 所 因 但 则 并 且 我 你 他 她 它 我们 你们 他们 会 能 要 可以 以及"
    # the same in English
    " what which who whom whose when where why how many much is are was were be been do does did"
    " the a an of in on at to for from by with and or as it its this that there have".split()
)

_QUOTED = re.compile(
    r"""(?P<sign>(?:(?<=\s)|^)[-+－＋])?
        (?: "(?P<straight>[^"]+)" | ＂(?P<wide>[^＂]+)＂ | [“”„](?P<curly>[^“”„]+)[“”]
          | 「(?P<corner>[^「」]+)」 | 『(?P<white>[^『』]+)』 )""",
    re.VERBOSE,
)
_SIGNED = re.compile(r"(?:(?<=\s)|^)(?P<sign>[-+－＋])(?P<word>[^\s+\-－＋]\S*)")


@dataclass(frozen=True, slots=True)
class Operators:
    """A question taken apart, still as typed."""

    text: str
    """What is asked, without signs, quotation marks and exclusions."""
    required: tuple[str, ...]
    """Quoted phrases and ``+`` words: a hit holds each of them in one piece."""
    excluded: tuple[str, ...]


def split_operators(question: str) -> Operators:
    """Split ``question`` into what it asks and what it insists on.

    ``"…"``, ``“…”``, ``「…」`` and ``『…』`` quote a phrase, ``+word`` must and ``-word`` must not
    occur; signs and marks may be full width. Anything else is plain text.
    """
    required: list[str] = []
    excluded: list[str] = []

    def take(sign: str | None, phrase: str) -> str:
        meaningful = any(unicodedata.category(char)[0] in "LN" for char in phrase)
        if sign in {"-", "－"} and meaningful:
            excluded.append(phrase)
            return " "
        if meaningful:
            required.append(phrase)
        return f" {phrase} "

    def take_quoted(match: re.Match[str]) -> str:
        phrases = (value for name, value in match.groupdict().items() if name != "sign" and value)
        return take(match["sign"], next(phrases))

    text = _QUOTED.sub(take_quoted, question)
    text = _SIGNED.sub(lambda match: take(match["sign"], match["word"]), text)
    return Operators(" ".join(text.split()), tuple(required), tuple(excluded))


def parse(
    question: str, analyzer: Analyzer, expand: Callable[[str], Iterable[str]] = lambda _: ()
) -> Query:
    """Return what to look for; a query without terms where ``question`` holds no word.

    Args:
        question: as typed.
        analyzer: the one the index was made with.
        expand: gives for a folded text others that mean the same.
    """
    operators = split_operators(question)
    typed = variant(operators.text, analyzer)
    variants = (typed, *(variant(text, analyzer) for text in expand(typed.text)))
    terms = {
        term: SYNONYM_WEIGHT * weight for other in variants for term, weight in other.terms.items()
    }
    return Query(
        typed=question,
        variants=variants,
        terms=terms | typed.terms,
        words=frozenset(word for other in variants for word in other.words),
        required=tuple(analyzer.fold(phrase).strip() for phrase in operators.required),
        excluded=tuple(analyzer.fold(phrase).strip() for phrase in operators.excluded),
    )


def variant(text: str, analyzer: Analyzer) -> QueryVariant:
    """Return ``text`` as one wording of a question.

    A question of nothing but stop words ("是誰") keeps them.
    """
    tokens = analyzer.words(text)
    telling = [token for token in tokens if token.text not in STOP_WORDS] or tokens
    words = Counter(token.text for token in telling)
    terms = Counter({word: WORD_WEIGHT * count for word, count in words.items()})
    for run in _adjacent(telling):
        terms.update({pair: BIGRAM_WEIGHT * n for pair, n in Counter(bigrams(run)).items()})
    return QueryVariant(analyzer.fold(text), tuple(words), dict(terms))


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


def necessary_terms(phrase: str, analyzer: Analyzer) -> set[str]:
    """Return terms that every passage with ``phrase``, folded, in one piece holds.

    Two Han characters side by side are always a term of their passage: a word or a bigram.
    """
    bigrams_of_phrase = {phrase[i : i + 2] for i in range(len(phrase) - 1)}
    words = {token.text for token in analyzer.words(phrase)}
    return {pair for pair in bigrams_of_phrase if is_han(pair)} | {
        word for word in words if not is_han(word)
    }

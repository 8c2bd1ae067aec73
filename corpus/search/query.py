"""A question -> what to look for, in named steps: talk, operators, conditions, frame, terms (pure).

Each step takes something out of the question or says how much a part of it counts; ``explain``
tells in words what was read.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from corpus.analysis.analyzer import Analyzer, bigrams, is_han, non_han_terms
from corpus.analysis.numerals import Number, numbers
from corpus.model import Condition, Query, QueryVariant, Token
from corpus.search.conditions import Names, dates, named_authors, whole_name, without_addresses
from corpus.search.frames import clauses
from corpus.search.talk import talk, without_markup

WORD_WEIGHT = 2.0
BIGRAM_WEIGHT = 1.0
"""A word says more than two characters that happen to follow each other."""
SYNONYM_WEIGHT = 0.5
"""Of a term that only another wording has, beside the typed ones."""

# Shares of a word's weight.
TIME = 0.8
"""Of a date or a number: what happened tells more than when, and how many."""
RELATIVE_TIME = 0.3
"""Of 去年: an article of that year seldom says so."""
LIGHT = 0.5
"""Of words that say little by themselves."""
SINGLE = 0.7
"""Of a word of one Han character, which is part of many others."""
QUOTED = 1.25
"""Of what the question quotes."""
FORM_WEIGHT = 0.4
"""Of another form of a word: its stem, the parts of a compound."""

# Folded, as the analyzer gives them.
STOP_WORDS = frozenset(
    """
    什么 甚么 为什么 为甚么 为何 谁 哪 哪个 哪些 哪里 哪儿 哪一 哪一个 哪一些 哪位 哪种 哪年 哪天
    哪边 何 何时 何地 何处 何人 何种 何事 何故 何谓 多少 几 几个 多久 怎么 怎样 怎么样 如何 怎 咋
    啥 为啥 是否 能否 可否 有没有 是不是 会不会 能不能 吗 呢 么 嘛 吧 啊 呀 啦 喔 哦 请问 请 想
    知道 告诉 是谁 是什么 有何 有谁 有哪些 有多少 什么样 什么时候 甚么时候 几时 多大 多高 多长
    多远 多深 多重 多快 哪一年 哪一天 哪一种 哪一位 几年 几月 几号 几点 几天 几次 几位 几种 几岁
    几人 怎么办 怎么回事 大概 大约 究竟 到底 应该 该 的 地 得 了 着 过 是 在 有 和 与 及 或 也 都
    就 被 把 对 于 以 而 之 其 这 那 这个 那个 个 又 还 再 才 却 很 太 多 为 由 从 到 向 给 让 用
    所 因 但 则 并 且 我 你 他 她 它 您 我们 你们 他们 会 能 要 可以 以及 跟 这些 那些 这样 那样
    关于 有关 些 等 们 因为 所以 如果 而且 或者 还是 但是
    what which who whom whose when where why how much many is are was were be been being do does
    did the a an of in on at to for from by with and or as it its this that these those there
    have has had i you he she we they me him her us them my your his our their can could will
    would should may might must not no so if than then into about over under up out s t don't
    doesn't isn't
    """.split()
)
"""Says nothing of what is asked: question words, particles, pronouns, in two languages."""
LIGHT_WORDS = frozenset(
    """
    一个 一些 一下 一种 一样 一直 一次 一位 事情 事件 事 东西 情况 问题 时候 时间 地方 方面 原因
    办法 方法 意思 样子 人 人们 大家 别人 现在 目前 最近 后来 最后 当时 以前 之前 之后 以后 曾经
    已经 正在 今天 当年 那年 那次 这次 那天 这件 那件 第一 第二 觉得 认为 看 看待 看法 出 发生
    出现 进行 开始 成为 使用 需要 可能 真的 其实 竟然 居然 好像 似乎 只是 就是 特别 非常 文章
    作者 报道 报导 内容 文 篇 个人 本来 原本 主要 相关 具体 有人 那个人 这种 那种 怎么会 造成
    影响 好 大 小 新 一 两 三 找 讲 写 介绍 推荐 不 没 没有 上 下 里 中 去 来 做 说 叫 只 每 各
    某 此 最 自己 要不要 是因为
    people thing things way article author really actually just like get got make made know say
    said tell happen happened one two some any more most very also after before during since new
    use used
    """.split()
)
"""Says little: of time and quantity, of opinion, of any text at all."""
_NAMED_BY_DIGITS = re.compile(r"[一二三四五六七八九]{3}")

_MARKED = re.compile(
    r"""(?P<sign>(?:(?<=\s)|^)[-+－＋])?
        (?: (?<![\da-zA-Z])"(?P<straight>[^"]+)" | ＂(?P<wide>[^＂]+)＂
          | [“”„](?P<curly>[^“”„]+)[“”] | 「(?P<corner>[^「」]+)」 | 『(?P<white>[^『』]+)』 )""",
    re.VERBOSE,
)
_SIGNED = re.compile(r"(?:(?<=\s)|^)(?P<sign>[-+－＋])(?P<word>[^\s+\-－＋]\S*)")


@dataclass(frozen=True, slots=True)
class Operators:
    """A question taken apart, still as typed."""

    text: str
    """What is asked, without signs, quotation marks and exclusions."""
    required: tuple[str, ...] = ()
    """Phrases and words that a hit holds in one piece."""
    excluded: tuple[str, ...] = ()
    preferred: tuple[str, ...] = ()
    """Quotations that no operator makes a must: a title, a nickname, scare quotes."""
    quoted: tuple[str, ...] = ()
    """All quotations in ``text``."""


def split_operators(question: str) -> Operators:
    """Split ``question`` into what it asks and what it insists on.

    ``+word`` and ``+"…"`` must occur, ``-word`` and ``-"…"`` must not; signs and marks may be full
    width, and marks those of Chinese. A quotation without a sign is a must where the question is
    nothing else, or has operators; otherwise it is preferred. Anything else is plain text.
    """
    required: list[str] = []
    excluded: list[str] = []
    free: list[str] = []
    quoted: list[str] = []

    def take(sign: str | None, phrase: str) -> str:
        meaningful = any(unicodedata.category(char)[0] in "LN" for char in phrase)
        if sign in {"-", "－"} and meaningful:
            excluded.append(phrase)
            return " "
        if meaningful:
            (required if sign else free).append(phrase)
        return f" {phrase} "

    def take_marked(match: re.Match[str]) -> str:
        phrases = (value for name, value in match.groupdict().items() if name != "sign" and value)
        phrase = next(phrases)
        if match["sign"] not in {"-", "－"}:
            quoted.append(phrase)
        return take(match["sign"], phrase)

    beside = _SIGNED.sub(" ", _MARKED.sub(" ", question))
    text = _MARKED.sub(take_marked, question)
    text = _SIGNED.sub(lambda match: take(match["sign"], match["word"]), text)
    insists = bool(required or excluded) or not any(map(str.isalnum, beside))
    return Operators(
        " ".join(text.split()),
        tuple([*free, *required] if insists else required),
        tuple(excluded),
        () if insists else tuple(free),
        tuple(quoted),
    )


def _no_names(_kind: str, _name: str) -> None:
    """Know no name, as an archive without articles."""


def parse(
    question: str,
    analyzer: Analyzer,
    expand: Callable[[str], Iterable[str]] = lambda _: (),
    *,
    today: date | None = None,
    names: Names = _no_names,
) -> Query:
    """Return what to look for; a query without terms where ``question`` holds no word.

    Args:
        question: as typed.
        analyzer: the one the index was made with.
        expand: gives for a folded text others that mean the same.
        today: in UTC, from which relative dates count; default: now.
        names: what the archive calls its authors, sources and articles.
    """
    today = today or datetime.now(UTC).date()
    said = without_markup(question)
    kind = talk(analyzer.fold(said))
    asked = split_operators(said)
    text, addressed = without_addresses(asked.text, names)
    preferred = tuple(analyzer.fold(phrase).strip() for phrase in asked.preferred)
    quoted = [analyzer.fold(phrase).strip() for phrase in asked.quoted]
    read = _Read(analyzer.fold(text), today, quoted)
    typed = _variant(read, analyzer, preferred)
    variants = (typed, *(variant(other, analyzer, today) for other in expand(typed.text)))
    terms = {
        term: SYNONYM_WEIGHT * weight for other in variants for term, weight in other.terms.items()
    }
    named = whole_name(read.topic, names)
    return Query(
        typed=question,
        variants=variants,
        terms=terms | typed.terms,
        words=frozenset(word for other in variants for word in other.words),
        required=tuple(analyzer.fold(phrase).strip() for phrase in asked.required),
        excluded=tuple(analyzer.fold(phrase).strip() for phrase in asked.excluded),
        preferred=preferred,
        conditions=(
            *addressed,
            *([named] if named else _conditions(read, analyzer, names)),
        ),
        is_name=named is not None,
        talk=kind,
        dropped=tuple(part for clause in read.clauses for part in clause.dropped),
    )


def explain(query: Query) -> list[str]:
    """Return what was read in ``query``, a line for each step that found something."""
    lines: list[str] = []

    def tell(label: str, values: Iterable[str]) -> None:
        if shown := ", ".join(values):
            lines.append(f"{label}: {shown}")

    tell("no question, but talk", [query.talk] if query.talk else [])
    tell("must hold", (f"“{phrase}”" for phrase in query.required))
    tell("must not hold", (f"“{phrase}”" for phrase in query.excluded))
    tell("preferred in one piece", (f"“{phrase}”" for phrase in query.preferred))
    tell(
        "preferred",
        (
            f"{condition.kind} {condition.value or 'unknown to the archive'} (“{condition.text}”)"
            for condition in query.conditions
        ),
    )
    tell("frame left out", (f"“{part}”" for part in query.dropped))
    for label, variant in zip(
        ["topic", *["also as"] * len(query.variants)], query.variants, strict=False
    ):
        tell(label, [f"“{variant.text}”"] if variant.text else [])
    ordered = sorted(query.terms.items(), key=lambda item: -item[1])
    tell("terms and their weights", (f"{term} {weight:g}" for term, weight in ordered))
    return lines


class _Read:
    """A folded text with what its steps found."""

    def __init__(self, folded: str, today: date, quoted: Iterable[str] = ()) -> None:
        self.folded = folded
        self.clauses = clauses(folded)
        # The title of a book or a song may be a year.
        quotes = [span for phrase in quoted for span in _spans(phrase, folded)]
        self.times = [
            time
            for time in dates(folded, today)
            if not any(start < time.end and time.start < end for start, end in quotes)
        ]

    @property
    def topic(self) -> str:
        """The text without its frame."""
        return " ".join(self.folded[c.start : c.end] for c in self.clauses if c.weight)


def _conditions(read: _Read, analyzer: Analyzer, names: Names) -> Iterator[Condition]:
    """Return what a question asks of the articles themselves, addresses aside."""
    authors = named_authors(read.folded, analyzer.words(read.folded), names)
    for found in (*read.times, *authors):
        yield found.condition


def variant(text: str, analyzer: Analyzer, today: date | None = None) -> QueryVariant:
    """Return ``text`` with the words that tell what it is about.

    A question of nothing but function words ("是誰") is about these.
    """
    today = today or datetime.now(UTC).date()
    return _variant(_Read(analyzer.fold(text), today), analyzer)


def _variant(read: _Read, analyzer: Analyzer, preferred: Sequence[str] = ()) -> QueryVariant:
    tokens = list(_numbers_whole(read.folded, analyzer.words(read.folded)))
    counting = [t for t in tokens if any(c.start <= t.start < c.end for c in read.clauses)]
    telling = [t for t in counting if t.text not in STOP_WORDS] or counting or tokens
    weights = _weights(read, telling, preferred)
    terms: dict[str, float] = defaultdict(float)
    for token, weight in zip(telling, weights, strict=True):
        terms[token.text] += WORD_WEIGHT * weight
        if not is_han(token.text):
            for form in non_han_terms(token.text)[1:]:
                terms[form] += FORM_WEIGHT * WORD_WEIGHT * weight
    for stretch in _adjacent(telling, weights):
        shares = [weight for token, weight in stretch for _ in token.text]
        run = "".join(token.text for token, _ in stretch)
        pairs = Counter(bigrams([token.text for token, _ in stretch]))
        for i in range(len(run) - 1):
            if pairs[run[i : i + 2]] > 0:
                terms[run[i : i + 2]] += BIGRAM_WEIGHT * min(shares[i], shares[i + 1])
    timeless = [t for t in telling if not any(d.start <= t.start < d.end for d in read.times)]
    words = dict.fromkeys(token.text for token in timeless or telling)
    return QueryVariant(read.topic, tuple(words), dict(terms))


def _numbers_whole(folded: str, tokens: Sequence[Token]) -> Iterator[Token]:
    """Return ``tokens`` with one for each number, whatever the segmenter made of its numeral.

    Three digits in a row (九一一, 二二八) are as often a name as a number, and stay beside it. The
    number of a Latin name (mh-370) is part of it.
    """
    found = [number for number in numbers(folded) if not _is_in_name(number, tokens)]
    for number in found:
        yield Token(number.value, number.start, number.end)
    whole = [n for n in found if not _NAMED_BY_DIGITS.fullmatch(folded, n.start, n.end)]
    for token in tokens:
        start, end = token.start, token.end
        for number in whole:
            # 五十周年 may be one word: what is left of it stays.
            if number.start <= start < number.end:
                start = min(number.end, end)
            elif start < number.start < end:
                end = number.start
        if (start, end) == (token.start, token.end):
            yield token
        elif start < end:
            yield Token(token.text[start - token.start : end - token.start], start, end)


def _is_in_name(number: Number, tokens: Sequence[Token]) -> bool:
    return any(
        token.start <= number.start
        and number.end <= token.end
        and token.end - token.start > number.end - number.start
        and token.text[0].isascii()
        for token in tokens
    )


def _weights(read: _Read, tokens: Sequence[Token], preferred: Sequence[str]) -> list[float]:
    """Return how much each of ``tokens`` counts, as a share."""
    quotes = [span for phrase in preferred for span in _spans(phrase, read.folded)]
    weights: list[float] = []
    for token in tokens:
        weight = next((c.weight for c in read.clauses if c.start <= token.start < c.end), 1.0)
        time = next((t for t in read.times if t.start <= token.start < t.end), None)
        if time and time.is_relative:
            weight *= RELATIVE_TIME
        elif time or token.text.isdecimal():
            weight *= TIME
        if token.text in LIGHT_WORDS:
            weight *= LIGHT
        elif len(token.text) == 1 and is_han(token.text):
            weight *= SINGLE
        if any(start <= token.start < end for start, end in quotes):
            weight *= QUOTED
        weights.append(weight)
    return weights


def _spans(phrase: str, text: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in re.finditer(re.escape(phrase), text) if phrase)


def _adjacent(tokens: Sequence[Token], weights: Sequence[float]) -> list[list[tuple[Token, float]]]:
    """Return the Han words of ``tokens`` in stretches without anything between them."""
    stretches: list[list[tuple[Token, float]]] = []
    end = -1
    for token, weight in sorted(zip(tokens, weights, strict=True), key=lambda pair: pair[0].start):
        if not is_han(token.text):
            continue
        if token.start != end:
            stretches.append([])
        stretches[-1].append((token, weight))
        end = token.end
    return stretches


def necessary_terms(phrase: str, analyzer: Analyzer) -> set[str]:
    """Return terms that every passage with ``phrase``, folded, in one piece holds.

    Two Han characters side by side are always a term of their passage: a word or a bigram. A
    passage that parts them by a space or a middle dot lacks it.
    """
    pairs = {phrase[i : i + 2] for i in range(len(phrase) - 1)}
    others = {token.text for token in analyzer.words(phrase)}
    return {pair for pair in pairs if is_han(pair)} | {word for word in others if not is_han(word)}

"""An answer keeps Discord's limits whatever was found, and reads as designed."""

import re
from dataclasses import replace
from itertools import pairwise
from typing import Self

import pytest
from discord import ui
from hypothesis import given
from hypothesis import strategies as st

from bot.layout import MOST_COMPONENTS, MOST_TEXT, Reply, cut
from bot.markdown import units
from bot.render import answer, day
from bot.texts import Texts
from corpus.model import (
    Answer,
    Article,
    Filters,
    Hit,
    Notice,
    NoticeKind,
    Passage,
    SearchResult,
    Sort,
)
from tests.bot.openapi import check_request
from tests.bot.test_markdown import HOSTILE
from tests.e2e.loopback.limits import COMPONENTS_V2

TEXTS = Texts()
ZH = TEXTS.get("zh-TW")
NO_FILTERS = Filters()


def article(**changes: object) -> Article:
    fields: dict[str, object] = {
        "id": 1,
        "path": "a.md",
        "title": "標題",
        "date": "2021-01-06",
        "author": "林",
        "source": "中央社",
        "url": "https://example.org/a",
    }
    return Article(**{**fields, **changes})  # type: ignore[arg-type]


def hit(rank: int, text: str, **changes: object) -> Hit:
    fields: dict[str, object] = {
        "rank": rank,
        "score": 1.0,
        "article": article(),
        "passage": Passage(rank, 1, 0, text),
        "highlights": (),
        "answer": None,
    }
    return Hit(**{**fields, **changes})  # type: ignore[arg-type]


def result(*hits: Hit, total: int | None = None, question: str = "問題") -> SearchResult:
    return SearchResult(question, len(hits) if total is None else total, 5.0, hits)


class Repeated(str):
    """A long text that is short to print when a test fails."""

    __slots__ = ("_how",)

    def __new__(cls, piece: str, times: int) -> Self:
        made = super().__new__(cls, piece * times)
        made._how = f"{piece!r} * {times}"
        return made

    def __repr__(self) -> str:
        return self._how


LONG = st.builds(Repeated, HOSTILE, st.sampled_from([1, 1, 3, 50, 400]))


@st.composite
def hits(draw: st.DrawFn) -> tuple[Hit, ...]:
    """Draw a few kinds of hits, and as many hits of these."""
    kinds: list[Hit] = []
    for _ in range(draw(st.integers(1, 3))):
        text = draw(LONG)
        cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=20)))
        spans = tuple(pairwise(cuts))[::2]
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        urls = st.builds(Repeated, HOSTILE.map("https://example.org/".__add__), st.just(1))
        found = article(
            title=draw(LONG),
            author=draw(LONG),
            source=draw(LONG),
            date=draw(st.none() | st.sampled_from(["2021-01-06", "x"]) | HOSTILE),
            url=draw(st.none() | urls | HOSTILE),
        )
        answers = draw(st.none() | st.just(Answer("", start, end)))
        copies = (article(),) * draw(st.integers(0, 3))
        kinds.append(
            hit(1, text, article=found, highlights=spans, answer=answers, duplicates=copies)
        )
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=12))
    return tuple(replace(one, rank=rank) for rank, one in enumerate(chosen, 1))


@given(hits(), LONG, st.builds(Filters, *[st.none() | LONG] * 5), st.sampled_from(Sort))
def test_any_hits_become_a_message_within_the_limits(
    found: tuple[Hit, ...], question: str, filters: Filters, sort: Sort
) -> None:
    for locale in ("zh-TW", "zh-CN", "en-US"):
        reply = answer(result(*found, question=question), filters, sort, TEXTS.get(locale))
        check_limits(reply)
        # The best hit is always there.
        assert any(text.startswith("### 1 · ") for text in reply.texts())
        for text in reply.texts():
            assert not re.search(r"@(?:everyone|here|[!&]?\d)", text)
            for target in re.findall(r"(?<!\\)\]\(([^)]*)\)", text):
                assert target.startswith(("http://", "https://"))


def check_limits(reply: Reply) -> None:
    components = list(reply.walk_children())
    message = {"flags": COMPONENTS_V2, "components": reply.to_components()}
    assert len(components) <= MOST_COMPONENTS
    assert sum(units(text) for text in reply.texts()) <= MOST_TEXT
    assert all(text.strip() for text in reply.texts())
    check_request("POST", "/channels/1/messages", message)
    # No separator stands first, last or beside another.
    kinds = [type(one) for one in reply.frame.children]
    assert kinds == [ui.TextDisplay, *[ui.Separator, ui.TextDisplay] * (len(kinds) // 2)]


def test_an_answer_reads_as_designed() -> None:
    text = "前一句話。颱風在海上形成。後一句話。"
    found = [
        hit(
            1,
            text,
            highlights=((5, 7), (10, 12)),
            answer=Answer(text[5:13], 5, 13),
            article=article(date="2019-04-29T08:00:00+08:00"),
        ),
        hit(2, "短的。", article=article(url=None, author="中央社"), duplicates=(article(),) * 2),
    ]
    reply = answer(result(*found, total=7), Filters(source="中央社"), Sort.NEWEST, ZH)
    assert reply.texts() == (
        "**問題**\n-# 來源：中央社 · 最新的在前",
        (
            "### 1 · [標題](https://example.org/a)\n-# 中央社 · 林 · <t:1556496000:D>\n"
            "> 前一句話。__**颱風**在海上**形成**。__後一句話。"
        ),
        "2 · 標題\n-# 中央社 · 2021年1月6日 · 沒有原文連結 · 另有 2 篇文章刊出同一段\n> 短的。",
        "-# 找到 7 段，列出 2 段",
    )


def test_a_total_at_the_librarys_limit_is_said_to_be_more() -> None:
    reply = answer(result(hit(1, "字"), total=200), NO_FILTERS, Sort.RELEVANCE, ZH)
    assert reply.texts()[-1] == "-# 找到 200 段以上，列出 1 段"


def test_where_the_heads_take_all_the_room_fewer_hits_are_shown() -> None:
    url = "https://example.org/" + "a" * 480
    found = [hit(rank, "字" * 500, article=article(url=url)) for rank in range(1, 11)]
    reply = answer(result(*found), NO_FILTERS, Sort.RELEVANCE, ZH)
    shown = [text for text in reply.texts() if " · [" in text]
    assert 3 <= len(shown) < 10
    assert all(text.count("字") >= 60 for text in shown)
    assert reply.texts()[-1] == f"-# 找到 10 段，列出 {len(shown)} 段"


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (NoticeKind.EMPTY_QUESTION, "問題裡沒有可以搜尋的字詞"),
        (NoticeKind.NO_MATCH, "檔案庫裡沒有相關的內容"),
        (NoticeKind.FILTERED_OUT, "不符合你設定的條件"),
        (NoticeKind.PHRASE_NOT_FOUND, "沒有任何段落一字不差地符合你指定的字句"),
    ],
)
def test_nothing_found_says_why_and_what_there_is(kind: NoticeKind, sentence: str) -> None:
    notice = Notice(kind, "2014-02-01", "2025-12-31", ("中央社", "*報*"))
    nothing = SearchResult("？", 0, 1.0, (), notice=notice)
    reply = answer(nothing, NO_FILTERS, Sort.RELEVANCE, ZH)
    check_limits(reply)
    last = reply.texts()[-1]
    assert sentence in last
    assert "檔案庫收錄 2014年2月1日至 2025年12月31日的文章。" in last
    assert "來源：中央社、\\*報\\*" in last


def test_an_empty_archive_has_no_dates_to_tell() -> None:
    notice = Notice(NoticeKind.NO_MATCH, None, None)
    nothing = SearchResult(" ", 0, 1.0, (), notice=notice)
    reply = answer(nothing, NO_FILTERS, Sort.RELEVANCE, TEXTS.get("en-US"))
    assert reply.texts() == ("The archive has nothing on this. Try other words, or fewer.",)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2021-01-06", "2021年1月6日"),
        ("2021-01-06T23:00:00-05:00", "<t:1609992000:D>"),
        ("2021-01-06T23:00:00Z", "<t:1609974000:D>"),
        ("2021-01-06 23:00:00", "2021年1月6日"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00\\:00\\:00+14:00"),
        ("soon *", "soon \\*"),
    ],
)
def test_only_a_moment_becomes_a_timestamp(written: str, shown: str) -> None:
    assert day(written, ZH) == shown


def test_a_cut_block_keeps_whole_lines() -> None:
    assert cut("**a**\n**b**\n**c**", 12) == "**a**\n**b**"
    assert cut("**a**", 3) == ""

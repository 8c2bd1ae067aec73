"""An answer keeps Discord's limits whatever was found, and reads as designed."""

import re
from dataclasses import replace
from itertools import pairwise
from typing import Self

import pytest
from discord import ui
from hypothesis import given
from hypothesis import strategies as st

from bot.localization import Texts
from bot.messages.answer import answer, context, day, nothing
from bot.messages.layout import MAX_COMPONENTS, MAX_TEXT_UNITS, Reply, cut
from bot.messages.markdown import units
from bot.services.answers import Page
from bot.state.answers import AskRequest, StoredAnswer
from bot.views.answer import (
    MAX_LABEL_CHARS,
    AnswerControls,
    ContextButton,
    Focus,
    PageButton,
    context_row,
)
from bot.views.component import Component
from corpus.model import (
    Answer,
    Article,
    Filters,
    Hit,
    Notice,
    NoticeKind,
    Paragraph,
    Passage,
    SearchResult,
    Sort,
)
from tests.bot.messages.test_markdown import HOSTILE
from tests.bot.openapi import check_request
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
    return tuple(replace(drawn, rank=rank) for rank, drawn in enumerate(chosen, 1))


@given(
    hits(),
    LONG,
    st.builds(Filters, *[st.none() | LONG] * 5, st.lists(LONG, max_size=4).map(tuple)),
    st.sampled_from(Sort),
)
def test_any_hits_become_a_message_within_the_limits(
    found: tuple[Hit, ...], question: str, filters: Filters, sort: Sort
) -> None:
    for locale in ("zh-TW", "zh-CN", "en-US"):
        t = TEXTS.get(locale)
        controls = controls_of(len(found), Page(sort, 3), shared=locale == "zh-TW")
        shown = result(*found, question=question, total=150)
        shown = replace(shown, searched=(question or "x",) * 9)
        reply = answer(shown, filters, t, sort=sort, offset=3, controls=controls)
        check_limits(reply)
        assert len(pressed_ids(reply)) == len(set(pressed_ids(reply)))
        # The best hit is always there.
        assert any(text.startswith("### 1 · ") for text in reply.texts())
        for text in reply.texts():
            assert not re.search(r"@(?:everyone|here|[!&]?\d)", text)
            for target in re.findall(r"(?<!\\)\]\(([^)]*)\)", text):
                assert target.startswith(("http://", "https://"))


def controls_of(count: int, page: Page, *, shared: bool = False) -> AnswerControls:
    asked = AskRequest("問題", NO_FILTERS, private=True)
    record = StoredAnswer("abcdefghijkl", asked, is_own=True, shared=shared, vote=True)
    numbers = range(123, 123 + count)
    return AnswerControls(record, page, 5, numbers, can_share=True, can_sort=True)


def pressed_ids(reply: Reply) -> list[str]:
    return [str(item.custom_id) for item in reply.walk_children() if isinstance(item, Component)]


def check_limits(reply: Reply) -> None:
    components = list(reply.walk_children())
    message = {"flags": COMPONENTS_V2, "components": reply.to_components()}
    assert len(components) <= MAX_COMPONENTS
    assert sum(units(text) for text in reply.texts()) <= MAX_TEXT_UNITS
    assert all(text.strip() for text in reply.texts())
    check_request("POST", "/channels/1/messages", message)
    assert reply.to_components()
    assert all(1 <= len(custom_id) <= 100 for custom_id in pressed_ids(reply))
    for component in components:
        if isinstance(component, Component) and isinstance(component.item, ui.Button):
            assert 1 <= len(component.item.label or "") <= MAX_LABEL_CHARS
    # No separator stands first, last or beside another.
    kinds = [isinstance(item, ui.Separator) for item in reply.frame.children]
    assert not kinds[0]
    assert not kinds[-1]
    assert not any(kind and other for kind, other in pairwise(kinds))


@given(st.lists(LONG, min_size=1, max_size=5), LONG, st.lists(LONG, max_size=3), st.data())
def test_any_paragraph_between_its_neighbours_keeps_the_limits(
    paragraphs: list[str], title: str, duplicates: list[str], data: st.DataObject
) -> None:
    ordinal = data.draw(st.integers(0, len(paragraphs) - 1))
    found = article(title=title, paragraphs=tuple(Paragraph(text, title) for text in paragraphs))
    also = [article(title=title) for title in duplicates]
    focus = Focus(999_999, 999_999, Page(Sort.NEWEST, 195))
    record = controls_of(1, Page()).record
    row = context_row(record, focus, ordinal, len(paragraphs), ZH)
    reply = Reply(context(found, ordinal, also, ZH), [row])
    check_limits(reply)
    assert len(reply.frame.children) == 5
    for text in reply.texts():
        assert not re.search(r"@(?:everyone|here|[!&]?\d)", text)


@given(st.sampled_from(Sort), st.integers(0, 999), st.integers(0, 10**6 - 1), st.data())
def test_what_a_custom_id_says_is_read_again(
    sort: Sort, offset: int, number: int, data: st.DataObject
) -> None:
    page = Page(sort, offset)
    ordinal = data.draw(st.none() | st.integers(0, 10**6 - 1))
    focus = Focus(number, ordinal, data.draw(st.none() | st.just(page)))
    button = ContextButton(ui.Button(custom_id=f"a:key:context:{focus.encode()}"))
    assert Focus.of(button.fields) == focus


@pytest.mark.parametrize("text", ["r", "x1", "r-1", "r1000", "r１", "r1 ", "1..x", "1", ".1."])
def test_a_custom_id_that_was_made_up_is_refused(text: str) -> None:
    for component, action in ((PageButton, "page"), (ContextButton, "context")):
        with pytest.raises(ValueError, match="a:key"):
            component(ui.Button(custom_id=f"a:key:{action}:{text}"))


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
    controls = controls_of(2, Page(Sort.NEWEST))
    shown = result(*found, total=7)
    reply = answer(shown, Filters(source="中央社"), ZH, sort=Sort.NEWEST, controls=controls)
    assert reply.texts() == (
        "**問題**\n-# 來源：中央社 · 最新的在前",
        ("### 1 · [標題](https://example.org/a)\n-# 中央社 · 林 · <t:1556496000:D>"),
        "> 前一句話。__**颱風**在海上**形成**。__後一句話。",
        "2 · 標題\n-# 中央社 · 2021年1月6日 · 沒有原文連結 · 另有 2 篇文章刊出同一段",
        "> 短的。",
        "-# 找到 7 段 · 第 1–2 段",
    )


def test_corrections_that_were_searched_are_named() -> None:
    found = replace(result(hit(1, "加密貨幣漲了。")), searched=("加密貨幣", "比特幣"))
    reply = answer(found, NO_FILTERS, TEXTS.get("zh-TW"))
    assert "-# 也找了：加密貨幣、比特幣" in reply.texts()[0]


def test_a_total_at_the_librarys_limit_is_said_to_be_more() -> None:
    reply = answer(result(hit(1, "字"), total=200), NO_FILTERS, ZH)
    assert reply.texts()[-1] == "-# 找到 200 段以上 · 第 1 段"


def test_where_the_heads_take_all_the_room_fewer_hits_are_shown() -> None:
    url = "https://example.org/" + "a" * 480
    found = [hit(rank, "字" * 500, article=article(url=url)) for rank in range(1, 11)]
    reply = answer(result(*found), NO_FILTERS, ZH)
    shown = [text for text in reply.texts() if " · [" in text]
    assert 3 <= len(shown) < 10
    assert all(text.count("字") >= 60 for text in shown)
    assert reply.texts()[-1] == f"-# 找到 10 段 · 第 1–{len(shown)} 段"


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (NoticeKind.EMPTY_QUESTION, "問題裡沒有可以搜尋的字詞"),
        (NoticeKind.NO_MATCH, "沒有找到相關的內容"),
        (NoticeKind.FILTERED_OUT, "不符合你設定的條件"),
        (NoticeKind.PHRASE_NOT_FOUND, "沒有任何段落一字不差地符合你指定的字句"),
    ],
)
def test_nothing_found_says_why_and_what_there_is(kind: NoticeKind, sentence: str) -> None:
    notice = Notice(kind, "2014-02-01", "2025-12-31", ("中央社", "*報*"))
    found = SearchResult("？", 0, 1.0, (), notice=notice)
    reply = nothing(found, NO_FILTERS, Sort.RELEVANCE, ZH)
    check_limits(reply)
    last = reply.texts()[-1]
    assert sentence in last
    assert "檔案庫收錄 2014年2月1日至 2025年12月31日的文章。" in last
    assert "來源：中央社、\\*報\\*" in last


def test_an_empty_archive_has_no_dates_to_tell() -> None:
    notice = Notice(NoticeKind.NO_MATCH, None, None)
    found = SearchResult(" ", 0, 1.0, (), notice=notice)
    reply = nothing(found, NO_FILTERS, Sort.RELEVANCE, TEXTS.get("en-US"))
    assert reply.texts() == ("Nothing was found. Try other words, or fewer.",)


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

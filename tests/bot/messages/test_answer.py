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
from bot.messages.answer import nothing, page, post
from bot.messages.blocks import fit_screen
from bot.messages.layout import MAX_COMPONENTS, MAX_TEXT_UNITS, Reply, cut
from bot.messages.markdown import units
from bot.messages.paragraph import context
from bot.messages.passages import ArticleHits, group_by_article, near_best
from bot.messages.passages import title as title_of
from bot.services.answers import Answer as PageOfAnswer
from bot.services.answers import Page, key_of
from bot.state.answers import AskRequest, StoredAnswer
from bot.views.answer import PageButton
from bot.views.controls import condition_row, context_row, page_rows, post_row
from bot.views.paragraph import ContextButton
from bot.views.stored import MAX_LABEL_CHARS, Focus
from corpus.model import (
    Answer,
    Article,
    Condition,
    Filters,
    Hit,
    Marks,
    Match,
    Notice,
    NoticeKind,
    Outcome,
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
REQUEST = AskRequest("問題", NO_FILTERS, private=True)


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


def hit(
    rank: int,
    text: str,
    highlights: tuple[tuple[int, int], ...] = (),
    answer: Answer | None = None,
    **changes: object,
) -> Hit:
    fields: dict[str, object] = {
        "rank": rank,
        "score": 1.0,
        "article": article(),
        "passage": Passage(rank, 1, 0, text),
        "marks": lambda: Marks(highlights, answer),
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
    several = draw(st.integers(1, 4))
    return tuple(
        replace(
            drawn,
            rank=rank,
            article=replace(drawn.article, path=f"{rank % several}.md"),
            passage=replace(drawn.passage, ordinal=rank),
        )
        for rank, drawn in enumerate(chosen, 1)
    )


DAYS = st.sampled_from(["2019", "2019-02", "2019-02-03", "0001-01-01/2018-12-31"])
CONDITIONS = st.builds(Condition, st.just("date"), LONG, DAYS) | st.builds(
    Condition, st.sampled_from(["source", "author", "address"]), LONG, LONG
)


@given(
    hits(),
    LONG,
    st.builds(Filters, *[st.none() | LONG] * 5, st.lists(LONG, max_size=4).map(tuple)),
    st.sampled_from(Sort),
    st.lists(CONDITIONS, max_size=3, unique_by=lambda condition: condition.text).map(tuple),
    st.sampled_from(Outcome),
)
def test_any_hits_become_a_message_within_the_limits(
    found: tuple[Hit, ...],
    question: str,
    filters: Filters,
    sort: Sort,
    conditions: tuple[Condition, ...],
    outcome: Outcome,
) -> None:
    result = SearchResult(
        question,
        150,
        1.0,
        found,
        outcome=outcome,
        conditions=conditions,
        searched=(question,) * 9,
    )
    for locale in ("zh-TW", "zh-CN", "en-US"):
        t = TEXTS.get(locale)
        made = answer_of(result, Page(sort, 3 if locale == "zh-TW" else 0), filters)
        row, rows = (
            condition_row(made, t),
            page_rows(made, t, can_share=locale != "en-US", can_open_thread=locale == "zh-CN"),
        )
        shown = page(
            result, made.groups, filters, t, sort=sort, offset=3, condition_row=row, rows=rows
        )
        posted = post(result, made.groups[0], filters, t, asker=question, rows=post_row(made, t))
        for reply in (shown, posted):
            check_limits(reply)
            assert len(pressed_ids(reply)) == len(set(pressed_ids(reply)))
            assert len(pressed_ids(reply)) <= 7
            for text in reply.texts():
                assert not re.search(r"@(?:everyone|here|[!&]?\d)", text)
                for target in re.findall(r"(?<!\\)\]\(([^)]*)\)", text):
                    assert target.startswith(("http://", "https://"))


def answer_of(result: SearchResult, shown: Page, filters: Filters) -> PageOfAnswer:
    """Return the answer of all articles of ``result``, at most a page of them."""
    asked = replace(REQUEST, filters=filters)
    record = StoredAnswer("abcdefghijkl", asked, is_own=True, shared=False, vote=True)
    numbers = {key_of(hit): 999_990 + number for number, hit in enumerate(result.hits)}
    groups = group_by_article(result.hits)[:3]
    return PageOfAnswer(asked, record, result, shown, 0, groups, has_more=True, numbers=numbers)


def pressed_ids(reply: Reply) -> list[str]:
    return [
        str(item.custom_id)
        for item in reply.walk_children()
        if isinstance(item, ui.Button | ui.Select)
    ]


def check_limits(reply: Reply) -> None:
    components = list(reply.walk_children())
    message = {"flags": COMPONENTS_V2, "components": reply.to_components()}
    assert len(components) <= MAX_COMPONENTS
    assert sum(units(text) for text in reply.texts()) <= MAX_TEXT_UNITS
    assert all(text.strip() for text in reply.texts())
    check_request("POST", "/channels/1/messages", message)
    assert all(1 <= len(custom_id) <= 100 for custom_id in pressed_ids(reply))
    for component in components:
        if isinstance(component, ui.Button):
            assert 1 <= len(component.label or "") <= MAX_LABEL_CHARS
    # No separator stands first, last or beside another.
    kinds = [isinstance(item, ui.Separator) for item in reply.frame.children]
    assert not kinds[0]
    assert not kinds[-1]
    assert not any(kind and other for kind, other in pairwise(kinds))


WORDS = st.lists(LONG, max_size=9).map(tuple)


@given(
    st.lists(LONG, min_size=1, max_size=5),
    LONG,
    st.lists(LONG, max_size=3),
    st.none() | st.builds(Match, WORDS, WORDS, WORDS, WORDS),
    st.data(),
)
def test_any_paragraph_between_its_neighbours_keeps_the_limits(
    paragraphs: list[str],
    title: str,
    duplicates: list[str],
    match: Match | None,
    data: st.DataObject,
) -> None:
    ordinal = data.draw(st.integers(0, len(paragraphs) - 1))
    found = article(title=title, paragraphs=tuple(Paragraph(text, title) for text in paragraphs))
    also = [article(title=title) for title in duplicates]
    focus = Focus(999_999, 999_999, Page(Sort.NEWEST, 195))
    record = StoredAnswer("abcdefghijkl", REQUEST, is_own=True, shared=False, vote=None)
    row = context_row(record, focus, ordinal, len(paragraphs), ZH)
    reply = Reply(context(found, ordinal, also, ZH, match), [row])
    check_limits(reply)
    assert len(reply.frame.children) == 5
    for text in reply.texts():
        assert not re.search(r"@(?:everyone|here|[!&]?\d)", text)


@pytest.mark.parametrize(
    ("match", "line"),
    [
        (Match(("颱風", "花*蓮"), (), (), ()), "有你問的：颱風、花\\*蓮"),
        (Match((), ("登陸",), ("飓风",), ()), "換個說法：飓风 · 沒有提到：登陸"),
        (
            Match(("警報",), (), (), ("颱風警報",)),
            "有你問的：警報 · 改用這些字詞找：颱風警報",
        ),
        (
            Match(("新干线",), ("票",), (), ("新干线", "票")),
            "沒有提到：票 · 改用這些字詞找：新干线、票",
        ),
        (Match(tuple("一二三四五六"), (), (), ()), "有你問的：一、二、三、四、五…"),
    ],
)
def test_a_paragraph_tells_which_words_of_the_question_it_has(match: Match, line: str) -> None:
    found = article(paragraphs=(Paragraph("一段。"),))
    assert context(found, 0, (), ZH, match)[2].split("\n")[1] == f"-# {line}"
    assert "\n" not in context(found, 0, (), ZH, Match((), (), (), ()))[2]


FILE = "https://github.com/o/n/blob/abc/a.md"
COPY = "https://web.archive.org/web/20210106/https://example.org/a"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, f"2021年1月6日 · 中央社 · 林 · [存檔]({COPY})"),
        ({"file_url": FILE}, f"2021年1月6日 · 中央社 · 林 · [存檔]({COPY}) · [原始檔]({FILE})"),
        ({"url": None, "file_url": FILE}, "2021年1月6日 · 中央社 · 林"),
        ({"url": None}, "2021年1月6日 · 中央社 · 林 · 沒有原文連結"),
    ],
)
def test_a_paragraph_in_its_context_leads_to_other_copies_of_its_article(
    changes: dict[str, object], line: str
) -> None:
    found = article(paragraphs=(Paragraph("一段。"),), **changes)
    assert context(found, 0, (), ZH)[0].split("\n")[1] == f"-# {line}"


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


TEXT = "前一句話。颱風在海上形成，帶來了大雨。後一句話。"
FIRST = hit(
    1,
    TEXT,
    highlights=((5, 7), (10, 12)),
    answer=Answer(TEXT[5:19], 5, 19),
    passage=Passage(1, 1, 0, TEXT, "形成"),
    article=article(title="颱風 - 中央社", date="2019-04-29T08:00:00+08:00"),
)


def other(path: str, text: str, score: float) -> Hit:
    found = article(path=path, title=path, url=f"https://example.org/{path}")
    return hit(2, text, score=score, article=found, answer=Answer(text, 0, len(text)))


def test_an_answer_reads_as_designed() -> None:
    second = replace(FIRST, rank=2, passage=Passage(2, 1, 1, "另一段。", "減弱"))
    found = [FIRST, second, other("b", "近的一句。", 0.95), other("c", "遠的一句。", 0.85)]
    conditions = (Condition("date", "去年", "2020"), Condition("author", "林", "林"))
    shown = replace(result(*found, total=7), conditions=conditions)
    reply = page(shown, group_by_article(found), Filters(source="中央社"), ZH)
    assert reply.texts() == (
        "-# **問題** · 找到 7 段\n-# 來源：中央社\n-# 優先找：2020年、林",
        (
            "### 颱風在海上形成，帶來了大雨。\n"
            "> 前一句話。__**颱風**在海上**形成**，帶來了大雨。__後一句話。\n"
            "**[颱風](https://example.org/a)**\n"
            "-# <t:1556496000:D> · 中央社 · 林 · §\u00a0形成"
            " · [存檔](https://web.archive.org/web/20190429/https://example.org/a)\n"
            "-# §\u00a0減弱"
        ),
        "[b](https://example.org/b)\n-# 2021年1月6日 · 中央社 · 林\n> __近的一句。__",
        "[c](https://example.org/c)\n-# 2021年1月6日 · 中央社 · 林\n> 遠的一句。",
    )


def test_a_paragraph_that_is_all_answer_is_not_shown_twice() -> None:
    reply = page(
        result(hit(1, "只有一句。")), [ArticleHits((hit(1, "只有一句。"),))], NO_FILTERS, ZH
    )
    assert reply.texts()[1].startswith("### 只有一句。\n**[標題]")


def test_a_long_paragraph_is_clipped_to_the_sentences_around_the_answer() -> None:
    text = "前面的話很長。" * 40 + "答案在這裡。" + "後面的話很長。" * 40
    start = text.index("答案")
    found = hit(1, text, answer=Answer("答案在這裡。", start, start + 6))
    block = page(result(found), [ArticleHits((found,))], NO_FILTERS, ZH).texts()[1]
    quote = block.split("\n")[1]
    assert quote.startswith("> …前面的話很長。")
    assert "__答案在這裡。__後面的話很長。" in quote
    assert quote.endswith("。…")
    assert 80 <= len(quote) <= 120


def test_the_closest_is_said_to_be_that_above_it_and_nothing_below_is_marked() -> None:
    found = [FIRST, other("b", "近的一句。", 0.95)]
    shown = replace(result(*found), outcome=Outcome.CLOSEST)
    texts = page(shown, group_by_article(found), NO_FILTERS, ZH).texts()
    assert texts[0].endswith("**沒有確定的答案，以下最接近。**")
    assert texts[1].startswith("### 颱風在海上形成")
    assert "__" not in texts[2]


def test_a_later_page_says_which_articles_it_shows() -> None:
    found = [other("b", "一。", 0.9), other("c", "二。", 0.8)]
    reply = page(result(*found, total=200), group_by_article(found), NO_FILTERS, ZH, offset=3)
    assert reply.texts()[0] == "-# **問題** · 找到 200 段以上 · 第 4–5 篇"


def test_where_titles_and_addresses_take_all_the_room_fewer_articles_are_shown() -> None:
    url = "https://example.org/" + "路" * 480
    found = [
        hit(
            rank,
            "_" * 500,
            article=article(path=str(rank), title="_" * 99, author="_" * 99, url=url),
        )
        for rank in range(1, 4)
    ]
    names = Filters("_" * 99, "_" * 99, "_" * 99, without_sources=("_" * 99,) * 4)
    shown = replace(result(*found, question="_" * 300), searched=("_" * 99,) * 9)
    reply = page(shown, group_by_article(found), names, ZH)
    check_limits(reply)
    assert 2 <= len(reply.texts()) < 4
    assert reply.texts()[1].split("\n")[1].count("_") > 60


def test_a_post_names_who_asked_and_shows_one_article() -> None:
    reply = post(result(FIRST, total=7), ArticleHits((FIRST,)), NO_FILTERS, ZH, asker="*明*")
    assert reply.texts()[0] == "-# \\*明\\* 問：\n-# **問題**"
    assert reply.texts()[1].startswith("### 颱風在海上形成")
    assert len(reply.texts()) == 2


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("標題 - 中央社", "標題"),
        ("標題 — 中 央 社", "標題"),
        ("標題｜林", "標題"),
        ("標題 | 中央社 - 林", "標題"),
        ("標題 - 別的", "標題 - 別的"),
        ("標題 - 別的 - 中央社", "標題 - 別的"),
        ("中央社", "中央社"),
        (" - 中央社", "- 中央社"),
        ("", "a.md"),
    ],
)
def test_a_title_loses_a_tail_that_repeats_the_source_or_the_author(title: str, shown: str) -> None:
    assert title_of(article(title=title)) == shown


def test_an_article_far_below_the_best_is_not_near_it() -> None:
    groups = group_by_article([FIRST, other("b", "一。", 0.81), other("c", "二。", 0.79)])
    assert [group.article.path for group in near_best(groups)] == ["a.md", "b"]
    negative = group_by_article([replace(FIRST, score=-1.0), other("b", "一。", -2.0)])
    assert near_best(negative) == negative[:1]


def test_articles_fill_one_screen_of_a_phone() -> None:
    short = [other(path, "短的。", 1.0) for path in "abc"]
    assert len(fit_screen(group_by_article(short))) == 3
    long = [other(path, "很長的句子，" * 60, 1.0) for path in "abc"]
    assert len(fit_screen(group_by_article(long))) < 3
    assert fit_screen(group_by_article(long[:1]))


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (NoticeKind.EMPTY_QUESTION, "問題裡沒有可以搜尋的字詞"),
        (NoticeKind.NO_MATCH, "沒有找到相關的內容"),
        (NoticeKind.FILTERED_OUT, "不符合你設定的條件"),
        (NoticeKind.UNKNOWN_SOURCE, "文庫沒有「\\*報\\*」這個來源"),
        (NoticeKind.PHRASE_NOT_FOUND, "沒有任何段落符合你用引號、+ 或 - 指定的條件"),
    ],
)
def test_nothing_found_says_why_and_what_there_is(kind: NoticeKind, sentence: str) -> None:
    notice = Notice(kind, "2014-02-01", "2025-12-31", ("中央社", "*報*"))
    found = SearchResult("？", 0, 1.0, (), notice=notice)
    reply = nothing(found, Filters(source="*報*"), Sort.RELEVANCE, ZH)
    check_limits(reply)
    last = reply.texts()[-1]
    assert sentence in last
    assert "收錄 2014年2月1日到2025年12月31日的文章。" in last
    assert "來源：中央社、\\*報\\*" in last


def test_an_empty_archive_has_no_dates_to_tell() -> None:
    notice = Notice(NoticeKind.NO_MATCH, None, None)
    found = SearchResult(" ", 0, 1.0, (), notice=notice)
    reply = nothing(found, NO_FILTERS, Sort.RELEVANCE, TEXTS.get("en-US"))
    assert reply.texts() == ("Nothing was found. Try other words, or fewer.",)


def test_a_cut_block_keeps_whole_lines() -> None:
    assert cut("**a**\n**b**\n**c**", 12) == "**a**\n**b**"
    assert cut("**a**", 3) == ""

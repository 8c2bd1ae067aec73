"""An exported answer is CommonMark with a numbered footnote and a date for each source."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from bot.localization import Texts
from bot.messages import export
from bot.messages.passages import group_by_article
from corpus.model import Answer, Article, Filters, Hit, Sort, Timeline
from tests.bot.messages.test_answer import FIRST, NO_FILTERS, ZH, article, hit, other, result
from tests.bot.messages.test_markdown import HOSTILE

TODAY = date(2026, 11, 29)
READER = MarkdownIt("commonmark").use(footnote_plugin)


def exported(*found: Hit, filters: Filters = NO_FILTERS, question: str = "問題") -> str:
    groups = group_by_article(found)
    answered = result(*found, question=question)
    file = export.answer(answered, groups, filters, ZH, sort=Sort.RELEVANCE, today=TODAY)
    assert file.name == "answer.md"
    return file.content.decode()


def plain(markdown: str) -> str:
    """Return what a reader of CommonMark sees, without marks and line breaks."""
    html = re.sub(r"<[^>]+>", "", READER.render(markdown))
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        html = html.replace(entity, char)
    return html


def test_an_answer_has_its_sentences_paragraphs_and_sources() -> None:
    second = hit(2, "只有一句。", article=article(path="b", title="b", url=None, file_url=FILE))
    assert exported(FIRST, second, filters=Filters(source="中央社")) == (
        "# 問題\n\n"
        "來源：中央社\n\n"
        "**颱風在海上形成，帶來了大雨。**[^1]\n\n"
        "> 前一句話。颱風在海上形成，帶來了大雨。後一句話。\n\n"
        "> 只有一句。[^2]\n\n"
        "文字照錄自文庫，出處見註腳。2026年11月29日匯出。\n\n"
        "[^1]: [颱風](https://example.org/a) · 2019年4月29日 · 中央社 · 林 · "
        "[存檔](https://web.archive.org/web/20190429/https://example.org/a)\n"
        f"[^2]: [b]({FILE}) · 2021年1月6日 · 中央社 · 林\n"
    )


FILE = "https://github.com/o/n/blob/abc/b.md"


def test_a_follow_up_says_what_it_goes_on_from() -> None:
    asked = replace(result(FIRST), added=("颱風", "登陸"))
    groups = group_by_article(asked.hits)
    file = export.answer(asked, groups, NO_FILTERS, ZH, sort=Sort.RELEVANCE, today=TODAY)
    assert file.content.decode().startswith("# 問題\n\n承接上一題：颱風、登陸\n\n**")


def test_a_timeline_has_a_line_a_day() -> None:
    found = (FIRST, other("b", "多年之後。", 1.0))
    file = export.timeline(Timeline(result(*found), 9), NO_FILTERS, ZH, today=TODAY)
    assert file.name == "timeline.md"
    assert file.content.decode().startswith(
        "# 問題\n\n"
        "從 9 天選出 2 天\n\n"
        "- **2019年4月29日** 颱風在海上形成，帶來了大雨。[^1]\n"
        "- **2021年1月6日** 多年之後。[^2]\n\n"
    )


@pytest.mark.parametrize("locale", ["en-US", "zh-TW", "zh-CN"])
def test_an_article_without_a_date_or_a_link_is_named_all_the_same(locale: str) -> None:
    t = Texts().get(locale)
    found = hit(1, "一句。", article=article(url=None, date=None, author="", source=" "))
    groups = group_by_article([found])
    file = export.answer(result(found), groups, NO_FILTERS, t, sort=Sort.RELEVANCE, today=TODAY)
    assert file.content.decode().endswith(f"[^1]: 標題 · {t('answer-no-link')}\n")


def test_only_the_first_articles_are_exported() -> None:
    found = [other(str(i), f"第{i}句。", 1.0) for i in range(30)]
    assert exported(*found).count("[^10]") == 2
    assert "[^11]" not in exported(*found)


@given(HOSTILE.filter(str.strip), HOSTILE, st.booleans())
def test_whatever_the_archive_says_is_shown_as_it_is(text: str, title: str, answered: bool) -> None:  # noqa: FBT001
    shown: Article = article(title=title, author=text)
    answer = Answer(text, 0, len(text)) if answered else None
    found = hit(1, text, article=shown, answer=answer)
    html = READER.render(exported(found, question=text))
    # Our own heading, quotation, bold text, links and footnotes, and nothing else.
    tags = set(re.findall(r"<(\w+)", html))
    assert tags <= {"h1", "p", "blockquote", "strong", "sup", "a", "hr", "section", "ol", "li"}
    assert html.count("<h1>") == 1
    links = re.findall(r'href="([^"]*)"', html)
    assert all(link.startswith(("#fn", "https://")) for link in links)


@pytest.mark.parametrize(
    "text",
    ["# 一", "- 一", "1. 一", "1) 一", "> 一", "<b>一</b>", "a_b_c", "&lt;一", "[一](x)", "=="],
)
def test_a_mark_in_a_text_is_no_markdown(text: str) -> None:
    assert text in plain(exported(hit(1, text)))

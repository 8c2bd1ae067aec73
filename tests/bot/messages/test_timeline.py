"""A timeline keeps Discord's limits whatever was found, and reads as designed."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.messages.timeline import PAGE_DAYS, page
from corpus.model import Filters, Hit, Outcome, Timeline
from tests.bot.messages.test_answer import (
    NO_FILTERS,
    ZH,
    article,
    check_limits,
    hit,
    hits,
    result,
)


def told(day: str, text: str, **changes: object) -> Hit:
    fields: dict[str, object] = {"date": day, "url": f"https://example.org/{day}", **changes}
    return hit(1, text, article=article(**fields))


FOUND = [
    told("2019-08-08T23:30:00-02:00", "颱風登陸。"),
    told("2021-01-06", "多年之後。", url=None),
]


def test_a_day_is_that_of_the_article_with_its_title_and_sentence() -> None:
    texts = page(Timeline(result(*FOUND), 7), FOUND, NO_FILTERS, ZH, offset=0).texts()
    assert texts == (
        "-# **問題** · 從 7 天選出 2 天",
        (
            "**2019年8月8日** [標題](https://example.org/2019-08-08T23:30:00-02:00)\n"
            "> __颱風登陸。__\n"
            "**2021年1月6日** 標題\n"
            "> __多年之後。__"
        ),
    )


def test_only_a_sure_answer_is_marked() -> None:
    found = replace(result(*FOUND), outcome=Outcome.CLOSEST)
    top, days = page(Timeline(found, 2), FOUND, NO_FILTERS, ZH, offset=0).texts()
    assert top.endswith("**沒有確定的答案，以下最接近。**")
    assert "__" not in days


def test_a_later_page_says_which_days_it_shows() -> None:
    many = [told(f"20{year}-01-01", "一句。") for year in range(10, 21)]
    timeline = Timeline(result(*many), 11)
    one = page(timeline, many[10:], Filters(after="2010-01-01"), ZH, offset=10).texts()
    assert one[0] == "-# **問題** · 共 11 天 · 第 11 天\n-# 2010年起"


def test_where_addresses_take_all_the_room_each_day_stays() -> None:
    url = "https://example.org/" + "路" * 480
    long = [told(f"20{year}-01-01", "一句。", title="題" * 99) for year in range(10, 20)]
    long = [replace(found, article=replace(found.article, url=url)) for found in long]
    reply = page(Timeline(result(*long), 5), long, NO_FILTERS, ZH, offset=0)
    check_limits(reply)
    assert reply.texts()[1].count("> __一句。__") == len(long)
    assert "](" not in reply.texts()[1]


@given(hits(), st.integers(0, 10**6))
def test_any_page_keeps_the_limits(found: tuple[Hit, ...], total: int) -> None:
    shown = found[:PAGE_DAYS]
    reply = page(Timeline(result(*found), total), shown, NO_FILTERS, ZH, offset=0)
    check_limits(reply)
    assert len(reply.frame.children) == 3

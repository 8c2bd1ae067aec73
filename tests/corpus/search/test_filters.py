import calendar
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.analysis.analyzer import Analyzer
from corpus.errors import QueryError, QueryFault
from corpus.model import Filters
from corpus.search.days import days
from corpus.search.filters import day_range, normalise
from corpus.search.periods import Days

TODAY = date(2024, 3, 31)


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2020", "2020-01-01", "2020-12-31"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("2021-2", "2021-02-01", "2021-02-28"),
        (" 2021-01-06 ", "2021-01-06", "2021-01-06"),
        ("2021/1/6", "2021-01-06", "2021-01-06"),
        ("2021年", "2021-01-01", "2021-12-31"),
        ("2021年1月", "2021-01-01", "2021-01-31"),
        ("２０２１ 年 １２ 月", "2021-12-01", "2021-12-31"),
        ("2021年1月6號", "2021-01-06", "2021-01-06"),
        ("２０２１－０１", "2021-01-01", "2021-01-31"),
        ("今年", "2024-01-01", "2024-12-31"),
        ("去年", "2023-01-01", "2023-12-31"),
        ("Last  Year", "2023-01-01", "2023-12-31"),
        ("前年", "2022-01-01", "2022-12-31"),
        ("這個月", "2024-03-01", "2024-03-31"),
        ("本月", "2024-03-01", "2024-03-31"),
        ("上個月", "2024-02-01", "2024-02-29"),
        ("上个月", "2024-02-01", "2024-02-29"),
        ("last month", "2024-02-01", "2024-02-29"),
        ("昨天", "2024-03-30", "2024-03-30"),
        ("yesterday", "2024-03-30", "2024-03-30"),
        ("今天", "2024-03-31", "2024-03-31"),
        ("today", "2024-03-31", "2024-03-31"),
        ("30d", "2024-03-01", "2024-03-01"),
        ("３０Ｄ", "2024-03-01", "2024-03-01"),
        ("1m", "2024-02-29", "2024-02-29"),
        ("6m", "2023-09-30", "2023-09-30"),
        ("2y", "2022-03-31", "2022-03-31"),
        ("20210106", "2021-01-06", "2021-01-06"),
        ("二〇二一年一月六日", "2021-01-06", "2021-01-06"),
        ("民國110年1月", "2021-01-01", "2021-01-31"),
        ("Jan 2021", "2021-01-01", "2021-01-31"),
        ("2021春季", "2021-03-01", "2021-05-31"),
        ("三年前", "2021-01-01", "2021-12-31"),
        ("上週", "2024-03-18", "2024-03-24"),
        ("last week", "2024-03-18", "2024-03-24"),
        ("前天", "2024-03-29", "2024-03-29"),
        ("民國110年", "2021-01-01", "2021-12-31"),
        ("2015-2018", "2015-01-01", "2018-12-31"),
    ],
)
def test_a_date_stands_for_all_of_its_days(text: str, first: str, last: str) -> None:
    assert day_range(Filters(after=text, before=text), TODAY) == (first, last)


def test_last_month_in_january_is_in_the_year_before() -> None:
    assert days("上個月", date(2024, 1, 15)) == Days(date(2023, 12, 1), date(2023, 12, 31))


def test_a_year_ago_on_a_leap_day_is_the_last_of_february() -> None:
    assert days("1y", date(2024, 2, 29)).first == date(2023, 2, 28)


@pytest.mark.parametrize(
    "text",
    [
        "someday",
        "2021-13",
        "2021-02-30",
        "0000",
        "20211306",
        "2021年5月的雨",
        "someday in 2021",
        "٢٠٢١",
        "2021年13月",
        "99999d",
        "99999y",
        "-1d",
        "2021 01",
        "30",
        "9" * 5_000 + "d",
    ],
)
def test_what_is_no_date_is_said_with_an_example(text: str) -> None:
    with pytest.raises(QueryError, match=f"{text[:40]}.*2021-01-06") as raised:
        days(text, date(200, 1, 1))
    assert (raised.value.kind, raised.value.texts) == (QueryFault.NOT_A_DATE, (text[:40],))


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(QueryError, match="2021-01-01 comes after 2020-12-31") as raised:
        day_range(Filters(after="2021", before="2020"), TODAY)
    assert raised.value.kind is QueryFault.EMPTY_RANGE
    assert raised.value.texts == ("2021-01-01", "2020-12-31")


def test_blank_dates_are_none() -> None:
    assert day_range(Filters(after=" ", before=""), TODAY) == (None, None)


@given(st.text(max_size=60), st.dates())
def test_any_text_is_days_in_order_or_refused(text: str, today: date) -> None:
    with suppress(QueryError):
        found = days(text, today)
        assert found.first <= found.last


@given(st.dates(), st.integers(0, 99_999), st.sampled_from("dwmy"))
def test_so_long_ago_is_one_day_that_far_back(today: date, count: int, unit: str) -> None:
    try:
        first, last = days(f"{count}{unit}", today)
    except QueryError:
        earliest = {
            "d": today.toordinal(),
            "w": today.toordinal() // 7,
            "m": today.year * 12 + today.month - 12,
            "y": today.year,
        }
        assert count >= earliest[unit]
        return
    assert first == last
    if unit in "dw":
        assert today - first == timedelta(count if unit == "d" else 7 * count)
    else:
        months = count * (12 if unit == "y" else 1)
        assert (today.year - first.year) * 12 + today.month - first.month == months
        assert first.day == min(today.day, calendar.monthrange(first.year, first.month)[1])


@given(st.dates(min_value=date(1000, 1, 1)), st.dates())
def test_a_day_a_month_and_a_year_are_read_back_however_they_are_written(
    day: date, today: date
) -> None:
    year, month = f"{day:%Y}", f"{day:%Y-%m}"
    assert days(day.isoformat(), today) == Days(day, day)
    assert days(f"{day.year}年{day.month}月{day.day}日", today) == Days(day, day)
    assert days(month, today) == days(f"{day.year}年{day.month}月", today)
    assert days(month, today).first <= day <= days(month, today).last
    assert days(year, today) == Days(date(day.year, 1, 1), date(day.year, 12, 31))


def test_filter_texts_are_folded_and_blank_ones_dropped(analyzer: Analyzer) -> None:
    typed = Filters(
        source=" 燕京書評 ",
        author="ＣＮＡ",
        tag="  ",
        without_sources=("中央社", " ", "ＢＢＣ", "bbc"),
    )
    assert normalise(typed, analyzer, TODAY) == Filters(
        source="燕京书评", author="cna", without_sources=("bbc", "中央社")
    )

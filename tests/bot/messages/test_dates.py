"""A day is a reader's own; a period is as short as it is meant."""

import pytest

from bot.localization import Texts
from bot.messages.dates import day, period, period_of_value

TEXTS = Texts()
ZH = TEXTS.get("zh-TW")


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


@pytest.mark.parametrize(
    ("after", "before", "chinese", "english"),
    [
        ("2021-01-01", "2021-12-31", "2021年", "2021"),
        ("2021-01-01", "2023-12-31", "2021年到2023年", "2021 to 2023"),
        ("2021-06-01", "2021-06-30", "2021年6月", "June 2021"),
        ("2021-01-01", "2021-06-30", "2021年1月到2021年6月", "January 2021 to June 2021"),
        (
            "2021-01-01",
            "2021-01-05",
            "2021年1月1日到2021年1月5日",
            "January\u00a01,\u00a02021 to January\u00a05,\u00a02021",
        ),
        ("2021-01-05", "2021-01-05", "2021年1月5日", "January\u00a05,\u00a02021"),
        ("2021-01-01", None, "2021年起", "from 2021 on"),
        ("2021-03-01", None, "2021年3月起", "from March 2021 on"),
        ("2021-03-02", None, "2021年3月2日起", "from March\u00a02,\u00a02021 on"),
        (None, "2021-12-31", "到2021年為止", "up to 2021"),
        (None, "2021-02-28", "到2021年2月為止", "up to February 2021"),
        ("0001-01-01", "2020-12-31", "到2020年為止", "up to 2020"),
        ("9999-01-01", "9999-12-31", "9999年起", "from 9999 on"),
        ("*", None, "\\*–", "\\*–"),
    ],
)
def test_a_period_is_told_as_shortly_as_it_is_meant(
    after: str | None, before: str | None, chinese: str, english: str
) -> None:
    assert period(after, before, ZH) == chinese
    assert period(after, before, TEXTS.get("en-US")) == english


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2020", "2020年"),
        ("2020-02", "2020年2月"),
        ("2020-02-05", "2020年2月5日"),
        ("2015-01-01/2018-12-31", "2015年到2018年"),
        ("2015/2018", "2015年到2018年"),
    ],
)
def test_the_time_that_a_question_names_is_told(value: str, shown: str) -> None:
    assert period_of_value(value, ZH) == shown

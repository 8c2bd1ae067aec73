"""A date as a person writes it -> the days it stands for (pure)."""

import calendar
import re
import unicodedata
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

from corpus.errors import QueryError, QueryFault

_WRITTEN = re.compile(
    r"""(?P<year>\d{4}) (?:
        (?:[-/.] (?P<month>\d{1,2}) (?:[-/.] (?P<day>\d{1,2}))? )?
      | \s?年 (?:\s?(?P<month_said>\d{1,2})\s?月 (?:\s?(?P<day_said>\d{1,2})\s?[日号號])? )?
    )""",
    re.VERBOSE | re.ASCII,
)
_AGO = re.compile(r"(?P<count>\d{1,5})\s?(?P<unit>[dmy])", re.ASCII)

# How many years, months or days before today's.
_YEARS = {"今年": 0, "this year": 0, "去年": 1, "last year": 1, "前年": 2}
_MONTHS = dict.fromkeys(["這個月", "这个月", "本月", "this month"], 0) | dict.fromkeys(
    ["上個月", "上个月", "上月", "last month"], 1
)
_DAYS = {"今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1}

_MONTHS_A_YEAR = 12
_LONGEST_QUOTED = 40


class Days(NamedTuple):
    """The days from the first to the last, both included."""

    first: date
    last: date


def days(text: str, today: date) -> Days:
    """Return the days that ``text`` stands for.

    A year, a month or a day in figures (``2021``, ``2021-01``, ``2021年1月6日``) or in words
    (``去年``, ``last month``, ``昨天``); or the one day that is so many days, months or years ago
    (``30d``, ``6m``, ``2y``). Width, case and script do not matter.

    Args:
        text: as typed.
        today: from which relative dates count.

    Raises:
        QueryError: it is no date, or none of the calendar from year 1 to 9999.
    """
    typed = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    # What no calendar has (a month 13, a day before the first) raises.
    with suppress(ValueError, OverflowError):
        if typed in _YEARS:
            return _year(today.year - _YEARS[typed])
        if typed in _MONTHS:
            return _month(*_month_before(today, _MONTHS[typed]))
        if typed in _DAYS:
            return _one(today - timedelta(_DAYS[typed]))
        if match := _AGO.fullmatch(typed):
            return _one(_ago(today, int(match["count"]), match["unit"]))
        if match := _WRITTEN.fullmatch(typed):
            month = match["month"] or match["month_said"]
            day = match["day"] or match["day_said"]
            return _written(int(match["year"]), month and int(month), day and int(day))
    quoted = text.strip()[:_LONGEST_QUOTED]
    raise QueryError(
        f"“{quoted}” is not a date: write 2021, 2021-01 or 2021-01-06.",
        QueryFault.NOT_A_DATE,
        quoted,
    )


def _written(year: int, month: int | str | None, day: int | str | None) -> Days:
    if month is None:
        return _year(year)
    return _month(year, int(month)) if day is None else _one(date(year, int(month), int(day)))


def _one(day: date) -> Days:
    return Days(day, day)


def _year(year: int) -> Days:
    return Days(date(year, 1, 1), date(year, 12, 31))


def _month(year: int, month: int) -> Days:
    first = date(year, month, 1)
    return Days(first, first.replace(day=calendar.monthrange(year, month)[1]))


def _month_before(day: date, months: int) -> tuple[int, int]:
    """Return year and month so many months before the one of ``day``."""
    year, month = divmod(day.year * _MONTHS_A_YEAR + day.month - 1 - months, _MONTHS_A_YEAR)
    return year, month + 1


def _ago(today: date, count: int, unit: str) -> date:
    """Return the day so long ago; where its month is too short, the last of that month."""
    if unit == "d":
        return today - timedelta(count)
    months = count * _MONTHS_A_YEAR if unit == "y" else count
    last = _month(*_month_before(today, months)).last
    return last.replace(day=min(today.day, last.day))

"""Reads a date that a person typed into the days that it stands for."""

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

# Counted back from today's year, month or day.
_YEARS = {"今年": 0, "this year": 0, "去年": 1, "last year": 1, "前年": 2}
_MONTHS = dict.fromkeys(["這個月", "这个月", "本月", "this month"], 0) | dict.fromkeys(
    ["上個月", "上个月", "上月", "last month"], 1
)
_DAYS = {"今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1}

_MONTHS_A_YEAR = 12
_MAX_QUOTED = 40


class Days(NamedTuple):
    """A range of days, the last one included."""

    first: date
    last: date


def days(text: str, today: date) -> Days:
    """Return the days that ``text`` stands for.

    It is a year, a month or a day in figures (``2021``, ``2021-01``, ``2021年1月6日``) or in words
    (``去年``, ``last month``, ``昨天``), or the day so many days, months or years ago (``30d``,
    ``6m``, ``2y``). Width, case and script do not matter.

    Args:
        text: as typed.
        today: the day from which relative dates count.

    Raises:
        QueryError: ``text`` is not a date, or not in the calendar from year 1 to 9999.
    """
    typed = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    # Impossible dates (month 13, a day before year 1) raise these.
    with suppress(ValueError, OverflowError):
        if typed in _YEARS:
            return _year(today.year - _YEARS[typed])
        if typed in _MONTHS:
            return _month(*_month_before(today, _MONTHS[typed]))
        if typed in _DAYS:
            return _single(today - timedelta(_DAYS[typed]))
        if match := _AGO.fullmatch(typed):
            return _single(_ago(today, int(match["count"]), match["unit"]))
        if match := _WRITTEN.fullmatch(typed):
            month = match["month"] or match["month_said"]
            day = match["day"] or match["day_said"]
            return _written(int(match["year"]), month and int(month), day and int(day))
    quoted = text.strip()[:_MAX_QUOTED]
    raise QueryError(
        f"“{quoted}” is not a date: write 2021, 2021-01 or 2021-01-06.",
        QueryFault.NOT_A_DATE,
        quoted,
    )


def _written(year: int, month: int | str | None, day: int | str | None) -> Days:
    if month is None:
        return _year(year)
    return _month(year, int(month)) if day is None else _single(date(year, int(month), int(day)))


def _single(day: date) -> Days:
    return Days(day, day)


def _year(year: int) -> Days:
    return Days(date(year, 1, 1), date(year, 12, 31))


def _month(year: int, month: int) -> Days:
    first = date(year, month, 1)
    return Days(first, first.replace(day=calendar.monthrange(year, month)[1]))


def _month_before(day: date, months: int) -> tuple[int, int]:
    """Return the year and the month that lie ``months`` before the month of ``day``."""
    year, month = divmod(day.year * _MONTHS_A_YEAR + day.month - 1 - months, _MONTHS_A_YEAR)
    return year, month + 1


def _ago(today: date, count: int, unit: str) -> date:
    """Return the day ``count`` units ago, or the last day of its month if that is shorter."""
    if unit == "d":
        return today - timedelta(count)
    months = count * _MONTHS_A_YEAR if unit == "y" else count
    last = _month(*_month_before(today, months)).last
    return last.replace(day=min(today.day, last.day))

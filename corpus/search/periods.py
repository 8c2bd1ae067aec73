"""The days of a calendar: a year, a month, a week, and those so long ago (pure)."""

import calendar
from datetime import date, timedelta
from typing import NamedTuple, Self

MONTHS_A_YEAR = 12
_QUARTER = 3  # months


class Days(NamedTuple):
    """The days from the first to the last, both included."""

    first: date
    last: date

    @property
    def value(self) -> str:
        """In ISO 8601, as short as can be: ``2020``, ``2020-06``, ``2020-06-05`` or an interval."""
        if self == year(self.first.year):
            return f"{self.first.year:04}"
        if self == month(self.first.year, self.first.month):
            return self.first.isoformat()[: len("2020-06")]
        if self.first == self.last:
            return self.first.isoformat()
        return f"{self.first.isoformat()}/{self.last.isoformat()}"

    @classmethod
    def of_value(cls, value: str) -> Self:
        """Read what :attr:`value` gave."""
        ends = [tuple(map(int, end.split("-"))) for end in value.split("/")]
        return cls(written(*ends[0]).first, written(*ends[-1]).last)

    def holds(self, other: "Days") -> bool:
        """Return whether ``other`` lies within."""
        return self.first <= other.first and other.last <= self.last


# Each raises ValueError or OverflowError where no calendar has such days.


def written(year_: int, month_: int | None = None, day: int | None = None) -> Days:
    """Return the days of a year, of a month or one day."""
    if month_ is None:
        return year(year_)
    return month(year_, month_) if day is None else one_day(date(year_, month_, day))


def one_day(day: date) -> Days:
    """Return a day as a period."""
    return Days(day, day)


def year(number: int) -> Days:
    """Return the days of a year."""
    return Days(date(number, 1, 1), date(number, 12, 31))


def years(first: int, last: int) -> Days:
    """Return the days from one year to another."""
    return Days(year(first).first, year(last).last)


def month(year_: int, number: int) -> Days:
    """Return the days of a month."""
    first = date(year_, number, 1)
    return Days(first, first.replace(day=calendar.monthrange(year_, number)[1]))


def months(year_: int, first: int, last: int) -> Days:
    """Return the days from one month of a year to another, maybe of the next year."""
    later, number = divmod(last - 1, MONTHS_A_YEAR)
    return Days(month(year_, first).first, month(year_ + later, number + 1).last)


def quarter(year_: int, number: int) -> Days:
    """Return the days of a quarter, from 1 to 4."""
    return months(year_, (number - 1) * _QUARTER + 1, number * _QUARTER)


def quarter_ago(today: date, count: int) -> Days:
    """Return the quarter so many before the one of today."""
    quarters = today.year * 4 + (today.month - 1) // _QUARTER - count
    return quarter(quarters // 4, quarters % 4 + 1)


def week_ago(today: date, count: int) -> Days:
    """Return the week, from Monday to Sunday, so many before the one of today."""
    monday = today - timedelta(today.weekday() + 7 * count)
    return Days(monday, monday + timedelta(6))


def month_ago(today: date, count: int) -> Days:
    """Return the month so many before the one of today."""
    number, index = divmod(today.year * MONTHS_A_YEAR + today.month - 1 - count, MONTHS_A_YEAR)
    return month(number, index + 1)


def ago(today: date, count: int, unit: str) -> date:
    """Return the day so long ago; where its month is too short, the last of that month.

    ``unit``: ``d``, ``w``, ``m`` or ``y``.
    """
    if unit in {"d", "w"}:
        return today - timedelta(count if unit == "d" else 7 * count)
    last = month_ago(today, count * MONTHS_A_YEAR if unit == "y" else count).last
    return last.replace(day=min(today.day, last.day))

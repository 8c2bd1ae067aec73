"""Days and periods as a reader's language writes them (pure)."""

from calendar import monthrange
from datetime import UTC, date, datetime
from enum import Enum

from bot.localization import Formatter
from bot.messages.markdown import escape, one_line

_MAX_CHARS = 40  # of a date that cannot be read
_JANUARY, _DECEMBER = 1, 12
_YEAR_CHARS, _MONTH_CHARS = len("2021"), len("2021-01")


class _Unit(Enum):
    """How exactly one end of a period is meant."""

    YEAR = 1
    MONTH = 2
    DAY = 3


def day(written: str, t: Formatter) -> str:
    """Return an article's date as markdown.

    A timestamp becomes Discord's own, which each reader sees in their time zone. A bare day stays
    text: Discord would show it as the day before to readers west of Greenwich.
    """
    try:
        if len(written) == len("2021-01-06"):
            return t("date", day=date.fromisoformat(written))
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is None:
            return t("date", day=moment.date())
        return f"<t:{int(moment.astimezone(UTC).timestamp())}:D>"
    except (ValueError, OverflowError):
        return escape(one_line(written, _MAX_CHARS), line_start=False)


def unbroken(text: str) -> str:
    """Return ``text``, such as a date, without a place where a line may end."""
    return text.replace(" ", "\u00a0")


def period(after: str | None, before: str | None, t: Formatter) -> str:
    """Return a period as markdown, as shortly as it can be meant: 2021, and not its first day.

    Args:
        after: its first day in ISO 8601; None: it has none.
        before: its last day; None: it has none.
        t: the texts of the reader's language.
    """
    try:
        first = date.fromisoformat(after) if after else date.min
        last = date.fromisoformat(before) if before else date.max
    except ValueError:  # not resolved yet, as in a message that someone made
        return escape(one_line(f"{after or ''}–{before or ''}", _MAX_CHARS), line_start=False)
    starts = _unit(first.day == 1, first.month == _JANUARY)
    ends = _unit(last.day == monthrange(last.year, last.month)[1], last.month == _DECEMBER)
    if first == date.min:
        return t("period-until", last=_written(last, ends, t))
    if last == date.max:
        return t("period-since", first=_written(first, starts, t))
    finer = starts if starts.value > ends.value else ends
    shown = _written(first, finer, t), _written(last, finer, t)
    if shown[0] == shown[1]:
        return shown[0]
    return t("period-range", first=shown[0], last=shown[1])


def period_of_value(value: str, t: Formatter) -> str:
    """Return the period of a condition, as :class:`corpus.Condition` writes it."""
    first, _, last = value.partition("/")
    return period(_first_day(first), _last_day(last or first), t)


def bucket(written: str, t: Formatter) -> str:
    """Return a time of a trend, 2021, 2021-03 or 2021-Q1, for a sentence."""
    year, _, part = written.partition("-")
    if not part:
        return t("date-year", year=year)
    if part.startswith("Q"):
        return t("date-quarter", year=year, quarter=part[1:])
    return t("date-month", year=year, month=int(part))


def bucket_label(written: str, t: Formatter) -> str:
    """Return the same for an axis: narrow, over two lines."""
    year, _, part = written.partition("-")
    if not part:
        return t("date-year", year=year)
    if part.startswith("Q"):
        return t("axis-quarter", year=year, quarter=part[1:])
    return t("axis-month", year=year, month=int(part))


def _first_day(written: str) -> str:
    return written + {_YEAR_CHARS: "-01-01", _MONTH_CHARS: "-01"}.get(len(written), "")


def _last_day(written: str) -> str:
    if len(written) == _MONTH_CHARS:
        year, month = map(int, written.split("-"))
        return f"{written}-{monthrange(year, month)[1]:02}"
    return written + ("-12-31" if len(written) == _YEAR_CHARS else "")


def _unit(is_month_edge: bool, is_year_edge: bool) -> _Unit:  # noqa: FBT001 (of a day)
    if not is_month_edge:
        return _Unit.DAY
    return _Unit.YEAR if is_year_edge else _Unit.MONTH


def _written(edge: date, unit: _Unit, t: Formatter) -> str:
    match unit:
        case _Unit.YEAR:
            return t("date-year", year=str(edge.year))
        case _Unit.MONTH:
            return t("date-month", year=str(edge.year), month=edge.month)
        case _Unit.DAY:
            return unbroken(t("date", day=edge))

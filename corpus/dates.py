"""Reads the dates of articles: any written form to ISO 8601, and ISO 8601 to days in UTC."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}(?::\d{2})?)?)?"
)
_WRITTEN = re.compile(
    r"""(?P<year>\d{4}) (?:[-/.]|\s*年\s*) (?P<month>\d{1,2}) (?:[-/.]|\s*月\s*) (?P<day>\d{1,2})
    \s*日? (?:T|t|,?\s+|(?<=日))?
    (?: (?P<hour>\d{1,2}) [:：] (?P<minute>\d{2})
        (?: [:：] (?P<second>\d{2}) (?P<fraction>[.,]\d{1,9})? )?
    )?
    \s* (?P<offset> Z | z | UTC | GMT | [+-]\d{2}(?::?\d{2})? )?""",
    re.VERBOSE,
)
_COMPACT_DAY = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_EPOCH = re.compile(r"\d{9,10}|\d{12,13}")
_MIN_MILLISECOND_DIGITS = 12
"""An epoch with so many digits counts milliseconds."""
_MAX_CHARS = 64


def iso_date(written: str) -> str | None:
    """Return ``written`` in ISO 8601, or None if it is not a date.

    ISO 8601 is returned unchanged. Other forms keep the offset they are written with. A date
    without a time stays a bare day, and an epoch, in seconds or milliseconds, becomes a timestamp
    in UTC.
    """
    text = written.strip()
    if len(text) > _MAX_CHARS or (not text.isascii() and not re.search("[年月]", text)):
        return None
    if _EPOCH.fullmatch(text):
        return _from_epoch(text)
    if _ISO.fullmatch(text):
        iso = text
    elif match := _COMPACT_DAY.fullmatch(text) or _WRITTEN.fullmatch(text):
        iso = _assemble(match.groupdict())
    else:
        iso = _from_mail(text)
    return iso if iso is not None and _instant(iso) is not None else None


def utc_day(date: str | None) -> str | None:
    """Return the day (``YYYY-MM-DD``) of an ISO 8601 ``date`` in UTC; a bare day is itself."""
    instant = _instant(date) if date else None
    return f"{instant:%Y-%m-%d}".rjust(10, "0") if instant else None


def epoch_seconds(date: str | None) -> int | None:
    """Return seconds since 1970 of an ISO 8601 ``date``; a bare day is its midnight in UTC."""
    instant = _instant(date) if date else None
    return int(instant.timestamp()) if instant else None


def age(iso: str, now: datetime) -> str:
    """Return how long ago ``iso``, a timestamp with its offset, was, in words: ``3 hours``."""
    seconds = max(0, int((now - datetime.fromisoformat(iso)).total_seconds()))
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"


def _instant(iso: str) -> datetime | None:
    """Return the moment in UTC; without an offset ``iso`` is UTC already."""
    if not _ISO.fullmatch(iso):
        return None
    try:
        moment = datetime.fromisoformat(iso)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # month 13, or the offset leads out of the years 1-9999
        return None


def _assemble(parts: dict[str, str | None]) -> str | None:
    day = f"{parts['year']}-{int(parts['month'] or 0):02}-{int(parts['day'] or 0):02}"
    if parts.get("hour") is None:
        return day
    time = f"{int(parts['hour'] or 0):02}:{parts['minute']}:{parts['second'] or '00'}"
    offset = parts["offset"] or ""
    if offset in {"z", "UTC", "GMT"}:
        offset = "Z"
    elif offset[:1] in {"+", "-"}:
        digits = offset[1:].replace(":", "").ljust(4, "0")
        offset = f"{offset[0]}{digits[:2]}:{digits[2:]}"
    return f"{day}T{time}{(parts['fraction'] or '').replace(',', '.')}{offset}"


def _from_epoch(digits: str) -> str | None:
    seconds = int(digits) / (1000 if len(digits) >= _MIN_MILLISECOND_DIGITS else 1)
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _from_mail(text: str) -> str | None:
    """Parse the format of e-mail and RSS: ``Sat, 17 Aug 2019 09:30:00 +0800``."""
    try:
        return parsedate_to_datetime(text).isoformat(timespec="seconds")
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

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
    (?P<half>[AaPp]\.?[Mm]\.?\s*|[上下]午\s*)?
    (?: (?P<hour>\d{1,2}) [:：] (?P<minute>\d{2})
        (?: [:：] (?P<second>\d{2}) (?P<fraction>[.,]\d{1,9})? )?
    )?
    \s* (?P<later_half>[AaPp]\.?[Mm]\.?(?=\s|$))?
    \s* (?P<offset> Z | z | UTC | GMT | [+-]\d{2}(?::?\d{2})? )?""",
    re.VERBOSE,
)
_COMPACT_DAY = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_EPOCH = re.compile(r"\d{9,10}|\d{12,13}")
_MIN_MILLISECOND_DIGITS = 12
"""An epoch with so many digits counts milliseconds."""
_MAX_CHARS = 64
_WEEKDAY = re.compile(
    r"\s*(?:[（(]?(?:星期|[週周]|[禮礼]拜)[一二三四五六日天][）)]?|[（(][一二三四五六日天][）)])\s*"
)
_ENGLISH_DAY = re.compile(
    r"(?:(?P<month>[A-Z][a-z]{2})[a-z]*\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?"
    r"|(?P<first>\d{1,2})(?:st|nd|rd|th)?\s+(?P<then>[A-Z][a-z]{2})[a-z]*\.?,?)\s+(?P<year>\d{4})\b"
)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_ZONE = re.compile(r"(?<=[\dMm]\s)([A-Z]{3,5})(?=\s+\d{4}$|$)")
_ZONE_BESIDE_OFFSET = re.compile(
    r"(?<=[+-]\d{4})\s+[A-Z]{3,5}$|(?<=[+-]\d\d:\d\d)\s+[A-Z]{3,5}$"
    r"|\s*\([A-Z][^()]*\)$|\s+[A-Z][a-z]+/[A-Z][A-Za-z_]+$|\b(?:GMT|UTC)(?=[+-]\d)"
)
_ZONES = {
    "HKT": "+0800",
    "SGT": "+0800",
    "MYT": "+0800",
    "JST": "+0900",
    "KST": "+0900",
    "EST": "-0500",
    "EDT": "-0400",
    "CST": "-0600",
    "CDT": "-0500",
    "MST": "-0700",
    "MDT": "-0600",
    "PST": "-0800",
    "PDT": "-0700",
}
"""Abbreviations that mean one zone. CST means China Standard Time, too: see `iso_date`."""
_CHINA = "+0800"
_NOON = 12


def iso_date(written: str, *, in_chinese: bool = False) -> str | None:
    """Return ``written`` in ISO 8601, or None if it is not a date.

    ISO 8601 is returned unchanged. Other forms keep the offset they are written with. A date
    without a time stays a bare day, and an epoch, in seconds or milliseconds, becomes a timestamp
    in UTC. The abbreviation of a zone that may mean several gives no offset.

    Args:
        written: the date as an article gives it.
        in_chinese: whether the article is in Chinese, so that CST is the time of China.
    """
    text = written.strip().rstrip(",;，；")
    if len(text) > _MAX_CHARS:
        return None
    text = _plain_zone(_WEEKDAY.sub(" ", text).strip(), in_chinese=in_chinese)
    if not text.isascii() and not re.search("[年月午]", text):
        return None
    if match := _ENGLISH_DAY.match(text):
        month, day = match["month"] or match["then"], match["day"] or match["first"]
        if month in _MONTHS:
            number = _MONTHS.index(month) + 1
            text = f"{match['year']}-{number:02}-{day:>02}{text[match.end() :]}"
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


def instant(date: str) -> tuple[datetime, bool]:
    """Return the moment in UTC of an ISO 8601 ``date``, and whether it is written with an offset.

    Without an offset the date is taken to be in UTC.
    """
    moment = _instant(date)
    if moment is None:
        raise ValueError(date)
    return moment, datetime.fromisoformat(date).tzinfo is not None


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


def _plain_zone(text: str, *, in_chinese: bool) -> str:
    """Return a date with its zone as an offset, and without one that may mean several."""
    text = _ZONE_BESIDE_OFFSET.sub("", text)
    match = _ZONE.search(text)
    if match is None or match[1] in {"UTC", "GMT"}:
        return text
    zone = _CHINA if in_chinese and match[1] == "CST" else _ZONES.get(match[1], "")
    return f"{text[: match.start()]}{zone}{text[match.end() :]}".strip()


def _assemble(parts: dict[str, str | None]) -> str | None:
    day = f"{parts['year']}-{int(parts['month'] or 0):02}-{int(parts['day'] or 0):02}"
    if parts.get("hour") is None:
        return day
    hour = int(parts["hour"] or 0)
    if half := parts.get("half") or parts.get("later_half"):
        hour = hour % _NOON + (_NOON if half[0] in "Pp下" else 0)
    time = f"{hour:02}:{parts['minute']}:{parts['second'] or '00'}"
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

"""A date as people write it, by itself or inside a question -> the days it stands for (pure).

dateparser was weighed. Of twenty ways to write a date here it misses eight: 2020年 is the year 1 to
it; seasons, 民國109年, 二〇二〇年六月, 三年前 and 20210106 are nothing. Within a sentence it
finds dates where there are none ("may I ask", 109年).
"""

import calendar
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple, Self

from corpus.analysis.numerals import read
from corpus.errors import QueryError, QueryFault

_MONTHS_A_YEAR = 12
_MAX_QUOTED = 40
_REPUBLIC = 1911
"""The year before 民國元年."""
_BARE_YEARS = range(1800, 2100)
"""In a sentence any other four digits are a number."""

# Beside width and case the patterns know one form of each character.
_SIMPLIFIED = str.maketrans("個號週禮國兩後這過來間內底間當", "个号周礼国两后这过来间内底间当")


class Days(NamedTuple):
    """The days from the first to the last, both included."""

    first: date
    last: date

    @property
    def value(self) -> str:
        """In ISO 8601, as short as can be: ``2020``, ``2020-06``, ``2020-06-05`` or an interval."""
        if self == _year(self.first.year):
            return f"{self.first.year:04}"
        if self == _month(self.first.year, self.first.month):
            return self.first.isoformat()[: len("2020-06")]
        if self.first == self.last:
            return self.first.isoformat()
        return f"{self.first.isoformat()}/{self.last.isoformat()}"

    @classmethod
    def of_value(cls, value: str) -> Self:
        """Read what :attr:`value` gave."""
        ends = [tuple(map(int, end.split("-"))) for end in value.split("/")]
        return cls(_written(*ends[0]).first, _written(*ends[-1]).last)

    def holds(self, other: "Days") -> bool:
        """Return whether ``other`` lies within."""
        return self.first <= other.first and other.last <= self.last


class DateMention(NamedTuple):
    """A date inside a text."""

    start: int
    end: int
    days: Days
    is_relative: bool
    """It counts from today, so that no article repeats its words: 去年, two weeks ago."""


def days(text: str, today: date) -> Days:
    """Return the days that ``text`` stands for.

    A year, a month, a day, a season or another part of a year, a decade or a range, in figures,
    numerals or words: ``2021``, ``2021-01``, ``20210106``, ``二〇二一年一月六日``,
    ``民國110年``, ``Jan 2021``, ``2021年春天``, ``去年``, ``last week``, ``三年前``. Or the one day
    that is so many days, months or years ago: ``30d``, ``6m``, ``2y``. Width, case and script do
    not matter.

    Args:
        text: as typed.
        today: from which relative dates count.

    Raises:
        QueryError: it is no date, or none of the calendar from year 1 to 9999.
    """
    typed = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if len(typed) <= _MAX_QUOTED:
        typed = typed.translate(_SIMPLIFIED)
        # What no calendar has (a month 13, a day before the first) raises.
        with suppress(ValueError, OverflowError):
            if match := _SHORT_AGO.fullmatch(typed):
                return _one(_ago(today, int(match["count"]), match["unit"]))
            if match := _BARE_YEAR.fullmatch(typed):
                return _year(int(typed))
            for mention in mentions(typed, today):
                if (mention.start, mention.end) == (0, len(typed)):
                    return mention.days
    quoted = text.strip()[:_MAX_QUOTED]
    raise QueryError(
        f"“{quoted}” is not a date: write 2021, 2021-01 or 2021-01-06.",
        QueryFault.NOT_A_DATE,
        quoted,
    )


def mentions(text: str, today: date) -> list[DateMention]:
    """Return the dates inside ``text``, folded, in order; the longest where several are one.

    Args:
        text: a question or a passage, in Simplified characters.
        today: from which relative dates count.
    """
    if not _HINT.search(text):
        return []
    found = sorted(_each(text, today), key=lambda mention: (mention.start, -mention.end))
    apart: list[DateMention] = []
    for mention in found:
        if not apart or mention.start >= apart[-1].end:
            apart.append(mention)
    return list(_opened(_joined(apart, text), text, today))


def _each(text: str, today: date) -> Iterator[DateMention]:
    for pattern, days_of, is_relative in _WRITTEN:
        for match in pattern.finditer(text):
            with suppress(ValueError, OverflowError):
                relative = is_relative or bool(match.groupdict().get("relative"))
                yield DateMention(*match.span(), days_of(match, today), relative)


def _joined(apart: list[DateMention], text: str) -> list[DateMention]:
    """Join what a range begins and ends with: 2015年到2018年, between 2015 and 2018."""
    joined: list[DateMention] = []
    for mention in apart:
        if joined and mention.days.first > joined[-1].days.last:
            last = joined[-1]
            opening = re.search(r"\bbetween\s\Z", text[: last.start])
            between = text[last.end : mention.start]
            if _TO.fullmatch(between) or (opening and between == " and "):
                start = opening.start() if opening else last.start
                span = Days(last.days.first, mention.days.last)
                joined[-1] = DateMention(start, mention.end, span, mention.is_relative)
                continue
        joined.append(mention)
    return joined


def _opened(apart: list[DateMention], text: str, today: date) -> Iterator[DateMention]:
    """Give a side that is left open its end: 2015年以来, before 2015."""
    for start, end, (first, last), is_relative in apart:
        before, after = _BEFORE.search(text[:start]), _AFTER.match(text[end:])
        side = (before and before["side"]) or (after and after["side"])
        if not side:
            yield DateMention(start, end, Days(first, last), is_relative)
            continue
        start_ = before.start() if before else start
        end_ = end + (after.end() if after and not before else 0)
        with suppress(OverflowError):
            if side in _EARLIER:
                yield DateMention(start_, end_, Days(date.min, first - timedelta(1)), is_relative)
            elif first <= today:
                yield DateMention(start_, end_, Days(first, max(today, last)), is_relative)


# What a date is written with.
_DIGIT = "〇零一二三四五六七八九"
_NUMERAL = "一二三四五六七八九十廿卅"
_SMALL = rf"(?:\d{{1,2}}|[{_NUMERAL}]{{1,3}})"
_COUNT = rf"(?P<count>\d{{1,4}}|[{_NUMERAL}两百千]{{1,5}})"
_ALONE = r"(?<![\d.,/$¥€£#a-z第-])"
_NO_YEAR = (
    r"(?![\d%]|[.,/-]\d|[a-z]|\s?(?:[个元人万千亿名次块本家倍度米件位点字条岁公克吨]|多|余"
    r"|(?:people|dollars?|yuan|miles?|km|words|times)\b))"
)
_SEASONS = {
    "春": (3, 5),
    "夏": (6, 8),
    "秋": (9, 11),
    "冬": (12, 14),
    "spring": (3, 5),
    "summer": (6, 8),
    "autumn": (9, 11),
    "fall": (9, 11),
    "winter": (12, 14),
}
_PARTS = {"上半年": (1, 6), "下半年": (7, 12), "初": (1, 3), "底": (11, 12), "末": (11, 12)}
_QUARTER = 3
_MAX_SHORT_YEAR = 100
_YEARS_AGO = {"今年": 0, "去年": 1, "前年": 2, "大前年": 3, "this": 0, "last": 1}
_MONTHS_AGO = {
    "这个月": 0,
    "本月": 0,
    "这月": 0,
    "上个月": 1,
    "上月": 1,
    "上上个月": 2,
    "this month": 0,
    "last month": 1,
}
_WEEKS_AGO = {"这": 0, "本": 0, "上": 1, "上上": 2, "this": 0, "last": 1}
_DAYS_AGO = {
    "今": 0,
    "昨": 1,
    "前": 2,
    "大前": 3,
    "today": 0,
    "tonight": 0,
    "yesterday": 1,
    "last night": 1,
    "the day before yesterday": 2,
}
_MONTH_NAMES: Sequence[str] = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_UNITS = {
    "年": "y",
    "月": "m",
    "周": "w",
    "星期": "w",
    "礼拜": "w",
    "天": "d",
    "日": "d",
    "year": "y",
    "month": "m",
    "week": "w",
    "day": "d",
}
_WORDS = "one two three four five six seven eight nine ten".split()
_WORD_COUNTS = {word: i for i, word in enumerate(_WORDS, 1)} | {"a": 1, "an": 1}
_ENGLISH_COUNT = rf"(?P<count>\d{{1,4}}|an?|{'|'.join(_WORDS)})"
_CHINESE_UNIT = r"(?P<unit>年|(?<=个)月|周|星期|礼拜|天|日)"

_COUNTED = r"\s?[个年月点次人名家万千百亿多余%]"
_ENGLISH_SEASON = "spring|summer|autumn|fall|winter"
_CHINESE_YEAR = rf"""
(?: 民国\s?(?P<republic>\d{{1,3}}|元|[{_NUMERAL}百{_DIGIT}]{{1,5}})\s?年
  | (?:[公西]元\s?)?(?P<year>{_ALONE}\d{{4}}|(?<![{_DIGIT}])[{_DIGIT}]{{4}})\s?年度?(?!代)
  | (?P<short>(?<![\d.,])(?:\d{{2}}(?=年\s?{_SMALL}\s?月)|0\d)
      |(?<![{_DIGIT}十百])[{_DIGIT}]{{2}})年(?![代前后级])
  | (?P<relative>大前年|去年|今年|(?<![以之年从])前年(?![轻龄代级])) )"""
_CHINESE_PART = rf"""
(?: 的?\s? (?:
    (?P<month>{_SMALL})\s?月(?:份)?
        (?: \s?(?P<day>{_SMALL}|初[{_NUMERAL}])\s?[日号]
          | \s?(?P<bare_day>[{_NUMERAL}]{{2,3}}(?![{_NUMERAL}])|初[{_NUMERAL}]|\d{{1,2}}(?!\d))
            (?!{_COUNTED}) )?
  | (?P<season>[春夏秋冬])[天季]
  | (?P<part>[上下]半年|(?<=年)(?:初(?![中级恋选])|[底末](?![国层线日])))
  | 第?(?P<quarter>[一二三四1-4])季度? | q(?P<q>[1-4])(?![a-z0-9]) ) )?"""

# Dates that people mean hold one of these.
_HINT = re.compile(
    r"\d{4}|\d0s|[年周月天晚]|星期|礼拜|[今昨]日|\b(?:last|this|past|ago|today|tonight|yesterday)\b"
    rf"|[{_DIGIT}]{{4}}"
)
_SHORT_AGO = re.compile(r"(?P<count>\d{1,5})\s?(?P<unit>[dmy])", re.ASCII)
_BARE_YEAR = re.compile(r"\d{4}", re.ASCII)
_TO = re.compile(r"\s?(?:到|至|[~～–—-]|to|until|till)\s?")
_BEFORE = re.compile(r"\b(?P<side>before|since|after)\s\Z")
_AFTER = re.compile(r"\s?(?P<side>(?:以|之)[前来后]|至今|前\Z)")
_EARLIER = {"before", "以前", "之前", "前"}


def _of_bare(match: re.Match[str], today: date) -> Days:
    if _number(match["year"]) not in _BARE_YEARS:
        raise ValueError
    return _of_parts(match, today)


def _of_years(match: re.Match[str], today: date) -> Days:
    years = sorted({int(match["year"]), int(match["until"])})
    if not all(year in _BARE_YEARS for year in years) or years[0] > today.year:
        raise ValueError
    return Days(_year(years[0]).first, _year(years[-1]).last)


def _of_parts(match: re.Match[str], today: date) -> Days:
    """Return the days of a year, or of a part of it."""
    parts = match.groupdict()
    year = _year_of(parts, today)
    if not date.min.year <= year <= date.max.year:
        raise ValueError
    month, day = parts.get("month"), parts.get("day") or parts.get("bare_day")
    if name := parts.get("name"):
        month = str(_MONTH_NAMES.index(name[:3]) + 1)
    if month:
        numbers = [_number(month)] + ([_number(day.removeprefix("初"))] if day else [])
        return _written(year, *numbers)
    if season := parts.get("season"):
        return _months(year, *_SEASONS[season])
    if part := parts.get("part"):
        return _months(year, *_PARTS[part])
    if quarter := parts.get("quarter") or parts.get("q"):
        last = _number(quarter) * _QUARTER
        return _months(year, last - _QUARTER + 1, last)
    return _year(year)


def _year_of(parts: dict[str, str | None], today: date) -> int:
    if republic := parts.get("republic"):
        return _REPUBLIC + (1 if republic == "元" else _number(republic))
    if relative := parts.get("relative"):
        return today.year - _YEARS_AGO[relative]
    if short := parts.get("short"):
        year = _number(short)
        # 九七年 was the last one of that name.
        return max(century + year for century in (1900, 2000) if century + year <= today.year + 1)
    return _number(parts.get("year") or "")


def _of_decade(match: re.Match[str], today: date) -> Days:
    first = _number(match["decade"])
    if first < _MAX_SHORT_YEAR:
        first += max(century for century in (1900, 2000) if century + first <= today.year)
    return Days(date(first, 1, 1), date(first + 9, 12, 31))


def _of_months_ago(match: re.Match[str], today: date) -> Days:
    return _month(*_month_before(today, _MONTHS_AGO[match[0]]))


def _of_weeks_ago(match: re.Match[str], today: date) -> Days:
    return _week(today, _WEEKS_AGO[match["which"]])


def _of_days_ago(match: re.Match[str], today: date) -> Days:
    return _one(today - timedelta(_DAYS_AGO[match["which"]]))


def _of_ago(match: re.Match[str], today: date) -> Days:
    """Return the year, month, week or day that was so long ago."""
    count, unit = _number(match["count"]), _UNITS[match["unit"]]
    if unit == "y":
        if count >= _BARE_YEARS.start:  # 2021年以前 is before that year
            raise ValueError
        return _year(today.year - count)
    if unit == "m":
        return _month(*_month_before(today, count))
    return _week(today, count) if unit == "w" else _one(today - timedelta(count))


def _of_past(match: re.Match[str], today: date) -> Days:
    """Return the days from so long ago until today."""
    count, unit = _number(match["count"]), _UNITS[match["unit"]]
    if unit == "w":
        return Days(today - timedelta(7 * count), today)
    return Days(_ago(today, count, unit), today)


_WRITTEN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Days], bool], ...] = tuple(
    (re.compile(pattern, re.VERBOSE | re.ASCII), days_of, is_relative)
    for pattern, days_of, is_relative in (
        (_CHINESE_YEAR + _CHINESE_PART, _of_parts, False),
        (
            rf"{_ALONE}(?P<year>\d{{4}})\s?[-~–—]\s?(?P<until>\d{{4}})(?![\d-])年?",
            _of_years,
            False,
        ),
        # Without 年 it is a year where no unit says what else the number counts.
        (
            rf"""(?:\b(?:in|of|from|during)\s)?
            (?P<year>{_ALONE}\d{{4}}|(?<![{_DIGIT}])[一二][{_DIGIT}]{{3}}(?![{_DIGIT}])){_NO_YEAR}
            (?: \s?(?P<season>[春夏秋冬])[天季] | \s?(?P<part>[上下]半年)
              | \s?q(?P<quarter>[1-4])\b )?""",
            _of_bare,
            False,
        ),
        (
            rf"""{_ALONE}(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}})
            (?:(?P=mark)(?P<day>\d{{1,2}})|(?<!\.\d)(?<!\.\d\d))(?!\d|[-/.]\d|[a-z])""",
            _of_parts,
            False,
        ),
        (
            r"(?<![\da-z])(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?![\da-z])",
            _of_parts,
            False,
        ),
        (
            rf"""\b{_MONTH_NAME}\s(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s)?(?:of\s|in\s)?
            (?P<year>\d{{4}})(?!\d)""",
            _of_parts,
            False,
        ),
        (
            rf"""\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH_NAME},?\s
            (?P<year>\d{{4}})(?!\d)""",
            _of_parts,
            False,
        ),
        (
            rf"\b(?P<season>{_ENGLISH_SEASON})\s(?:of\s|in\s)?(?P<year>\d{{4}})(?!\d)",
            _of_parts,
            False,
        ),
        (rf"\b(?P<relative>last|this)\s(?P<season>{_ENGLISH_SEASON})\b", _of_parts, False),
        (r"\b(?P<relative>last|this)\syear\b", _of_parts, False),
        (r"(?<!\d)(?:the\s)?(?P<decade>(?:1[89]|20)?\d0)\s?(?:年代|'?s\b)", _of_decade, False),
        (rf"(?P<decade>[{_NUMERAL}]十|[{_DIGIT}]{{2}}|[{_DIGIT}]{{4}})年代", _of_decade, False),
        (
            "|".join(sorted(_MONTHS_AGO, key=len, reverse=True)).replace(" ", r"\s"),
            _of_months_ago,
            True,
        ),
        (r"(?P<which>上上|上|这|本)个?(?:周|星期|礼拜)(?![年岁边围])", _of_weeks_ago, True),
        (r"\b(?P<which>this|last)\sweek\b", _of_weeks_ago, True),
        (r"(?P<which>大前|(?<![之以年目提从])前|[今昨])[天晚]", _of_days_ago, True),
        (r"(?P<which>[今昨])日", _of_days_ago, True),
        (
            r"\b(?P<which>the\sday\sbefore\syesterday|yesterday|today|tonight|last\snight)\b",
            _of_days_ago,
            True,
        ),
        (rf"(?<![几数\d]){_COUNT}\s?个?{_CHINESE_UNIT}[以之]?前", _of_ago, True),
        (rf"\b{_ENGLISH_COUNT}\s(?P<unit>year|month|week|day)s?\sago\b", _of_ago, True),
        (
            rf"(?:最近|(?<![最附])近|过去|这)\s?{_COUNT}\s?个?{_CHINESE_UNIT}(?:以?来|[间内])?(?!前)",
            _of_past,
            True,
        ),
        (rf"\b(?:last|past)\s{_ENGLISH_COUNT}\s(?P<unit>year|month|week|day)s?\b", _of_past, True),
    )
)
"""How dates are written: an expression, its days, and whether they count from today."""


def _number(written: str) -> int:
    number = _WORD_COUNTS.get(written)
    number = read(written) if number is None else number
    if number is None:
        raise ValueError
    return number


def _written(year: int, month: int | None = None, day: int | None = None) -> Days:
    if month is None:
        return _year(year)
    return _month(year, month) if day is None else _one(date(year, month, day))


def _one(day: date) -> Days:
    return Days(day, day)


def _year(year: int) -> Days:
    return Days(date(year, 1, 1), date(year, 12, 31))


def _month(year: int, month: int) -> Days:
    first = date(year, month, 1)
    return Days(first, first.replace(day=calendar.monthrange(year, month)[1]))


def _months(year: int, first: int, last: int) -> Days:
    """Return the days from one month of ``year`` to another, maybe of the next year."""
    later, month = divmod(last - 1, _MONTHS_A_YEAR)
    return Days(_month(year, first).first, _month(year + later, month + 1).last)


def _week(today: date, weeks: int) -> Days:
    monday = today - timedelta(today.weekday() + 7 * weeks)
    return Days(monday, monday + timedelta(6))


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

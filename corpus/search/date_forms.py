"""How dates are written, in three languages: an expression and its days (pure).

dateparser was weighed. Of twenty ways to write a date here it misses eight: 2020年 is the year 1 to
it; seasons, 民國109年, 二〇二〇年六月, 三年前 and 20210106 are nothing. Within a sentence it
finds dates where there are none ("may I ask", 109年).
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from corpus.analysis.numerals import read
from corpus.search.periods import (
    MONTHS_A_YEAR,
    Days,
    ago,
    month,
    month_ago,
    months,
    one_day,
    quarter,
    quarter_ago,
    week_ago,
    written,
    year,
    years,
)
from corpus.search.year_numbers import ALONE, BARE_YEARS, NO_YEAR, is_year


class Form(NamedTuple):
    """A way to write a date."""

    pattern: re.Pattern[str]
    days_of: Callable[[re.Match[str], date], Days]
    """Given the match and today. Raises ValueError or OverflowError where it is no date."""
    is_relative: bool
    """Whether it counts from today. A match with a group ``relative`` does so, too."""
    literal: str
    """Part of every match: looking for it first is faster by far."""


_REPUBLIC = 1911
"""The year before 民國元年."""
_MAX_SHORT_YEAR = 100
_CENTURY = 100

# What a date is written with, folded: patterns know one form of each character.
_DIGIT = "〇零一二三四五六七八九"
_NUMERAL = "一二三四五六七八九十廿卅"
_SMALL = rf"(?:\d{{1,2}}|[{_NUMERAL}]{{1,3}})"
_MONTH = "(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_COUNT = rf"(?P<count>\d{{1,4}}|[{_NUMERAL}两百千]{{1,5}})"

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
_PARTS = {
    "上半年": (1, 6),
    "下半年": (7, 12),
    "初": (1, 3),
    "中": (5, 8),
    "底": (11, 12),
    "末": (11, 12),
    "beginning": (1, 3),
    "start": (1, 3),
    "early": (1, 4),
    "mid": (5, 8),
    "middle": (5, 8),
    "late": (9, 12),
    "end": (11, 12),
    "first half": (1, 6),
    "second half": (7, 12),
    "h1": (1, 6),
    "h2": (7, 12),
}
_YEARS_AGO = {
    "今年": 0,
    "去年": 1,
    "前年": 2,
    "大前年": 3,
    "this": 0,
    "last": 1,
    "the year before last": 2,
}
_MONTHS_AGO = {
    "这个月": 0,
    "本月": 0,
    "这月": 0,
    "上个月": 1,
    "上月": 1,
    "上上个月": 2,
    "this month": 0,
    "last month": 1,
    "the month before last": 2,
}
_AGO = {"这": 0, "本": 0, "上": 1, "上上": 2, "this": 0, "last": 1, "the week before last": 2}
_DAYS_AGO = {
    "今": 0,
    "昨": 1,
    "前": 2,
    "大前": 3,
    "大大前": 4,
    "today": 0,
    "tonight": 0,
    "yesterday": 1,
    "last night": 1,
    "the day before yesterday": 2,
}
_WEEKDAYS = {char: i for i, char in enumerate("一二三四五六日")} | {"天": 6}
_WEEKDAY_NAMES: Sequence[str] = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTH_NAMES: Sequence[str] = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
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
_HALVES = {"年": (6, "m"), "year": (6, "m"), "月": (2, "w"), "month": (2, "w")}
"""What half of a unit is."""
_WORDS = "one two three four five six seven eight nine ten".split()
_WORD_COUNTS = {word: i for i, word in enumerate(_WORDS, 1)} | {"a": 1, "an": 1}
_ENGLISH_COUNT = rf"(?P<count>\d{{1,4}}|an?|{'|'.join(_WORDS)})"
_CHINESE_UNIT = r"(?P<unit>年|(?<=个)月|周|星期|礼拜|天|日)"
_CENTURIES = {"上": 20, "本": 21}

_COUNTED = r"\s?[个年月点次人名家万千百亿多余%]"
_ENGLISH_SEASON = "spring|summer|autumn|fall|winter"
_CHINESE_YEAR = rf"""
(?: 民国\s?(?P<republic>\d{{1,3}}|元|[{_NUMERAL}百{_DIGIT}]{{1,5}})\s?年
  | (?P<republic_year>(?<![\d.,第])1\d\d)年(?=\s?{_SMALL}\s?月)
  | (?:[公西]元\s?)?(?P<year>{ALONE}\d{{4}}|(?<![{_DIGIT}])[{_DIGIT}]{{4}})\s?年度?(?!代)
  | (?P<short>(?<![\d.,])(?:\d{{2}}(?=年\s?{_SMALL}\s?月)|0\d)
      |(?<![{_DIGIT}十百])[{_DIGIT}]{{2}})年(?![代前后级])
  | (?P<relative>大前年|去年|今年|(?<![以之年从])前年(?![轻龄代级])) )"""
_PART_OF_YEAR = r"(?:初(?![中级恋选])|[底末](?![国层线日])|中(?=$|[\s的时,，。?？]))"
_CHINESE_PART = rf"""
(?: 的?\s? (?:
    (?P<month>{_MONTH})\s?(?:月(?:份)?)?\s?[到至~～–—-]\s?(?P<until>{_MONTH})\s?月(?:份)?
  | (?P<month_>{_SMALL})\s?月(?:份)?
        (?: \s?(?P<day>{_SMALL}|初[{_NUMERAL}])\s?[日号]
          | \s?(?P<bare_day>[{_NUMERAL}]{{2,3}}(?![{_NUMERAL}])|初[{_NUMERAL}]|\d{{1,2}}(?!\d))
            (?!{_COUNTED}) )?
  | (?P<season>[春夏秋冬])(?:[天季]|(?=$|[\s的]))
  | (?P<part>[上下]半年|(?<=年){_PART_OF_YEAR}|(?<=年)年[初底末中])
  | 第?(?P<quarter>[一二三四1-4])季度? | q(?P<q>[1-4])(?![a-z0-9]) ) )?"""


# Of a match and today, the days.


def _of_bare(match: re.Match[str], today: date) -> Days:
    """Return the days of a year without 年, unless the number beside other words is none."""
    if not is_year(_number(match["year"]), match, today):
        raise ValueError
    return _of_parts(match, today)


def _of_years(match: re.Match[str], today: date) -> Days:
    first, last = sorted({int(match["year"]), int(match["until"])})
    if first not in BARE_YEARS or last not in BARE_YEARS or first > today.year:
        raise ValueError
    return years(first, last)


def _of_parts(match: re.Match[str], today: date) -> Days:
    """Return the days of a year, or of a part of it."""
    parts = match.groupdict()
    number = _year_of(parts, today)
    if not date.min.year <= number <= date.max.year:
        raise ValueError
    if until := parts.get("until"):
        first, last = _number(parts["month"] or ""), _number(until)
        return months(number, first, last if first <= last else last + MONTHS_A_YEAR)
    month_ = parts.get("month") or parts.get("month_")
    day = parts.get("day") or parts.get("bare_day")
    if name := parts.get("name"):
        month_ = str(_MONTH_NAMES.index(name[:3]) + 1)
    if month_:
        numbers = [_number(month_)] + ([_number(day.removeprefix("初"))] if day else [])
        return written(number, *numbers)
    if season := parts.get("season"):
        return months(number, *_SEASONS[season])
    if part := parts.get("part"):
        return months(number, *_PARTS[part.removeprefix("年")])
    if which := parts.get("quarter") or parts.get("q"):
        return quarter(number, _ORDINALS.get(which) or _number(which))
    return year(number)


def _year_of(parts: dict[str, str | None], today: date) -> int:
    if republic := parts.get("republic") or parts.get("republic_year"):
        number = _REPUBLIC + (1 if republic == "元" else _number(republic))
        if parts.get("republic_year") and number > today.year + 1:
            raise ValueError
        return number
    if relative := parts.get("relative"):
        return today.year - _YEARS_AGO[relative]
    if short := parts.get("short"):
        number = _number(short)
        # 九七年 was the last one of that name.
        return max(
            century + number for century in (1900, 2000) if century + number <= today.year + 1
        )
    return _number(parts.get("year") or "")


def _of_decade(match: re.Match[str], today: date) -> Days:
    first = _number(match["decade"])
    century = match.groupdict().get("century")
    if first < _MAX_SHORT_YEAR and century:
        first += ((_CENTURIES.get(century) or _number(century)) - 1) * _CENTURY
    elif first < _MAX_SHORT_YEAR:
        first += max(century for century in (1900, 2000) if century + first <= today.year)
    return years(first, first + 9)


def _of_month_ago(match: re.Match[str], today: date) -> Days:
    return month_ago(today, _MONTHS_AGO[match[0]])


def _of_last_month_of_name(match: re.Match[str], today: date) -> Days:
    """Return the last month of a name that is over, or this year's."""
    number = _MONTH_NAMES.index(match["name"][:3]) + 1
    is_last = match["which"] == "last" and number >= today.month
    return month(today.year - is_last, number)


def _of_week_ago(match: re.Match[str], today: date) -> Days:
    days = week_ago(today, _AGO[match["which"]])
    weekday = match.groupdict().get("weekday")
    return one_day(days.first + timedelta(_WEEKDAYS[weekday])) if weekday else days


def _of_last_weekday(match: re.Match[str], today: date) -> Days:
    back = (today.weekday() - _WEEKDAY_NAMES.index(match["weekday"]) - 1) % 7 + 1
    return one_day(today - timedelta(back))


def _of_quarter_ago(match: re.Match[str], today: date) -> Days:
    return quarter_ago(today, _AGO[match["which"]])


def _of_day_ago(match: re.Match[str], today: date) -> Days:
    return one_day(today - timedelta(_DAYS_AGO[match["which"]]))


def _of_this_day(match: re.Match[str], today: date) -> Days:
    return one_day(ago(today, _YEARS_AGO[match["which"]], "y"))


def _of_ago(match: re.Match[str], today: date) -> Days:
    """Return the year, month, week or day that was so long ago."""
    count, unit = _number(match["count"]), _UNITS[match["unit"]]
    if match.groupdict().get("half"):
        if unit != "y":
            raise ValueError
        count, unit = count * MONTHS_A_YEAR + 6, "m"
    if unit == "y":
        if count >= BARE_YEARS.start:  # 2021年以前 is before that year
            raise ValueError
        return year(today.year - count)
    return _that_was(today, count, unit)


def _of_half_ago(match: re.Match[str], today: date) -> Days:
    return _that_was(today, *_HALVES[match["unit"]])


def _that_was(today: date, count: int, unit: str) -> Days:
    if unit == "m":
        return month_ago(today, count)
    return week_ago(today, count) if unit == "w" else one_day(today - timedelta(count))


def _of_past(match: re.Match[str], today: date) -> Days:
    """Return the days from so long ago until today."""
    count = match.groupdict().get("count")
    return Days(ago(today, _number(count) if count else 1, _UNITS[match["unit"]]), today)


def _of_past_half(match: re.Match[str], today: date) -> Days:
    return Days(ago(today, *_HALVES[match["unit"]]), today)


def _of_half_year(match: re.Match[str], today: date) -> Days:
    return _latest(lambda number: months(number, *_PARTS[match[0]]), today)


def _of_short_ago(match: re.Match[str], today: date) -> Days:
    return one_day(ago(today, int(match["count"]), match["unit"]))


def _of_year_alone(match: re.Match[str], _: date) -> Days:
    return year(int(match[0]))


def _of_month_alone(match: re.Match[str], _: date) -> Days:
    return month(int(match["year"]), int(match["month"]))


def _of_part_alone(match: re.Match[str], today: date) -> Days:
    """Return the latest days of that name that have begun."""
    parts = match.groupdict()

    def of_year(number: int) -> Days:
        if name := parts["name"]:
            return month(number, _MONTH_NAMES.index(name[:3]) + 1)
        if part := parts["part"]:
            return months(number, *_PARTS[part])
        if which := parts["quarter"] or parts["q"]:
            return quarter(number, _number(which))
        day = parts["day"]
        return written(number, _number(parts["month"] or ""), *([_number(day)] if day else []))

    return _latest(of_year, today)


def _latest(of_year: Callable[[int], Days], today: date) -> Days:
    this = of_year(today.year)
    return this if this.first <= today else of_year(today.year - 1)


def _number(text: str) -> int:
    number = _WORD_COUNTS.get(text)
    number = read(text) if number is None else number
    if number is None:
        raise ValueError(text)
    return number


def _form(
    pattern: str,
    days_of: Callable[[re.Match[str], date], Days],
    literal: str = "",
    *,
    starts: str = "",
    is_relative: bool = False,
) -> Form:
    """Return a form; ``starts``, if given, are all characters that a match can begin with."""
    # An expression that begins with alternatives or assertions tries all of them at each character.
    begin = f"(?=[{starts}])" if starts else ""
    expression = re.compile(f"{begin}(?:{pattern})", re.VERBOSE | re.ASCII)
    return Form(expression, days_of, is_relative, literal)


_ENGLISH_YEAR = r"(?:,?\s(?:of\s|in\s)?)(?P<year>\d{4})(?!\d)"
_ENGLISH_QUARTER = (
    r"(?:q(?P<q>[1-4])|(?:the\s)?(?P<quarter>first|second|third|fourth|last)\squarter)"
)
_ENGLISH_PART = (
    r"(?:the\s)?(?P<part>(?:first|second)\shalf|beginning|start|middle|end|early|mid|late|h[12])"
)

FORMS = (
    _form(_CHINESE_YEAR + _CHINESE_PART, _of_parts, "年", starts=rf"\d{_DIGIT}民公西大去今前"),
    _form(
        rf"{ALONE}(?P<year>\d{{4}})\s?[-~–—]\s?(?P<until>\d{{4}})(?![\d-])年?",
        _of_years,
        starts=r"\d",
    ),
    # Without 年 it is a year where no unit says what else the number counts.
    _form(
        rf"""(?:\b(?:in|of|from|during)\s)?
        (?P<year>{ALONE}\d{{4}}|(?<![{_DIGIT}])[一二][{_DIGIT}]{{3}}(?![{_DIGIT}])){NO_YEAR}
        (?: \s?(?P<season>[春夏秋冬])[天季] | \s?(?P<part>[上下]半年) )?""",
        _of_bare,
        starts=r"\d一二dfio",
    ),
    _form(
        rf"""{ALONE}(?P<year>\d{{4}})
        (?: [\s-]?(?:q(?P<q>[1-4])|(?P<part>h[12]))(?![a-z0-9])
          | \s(?:(?P<season>{_ENGLISH_SEASON})\b
            | {_MONTH_NAME}(?![a-z])(?:\s(?P<day>\d{{1,2}})(?!\d))?) )""",
        _of_parts,
        starts=r"\d",
    ),
    _form(rf"\b{_ENGLISH_QUARTER}{_ENGLISH_YEAR}", _of_parts, starts="flqst"),
    _form(
        rf"\b{_ENGLISH_PART}(?:[\s-]|\sof\s)(?P<year>\d{{4}})(?!\d)", _of_parts, starts="befhlmst"
    ),
    _form(
        rf"""{ALONE}(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}})
        (?:(?P=mark)(?P<day>\d{{1,2}})|(?<!\.\d)(?<!\.\d\d))(?!\d|[-/.]\d|[a-z])""",
        _of_parts,
        starts=r"\d",
    ),
    _form(
        r"(?<![\da-z])(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?![\da-z])",
        _of_parts,
        starts="12",
    ),
    _form(
        rf"""\b{_MONTH_NAME}\s(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s)?(?:of\s|in\s)?
        (?P<year>\d{{4}})(?!\d)""",
        _of_parts,
    ),
    _form(
        rf"""\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH_NAME},?\s
        (?P<year>\d{{4}})(?!\d)""",
        _of_parts,
        starts=r"\d",
    ),
    _form(
        rf"\b(?P<season>{_ENGLISH_SEASON})\s(?:of\s|in\s)?(?P<year>\d{{4}})(?!\d)",
        _of_parts,
    ),
    _form(rf"\b(?P<relative>last|this)\s(?P<season>{_ENGLISH_SEASON})\b", _of_parts, starts="lt"),
    _form(r"\b(?P<relative>last|this)\syear\b", _of_parts, "year"),
    _form(r"\b(?P<relative>the\syear\sbefore\slast)\b", _of_parts, "before last"),
    _form(rf"\b{_ENGLISH_PART}(?:\sof)?\s(?P<relative>last|this)\syear\b", _of_parts, "year"),
    _form(
        r"(?<!\d)(?:the\s)?'?(?P<decade>(?:1[89]|20)?\d0)\s?'?s\b", _of_decade, "s", starts=r"\dt'"
    ),
    _form(
        rf"""(?:(?P<century>上|本|[12]\d|二?十九|二十一?)(?:个?)世纪的?)?
        (?<!\d)(?P<decade>(?:1[89]|20)?\d0|[{_NUMERAL}]十|[{_DIGIT}]{{2}}|[{_DIGIT}]{{4}})\s?年代""",
        _of_decade,
        "年代",
    ),
    _form(
        rf"(?:{'|'.join(sorted(_MONTHS_AGO, key=len, reverse=True))})".replace(" ", r"\s"),
        _of_month_ago,
        is_relative=True,
    ),
    _form(
        rf"\b(?P<which>last|this)\s{_MONTH_NAME}(?![a-z])(?!\s\d)",
        _of_last_month_of_name,
        is_relative=True,
    ),
    _form(
        r"""(?P<which>上上|上|这|本)个?(?:周|星期|礼拜)(?![年岁边围])
        (?:(?P<weekday>[一二三四五六]|日(?![本报元])|天)(?![个名人位次年月点十百千万共些样直部起家]))?""",
        _of_week_ago,
        starts="上这本",
        is_relative=True,
    ),
    _form(r"\b(?P<which>this|last)\sweek\b", _of_week_ago, "week", is_relative=True),
    _form(r"\b(?P<which>the\sweek\sbefore\slast)\b", _of_week_ago, "before last", is_relative=True),
    _form(
        rf"\blast\s(?P<weekday>{'|'.join(_WEEKDAY_NAMES)})\b",
        _of_last_weekday,
        "last ",
        is_relative=True,
    ),
    _form(
        r"(?P<which>上上|上|这|本)(?:一?个?季度|一?季)(?![节军赛])",
        _of_quarter_ago,
        "季",
        is_relative=True,
    ),
    _form(r"\b(?P<which>this|last)\squarter\b", _of_quarter_ago, "quarter", is_relative=True),
    _form(r"(?<![年度\d])[上下]半年", _of_half_year, "半年", is_relative=True),
    _form(
        r"(?P<which>大大?前|(?<![之以年目提从大])前|[今昨])[天晚]",
        _of_day_ago,
        starts="大前今昨",
        is_relative=True,
    ),
    _form(r"(?P<which>[今昨])日", _of_day_ago, "日", is_relative=True),
    _form(r"(?P<which>去年|前年)的?今[天日]", _of_this_day, "今", is_relative=True),
    _form(
        r"\b(?P<which>the\sday\sbefore\syesterday|yesterday|today|tonight|last\snight)\b",
        _of_day_ago,
        starts="lty",
        is_relative=True,
    ),
    _form(
        rf"(?<![几数\d]){_COUNT}\s?个?{_CHINESE_UNIT}(?P<half>半)?[以之]?前",
        _of_ago,
        "前",
        starts=rf"\d{_NUMERAL}两百千",
        is_relative=True,
    ),
    _form(r"(?<!\d)半\s?个?(?P<unit>年|月)[以之]?前", _of_half_ago, "半", is_relative=True),
    _form(
        rf"\b{_ENGLISH_COUNT}\s(?P<unit>year|month|week|day)s?\sago\b",
        _of_ago,
        "ago",
        is_relative=True,
    ),
    _form(r"\bhalf\sa\s(?P<unit>year|month)\sago\b", _of_half_ago, "ago", is_relative=True),
    _form(
        rf"(?:最近|(?<![最附])近|过去|这)\s?{_COUNT}\s?个?{_CHINESE_UNIT}(?:以?来|[间内])?(?!前)",
        _of_past,
        starts="最近过这",
        is_relative=True,
    ),
    _form(
        r"(?:最近|(?<![最附])近|过去|这)\s?半\s?个?(?P<unit>年|月)(?:以?来|[间内])?(?!前)",
        _of_past_half,
        "半",
        starts="最近过这",
        is_relative=True,
    ),
    _form(
        rf"\b(?:last|past)\s{_ENGLISH_COUNT}\s(?P<unit>year|month|week|day)s?\b",
        _of_past,
        starts="lp",
        is_relative=True,
    ),
    _form(r"\bpast\s(?P<unit>year|month|week|day)\b", _of_past, "past", is_relative=True),
    _form(
        r"\b(?:last|past)\shalf\s(?P<unit>year|month)\b", _of_past_half, "half", is_relative=True
    ),
)
"""Inside a text."""

FORMS_ALONE = (
    _form(r"(?P<count>\d{1,5})\s?(?P<unit>[dwmy])", _of_short_ago, is_relative=True),
    _form(r"\d{4}", _of_year_alone),
    _form(r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])", _of_month_alone),
    _form(
        rf"""(?P<month>{_SMALL})\s?月(?:份|\s?(?P<day>{_SMALL})\s?[日号])?
        | {_MONTH_NAME} | 年(?P<part>[初中底末]) | 第?(?P<quarter>[一二三四1-4])季度?
        | q(?P<q>[1-4])""",
        _of_part_alone,
        is_relative=True,
    ),
)
"""Only where nothing else is typed: beside other words they mean other things as often."""

"""The numbers of a text, however they are written: 3,000, 三千, 二〇二〇, 民国109年 (pure).

cn2an was weighed: it reads a numeral well, but cannot find one in a text (一下子 becomes 1下子).
The finding would stay here, and the reading that it would save is twenty lines.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1_000}
_LARGE_UNITS = {"万": 10_000, "亿": 100_000_000}
_TENS = {"廿": 20, "卅": 30}
_NUMERAL = "".join([*_DIGITS, *_SMALL_UNITS, *_LARGE_UNITS, *_TENS])

_D = "[一二三四五六七八九两]"
_SECTION = rf"(?:{_D}千零?)?(?:{_D}百零?)?(?:{_D}?十|[廿卅])?{_D}?"
_BY_VALUE = re.compile(rf"(?:{_SECTION}亿零?)?(?:{_SECTION}万零?)?{_SECTION}")
_BY_DIGIT = re.compile(r"[〇零一二三四五六七八九]+")
_BEGINS = re.compile(r"[一二三四五六七八九两十廿卅]")
_ZERO = re.compile("[〇零]")
_SHORT_BY_DIGIT = len("九一一")

_FOUND = re.compile(
    rf"""民国\s?(?P<republic>\d{{1,3}}|元|[{_NUMERAL}]{{1,4}})(?=\s?年)
    | (?<![a-z0-9.,]) (?P<digits>\d{{1,3}}(?:,\d{{3}})+|\d+) (?P<fraction>\.\d+)?
        (?: (?P<units>[百千]?[万亿]|[百千]) | (?![a-z0-9]|[.,]\d) )
    | (?<![几数{_NUMERAL}]) (?P<numeral>[{_NUMERAL}]{{2,}}) (?![多余来几][万亿])""",
    re.VERBOSE | re.ASCII,
)
_OTHER_STARTS = rf"(?<=[{_NUMERAL}])[{_NUMERAL}]|(?<=民)国"
_START = re.compile(rf"[0-9民{_NUMERAL}](?:(?<=[0-9])|{_OTHER_STARTS})")
"""Where a number may begin. It costs a quarter of trying the whole expression everywhere, as a set
of characters comes first, for which the engine looks without a step for each alternative."""
_REWRITTEN_START = re.compile(
    rf"""[0-9民{_NUMERAL}](?:
        (?<![a-z0-9.,][0-9])(?<=[0-9])[0-9]*(?=,[0-9]{{3}}|(?:\.[0-9]+)?[百千万亿])
        |{_OTHER_STARTS})""",
    re.VERBOSE,
)
"""The same for a number that is not written in digits alone."""
_REPUBLIC = 1911
"""The year before 民國元年."""
_MAX_NUMERAL = 20
"""Characters: what is longer is no number anybody would ask for."""


class Number(NamedTuple):
    """A number in a text."""

    start: int
    end: int
    """Of the numeral itself: of 民国109年 these are the three digits."""
    value: str
    """In digits, as a term: 3000 for 三千, 2020 for the 109 of 民国109年, 007 for 〇〇七."""


def numbers(text: str) -> list[Number]:
    """Return the numbers of ``text``, folded, in order.

    A single numeral is none, 一 being a word more often than a number; nor is what counts roughly
    (数千万, 四五十, 三十多万) or what only looks like a number (万一, 千万).
    """
    return list(_numbers(text, _START))


def _numbers(text: str, starts: re.Pattern[str]) -> Iterator[Number]:
    end = 0
    while start := starts.search(text, end):
        match = _FOUND.match(text, start.start())
        if match is None:
            end = start.start() + 1
            continue
        end = match.end()
        if match["republic"]:
            year = 1 if match["republic"] == "元" else read(match["republic"])
            if year:
                yield Number(*match.span("republic"), str(_REPUBLIC + year))
        elif match["digits"]:
            value = _of_digits(match)
            if value is not None:
                yield Number(*match.span(), value)
        else:
            value = _of_numeral(match["numeral"], is_year=text.startswith("年", match.end()))
            if value is not None:
                yield Number(*match.span("numeral"), value)


def in_digits(text: str) -> str:
    """Return ``text``, folded, with its numbers in digits, to be compared character by character.

    The year of 民国109年 as well, whatever the calendar: a question is rewritten like its passages.
    """
    pieces: list[str] = []
    end = 0
    for number in _numbers(text, _REWRITTEN_START):
        pieces += (text[end : number.start], number.value)
        end = number.end
    return "".join([*pieces, text[end:]])


def read(written: str) -> int | None:
    """Return the value of ``written``, in digits or numerals; None where it is no number."""
    if written.isascii():
        return int(written) if written.isdigit() and len(written) <= _MAX_NUMERAL else None
    if _BY_DIGIT.fullmatch(written):
        return int("".join(str(_DIGITS[char]) for char in written))
    if _BEGINS.match(written) and _BY_VALUE.fullmatch(written):
        return _by_value(written)
    return None


def _of_digits(match: re.Match[str]) -> str | None:
    """Return the value of digits with units; None of a decimal number, which stays as written."""
    digits, fraction = match["digits"].replace(",", ""), match["fraction"] or ""
    if len(digits) + len(fraction) > _MAX_NUMERAL:
        return None
    if not match["units"]:
        return None if fraction else digits
    # Decimal fractions of a unit in whole numbers: 1.1 times 100,000,000 is no float's business.
    scale = 10 ** max(len(fraction) - 1, 0)
    unit = 1
    for char in match["units"]:
        unit *= (_SMALL_UNITS | _LARGE_UNITS)[char]
    value, rest = divmod(int(digits + fraction[1:]) * unit, scale)
    return None if rest else str(value)


def _of_numeral(written: str, *, is_year: bool) -> str | None:
    if len(written) > _MAX_NUMERAL:
        return None
    if _BY_DIGIT.fullmatch(written):
        # 三四 is three or four; 九七年, 一〇 and 九一一 are digit by digit.
        if len(written) < _SHORT_BY_DIGIT and not is_year and not _ZERO.search(written):
            return None
        return "".join(str(_DIGITS[char]) for char in written)
    value = read(written)
    return None if value is None else str(value)


def _by_value(written: str) -> int:
    total = section = digit = 0
    unit = 1  # the last one
    for char in written:
        if char in _LARGE_UNITS:
            unit = _LARGE_UNITS[char]
            total += (section + digit) * unit
            section = digit = 0
        elif char in _SMALL_UNITS:
            unit = _SMALL_UNITS[char]
            section += (digit or 1) * unit
            digit = 0
        elif char in _TENS:
            section += _TENS[char]
            unit = 10
        elif _DIGITS[char]:
            digit = _DIGITS[char]
        else:
            unit = 10  # after 零 a digit counts ones
    # 两百五 is 250, 一万二 is 12,000
    return total + section + digit * (unit // 10 if unit > 10 else 1)  # noqa: PLR2004 (of tens)

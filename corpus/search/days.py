"""A date as people write it, by itself or inside a question -> the days it stands for (pure)."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

from corpus.errors import QueryError, QueryFault
from corpus.search.date_forms import FORMS, FORMS_ALONE
from corpus.search.periods import Days

_MAX_QUOTED = 40

# Beside width and case the patterns know one form of each character.
_SIMPLIFIED = str.maketrans("個號週禮國兩後這過來間內底間當紀", "个号周礼国两后这过来间内底间当纪")


class DateMention(NamedTuple):
    """A date inside a text."""

    start: int
    end: int
    days: Days
    is_relative: bool
    """It counts from today, so that no article repeats its words: 去年, two weeks ago."""


def days(text: str, today: date) -> Days:
    """Return the days that ``text`` stands for.

    A year, a month, a day, a season, a quarter or another part of a year, a decade or a range, in
    figures, numerals or words: ``2021``, ``2021-01``, ``20210106``, ``二〇二一年一月六日``,
    ``民國110年``, ``Jan 2021``, ``2021Q1``, ``2021年春天``, ``去年``, ``last week``, ``三年前``.
    Or the one day that is so many days, weeks, months or years ago: ``30d``, ``3w``, ``6m``,
    ``2y``. A month, a quarter or a part of a year without its year is the latest that has begun.
    Width, case and script do not matter.

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
            for form in FORMS_ALONE:
                if match := form.pattern.fullmatch(typed):
                    return form.days_of(match, today)
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

    A title in 《》 is none.

    Args:
        text: a question or a passage, in Simplified characters.
        today: from which relative dates count.
    """
    if not _HINT.search(text):
        return []
    text = _BLANK.sub(" ", text)  # of the same length: a line break is as good as a space
    titles = [match.span() for match in _TITLE.finditer(text)]
    found = sorted(_each(text, today), key=lambda mention: (mention.start, -mention.end))
    apart: list[DateMention] = []
    for mention in found:
        is_title = any(start < mention.end and mention.start < end for start, end in titles)
        if not is_title and (not apart or mention.start >= apart[-1].end):
            apart.append(mention)
    return list(_opened(_joined(apart, text), text, today))


def _each(text: str, today: date) -> Iterator[DateMention]:
    for form in FORMS:
        if form.literal not in text:
            continue
        for match in form.pattern.finditer(text):
            with suppress(ValueError, OverflowError):
                relative = form.is_relative or bool(match.groupdict().get("relative"))
                yield DateMention(*match.span(), form.days_of(match, today), relative)


def _joined(apart: list[DateMention], text: str) -> list[DateMention]:
    """Join what a range begins and ends with: 2015年到2018年, between 2015 and 2018."""
    joined: list[DateMention] = []
    for mention in apart:
        if joined and mention.days.first > joined[-1].days.last:
            last = joined[-1]
            opening = re.search(r"\bbetween\s\Z", text[: last.start])
            closing = _BETWEEN.match(text, mention.end)
            between = text[last.end : mention.start]
            is_paired = (opening and between == " and ") or (closing and _AND.fullmatch(between))
            if is_paired or _TO.fullmatch(between):
                start = opening.start() if opening else last.start
                end = closing.end() if closing else mention.end
                span = Days(last.days.first, mention.days.last)
                joined[-1] = DateMention(start, end, span, mention.is_relative)
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


# Dates that people mean hold one of these.
_HINT = re.compile(
    r"\d{4}|\d0'?s|[年周月季天晚]|星期|礼拜|[今昨]日|[〇零一二三四五六七八九]{4}"
    r"|\b(?:last|this|past|ago|today|tonight|yesterday)\b"
)
_BLANK = re.compile(r"\s")
_TITLE = re.compile("《[^《》]*》|〈[^〈〉]*〉")
_TO = re.compile(r"\s?(?:到|至|[~～–—-]|to|until|till|through)\s?")
_AND = re.compile(r"\s?[和与跟及]\s?")
_BETWEEN = re.compile(r"\s?之?间")
_BEFORE = re.compile(r"\b(?P<side>before|since|after)\s\Z")
_AFTER = re.compile(r"\s?(?P<side>(?:以|之)[前来后]|至今|前\Z)")
_EARLIER = {"before", "以前", "之前", "前"}

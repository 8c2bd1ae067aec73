"""A timeline -> its message: a date, a linked title and one sentence a day (pure)."""

from collections.abc import Sequence

from bot.localization import Formatter
from bot.messages.answer import head_lines
from bot.messages.dates import day, unbroken
from bot.messages.layout import Reply, Row, text_room
from bot.messages.markdown import escape, units
from bot.messages.passages import fitting, linked_title, marked_sentence, title
from corpus import Filters, Hit, Outcome, Sort, Timeline

PAGE_DAYS = 5  # on the screen of a phone
MAX_SENTENCE_CHARS = 45  # shown, in Han characters: three lines of a phone
MAX_TITLE_CHARS = 22  # likewise; with the date before it, two lines


def page(
    timeline: Timeline,
    hits: Sequence[Hit],
    filters: Filters,
    t: Formatter,
    *,
    offset: int,
    rows: Sequence[Row] = (),
) -> Reply:
    """Return the message that shows one page of a timeline.

    Args:
        timeline: as found.
        hits: of the page's days.
        filters: the filters of the search.
        t: the texts of the reader's language.
        offset: number of days before the page.
        rows: what can be pressed.
    """
    top = head_lines(
        timeline.result, filters, Sort.RELEVANCE, t, place=_place(timeline, hits, offset, t)
    )
    is_sure = timeline.result.outcome is Outcome.ANSWER
    days = "\n".join(_day(hit, t, is_sure=is_sure) for hit in hits)
    if units(days) > text_room(top):
        # Every day has its place; the longest addresses do not.
        days = "\n".join(_day(hit, t, is_sure=is_sure, is_linked=False) for hit in hits)
    return Reply([top, days], rows)


def count(timeline: Timeline, t: Formatter) -> str:
    """Return how many days were chosen of how many."""
    shown = len(timeline.result.hits)
    if shown == timeline.total:
        return t("timeline-days", total=timeline.total)
    return t("timeline-chosen", shown=shown, total=timeline.total)


def nothing(t: Formatter) -> Reply:
    """Return the message that says that what was found has no date."""
    return Reply([t("timeline-none")])


def _place(timeline: Timeline, hits: Sequence[Hit], offset: int, t: Formatter) -> str:
    parts = [count(timeline, t)]
    if len(hits) < len(timeline.result.hits):
        first, last = offset + 1, offset + len(hits)
        place = f"{first}–{last}" if first < last else str(first)
        parts.append(t("timeline-place", place=place))
    return " · ".join(parts)


def _day(hit: Hit, t: Formatter, *, is_sure: bool, is_linked: bool = True) -> str:
    article = hit.article
    max_chars = max(fitting(article.title, MAX_TITLE_CHARS), MAX_TITLE_CHARS)
    name = (
        linked_title(article, max_chars)
        if is_linked
        else escape(title(article, max_chars), line_start=False)
    )
    # Of the day that the article is listed under: a reader elsewhere may have another one.
    lines = [f"**{unbroken(day(article.day or '', t))}** {name}"]
    sentence = marked_sentence(hit, MAX_SENTENCE_CHARS, is_sure=is_sure)
    return "\n".join([*lines, *([f"> {sentence}"] if sentence.strip() else [])])

"""A search result -> the message that answers (pure).

The best article comes first: the sentence that answers as a heading, then its paragraph with that
sentence underlined and the words of the question in bold, then where it is from. Other articles are
one short block each. All of it fits the screen of a phone.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.localization import Formatter
from bot.messages.blocks import best_block, min_units, other_block
from bot.messages.conditions import added_name, condition_line, filter_line, list_names
from bot.messages.dates import day, unbroken
from bot.messages.layout import Reply, Row, text_room
from bot.messages.markdown import escape, one_line
from bot.messages.passages import SURE, ArticleHits, fitting
from corpus import (
    MAX_CANDIDATES,
    Filters,
    Notice,
    NoticeKind,
    Outcome,
    SearchResult,
    Sort,
)

MAX_QUESTION_CHARS = 40  # Han characters: three lines of small print
MAX_PAGE_SIZE = 3  # articles on the screen of a phone
_MAX_SEARCHED = 4  # corrections and other wordings named


def page(  # noqa: PLR0913 (a page of a result is described by them)
    result: SearchResult,
    groups: Sequence[ArticleHits],
    filters: Filters,
    t: Formatter,
    *,
    sort: Sort = Sort.RELEVANCE,
    offset: int = 0,
    title: str | None = None,
    condition_row: Row | None = None,
    rows: Sequence[Row] = (),
) -> Reply:
    """Return the message that shows one page of a search result.

    Args:
        result: of the search.
        groups: the page's articles.
        filters: the filters of the search.
        t: the texts of the reader's language.
        sort: the order of the hits.
        offset: number of articles before the page.
        title: markdown shown instead of the question.
        condition_row: takes off what the question says of the articles, or has of an earlier one.
        rows: what else can be pressed.
    """
    place = _place(offset, len(groups), result.total, t)
    head = head_lines(result, filters, sort, t, title=title, place=place)
    best, *others = groups
    least = result.hits[0].score * SURE if sort is Sort.RELEVANCE else None
    blocks = [other_block(other.best, result.outcome, least, t) for other in others]
    # The best article keeps its place, whatever the titles and addresses of the others take.
    while blocks and text_room(head, *blocks) < min_units(best, t):
        blocks.pop()
    first = best_block(best, text_room(head, *blocks), t)
    condition_rows = [condition_row] if condition_row else []
    return Reply([head, *condition_rows, first, *blocks], rows)


def post(  # noqa: PLR0913 (and so is a post)
    result: SearchResult,
    group: ArticleHits,
    filters: Filters,
    t: Formatter,
    *,
    asker: str,
    sort: Sort = Sort.RELEVANCE,
    title: str | None = None,
    condition_row: Row | None = None,
    rows: Sequence[Row] = (),
) -> Reply:
    """Return the message that shows one article of a search result to a channel.

    Args:
        result: of the search.
        group: the article.
        filters: the filters of the search.
        t: the texts of the channel's language.
        asker: the name of who asked.
        sort: the order of the hits.
        title: markdown shown instead of the question.
        condition_row: takes off what the question has of an earlier one.
        rows: what can be pressed.
    """
    name = escape(one_line(asker, MAX_QUESTION_CHARS), line_start=False)
    asked = f"-# {t('answer-asked-by', name=name)}"
    head = head_lines(result, filters, sort, t, title=title)
    head = f"{asked}\n{head}".strip()
    condition_rows = [condition_row] if condition_row else []
    return Reply([head, *condition_rows, best_block(group, text_room(head), t)], rows)


def nothing(  # noqa: PLR0913 (and so is the lack of one)
    result: SearchResult,
    filters: Filters,
    sort: Sort,
    t: Formatter,
    rows: Sequence[Row] = (),
    *,
    has_suggestions: bool = False,
    offered_sources: Sequence[str] = (),
) -> Reply:
    """Return the message that says why nothing was found.

    ``rows`` offer what to ask instead: questions too if ``has_suggestions``, and each of
    ``offered_sources``, which need no mention.
    """
    if result.notice is None:
        return Reply([t("notice-no-related")])
    notice = result.notice
    named = tuple(source for source in notice.sources if source not in offered_sources)
    notice = replace(notice, sources=named)
    lines = _notice(notice, filters, () if has_suggestions else result.suggestions, t)
    if any(c.kind == "address" and not c.value for c in result.conditions):
        # Of an address alone that is all there is to say.
        is_alone = notice.kind is NoticeKind.EMPTY_QUESTION
        lines = t("notice-no-address") + ("" if is_alone else f"\n{lines}")
    if has_suggestions:
        lines += "\n" + t("notice-try")
    if offered_sources:
        lines += "\n" + t("notice-try-sources")
    if notice.kind is NoticeKind.TALK:
        return Reply([lines], rows)
    head = _question(result, filters, sort, t)
    if result.added:
        head = f"{head}\n-# {escape(added_name(result.added, t))}".strip()
    return Reply([head, lines] if head else [lines], rows)


def head_lines(
    result: SearchResult,
    filters: Filters,
    sort: Sort,
    t: Formatter,
    *,
    title: str | None = None,
    place: str = "",
) -> str:
    """Return the question, what steered the search, and whether this is only the closest."""
    lines = [_question(result, filters, sort, t, title=title, place=place)]
    if result.searched:
        words = list_names(result.searched[:_MAX_SEARCHED], t)
        lines.append(f"-# {t('notice-searched', words=words)}")
    if result.outcome is Outcome.CLOSEST:
        lines.append(f"**{t('notice-closest')}**")
    # Last: the row that takes them off stands below.
    if result.added:
        lines.append(f"-# {escape(added_name(result.added, t))}")
    if conditions := condition_line(result.conditions, t):
        lines.append(f"-# {conditions}")
    return "\n".join(filter(None, lines))


def _question(
    result: SearchResult,
    filters: Filters,
    sort: Sort,
    t: Formatter,
    *,
    title: str | None = None,
    place: str = "",
) -> str:
    question = title or question_line(result.question)
    line = " · ".join(filter(None, (question, place)))
    lines = [f"-# {line}"] if line else []
    if terms := filter_line(filters, t, sort):
        lines.append("-# " + " · ".join(terms))
    return "\n".join(lines)


def question_line(question: str) -> str:
    """Return the question as markdown; empty where it has nothing visible."""
    text = escape(one_line(question, fitting(question, MAX_QUESTION_CHARS)))
    return f"**{text}**" if text.strip() else ""


def _place(before: int, shown: int, total: int, t: Formatter) -> str:
    is_capped = total >= MAX_CANDIDATES
    parts = [t("answer-total-many", total=total) if is_capped else t("answer-total", total=total)]
    if before:
        first, last = before + 1, before + shown
        parts.append(t("answer-place", place=f"{first}–{last}" if first < last else str(first)))
    return " · ".join(parts)


def _reason(notice: Notice, filters: Filters, t: Formatter) -> str:
    match notice.kind:
        case NoticeKind.EMPTY_QUESTION:
            text = t("notice-empty-question")
        case NoticeKind.NO_MATCH:
            text = t("notice-no-match")
        case NoticeKind.FILTERED_OUT:
            text = t("notice-filtered-out")
        case NoticeKind.UNKNOWN_SOURCE:
            text = t("notice-unknown-source", source=list_names([filters.source or ""], t))
        case NoticeKind.PHRASE_NOT_FOUND:
            text = t("notice-phrase-not-found")
        case NoticeKind.CLOSEST:
            text = t("notice-closest")
        case NoticeKind.TALK:
            text = t("notice-talk", command=t.command("help"))
    return text


def _notice(notice: Notice, filters: Filters, suggestions: Sequence[str], t: Formatter) -> str:
    lines = [_reason(notice, filters, t)]
    if notice.kind is NoticeKind.TALK:
        return lines[0]
    if suggestions:
        lines.append(t("notice-suggestions", questions=list_names(suggestions, t)))
    if notice.words:
        lines.append("-# " + t("notice-words", words=list_names(notice.words, t)))
    if notice.first_date and notice.last_date:
        first, last = (unbroken(day(text, t)) for text in (notice.first_date, notice.last_date))
        lines.append("-# " + t("notice-coverage", first=first, last=last))
    if notice.sources:
        names = list_names(notice.sources, t)
        lines.append("-# " + t("notice-sources", sources=names))
    return "\n".join(lines)

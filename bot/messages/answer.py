"""A search result -> the message that answers (pure).

The question in bold; the best hit with a larger title and its passage nearly whole; the others
short, around their answer. What is quoted stands in a quote block, matched words in bold, the
answering sentence underlined: the three stay apart on a phone, in light and dark, without colour.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from bot.localization import Formatter
from bot.messages.layout import Entry, Reply, text_room
from bot.messages.markdown import ELLIPSIS, escape, excerpt, link, link_target, one_line, units
from bot.views.answer_controls import AnswerControls, Page, Row
from corpus import Article, Filters, Hit, Notice, NoticeKind, SearchResult, Sort

MAX_QUESTION_CHARS = 150  # characters shown
LONGEST_TITLE = 100
LONGEST_NAME = 40  # of a source, an author, a tag
BEST_PASSAGE = 700  # characters of the best hit
OTHER_PASSAGE = 140  # characters of each other one
LEAST_PASSAGE = 60  # with less room than this for each, fewer hits are shown
MOST_TOTAL = 200  # the candidates the library keeps: there may be more
_MOST_NAMED = 3  # of the sources that a server leaves out
_MARKS_ROOM = 2  # units a character may take with its share of marks and backslashes


def answer(
    result: SearchResult,
    filters: Filters,
    page: Page,
    t: Formatter,
    *,
    controls: AnswerControls | None = None,
    title: str | None = None,
) -> Reply:
    """Return the message that shows ``page`` of what was found with ``filters``.

    Args:
        result: what was found, the page's hits only.
        filters: what it was found with.
        page: the part that is shown.
        t: the texts of its readers' language.
        controls: what can be pressed; ``None``: nothing, only the text is there.
        title: markdown to stand in place of the question.
    """
    question = _question(result.question, filters, page.sort, t, title=title)
    for count in range(len(result.hits), 0, -1):
        hits = result.hits[:count]
        footer = _footer(page.offset, count, result.total, t)
        heads = [_head(hit, t) for hit in hits]
        # Two units for the quote mark, one for the line break above it.
        room = text_room(question, footer, *heads) - 3 * count
        if room >= count * LEAST_PASSAGE * _MARKS_ROOM or count == 1:
            passages = [f"> {passage}" if passage else "" for passage in _passages(hits, room)]
            found = zip(heads, passages, strict=True)
            if controls is None:
                blocks = [f"{head}\n{passage}".strip() for head, passage in found]
                return Reply([question, *blocks, footer])
            entries = [
                Entry(head, passage, controls.context(index, t))
                for index, (head, passage) in enumerate(found)
            ]
            return Reply([question, *entries, footer], controls.rows(count, result.total, t))
    return Reply([question])


def nothing(
    result: SearchResult, filters: Filters, sort: Sort, t: Formatter, rows: Sequence[Row] = ()
) -> Reply:
    """Return the message that says why nothing was found; ``rows`` offer questions instead."""
    if result.notice is None:
        return Reply([t("notice-no-related")])
    question = _question(result.question, filters, sort, t)
    lines = _notice(result.notice, () if rows else result.suggestions, t)
    if rows:
        lines += "\n" + t("notice-try")
    return Reply([question, lines] if question else [lines], rows)


def _question(
    question: str, filters: Filters, sort: Sort, t: Formatter, *, title: str | None = None
) -> str:
    asked = title or question_line(question)
    lines = [asked] if asked else []
    if narrowed := conditions(filters, t, sort):
        lines.append("-# " + " · ".join(narrowed))
    return "\n".join(lines)


def question_line(question: str) -> str:
    """Return the question as markdown; empty where there is nothing to see."""
    shown = escape(one_line(question, MAX_QUESTION_CHARS))
    return f"**{shown}**" if shown.strip() else ""


def conditions(filters: Filters, t: Formatter, sort: Sort = Sort.RELEVANCE) -> list[str]:
    """Return what narrows a question, as markdown."""
    said: list[str] = []
    if filters.source:
        said.append(t("ask-source", source=_name(filters.source)))
    if filters.author:
        said.append(t("ask-author", author=_name(filters.author)))
    if filters.tag:
        said.append(t("ask-tag", tag=_name(filters.tag)))
    if filters.after:
        said.append(t("ask-after", date=day(filters.after, t)))
    if filters.before:
        said.append(t("ask-before", date=day(filters.before, t)))
    if filters.without_sources:
        said.append(t("ask-without", sources=_some(filters.without_sources, t)))
    if sort is Sort.NEWEST:
        said.append(t("choice-newest"))
    elif sort is Sort.OLDEST:
        said.append(t("choice-oldest"))
    return said


def _head(hit: Hit, t: Formatter) -> str:
    """Return the title line, and below it what a reader judges the hit by."""
    said = facts(hit.article, hit.passage.heading, t)
    if hit.duplicates:
        said.append(t("answer-duplicates", count=len(hit.duplicates)))
    size = "### " if hit.rank == 1 else ""
    head = f"{size}{hit.rank} · {linked_title(hit.article)}"
    return head + (f"\n-# {' · '.join(said)}" if said else "")


def linked_title(article: Article) -> str:
    """Return an article's title as markdown, linked to where it was published."""
    name = one_line(article.title, LONGEST_TITLE) or one_line(article.path, LONGEST_TITLE)
    return link(name, article.url or article.file_url)


def facts(article: Article, heading: str, t: Formatter) -> list[str]:
    """Return what a reader judges a passage by, as markdown; ``heading`` is the one above it."""
    names = dict.fromkeys(_name(name) for name in (article.source, article.author) if name.strip())
    said = [*names, *([day(article.date, t)] if article.date else [])]
    if heading := one_line(heading, LONGEST_NAME).strip():
        said.append(f"§ {_name(heading)}")
    if link_target(article.url or article.file_url) is None:
        said.append(t("answer-no-link"))
    return said


def _passages(hits: Sequence[Hit], room: int) -> list[str]:
    """Return what is quoted of each hit: the others first get their little, the best the rest."""
    share = room // (len(hits) + 1)
    others = [passage(hit, OTHER_PASSAGE, share) for hit in hits[1:]]
    left = room - sum(map(units, others))
    return [passage(hits[0], BEST_PASSAGE, left), *others]


def passage(hit: Hit, budget: int, most: int) -> str:
    """Return the part of a hit's passage around its answer, by ``markdown.excerpt``."""
    found = hit.answer
    return excerpt(
        hit.passage.text,
        hit.highlights,
        (found.start, found.end) if found else None,
        budget=budget,
        most=most,
    )


def _footer(before: int, shown: int, total: int, t: Formatter) -> str:
    many = total >= MOST_TOTAL
    said = [t("answer-total-many", total=total) if many else t("answer-total", total=total)]
    if shown < total:
        first, last = before + 1, before + shown
        place = f"{first}–{last}" if first < last else str(first)
        said.append(t("answer-place", place=place))
    return "-# " + " · ".join(said)


def _notice(notice: Notice, suggestions: Sequence[str], t: Formatter) -> str:
    match notice.kind:
        case NoticeKind.EMPTY_QUESTION:
            lines = [t("notice-empty-question")]
        case NoticeKind.NO_MATCH:
            lines = [t("notice-no-match")]
        case NoticeKind.FILTERED_OUT:
            lines = [t("notice-filtered-out")]
        case NoticeKind.PHRASE_NOT_FOUND:
            lines = [t("notice-phrase-not-found")]
    if suggestions:
        lines.append(t("notice-suggestions", questions=list_names(suggestions, t)))
    if notice.words:
        lines.append("-# " + t("notice-words", words=list_names(notice.words, t)))
    if notice.first_date and notice.last_date:
        first, last = day(notice.first_date, t), day(notice.last_date, t)
        lines.append("-# " + t("notice-coverage", first=first, last=last))
    if notice.sources:
        names = list_names(notice.sources, t)
        lines.append("-# " + t("notice-sources", sources=names))
    return "\n".join(lines)


def _some(names: Sequence[str], t: Formatter) -> str:
    shown = list_names(names[:_MOST_NAMED], t)
    return shown + ELLIPSIS if len(names) > _MOST_NAMED else shown


def list_names(names: Sequence[str], t: Formatter) -> str:
    """Return ``names`` escaped, with the language's comma between."""
    return t("comma").join(_name(name) for name in names)


def day(written: str, t: Formatter) -> str:
    """Return an article's date as markdown.

    A timestamp becomes Discord's own, which each reader sees in their time zone. A bare day stays
    text: Discord would show it as the day before to readers west of Greenwich.
    """
    try:
        if len(written) == len("2021-01-06"):
            return t("date", day=date.fromisoformat(written))
        at = datetime.fromisoformat(written)
        if at.tzinfo is None:
            return t("date", day=at.date())
        return f"<t:{int(at.astimezone(UTC).timestamp())}:D>"
    except (ValueError, OverflowError):
        return _name(written)


def _name(text: str) -> str:
    return escape(one_line(text, LONGEST_NAME), line_start=False)

"""A search result -> the message that answers, and a paragraph -> the message around it (pure).

The question is bold; the best hit has a larger title and nearly its whole passage; the others are
short excerpts around their answer. A quoted passage stands in a quote block, matched words are
bold and the answering sentence is underlined: the three differ on a phone, in light and dark,
without colour.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Protocol

from discord import ui

from bot.localization import Formatter
from bot.messages.layout import Entry, Reply, text_room
from bot.messages.markdown import ELLIPSIS, escape, excerpt, link, link_target, one_line, units
from corpus import Article, Filters, Hit, Notice, NoticeKind, Outcome, SearchResult, Sort

MAX_QUESTION_CHARS = 150  # shown
MAX_TITLE_CHARS = 100
MAX_NAME_CHARS = 40  # of a source, an author, a tag
BEST_PASSAGE_CHARS = 700  # of the best hit
OTHER_PASSAGE_CHARS = 140  # of each other hit
MIN_PASSAGE_CHARS = 60  # with less room than this for each, fewer hits are shown
MAX_TOTAL = 200  # the library keeps that many candidates: there may be more
NEIGHBOUR_CHARS = 300  # of the paragraphs before and after
_MAX_NEIGHBOUR_UNITS = 1_000  # of a neighbour with its marks and backslashes
_MAX_SOURCES = 3  # named of those that a server leaves out
_MAX_SEARCHED = 4  # corrections and other wordings named
_MARKS_ROOM = 2  # units that a character may take with its share of marks and backslashes
_QUOTE_ROOM = 3  # units: two for the quote mark, one for the line break above it

Row = ui.ActionRow[Any]


class Controls(Protocol):
    """What can be pressed in an answer."""

    def context(self, index: int, t: Formatter) -> ui.Item[Any]:
        """Return the button beside the hit at ``index``."""
        ...

    def rows(self, shown: int, total: int, t: Formatter) -> Sequence[Row]:
        """Return the rows below a page that shows ``shown`` hits of ``total``."""
        ...


def answer(  # noqa: PLR0913 (a page of a result is described by them)
    result: SearchResult,
    filters: Filters,
    t: Formatter,
    *,
    sort: Sort = Sort.RELEVANCE,
    offset: int = 0,
    controls: Controls | None = None,
    title: str | None = None,
) -> Reply:
    """Return the message that shows one page of a search result.

    Args:
        result: the result, with the page's hits only.
        filters: the filters of the search.
        t: the texts of the readers' language.
        sort: the order of the hits.
        offset: number of hits before the page.
        controls: makes the buttons; ``None``: the message has none.
        title: markdown shown instead of the question.
    """
    question = _question(result.question, filters, sort, t, title=title)
    if result.outcome is Outcome.CLOSEST:
        question = f"{question}\n-# {t('notice-closest')}".strip()
    if result.searched:
        words = list_names(result.searched[:_MAX_SEARCHED], t)
        question = f"{question}\n-# {t('notice-searched', words=words)}".strip()
    for count in range(len(result.hits), 0, -1):
        hits = result.hits[:count]
        footer = _footer(offset, count, result.total, t)
        heads = [_head(hit, t) for hit in hits]
        room = text_room(question, footer, *heads) - _QUOTE_ROOM * count
        if room >= count * MIN_PASSAGE_CHARS * _MARKS_ROOM or count == 1:
            passages = [f"> {passage}" if passage else "" for passage in _passages(hits, room)]
            parts = zip(heads, passages, strict=True)
            if controls is None:
                blocks = [f"{head}\n{passage}".strip() for head, passage in parts]
                return Reply([question, *blocks, footer])
            entries = [
                Entry(head, passage, controls.context(index, t))
                for index, (head, passage) in enumerate(parts)
            ]
            return Reply([question, *entries, footer], controls.rows(count, result.total, t))
    return Reply([question])


def nothing(
    result: SearchResult, filters: Filters, sort: Sort, t: Formatter, rows: Sequence[Row] = ()
) -> Reply:
    """Return the message that says why nothing was found; ``rows`` suggest other questions."""
    if result.notice is None:
        return Reply([t("notice-no-related")])
    question = _question(result.question, filters, sort, t)
    lines = _notice(result.notice, () if rows else result.suggestions, t)
    if rows:
        lines += "\n" + t("notice-try")
    return Reply([question, lines] if question else [lines], rows)


def context(
    article: Article, ordinal: int, duplicates: Sequence[Article], t: Formatter
) -> list[str]:
    """Return the blocks that show a whole paragraph between its neighbours.

    Args:
        article: the article, with its paragraphs.
        ordinal: which of its paragraphs to show.
        duplicates: other articles that carry the paragraph.
        t: the texts of the reader's language.
    """
    paragraphs = article.paragraphs
    small = facts(article, paragraphs[ordinal].heading, t)
    head = f"### {linked_title(article)}" + (f"\n-# {' · '.join(small)}" if small else "")
    foot = ["-# " + t("context-place", number=ordinal + 1, count=len(paragraphs))]
    foot += [f"-# {t('context-also')} {linked_title(duplicate)}" for duplicate in duplicates]
    before = _neighbour(paragraphs[ordinal - 1].text, at_end=True) if ordinal else ""
    after = _neighbour(paragraphs[ordinal + 1].text) if ordinal + 1 < len(paragraphs) else ""
    room = text_room(head, *foot, before, after) - 10  # quote mark and line breaks
    text = paragraphs[ordinal].text
    quote = "> " + excerpt(text, (), None, budget=len(text), max_units=room)
    middle = "\n".join(part for part in (before, quote, after) if part)
    return [head, middle, "\n".join(foot)]


def _neighbour(text: str, *, at_end: bool = False) -> str:
    """Return a paragraph, or the part of it that touches the paragraph in focus."""
    focus = (len(text), len(text)) if at_end else None
    return excerpt(text, (), focus, budget=NEIGHBOUR_CHARS, max_units=_MAX_NEIGHBOUR_UNITS)


def _question(
    question: str, filters: Filters, sort: Sort, t: Formatter, *, title: str | None = None
) -> str:
    lines = [line] if (line := title or question_line(question)) else []
    if terms := conditions(filters, t, sort):
        lines.append("-# " + " · ".join(terms))
    return "\n".join(lines)


def question_line(question: str) -> str:
    """Return the question as markdown; empty where it has nothing visible."""
    text = escape(one_line(question, MAX_QUESTION_CHARS))
    return f"**{text}**" if text.strip() else ""


def conditions(filters: Filters, t: Formatter, sort: Sort = Sort.RELEVANCE) -> list[str]:
    """Return the filters and the order of a search, as markdown."""
    parts: list[str] = []
    if filters.source:
        parts.append(t("ask-source", source=_name(filters.source)))
    if filters.author:
        parts.append(t("ask-author", author=_name(filters.author)))
    if filters.tag:
        parts.append(t("ask-tag", tag=_name(filters.tag)))
    if filters.after:
        parts.append(t("ask-after", date=day(filters.after, t)))
    if filters.before:
        parts.append(t("ask-before", date=day(filters.before, t)))
    if filters.without_sources:
        parts.append(t("ask-without", sources=_first_names(filters.without_sources, t)))
    if sort is Sort.NEWEST:
        parts.append(t("choice-newest"))
    elif sort is Sort.OLDEST:
        parts.append(t("choice-oldest"))
    return parts


def _head(hit: Hit, t: Formatter) -> str:
    """Return the title line, and below it what a reader judges the hit by."""
    small = hit_facts(hit, t)
    size = "### " if hit.rank == 1 else ""
    head = f"{size}{hit.rank} · {linked_title(hit.article)}"
    return head + (f"\n-# {' · '.join(small)}" if small else "")


def linked_title(article: Article) -> str:
    """Return an article's title as markdown, linked to where it was published."""
    name = one_line(article.title, MAX_TITLE_CHARS) or one_line(article.path, MAX_TITLE_CHARS)
    return link(name, article.url or article.file_url)


def facts(article: Article, heading: str, t: Formatter) -> list[str]:
    """Return what a reader judges a passage by, as markdown; ``heading`` is the one above it."""
    names = dict.fromkeys(_name(name) for name in (article.source, article.author) if name.strip())
    parts = [*names, *([day(article.date, t)] if article.date else [])]
    if heading := one_line(heading, MAX_NAME_CHARS).strip():
        parts.append(f"§ {_name(heading)}")
    if link_target(article.url or article.file_url) is None:
        parts.append(t("answer-no-link"))
    return parts


def hit_facts(hit: Hit, t: Formatter) -> list[str]:
    """Return the facts of a hit's passage, with the number of its duplicates."""
    parts = facts(hit.article, hit.passage.heading, t)
    if hit.duplicates:
        parts.append(t("answer-duplicates", count=len(hit.duplicates)))
    return parts


def _passages(hits: Sequence[Hit], room: int) -> list[str]:
    """Return an excerpt of each hit: the others get a small share each, the best one the rest."""
    share = room // (len(hits) + 1)
    others = [passage(hit, OTHER_PASSAGE_CHARS, share) for hit in hits[1:]]
    rest = room - sum(map(units, others))
    return [passage(hits[0], BEST_PASSAGE_CHARS, rest), *others]


def passage(hit: Hit, budget: int, max_units: int) -> str:
    """Return the part of a hit's passage around its answer, see :func:`markdown.excerpt`."""
    return excerpt(
        hit.passage.text,
        hit.highlights,
        (hit.answer.start, hit.answer.end) if hit.answer else None,
        budget=budget,
        max_units=max_units,
    )


def _footer(before: int, shown: int, total: int, t: Formatter) -> str:
    is_capped = total >= MAX_TOTAL
    parts = [t("answer-total-many", total=total) if is_capped else t("answer-total", total=total)]
    if shown < total:
        first, last = before + 1, before + shown
        ranks = f"{first}–{last}" if first < last else str(first)
        parts.append(t("answer-place", place=ranks))
    return "-# " + " · ".join(parts)


def _reason(kind: NoticeKind, t: Formatter) -> str:
    match kind:
        case NoticeKind.EMPTY_QUESTION:
            return t("notice-empty-question")
        case NoticeKind.NO_MATCH:
            return t("notice-no-match")
        case NoticeKind.FILTERED_OUT:
            return t("notice-filtered-out")
        case NoticeKind.PHRASE_NOT_FOUND:
            return t("notice-phrase-not-found")
        case NoticeKind.CLOSEST:
            return t("notice-closest")
        case NoticeKind.TALK:
            return t("notice-talk")


def _notice(notice: Notice, suggestions: Sequence[str], t: Formatter) -> str:
    lines = [_reason(notice.kind, t)]
    if notice.kind is NoticeKind.TALK:
        return lines[0]
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


def _first_names(names: Sequence[str], t: Formatter) -> str:
    listed = list_names(names[:_MAX_SOURCES], t)
    return listed + ELLIPSIS if len(names) > _MAX_SOURCES else listed


def list_names(names: Sequence[str], t: Formatter) -> str:
    """Return ``names``, escaped and joined with the language's comma."""
    return t("comma").join(_name(name) for name in names)


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
        return _name(written)


def _name(text: str) -> str:
    return escape(one_line(text, MAX_NAME_CHARS), line_start=False)

"""What can be pressed under an answer: rows of buttons and selects (pure).

They are plain ones; what takes a press is found by their ``custom_id``.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.localization import Formatter
from bot.messages.blocks import MAX_LINES
from bot.messages.conditions import added_name, condition_name, filter_names
from bot.messages.markdown import one_line
from bot.messages.passages import ArticleHits, one_small_line, sentence, title
from bot.services.answers import Answer, Page
from bot.state.answers import StoredAnswer
from bot.views.component import Row, row
from bot.views.stored import ADDED, EXPORT, LETTERS, THREAD, Focus, button, encode_page
from corpus import Filters, Hit, NoticeKind, Sort

MAX_CUSTOM_ID_CHARS = 100  # Discord's limit
MAX_OPTIONS = 25  # Discord's limit
_MAX_OPTION_CHARS = 100  # Discord's limit


def page_rows(answer: Answer, t: Formatter, *, can_share: bool, can_open_thread: bool) -> list[Row]:
    """Return the rows below a page of an answer; none where it could not be stored.

    Args:
        answer: with the page.
        t: the texts of the reader's language.
        can_share: whether the asker may post what it shows.
        can_open_thread: whether a thread can be opened on the post.
    """
    record, page = answer.record, answer.page
    if record is None or not answer.numbers:
        return []
    buttons: list[ui.Button[Any]] = []
    if page.offset:
        before = replace(page, offset=answer.previous)
        buttons.append(button(record, "page", encode_page(before), "◀"))
    if answer.has_more:
        after = replace(page, offset=page.offset + len(answer.groups))
        buttons.append(button(record, "page", encode_page(after), "▶"))
    if can_share and not page.offset:
        label = t("button-shared") if record.shared else t("button-share")
        share = button(record, "share", encode_page(page), label, disabled=record.shared)
        buttons.append(share)
    buttons.append(button(record, "follow", "", t("button-follow")))
    rows = [row(*buttons, *_votes(record, page))]
    can_open_thread = can_open_thread and not page.offset and not record.shared
    menu = _menu(record, answer, t, can_share=can_share, can_open_thread=can_open_thread)
    return [*rows, row(menu)]


def post_row(answer: Answer, t: Formatter) -> list[Row]:
    """Return the row below the one article of an answer that a channel sees."""
    record = answer.record
    number = answer.number(answer.groups[0].best)
    if record is None or number is None:
        return []
    return [
        row(
            button(record, "context", Focus(number).encode(), t("button-context")),
            button(record, "all", "", t("button-all")),
            button(record, "follow", "", t("button-follow")),
            *_votes(record, Page(), is_shown=False),
        )
    ]


def _votes(record: StoredAnswer, page: Page, *, is_shown: bool = True) -> list[ui.Button[Any]]:
    buttons: list[ui.Button[Any]] = []
    for vote, label, is_helpful in (("up", "👍", True), ("down", "👎", False)):
        is_chosen = is_shown and record.vote is is_helpful
        style = discord.ButtonStyle.success if is_chosen else discord.ButtonStyle.secondary
        buttons.append(button(record, vote, encode_page(page), label, style=style))
    return buttons


def _menu(
    record: StoredAnswer, answer: Answer, t: Formatter, *, can_share: bool, can_open_thread: bool
) -> ui.Select[Any]:
    """Return the select: the context of a passage, sharing an article, the order, a file."""
    options = [
        _option(f"c{number}", _passage_label(group, hit), sentence(hit, _MAX_OPTION_CHARS), "📖")
        for group in answer.groups
        for hit in _shown(group, answer)
        if (number := answer.number(hit)) is not None
    ]
    if can_open_thread:
        name = t("menu-thread", title=title(answer.groups[0].article))
        options.append(_option(THREAD, name, "", "🧵"))
    if can_share:
        shared = answer.groups if answer.page.offset else answer.groups[1:]
        options += [
            _option(f"s{number}", t("menu-share", title=title(group.article)), "", "📣")
            for group in shared
            if (number := answer.number(group.best)) is not None
        ]
    if answer.request.like is None and answer.result.total > 1:
        names = {
            Sort.RELEVANCE: t("choice-relevance"),
            Sort.NEWEST: t("choice-newest"),
            Sort.OLDEST: t("choice-oldest"),
        }
        options += [
            _option(LETTERS[sort], name, "", "↕️")
            for sort, name in names.items()
            if sort is not answer.page.sort
        ]
    options.append(_option(EXPORT, t("menu-export"), "", "📄"))
    custom_id = f"a:{record.key}:menu:{encode_page(answer.page)}"
    return ui.Select(custom_id=custom_id, placeholder=t("placeholder-menu"), options=options)


def _shown(group: ArticleHits, answer: Answer) -> Sequence[Hit]:
    """Return the passages that a page shows of an article: of the best one others too."""
    return group.hits[: 1 + MAX_LINES] if group is answer.groups[0] else group.hits[:1]


def _passage_label(group: ArticleHits, hit: Hit) -> str:
    return title(group.article) if hit is group.best else f"§ {one_small_line(hit)}"


def _option(
    value: str, label: str, description: str, emoji: str | None = None
) -> discord.SelectOption:
    return discord.SelectOption(
        value=value,
        label=one_line(label, _MAX_OPTION_CHARS) or "–",
        description=one_line(description, _MAX_OPTION_CHARS) or None,
        emoji=emoji,
    )


def condition_row(answer: Answer, t: Formatter) -> Row | None:
    """Return the row that takes off what steers a search beside the question's own words.

    That is what the question has of the one before it, and what it says of the articles. One is a
    button, several are the choices of a select.
    """
    record = answer.record
    if record is None or answer.page.offset:
        return None
    conditions = {condition.text: condition for condition in answer.result.conditions}
    choices = [
        (f"i{text}", condition_name(condition, t))
        for text, condition in conditions.items()
        if _fits(record, "ignore", text)
    ]
    if answer.result.added:
        choices.insert(0, (ADDED, added_name(answer.result.added, t)))
    if len(choices) > 1:
        options = [_option(value, f"✕ {name}", "") for value, name in choices[:MAX_OPTIONS]]
        custom_id = f"a:{record.key}:without:"
        placeholder = t("placeholder-conditions")
        return row(ui.Select(custom_id=custom_id, placeholder=placeholder, options=options))
    for value, name in choices:
        if value == ADDED:
            return added_row(answer, t)
        return row(button(record, "ignore", value[1:], f"✕ {name}"))
    return None


def added_row(answer: Answer, t: Formatter) -> Row | None:
    """Return the row that takes off what a question has of the one before it, if anything."""
    record, added = answer.record, answer.result.added
    if record is None or not added:
        return None
    return row(button(record, "alone", "", f"✕ {added_name(added, t)}"))


def _fits(record: StoredAnswer, action: str, argument: str) -> bool:
    return len(f"a:{record.key}:{action}:{argument}") <= MAX_CUSTOM_ID_CHARS


def nothing_rows(answer: Answer, t: Formatter) -> list[Row]:
    """Return the buttons of a question that finds nothing.

    One for each question suggested instead, for each source that may be meant, for each filter to
    leave out, and for what it has of the question before it.
    """
    record, notice = answer.record, answer.result.notice
    if record is None:
        return []
    suggested = [
        button(record, "try", str(index), question)
        for index, question in enumerate(record.request.suggestions)
    ]
    sources = [button(record, "source", source, source) for source in offered_sources(answer)]
    dropped = (
        _drop_buttons(record, answer.request.filters, t)
        if notice and notice.kind in {NoticeKind.FILTERED_OUT, NoticeKind.UNKNOWN_SOURCE}
        else []
    )
    rows = [row(*buttons) for buttons in (suggested, sources, dropped) if buttons]
    added = added_row(answer, t)
    return [*rows, added] if added else rows


def offered_sources(answer: Answer) -> list[str]:
    """Return the sources that a button asks for instead of one that the archive does not have."""
    record, notice = answer.record, answer.result.notice
    if record is None or notice is None or notice.kind is not NoticeKind.UNKNOWN_SOURCE:
        return []
    return [source for source in notice.sources if _fits(record, "source", source)]


def _drop_buttons(record: StoredAnswer, filters: Filters, t: Formatter) -> list[ui.Button[Any]]:
    return [
        button(record, "drop", field, f"✕ {name}")
        for field, name in filter_names(filters, t).items()
    ]


def context_row(record: StoredAnswer, focus: Focus, ordinal: int, count: int, t: Formatter) -> Row:
    """Return the row below paragraph ``ordinal`` of an article of ``count``."""
    buttons: list[ui.Button[Any]] = []
    for step, label in ((-1, "◀"), (1, "▶")):
        neighbour = replace(focus, ordinal=ordinal + step).encode()
        is_outside = not 0 <= ordinal + step < count
        buttons.append(button(record, "context", neighbour, label, disabled=is_outside))
    here = replace(focus, ordinal=ordinal, back=None).encode()
    buttons.append(button(record, "related", here, t("button-related")))
    if focus.back is not None:
        buttons.append(button(record, "page", encode_page(focus.back), t("button-back")))
    return row(*buttons)

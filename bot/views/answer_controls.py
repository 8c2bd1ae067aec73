"""What can be pressed under an answer, and what each says of itself in its ``custom_id``.

``a:KEY:ACTION:ARGUMENT``: the key of the answer in the state, then what to do with it. So a button
works after a restart, and a message costs the process no memory.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

import discord
from discord import ui

from bot.localization import Formatter
from bot.messages.markdown import one_line
from bot.state.answers import StoredAnswer
from corpus import Sort

Row = ui.ActionRow[Any]

LONGEST_LABEL = 80  # characters, Discord's limit of a button
_LETTERS = {Sort.RELEVANCE: "r", Sort.NEWEST: "n", Sort.OLDEST: "o"}
_SORTS = {letter: sort for sort, letter in _LETTERS.items()}


class Action(StrEnum):
    """What a press does."""

    PAGE = "page"
    SORT = "sort"
    SHARE = "share"
    HELPFUL = "up"
    UNHELPFUL = "down"
    CONTEXT = "context"
    RELATED = "related"
    SUGGESTION = "try"


@dataclass(frozen=True, slots=True)
class Page:
    """The part of an answer that is shown."""

    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    """Hits before it."""

    def __str__(self) -> str:
        return f"{_LETTERS[self.sort]}{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the page that reads ``text``.

        Raises:
            ValueError: none does.
        """
        match = re.fullmatch(r"([rno])([0-9]{1,3})", text, re.ASCII)
        if match is None:
            raise ValueError(text)
        return cls(_SORTS[match[1]], int(match[2]))

    @classmethod
    def sorted_by(cls, letter: str) -> Self:
        """Return the first page in the order that the sort select calls ``letter``.

        Raises:
            ValueError: it offers no such thing.
        """
        return cls.parse(f"{letter}0")


@dataclass(frozen=True, slots=True)
class Focus:
    """A paragraph of an article, reached from a passage of an answer."""

    number: int
    """Of the passage in the answer."""
    ordinal: int | None = None
    """Of the paragraph in the article; ``None``: the passage itself."""
    back: Page | None = None
    """The page it was reached from, where there is a way back."""

    def __str__(self) -> str:
        ordinal = "" if self.ordinal is None else self.ordinal
        return f"{self.number}.{ordinal}.{self.back or ''}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the focus that reads ``text``.

        Raises:
            ValueError: none does.
        """
        match = re.fullmatch(r"([0-9]{1,6})\.([0-9]{0,6})\.(\w*)", text, re.ASCII)
        if match is None:
            raise ValueError(text)
        back = Page.parse(match[3]) if match[3] else None
        return cls(int(match[1]), int(match[2]) if match[2] else None, back)


def position(text: str) -> int:
    """Return the position that reads ``text``, from 0.

    Raises:
        ValueError: none does.
    """
    if re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) is None:
        raise ValueError(text)
    return int(text)


class Control(ui.DynamicItem[ui.Item[Any]], template=r"a:.*"):
    """A button or a select of an answer; the client knows who handles it."""

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 (the base class's)
        item: ui.Item[Any],
        match: re.Match[str],  # noqa: ARG003
        /,
    ) -> Self:
        """Return the control that was pressed."""
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the press on."""
        footnote = interaction.client
        await footnote.attempt(interaction, lambda: footnote.on_press(interaction))


def button(
    key: str,
    action: Action,
    argument: object,
    label: str,
    *,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    disabled: bool = False,
) -> Control:
    """Return a button that does ``action`` with the answer called ``key``."""
    custom_id = f"a:{key}:{action}:{argument}"
    return Control(ui.Button(label=label, custom_id=custom_id, style=style, disabled=disabled))


@dataclass(frozen=True, slots=True)
class AnswerControls:
    """What is pressed under a page of an answer."""

    kept: StoredAnswer
    page: Page
    size: int
    """Hits a page."""
    numbers: Sequence[int]
    """Of the page's hits in the answer."""
    can_share: bool
    can_sort: bool

    def context(self, index: int, t: Formatter) -> Control:
        """Return the button beside the page's hit at ``index``."""
        focus = Focus(self.numbers[index], back=self.page)
        return button(self.kept.key, Action.CONTEXT, focus, t("button-context"))

    def rows(self, shown: int, total: int, t: Formatter) -> list[Row]:
        """Return the rows below a page that shows ``shown`` hits of ``total``."""
        key, page = self.kept.key, self.page
        controls: list[Control] = []
        if page.offset or shown < total:
            before = replace(page, offset=max(0, page.offset - self.size))
            after = replace(page, offset=page.offset + shown)
            controls += [
                button(key, Action.PAGE, before, "◀", disabled=not page.offset),
                button(key, Action.PAGE, after, "▶", disabled=after.offset >= total),
            ]
        if self.can_share:
            label = t("button-shared") if self.kept.shared else t("button-share")
            controls.append(button(key, Action.SHARE, page, label, disabled=self.kept.shared))
        for action, label, helpful in (
            (Action.HELPFUL, "👍", True),
            (Action.UNHELPFUL, "👎", False),
        ):
            chosen = self.kept.vote is helpful
            style = discord.ButtonStyle.success if chosen else discord.ButtonStyle.secondary
            controls.append(button(key, action, page, label, style=style))
        rows = [_row(controls)]
        if self.can_sort and total > 1:
            rows.append(_row([self._sort(t)]))
        return rows

    def _sort(self, t: Formatter) -> Control:
        names = {
            Sort.RELEVANCE: t("choice-relevance"),
            Sort.NEWEST: t("choice-newest"),
            Sort.OLDEST: t("choice-oldest"),
        }
        options = [
            discord.SelectOption(label=name, value=_LETTERS[sort], default=sort is self.page.sort)
            for sort, name in names.items()
        ]
        custom_id = f"a:{self.kept.key}:{Action.SORT}:"
        return Control(ui.Select(custom_id=custom_id, options=options))


def suggestion_rows(kept: StoredAnswer | None) -> list[Row]:
    """Return a button for each question that is offered instead."""
    if kept is None or not kept.request.suggestions:
        return []
    controls = [
        button(kept.key, Action.SUGGESTION, index, one_line(question, LONGEST_LABEL))
        for index, question in enumerate(kept.request.suggestions)
    ]
    return [_row(controls)]


def context_rows(
    kept: StoredAnswer, focus: Focus, ordinal: int, count: int, t: Formatter
) -> list[Row]:
    """Return the row below paragraph ``ordinal`` of an article of ``count``."""
    controls = [
        button(
            kept.key,
            Action.CONTEXT,
            replace(focus, ordinal=ordinal + step),
            label,
            disabled=not 0 <= ordinal + step < count,
        )
        for step, label in ((-1, "◀"), (1, "▶"))
    ]
    here = replace(focus, ordinal=ordinal, back=None)
    controls.append(button(kept.key, Action.RELATED, here, t("button-related")))
    if focus.back is not None:
        controls.append(button(kept.key, Action.PAGE, focus.back, t("button-back")))
    return [_row(controls)]


def _row(controls: Iterable[Control]) -> Row:
    row: Row = ui.ActionRow()
    for control in controls:
        row.add_item(control)
    return row

"""Blocks of markdown -> a message within Discord's limits, which are all here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import discord
from discord import MediaGalleryItem, ui
from discord.enums import SeparatorSpacing

from bot.messages.markdown import units

MAX_TEXT_UNITS = 4_000  # UTF-16 units over all components of a message
MAX_COMPONENTS = 40  # nested ones counted
_RESERVED_UNITS = 50  # never used: no text is worth a refused message

Row = ui.ActionRow[Any]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that comes with a message."""

    name: str
    """Of letters, digits, full stops and hyphens: Discord changes others."""
    content: bytes
    alt: str = ""
    """What a picture shows, in words; empty: it is no picture."""

    def component(self) -> ui.Item[Any]:
        """Return the component that shows it."""
        address = f"attachment://{self.name}"
        if not self.alt:
            return ui.File(address)
        return ui.MediaGallery(MediaGalleryItem(address, description=self.alt))


class Reply(ui.LayoutView):
    """A message of text blocks with lines between them, in one frame; below it, components.

    A row among the blocks belongs to the block above it.
    """

    def __init__(
        self,
        blocks: Iterable[str | Row],
        rows: Sequence[Row] = (),
        attachments: Sequence[Attachment] = (),
    ) -> None:
        # Each component carries all that it needs in its custom_id, so no view is remembered.
        super().__init__(timeout=None)
        self._attachments = tuple(attachments)
        self.frame: ui.Container[Reply] = ui.Container()
        self._text_room = text_room()
        # The frame itself is one of the forty.
        self._room = MAX_COMPONENTS - 1 - len(attachments)
        self._room -= sum(1 + len(row.children) for row in rows)
        for block in blocks:
            items = self._items(block)
            if items and self.frame.children and isinstance(block, str):
                items.insert(0, ui.Separator(spacing=SeparatorSpacing.small))
            size = sum(1 + len(list(_walk(item))) for item in items)
            if size > self._room:
                break
            self._room -= size
            for item in items:
                self.frame.add_item(item)
        self.add_item(self.frame)
        for attachment in attachments:
            self.add_item(attachment.component())
        for row in rows:
            self.add_item(row)

    def is_finished(self) -> bool:
        """Return true, so that discord.py keeps no view, nor a timer of 15 minutes, once sent."""
        return True

    def uploads(self) -> list[discord.File]:
        """Return new files to send with the message: sending reads them to their end."""
        return [
            discord.File(BytesIO(file.content), file.name, description=file.alt or None)
            for file in self._attachments
        ]

    def texts(self) -> tuple[str, ...]:
        """Return the markdown of the message, one text after the other."""
        return tuple(
            item.content for item in self.walk_children() if isinstance(item, ui.TextDisplay)
        )

    def _items(self, block: str | Row) -> list[ui.Item[Any]]:
        if not isinstance(block, str):
            return [block]
        text = self._fit(block)
        return [ui.TextDisplay(text)] if text else []

    def _fit(self, text: str) -> str:
        fitted = text if units(text) <= self._text_room else cut(text, self._text_room)
        if not fitted.strip():
            return ""
        self._text_room -= units(fitted)
        return fitted


def _walk(item: ui.Item[Any]) -> Iterable[ui.Item[Any]]:
    return item.walk_children() if isinstance(item, ui.ActionRow) else ()


def text_room(*blocks: str) -> int:
    """Return how many units are left for text beside ``blocks``."""
    return MAX_TEXT_UNITS - _RESERVED_UNITS - sum(map(units, blocks))


def cut(block: str, max_units: int) -> str:
    """Return the first whole lines of ``block`` that fit in ``max_units``.

    Part of a line could lose the second of a pair of marks.
    """
    lines: list[str] = []
    for line in block.split("\n"):
        max_units -= units(line) + 1
        if max_units < 0:
            break
        lines.append(line)
    return "\n".join(lines)

"""Blocks of markdown -> a message within Discord's limits. All the limits are here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import discord
from discord import ui
from discord.enums import SeparatorSpacing

from bot.markdown import units

MOST_TEXT = 4_000  # UTF-16 units over all components of a message
MOST_COMPONENTS = 40  # nested ones counted
_KEPT_FREE = 50  # units: nothing is worth a refused message


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that comes with a message."""

    name: str
    """Of letters, digits, full stops and hyphens: Discord changes others."""
    content: bytes


class Reply(ui.LayoutView):
    """A message of text blocks, with a line between them, in one calm frame; below it, controls."""

    def __init__(
        self,
        blocks: Iterable[str],
        rows: Sequence[ui.ActionRow[Any]] = (),
        attachments: Sequence[Attachment] = (),
    ) -> None:
        # What can be pressed tells all that is needed itself, so nothing has to be remembered.
        super().__init__(timeout=None)
        self._attachments = tuple(attachments)
        below = len(attachments) + sum(1 + len(row.children) for row in rows)
        self.frame: ui.Container[Reply] = ui.Container()
        room = text_room()
        for block in blocks:
            fitting = block if units(block) <= room else cut(block, room)
            if not fitting.strip():
                continue
            # A separator and a text; the frame itself is one of the forty.
            if len(self.frame.children) + 2 + below >= MOST_COMPONENTS:
                break
            if self.frame.children:
                self.frame.add_item(ui.Separator(spacing=SeparatorSpacing.small))
            self.frame.add_item(ui.TextDisplay(fitting))
            room -= units(fitting)
        self.add_item(self.frame)
        for one in attachments:
            self.add_item(ui.File(f"attachment://{one.name}"))
        for row in rows:
            self.add_item(row)

    def uploads(self) -> list[discord.File]:
        """Return the files to send with the message; each time anew, since sending reads them."""
        return [discord.File(BytesIO(one.content), one.name) for one in self._attachments]

    def texts(self) -> tuple[str, ...]:
        """Return the markdown of the blocks."""
        return tuple(one.content for one in self.frame.children if isinstance(one, ui.TextDisplay))


def text_room(*blocks: str) -> int:
    """Return how many units are left for text beside ``blocks``."""
    return MOST_TEXT - _KEPT_FREE - sum(map(units, blocks))


def cut(block: str, most: int) -> str:
    """Return the first whole lines of ``block`` that fit in ``most`` units.

    Part of a line could lose the second of a pair of marks.
    """
    kept: list[str] = []
    for line in block.split("\n"):
        most -= units(line) + 1
        if most < 0:
            break
        kept.append(line)
    return "\n".join(kept)

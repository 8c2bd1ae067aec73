"""Blocks of markdown -> a message within Discord's limits. All the limits are here."""

from collections.abc import Iterable

from discord import ui
from discord.enums import SeparatorSpacing

from bot.markdown import units

MOST_TEXT = 4_000  # UTF-16 units over all components of a message
MOST_COMPONENTS = 40  # nested ones counted
_KEPT_FREE = 50  # units: nothing is worth a refused message


class Reply(ui.LayoutView):
    """A message of text blocks, with a line between them, in one calm frame."""

    def __init__(self, blocks: Iterable[str]) -> None:
        # Nothing here is pressed, so nothing has to be remembered.
        super().__init__(timeout=None)
        self.frame: ui.Container[Reply] = ui.Container()
        room = text_room()
        for block in blocks:
            fitting = block if units(block) <= room else cut(block, room)
            if not fitting.strip():
                continue
            # A separator and a text; the frame itself is one of the forty.
            if len(self.frame.children) + 2 >= MOST_COMPONENTS:
                break
            if self.frame.children:
                self.frame.add_item(ui.Separator(spacing=SeparatorSpacing.small))
            self.frame.add_item(ui.TextDisplay(fitting))
            room -= units(fitting)
        self.add_item(self.frame)

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

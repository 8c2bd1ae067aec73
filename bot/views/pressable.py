"""Buttons and selects that need nothing of the process that made them.

Each says in its ``custom_id`` all that a press needs, so it works after a restart, and a message
costs the process no memory. Whoever presses is checked when they press, not when it is shown.
"""

import re
from collections.abc import Iterable
from typing import Any, Self

import discord
from discord import ui

from bot.client import Interaction


class Pressable(ui.DynamicItem[ui.Item[Any]], template=r"(?!)"):
    """A button or a select; a subclass names its ``custom_id`` and says what a press does.

    What the template calls ``argument`` is in :attr:`argument` when it is pressed.
    """

    argument: str = ""

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 (the base class's)
        item: ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """Return the control that was pressed."""
        control = cls(item)
        control.argument = match.groupdict().get("argument", "")
        return control

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the press says; an error becomes a sentence for who pressed."""

        async def press() -> None:
            interaction.client.press_limit.take(interaction)
            await self.press(interaction)

        await interaction.client.attempt(interaction, press)

    async def press(self, interaction: Interaction) -> None:
        """Do what the press says."""
        raise NotImplementedError


def row(*controls: ui.Item[Any]) -> ui.ActionRow[Any]:
    """Return ``controls`` side by side: at most five buttons, or one select."""
    made: ui.ActionRow[Any] = ui.ActionRow()
    for control in controls:
        made.add_item(control)
    return made


def pager(
    control: type[Pressable], prefix: str, offset: int, size: int, total: int
) -> Iterable[ui.ActionRow[Any]]:
    """Return a row that turns pages of ``size``; none where there is but one page.

    The buttons are called ``prefix`` and the offset of the page they lead to.
    """
    if total <= size:
        return ()
    before, after = offset - size, offset + size
    return (
        row(
            control(
                ui.Button(label="◀", custom_id=f"{prefix}{max(before, 0)}", disabled=offset <= 0)
            ),
            control(ui.Button(label="▶", custom_id=f"{prefix}{after}", disabled=after >= total)),
        ),
    )

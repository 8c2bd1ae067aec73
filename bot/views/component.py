"""The base of all components: buttons and selects that need nothing of the process that made them.

The ``custom_id`` holds all that a press needs, so a component works after a restart, and a message
costs the process no memory. The presser is checked at the press.
"""

import re
from collections.abc import Iterable
from typing import Any, Self

import discord
from discord import ui

from bot.client import Interaction

Row = ui.ActionRow[Any]


class Component(ui.DynamicItem[ui.Item[Any]], template=r"(?!)"):
    """A button or a select; subclasses name its template, and define ``check`` and ``respond``."""

    def __init__(self, item: ui.Item[Any]) -> None:
        super().__init__(item)
        match = self.template.fullmatch(self.custom_id)
        if match is None:
            raise ValueError(self.custom_id)
        self.fields: dict[str, str] = match.groupdict(default="")
        """The named groups of the template."""

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 (the base class's)
        item: ui.Item[Any],
        match: re.Match[str],  # noqa: ARG003
        /,
    ) -> Self:
        """Return the component that was pressed."""
        return cls(item)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Accept the interaction, then check its user; an error becomes a sentence for them."""
        client = interaction.client
        return client.accept(interaction) and await client.guard(
            interaction, self.check(interaction)
        )

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Respond to the press; an error becomes a sentence for the user."""
        await interaction.client.guard(interaction, self.respond(interaction))

    async def check(self, interaction: Interaction) -> None:
        """See that the user may press this, and not too often.

        Raises:
            UserError: they may not.
        """
        interaction.client.count_press(interaction)

    async def respond(self, interaction: Interaction) -> None:
        """Do what the component is for."""
        raise NotImplementedError


def chosen(item: ui.Item[Any]) -> str:
    """Return the one value that was chosen of a select; empty where it is not one."""
    values = item.values if isinstance(item, ui.Select) else []
    return str(values[0]) if len(values) == 1 else ""


def row(*components: ui.Item[Any]) -> Row:
    """Return ``components`` side by side: at most five buttons, or one select."""
    action_row: Row = ui.ActionRow()
    for component in components:
        action_row.add_item(component)
    return action_row


def pager(
    component: type[Component], prefix: str, offset: int, size: int, total: int
) -> Iterable[Row]:
    """Return a row that turns pages of ``size``; no row where there is one page only.

    Each button's ``custom_id`` is ``prefix`` and the offset of the page it leads to.
    """
    if total <= size:
        return ()
    before, after = max(offset - size, 0), offset + size
    return (
        row(
            component(ui.Button(label="◀", custom_id=f"{prefix}{before}", disabled=offset <= 0)),
            component(ui.Button(label="▶", custom_id=f"{prefix}{after}", disabled=after >= total)),
        ),
    )

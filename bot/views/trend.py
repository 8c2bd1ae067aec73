"""The select under a trend: the peaks that the picture numbers."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages.trend import MAX_OPTION_CHARS, Peak, option_label
from bot.state.answers import AskRequest
from bot.views.answer import ask
from bot.views.component import Component, Row, row

_CUSTOM_ID = "trend:peak"


class PeakSelect(Component, template=_CUSTOM_ID):
    """Asks the archive about the chosen time."""

    async def check(self, interaction: Interaction) -> None:
        """Let everyone choose: the question itself is counted."""

    async def respond(self, interaction: Interaction) -> None:
        """Answer with the term's articles of that time, to the user alone."""
        values = self.item.values if isinstance(self.item, ui.Select) else []
        value = values[0] if values else ""
        peak = Peak.parse(value)
        if peak is None or len(value) > MAX_OPTION_CHARS:
            command = interaction.client.private_text(interaction).command("ask")
            raise responses.PermissionDenied("error-button", command=command)
        await ask(interaction, AskRequest(peak.term, peak.filters(), private=True))


def peak_rows(chosen: Sequence[Peak], t: Formatter) -> list[Row]:
    """Return a row with a select of the peaks; no row where there is none."""
    if not chosen:
        return []
    options = [
        discord.SelectOption(label=option_label(peak, number, t), value=peak.value)
        for number, peak in enumerate(chosen, 1)
    ]
    select = ui.Select[Any](
        custom_id=_CUSTOM_ID, placeholder=t("placeholder-trend"), options=options
    )
    return [row(PeakSelect(select))]

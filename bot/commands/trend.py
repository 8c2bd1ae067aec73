"""/trend: how often terms occur over time, as a picture."""

import logging
from typing import Any

from discord import app_commands

from bot import asking, chart, replies, trends
from bot.client import Interaction
from bot.texts import Texts
from corpus.model import Unit

LONGEST_TERMS = 200  # characters

_log = logging.getLogger(__name__)


def trend_command(texts: Texts) -> app_commands.Command[Any, ..., Any]:
    """Return the command."""

    @app_commands.command(
        name=texts.command("cmd-trend-name"), description=texts.command("cmd-trend-description")
    )
    @app_commands.rename(
        terms=texts.command("cmd-trend-terms-name"),
        after=texts.command("cmd-trend-from-name"),
        before=texts.command("cmd-trend-to-name"),
        unit=texts.command("cmd-trend-unit-name"),
        private=texts.command("cmd-ask-private-name"),
    )
    @app_commands.describe(
        terms=texts.command("cmd-trend-terms-description"),
        after=texts.command("cmd-ask-after-description"),
        before=texts.command("cmd-ask-before-description"),
        unit=texts.command("cmd-trend-unit-description"),
        private=texts.command("cmd-ask-private-description"),
    )
    @app_commands.choices(
        unit=[
            app_commands.Choice(name=texts.command("cmd-trend-unit-month"), value="month"),
            app_commands.Choice(name=texts.command("cmd-trend-unit-quarter"), value="quarter"),
            app_commands.Choice(name=texts.command("cmd-trend-unit-year"), value="year"),
        ]
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def trend(  # noqa: PLR0913, PLR0917 (Discord's options)
        interaction: Interaction,
        terms: app_commands.Range[str, 1, LONGEST_TERMS],
        after: str | None = None,
        before: str | None = None,
        unit: str | None = None,
        private: bool | None = None,  # noqa: FBT001 (an option of Discord's)
    ) -> None:
        await asking.check_channel(interaction)
        interaction.client.ask_limit.take(interaction)
        private = await asking.is_to_be_private(interaction, chosen=private)
        await replies.defer(interaction, private=private)
        found = await interaction.client.library.trend(terms, after, before, _unit(unit))
        if not trends.has_something(found):
            raise replies.Refusal("error-trend-nothing")
        text = interaction.client.private_text if private else interaction.client.public_text
        t = text(interaction) if private else await interaction.client.public_text(interaction)
        reply, files = trends.message(trends.Picture(found, await _drawn(interaction, found, t)), t)
        await replies.show(interaction, reply, files)

    return trend

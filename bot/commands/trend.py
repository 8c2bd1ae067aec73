"""/trend: how often terms occur over time, as a picture."""

import asyncio
import logging
from pathlib import Path
from typing import Any

from discord import app_commands

from bot import asking, chart, replies, trends
from bot.client import Interaction
from bot.texts import Texts
from corpus.model import Unit

LONGEST_TERMS = 200  # characters
CACHE = "matplotlib"  # a folder of DATA_DIR: what it finds out about fonts

_log = logging.getLogger(__name__)


def trend_command(texts: Texts) -> app_commands.Command[Any, ..., Any]:
    """Return the command."""
    # One at a time: a child takes some 75 MB, and a small host has few of them.
    turn = asyncio.Lock()

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
    async def trend(
        interaction: Interaction,
        terms: app_commands.Range[str, 1, LONGEST_TERMS],
        after: str | None = None,
        before: str | None = None,
        unit: str | None = None,
        private: bool | None = None,  # noqa: FBT001 (an option of Discord's)
    ) -> None:
        asking.check_channel(interaction, await asking.guild_settings(interaction))
        footnote = interaction.client
        footnote.ask_limit.take(interaction)
        if private is None:
            private = await asking.is_private_by_default(interaction)
        await replies.defer(interaction, private=private)
        found = await footnote.library.trend(terms, after, before, _checked(unit))
        if not trends.has_something(found):
            raise replies.Refusal("error-trend-nothing")
        own = footnote.private_text(interaction)
        t = own if private else await footnote.public_text(interaction)
        picture = await _drawn(trends.chart(found, t), footnote.settings.data_dir, turn)
        await replies.show(interaction, trends.message(found, picture, t))

    return trend


def _checked(unit: str | None) -> Unit | None:
    """Return the unit asked for; Discord's checks are only its clients' word.

    Raises:
        Refusal: there is no such unit.
    """
    try:
        return Unit(unit) if unit else None
    except ValueError as error:
        raise replies.Refusal("error-trend-unit") from error


async def _drawn(described: chart.Chart, data_dir: Path, turn: asyncio.Lock) -> bytes | None:
    try:
        return await chart.draw(described, data_dir / CACHE, turn)
    except chart.ChartError as error:
        # The figures are there without it.
        _log.error("%s", error)
        return None

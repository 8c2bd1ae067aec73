"""/trend: how often terms occur over time, as a picture."""

import logging
from typing import Any

from discord import app_commands

from bot import chart
from bot.client import Footnote, Interaction
from bot.interactions import responses
from bot.messages import trend as trend_message
from bot.services import answers
from corpus import Filters, Unit

LONGEST_TERMS = 200  # characters
CACHE = "matplotlib"  # a folder of DATA_DIR: what it finds out about fonts

_log = logging.getLogger(__name__)


def trend_command() -> app_commands.Command[Any, ..., Any]:
    """Return the command."""

    @app_commands.command(name="trend")
    @app_commands.rename(after="from", before="to")
    @app_commands.choices(unit=[app_commands.Choice(name=unit, value=unit) for unit in Unit])
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
        settings = await answers.guild_settings(interaction)
        answers.check_channel(interaction, settings)
        footnote = interaction.client
        is_private = (
            await answers.is_private_by_default(interaction) if private is None else private
        )

        async def acknowledge() -> None:
            footnote.ask_limit.take(interaction)
            await responses.defer(interaction, private=is_private)

        async with footnote.searches.slot(acknowledge):
            filters = answers.resolved(Filters(after=after, before=before), settings)
            found = await footnote.library.trend(terms, filters, unit=_checked(unit))
        if not trend_message.has_something(found):
            raise responses.UserError("error-trend-nothing")
        own = footnote.private_text(interaction)
        t = own if is_private else await footnote.public_text(interaction)
        picture = await drawn(trend_message.chart(found, t), footnote)
        await responses.edit_original(
            interaction, trend_message.message(found, filters, picture, t)
        )

    return trend


def _checked(unit: str | None) -> Unit | None:
    """Return the unit asked for; Discord's checks are only its clients' word.

    Raises:
        UserError: there is no such unit.
    """
    try:
        return Unit(unit) if unit else None
    except ValueError as error:
        raise responses.UserError("error-trend-unit") from error


async def drawn(described: chart.Chart, footnote: Footnote) -> bytes | None:
    """Return a picture, drawn when it is its turn; ``None`` where it could not be.

    Raises:
        UserError: too many are to be drawn.
    """
    try:
        async with footnote.drawings.slot():
            return await chart.draw(described, footnote.settings.data_dir / CACHE)
    except chart.ChartError as error:
        # The figures are there without it.
        _log.error("%s", error)
        return None

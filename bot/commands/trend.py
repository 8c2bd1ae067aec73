"""/trend: how often terms occur over time, as a picture."""

import logging
from functools import partial
from typing import Any

from discord import app_commands

from bot import chart
from bot.client import Footnote, Interaction
from bot.commands import options
from bot.interactions import responses
from bot.messages import trend as trend_message
from bot.services.answers import resolve_filters
from bot.views.answer import check_channel, defer_question
from bot.views.trend import peak_rows
from corpus import Unit

MAX_TERMS_CHARS = 200
CACHE = "matplotlib"  # a folder of DATA_DIR: what matplotlib finds out about fonts

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
        terms: app_commands.Range[str, 1, MAX_TERMS_CHARS],
        after: str | None = None,
        before: str | None = None,
        unit: str | None = None,
        private: bool | None = None,  # noqa: FBT001 (an option of Discord's)
    ) -> None:
        client = interaction.client
        own = client.private_text(interaction)
        settings = await client.guild_settings(interaction)
        check_channel(interaction, settings)
        is_private = settings.private is not False if private is None else private

        acknowledge = partial(defer_question, interaction, private=is_private)

        async with client.answers.searches.slot(interaction.user.id, acknowledge):
            filters = resolve_filters(options.filters(own, after=after, before=before), settings)
            result = await client.library.trend(terms, filters, unit=_unit(unit))
        if trend_message.is_empty(result):
            raise responses.UserError("error-trend-nothing")
        t = own if is_private else await client.public_text(interaction)
        peaks = trend_message.peaks(result)
        picture = await draw(trend_message.chart(result, peaks, t), client, interaction.user.id)
        reply = trend_message.message(result, filters, picture, t, peak_rows(peaks, t))
        await responses.edit_original(interaction, reply)

    return trend


def _unit(value: str | None) -> Unit | None:
    """Return the unit called ``value``; Discord's limits hold for its own clients only.

    Raises:
        UserError: there is no such unit.
    """
    try:
        return Unit(value) if value else None
    except ValueError as error:
        raise responses.UserError("error-trend-unit") from error


async def draw(content: chart.Chart, client: Footnote, user_id: int) -> bytes | None:
    """Return a picture, drawn in the turn of its user; ``None`` where that fails.

    Raises:
        QueueFull: too many are to be drawn.
    """
    try:
        async with client.drawings.slot(user_id):
            return await chart.draw(content, client.settings.data_dir / CACHE)
    except chart.ChartError as error:
        # The figures are there without it.
        _log.error("%s", error)
        return None

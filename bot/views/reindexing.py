"""A reindex as its admin sees it: followed to its end, cancelled, told when it ends late."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands, ui

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import archive
from bot.messages.layout import Reply
from bot.views.pressable import Pressable, row
from corpus import IndexReport, ReindexCancelledError

EDIT_EVERY = 2.0  # seconds
FOLLOW_FOR = 13 * 60  # seconds, before nothing can be said any more: see bot.interactions.delivery

_log = logging.getLogger(__name__)


class CancelReindex(Pressable, template=r"reindex:cancel"):
    """The button that ends the reindex that runs, whoever started it."""

    async def press(self, interaction: Interaction) -> None:
        """End it, and say so in the message."""
        check_admin(interaction)
        await responses.acknowledge(interaction)
        if not await interaction.client.indexing.cancel():
            raise responses.UserError("error-no-reindex")
        _log.warning("User %d cancelled the reindex.", interaction.user.id)
        t = interaction.client.private_text(interaction)
        await responses.edit_original(interaction, responses.sentence(t("reindex-cancelled")))


def check_admin(interaction: Interaction) -> None:
    """See that who presses is an admin of the archive, as for the commands.

    Raises:
        CheckFailure: they are not.
    """
    if not interaction.client.is_admin(interaction.user):
        raise app_commands.CheckFailure


async def follow(
    interaction: Interaction, task: asyncio.Task[IndexReport], *, joined: bool
) -> None:
    """Show how far the reindex is until its end.

    When the message can no longer be edited, the end is told where the command was given.
    """
    t = interaction.client.private_text(interaction)
    indexing = interaction.client.indexing
    loop = asyncio.get_running_loop()
    until = loop.time() + FOLLOW_FOR
    shown = None
    while loop.time() < until:
        if indexing.progress != shown:
            shown = indexing.progress
            reply = archive.reindexing(shown, t, joined=joined, rows=[_cancel(t)])
            await responses.edit_original(interaction, reply)
        # Only waits: several may follow the same one, and leaving must not end it.
        done, _ = await asyncio.wait([task], timeout=EDIT_EVERY)
        if done:
            await responses.edit_original(interaction, _ended(task, t))
            return
    command = t.command("archive", "status")
    text = t("reindex-unfollowed", command=command)
    await responses.edit_original(interaction, Reply([text], [_cancel(t)]))
    await _announce(interaction, task)


def _cancel(t: Formatter) -> ui.ActionRow[Any]:
    button = ui.Button[Any](label=t("button-cancel"), custom_id="reindex:cancel")
    return row(CancelReindex(button))


def _ended(task: asyncio.Task[IndexReport], t: Formatter) -> Reply:
    """Return what the reindex came to.

    Raises:
        CorpusError: it failed.
    """
    try:
        return archive.reindexed(task.result(), t)
    except ReindexCancelledError:
        return responses.sentence(t("reindex-cancelled"))


async def _announce(interaction: Interaction, task: asyncio.Task[IndexReport]) -> None:
    """Tell the end of a reindex in the channel, else to the user, else to the log."""
    await asyncio.wait([task])
    if task.cancelled():
        return  # the bot is stopping
    t = await interaction.client.public_text(interaction)
    error = task.exception()
    if isinstance(error, ReindexCancelledError):
        reply = responses.sentence(t("reindex-cancelled"))
    elif error is not None:
        sentence = responses.plain(interaction.client.indexing.failure or str(error))
        reply = responses.sentence(t("error-archive", sentence=sentence))
    else:
        # What was skipped names files: that is for the admins alone.
        reply = archive.reindexed(replace(task.result(), skipped=()), t)
    for place in (interaction.channel, interaction.user):
        if not isinstance(place, discord.abc.Messageable):
            continue
        try:
            await place.send(view=reply)
        except discord.HTTPException as unsent:
            _log.info("The end of a reindex could not be told in %s: %s", place, unsent)
        else:
            return
    _log.warning("The end of a reindex could not be told to user %d.", interaction.user.id)

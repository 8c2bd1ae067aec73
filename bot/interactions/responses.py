"""Replies to an interaction with discord.py's verbs, whatever has been answered before."""

from typing import Any

import discord
from discord import app_commands, ui

from bot.interactions import delivery
from bot.interactions.context import context_of
from bot.messages.layout import Reply
from bot.messages.markdown import ELLIPSIS, escape, one_line
from bot.monitoring.logs import redact

_MAX_SENTENCE_CHARS = 500  # characters


class UserError(app_commands.AppCommandError):
    """Declined with a sentence in the user's language, which says what they can do."""

    def __init__(self, message_id: str, **arguments: str | float) -> None:
        super().__init__(message_id)
        self.message_id = message_id
        self.arguments = arguments


class PermissionDenied(UserError):  # noqa: N818 (discord.py's own way to name them)
    """Declined because the user may not, or forged the request; logged too."""


def sentence(text: str) -> Reply:
    """Return a message of one sentence, which is markdown already."""
    return Reply([text])


def plain(text: str) -> str:
    """Return an error's own words as markdown that shows them, but for what looks secret."""
    return escape(one_line(redact(text), _MAX_SENTENCE_CHARS), line_start=False)


def is_answered(interaction: discord.Interaction[Any]) -> bool:
    """Whether Discord has taken a first answer."""
    context = context_of(interaction)
    is_deferred = context.is_deferred_privately is not None
    return is_deferred or context.is_acknowledged or interaction.response.is_done()


async def defer(interaction: discord.Interaction[Any], *, private: bool) -> None:
    """Acknowledge with "is thinking", unless acknowledged already.

    ``private``: only the user will see it.
    """
    if is_answered(interaction):
        return
    await delivery.callback(
        interaction, lambda: interaction.response.defer(ephemeral=private, thinking=True)
    )
    context_of(interaction).is_deferred_privately = private


async def acknowledge(interaction: discord.Interaction[Any]) -> None:
    """Acknowledge a press, unless acknowledged already.

    The message whose control it was can then be edited.
    """
    if is_answered(interaction):
        return
    await delivery.callback(interaction, interaction.response.defer)
    context_of(interaction).is_acknowledged = True


async def edit_original(
    interaction: discord.Interaction[Any], reply: Reply
) -> discord.InteractionMessage:
    """Edit the first answer, or replace the "is thinking" of :func:`defer`; return it."""
    message = await delivery.edit(
        interaction,
        lambda: interaction.edit_original_response(view=reply, attachments=reply.uploads()),
    )
    context_of(interaction).is_acknowledged = True
    return message


async def follow_up(
    interaction: discord.Interaction[Any], reply: Reply, *, private: bool
) -> discord.WebhookMessage:
    """Send and return a further message."""
    return await delivery.follow_up(
        interaction,
        lambda: interaction.followup.send(
            view=reply, files=reply.uploads(), ephemeral=private, wait=True
        ),
    )


async def open_editor(interaction: discord.Interaction[Any], editor: ui.Modal) -> None:
    """Open a form for the user to write in."""
    await delivery.callback(interaction, lambda: interaction.response.send_modal(editor))


async def send_choices(
    interaction: discord.Interaction[Any], choices: list[app_commands.Choice[str]]
) -> None:
    """Send the choices of an autocompletion."""
    await delivery.callback(interaction, lambda: interaction.response.autocomplete(choices))


async def respond_ephemeral(interaction: discord.Interaction[Any], reply: Reply) -> None:
    """Reply so that only the user sees it, whatever has been answered before."""
    if not is_answered(interaction):
        await delivery.callback(
            interaction, lambda: interaction.response.send_message(view=reply, ephemeral=True)
        )
        context_of(interaction).is_acknowledged = True
    elif context_of(interaction).is_deferred_privately:
        await edit_original(interaction, reply)
    elif context_of(interaction).is_acknowledged:
        await follow_up(interaction, reply, private=True)
    else:
        # While "… is thinking" stands there, the next message takes its place, for everyone to
        # see. So something else takes it, and goes.
        await edit_original(interaction, sentence(ELLIPSIS))
        await follow_up(interaction, reply, private=True)
        await delivery.edit(interaction, interaction.delete_original_response)

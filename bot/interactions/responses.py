"""How the bot speaks to someone without the channel hearing it."""

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
    """A command declines, with a reason the user can act on, said in their language."""

    def __init__(self, message_id: str, **arguments: str | float) -> None:
        super().__init__(message_id)
        self.message_id = message_id
        self.arguments = arguments


class PermissionDenied(UserError):  # noqa: N818 (discord.py's own way to name them)
    """Declined because of who asks, or because they made it up: the log is told as well."""


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
    """Tell Discord that the answer is being worked on, unless it has been told so already.

    ``private``: only the user will see it.
    """
    if is_answered(interaction):
        return
    await delivery.callback(
        interaction, lambda: interaction.response.defer(ephemeral=private, thinking=True)
    )
    context_of(interaction).is_deferred_privately = private


async def acknowledge(interaction: discord.Interaction[Any]) -> None:
    """Tell Discord that a press was heard, unless it has been told so already.

    The message whose control it was can then be edited.
    """
    if is_answered(interaction):
        return
    await delivery.callback(interaction, interaction.response.defer)
    context_of(interaction).is_acknowledged = True


async def edit_original(interaction: discord.Interaction[Any], reply: Reply) -> None:
    """Answer in the place that :func:`defer` took, or edit what was answered there."""
    await delivery.follow_up(
        interaction,
        lambda: interaction.edit_original_response(view=reply, attachments=reply.uploads()),
    )
    context_of(interaction).is_acknowledged = True


async def follow_up(
    interaction: discord.Interaction[Any], reply: Reply, *, private: bool
) -> discord.WebhookMessage:
    """Send a further message, and return it."""
    return await delivery.follow_up(
        interaction, lambda: interaction.followup.send(view=reply, ephemeral=private, wait=True)
    )


async def open_editor(interaction: discord.Interaction[Any], editor: ui.Modal) -> None:
    """Let the user write."""
    await delivery.callback(interaction, lambda: interaction.response.send_modal(editor))


async def send_choices(
    interaction: discord.Interaction[Any], choices: list[app_commands.Choice[str]]
) -> None:
    """Offer ``choices`` to someone who types."""
    await delivery.callback(interaction, lambda: interaction.response.autocomplete(choices))


async def respond_ephemeral(interaction: discord.Interaction[Any], reply: Reply) -> None:
    """Answer so that only the user sees it, whatever has been answered before."""
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
        await delivery.follow_up(interaction, interaction.delete_original_response)

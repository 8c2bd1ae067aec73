"""/forget: deletes what is kept of the user who asks for it."""

from typing import Any

import discord
from discord import app_commands, ui

from bot.client import Interaction
from bot.interactions import responses
from bot.messages.layout import Reply
from bot.views.pressable import Pressable, row


class Forget(Pressable, template=r"forget"):
    """The button that deletes what is kept of whoever presses it."""

    async def press(self, interaction: Interaction) -> None:
        """Delete it, and say how much it was."""
        await responses.acknowledge(interaction)
        gone = await interaction.client.state.forget(interaction.user.id)
        t = interaction.client.private_text(interaction)
        counts = t("forget-done", questions=gone.questions, answers=gone.answers, votes=gone.votes)
        await responses.edit_original(interaction, responses.sentence(counts))


def forget_command() -> app_commands.Command[Any, ..., Any]:
    """Return the command."""

    @app_commands.command(name="forget")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def forget(interaction: Interaction) -> None:
        t = interaction.client.private_text(interaction)
        button = ui.Button[Any](
            label=t("button-forget"), custom_id="forget", style=discord.ButtonStyle.danger
        )
        text = f"**{t('forget-ask')}**\n-# {t('forget-remains')}"
        await responses.respond_ephemeral(interaction, Reply([text], [row(Forget(button))]))

    return forget

"""/forget: deletes a user's own questions, answers, votes and watches."""

from typing import Any

import discord
from discord import app_commands, ui

from bot.client import Interaction
from bot.interactions import responses
from bot.messages.layout import Reply
from bot.views.component import Component, row


class ForgetButton(Component, template=r"forget"):
    """Deletes what is stored of its presser."""

    async def respond(self, interaction: Interaction) -> None:
        """Delete it, and tell the counts."""
        await responses.acknowledge(interaction)
        counts = await interaction.client.state.forget(interaction.user.id)
        t = interaction.client.private_text(interaction)
        text = t(
            "forget-done",
            questions=counts.questions,
            answers=counts.answers,
            votes=counts.votes,
            watches=counts.watches,
        )
        await responses.edit_original(interaction, responses.sentence(text))


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
        await responses.respond_ephemeral(interaction, Reply([text], [row(ForgetButton(button))]))

    return forget

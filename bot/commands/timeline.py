"""/timeline: a question -> the days on which articles tell of it, oldest first."""

from typing import Any

from discord import app_commands

from bot.client import Interaction
from bot.commands import options
from bot.state.answers import AskRequest
from bot.views import timeline as timeline_view
from corpus import MAX_QUESTION_CHARS


def timeline_command() -> app_commands.Command[Any, ..., Any]:
    """Return the command."""

    @app_commands.command(name="timeline")
    @app_commands.rename(after="from", before="to")
    @app_commands.autocomplete(question=options.complete_question)
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def timeline(
        interaction: Interaction,
        question: app_commands.Range[str, 1, MAX_QUESTION_CHARS],
        after: str | None = None,
        before: str | None = None,
        private: bool | None = None,  # noqa: FBT001 (an option of Discord's)
    ) -> None:
        t = interaction.client.private_text(interaction)
        question = options.clean(question, "question", t) or ""
        filters = options.filters(t, after=after, before=before)
        if private is None:
            private = (await interaction.client.guild_settings(interaction)).private is not False
        await timeline_view.show(interaction, AskRequest(question, filters, private))

    return timeline

"""/archive: its admins read the archive again, see how it is, and what is asked of it."""

import discord
from discord import app_commands

from bot.client import Footnote, Interaction
from bot.host import resident_memory
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import archive
from bot.messages.layout import Reply
from bot.state.questions import LIFE
from bot.views.reindexing import follow
from bot.views.synonyms import show_synonyms
from corpus import IndexUnusableError

_DAY = 86_400  # seconds
_MOST_QUESTIONS = (
    5_000  # in the attachment: of the longest ones these are 7.5 MB, and 10 may be sent
)


class AdminGroup(app_commands.Group):
    """Commands for the archive's admins only; what Discord hides is only a hint."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride] (our client is the only one)
        """Whether the user is an admin of the archive."""
        return interaction.client.is_admin(interaction.user)


def archive_commands() -> app_commands.Group:
    """Return the group with its commands."""
    group = AdminGroup(
        name="archive",
        description="…",
        default_permissions=discord.Permissions(administrator=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=True
        ),
    )

    @group.command(name="reindex")
    async def reindex(
        interaction: Interaction,
        full: bool = False,  # noqa: FBT001, FBT002 (an option of Discord's)
    ) -> None:
        await responses.defer(interaction, private=True)
        indexing = interaction.client.indexing
        joined = indexing.is_running
        await follow(interaction, indexing.start(full=full), joined=joined)

    @group.command(name="status")
    async def status(interaction: Interaction) -> None:
        await responses.defer(interaction, private=True)
        t = interaction.client.private_text(interaction)
        await responses.edit_original(interaction, await _status(interaction.client, t))

    @group.command(name="synonyms")
    async def synonyms(interaction: Interaction) -> None:
        await responses.defer(interaction, private=True)
        await show_synonyms(interaction)

    @group.command(name="questions")
    async def questions(interaction: Interaction) -> None:
        await responses.defer(interaction, private=True)
        log = interaction.client.state.questions
        asked = await log.counts(seconds=LIFE, limit=_MOST_QUESTIONS)
        unanswered = await log.counts(seconds=LIFE, limit=archive.QUESTIONS_NAMED, unanswered=True)
        t = interaction.client.private_text(interaction)
        await responses.edit_original(interaction, archive.questions(asked, unanswered, t))

    return group


async def _status(footnote: Footnote, t: Formatter) -> Reply:
    try:
        stats = await footnote.library.stats()
    except IndexUnusableError:
        stats = None
    return archive.status(
        stats,
        footnote.indexing.progress if footnote.indexing.is_running else None,
        await footnote.state.questions.figures(seconds=_DAY),
        archive.Health(
            footnote.started_at,
            resident_memory(),
            footnote.state.quarantined_files(),
            None if footnote.indexing.is_running else footnote.indexing.failure,
        ),
        t,
    )

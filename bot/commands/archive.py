"""/archive: its admins reindex it, edit its synonyms, hide articles, see status and questions."""

import logging
from collections.abc import Sequence

import discord
from discord import app_commands

from bot.client import Footnote, Interaction
from bot.commands.options import MAX_CHOICES, Choices, completion
from bot.host import resident_memory
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import archive
from bot.messages.layout import Reply
from bot.state import DATABASE_ERRORS, DatabaseError
from bot.state.questions import LIFE
from bot.state.shard_plan import Worker
from bot.views.archive import follow, show_synonyms
from bot.views.hiding import hide_article, unhide_article
from bot.views.synonym_trial import MAX_OPTIONS, try_row
from corpus import EngineError, IndexUnusableError

_log = logging.getLogger(__name__)

_DAY = 86_400  # seconds
_MAX_QUESTIONS = 5_000  # attached: 7.5 MB of the longest ones, where Discord takes 10


class AdminGroup(app_commands.Group):
    """Commands for the archive's admins only: Discord only hides them from others."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride] (our client is the only one)
        """Whether the user is an admin of the archive."""
        return await interaction.client.is_admin_now(interaction.user)


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
        reindexer = interaction.client.reindexer
        joined = reindexer.is_running
        task = await reindexer.start_everywhere(full=full)
        await follow(interaction, task, joined=joined)

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
        client = interaction.client
        counts, unanswered = await client.state.questions.most_frequent(
            seconds=LIFE, limit=_MAX_QUESTIONS, unanswered_limit=MAX_OPTIONS
        )
        unhelpful = await client.state.answers.unhelpful(limit=MAX_OPTIONS)
        t = client.private_text(interaction)
        troubling = [*(text for text, _ in unhelpful), *(count.text for count in unanswered)]
        is_editable = client.synonyms.is_editable(await client.synonyms.read())
        rows = try_row(troubling, t) if is_editable else []
        reply = archive.questions(counts, unanswered, unhelpful, t, rows)
        await responses.edit_original(interaction, reply)

    @group.command(name="hide")
    @app_commands.autocomplete(path=completion(_shown_paths))
    async def hide(interaction: Interaction, path: str) -> None:
        await responses.defer(interaction, private=True)
        await hide_article(interaction, path)

    @group.command(name="unhide")
    @app_commands.autocomplete(path=completion(_hidden_paths))
    async def unhide(interaction: Interaction, path: str) -> None:
        await responses.defer(interaction, private=True)
        await unhide_article(interaction, path)

    return group


async def _shown_paths(interaction: Interaction, typed: str) -> Choices:
    """Return the paths of articles by path, title or address, to an admin."""
    client = interaction.client
    if not client.is_admin(interaction.user):
        return []
    return _choices(await client.library.paths_like(typed, MAX_CHOICES))


async def _hidden_paths(interaction: Interaction, typed: str) -> Choices:
    """Return the paths of hidden articles, to an admin."""
    client = interaction.client
    if not client.is_admin(interaction.user):
        return []
    wanted = typed.casefold().strip()
    hidden = await client.library.hidden()
    return _choices([path for path in hidden if wanted in path.casefold()])


def _choices(paths: Sequence[str]) -> Choices:
    return [app_commands.Choice(name=path, value=path) for path in paths]


async def _workers(client: Footnote) -> tuple[Sequence[Worker], str | None]:
    """Return the processes that share the shards, and the id of this one."""
    if client.leased_shards is None:
        return (), None
    try:
        return await client.leased_shards.workers(), client.leased_shards.worker_id
    except DatabaseError as error:
        _log.error("The workers cannot be read: %s.", error)
        return (), None


async def _status(client: Footnote, t: Formatter) -> Reply:
    """Return what is so, also where a part of it cannot be read: that is when it is looked at."""
    reindexer = client.reindexer
    failure = None if reindexer.is_running else reindexer.failure
    stats = figures = damages = None
    try:
        stats = await client.library.stats()
    except IndexUnusableError:
        pass
    except EngineError as error:
        failure = failure or str(error)
    try:
        figures = await client.state.questions.figures(seconds=_DAY)
        damages = await client.state.damages()
    except DATABASE_ERRORS as error:
        _log.error("The state cannot be read: %s.", error)
    workers, worker_id = await _workers(client)
    health = archive.Health(
        client.started_at, resident_memory(), damages, failure, workers, worker_id
    )
    return archive.status(stats, reindexer.running_progress, figures, health, t)

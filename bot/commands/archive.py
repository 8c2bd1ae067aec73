"""/archive: its admins read the archive again and see how it is."""

import asyncio
from pathlib import Path
from typing import Any

import discord
from discord import app_commands

from bot import replies, reports
from bot.client import Footnote, Interaction
from bot.layout import Reply
from bot.texts import Formatter, Texts
from corpus.errors import IndexUnusableError
from corpus.model import IndexReport

EDIT_EVERY = 2.0  # seconds
FOLLOW_FOR = 14 * 60  # seconds: an interaction's token lives 15 minutes
_DAY = 86_400  # seconds


class AdminGroup(app_commands.Group):
    """Commands for the archive's admins only; what Discord hides is only a hint."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride] (our client is the only one)
        """Whether the user is an admin of the archive."""
        return interaction.client.is_admin(interaction.user)


def archive_commands(texts: Texts) -> app_commands.Group:
    """Return the group with its commands."""
    group = AdminGroup(
        name=texts.command("cmd-archive-name"),
        description=texts.command("cmd-archive-description"),
        default_permissions=discord.Permissions(administrator=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=True
        ),
    )

    @group.command(
        name=texts.command("cmd-archive-reindex-name"),
        description=texts.command("cmd-archive-reindex-description"),
    )
    @app_commands.rename(full=texts.command("cmd-archive-reindex-full-name"))
    @app_commands.describe(full=texts.command("cmd-archive-reindex-full-description"))
    async def reindex(
        interaction: Interaction,
        full: bool = False,  # noqa: FBT001, FBT002 (an option of Discord's)
    ) -> None:
        await replies.defer(interaction, private=True)
        indexing = interaction.client.indexing
        joined = indexing.is_running
        await _follow(interaction, indexing.start(full=full), joined=joined)

    @group.command(
        name=texts.command("cmd-archive-status-name"),
        description=texts.command("cmd-archive-status-description"),
    )
    async def status(interaction: Interaction) -> None:
        await replies.defer(interaction, private=True)
        t = interaction.client.private_text(interaction)
        await replies.show(interaction, await _status(interaction.client, t))

    return group


async def _follow(
    interaction: Interaction, task: asyncio.Task[IndexReport], *, joined: bool
) -> None:
    """Show how far the reindex is until its end, or until the message can no longer be edited."""
    t = interaction.client.private_text(interaction)
    indexing = interaction.client.indexing
    loop = asyncio.get_running_loop()
    until = loop.time() + FOLLOW_FOR
    shown = None
    while loop.time() < until:
        if indexing.progress != shown:
            shown = indexing.progress
            await replies.show(interaction, reports.reindexing(shown, t, joined=joined))
        # Only waits: several may follow the same one, and leaving must not end it.
        done, _ = await asyncio.wait([task], timeout=EDIT_EVERY)
        if done:
            await replies.show(interaction, reports.reindexed(task.result(), t))
            return
    command = f"`/{t('cmd-archive-name')} {t('cmd-archive-status-name')}`"
    await replies.show(interaction, replies.sentence(t("reindex-unfollowed", command=command)))


async def _status(footnote: Footnote, t: Formatter) -> Reply:
    try:
        stats = await footnote.library.stats()
    except IndexUnusableError:
        stats = None
    return reports.status(
        stats,
        footnote.indexing.progress if footnote.indexing.is_running else None,
        await footnote.state.questions.figures(seconds=_DAY),
        reports.Health(footnote.started_at, resident_memory()),
        t,
    )


def resident_memory() -> int | None:
    """Return this process's resident memory in bytes, where the system tells (Linux)."""
    try:
        fields = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        line: Any = next(field for field in fields if field.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration):
        return None

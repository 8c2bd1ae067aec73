"""/watch: a server's moderators let channels be told of new articles."""

import logging
from typing import Any

import discord
from discord import app_commands

from bot import replies
from bot.client import Interaction
from bot.markdown import escape, one_line
from bot.render import LONGEST_NAME
from bot.state.watches import Watch
from bot.texts import Texts
from corpus.model import Filters
from corpus.search import LONGEST_QUESTION

MOST_WATCHES = 25  # of a server: what an autocomplete can offer
LONGEST_CHOICE = 100  # characters, Discord's limit

_log = logging.getLogger(__name__)


class PostableChannel(app_commands.Transformer):
    """An option for a channel that messages can be posted in."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Discord's name for it."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """What the option offers."""
        return [
            discord.ChannelType.text,
            discord.ChannelType.news,
            discord.ChannelType.public_thread,
            discord.ChannelType.private_thread,
            discord.ChannelType.news_thread,
        ]

    async def transform(
        self,
        interaction: discord.Interaction[Any],  # noqa: ARG002 (the base class's)
        value: app_commands.AppCommandChannel | app_commands.AppCommandThread,
        /,
    ) -> int:
        """Return the chosen channel's id."""
        return value.id


class ModeratorGroup(app_commands.Group):
    """Commands for who may manage the server's channels; what Discord hides is only a hint."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride] (our client is the only one)
        """Whether the user may.

        Raises:
            Refusal: not here, or not this user.
        """
        if interaction.guild_id is None:
            raise replies.Refusal("error-watch-server")
        if not interaction.permissions.manage_channels:
            _log.warning("Refused /watch to user %d.", interaction.user.id)
            raise replies.Refusal("error-watch-permission")
        return True


def watch_commands(texts: Texts) -> app_commands.Group:
    """Return the group with its commands."""
    group = ModeratorGroup(
        name=texts.command("cmd-watch-name"),
        description=texts.command("cmd-watch-description"),
        default_permissions=discord.Permissions(manage_channels=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=False, private_channel=False
        ),
    )

    @group.command(
        name=texts.command("cmd-watch-add-name"),
        description=texts.command("cmd-watch-add-description"),
    )
    @app_commands.rename(
        question=texts.command("cmd-watch-question-name"),
        channel=texts.command("cmd-watch-channel-name"),
        source=texts.command("cmd-ask-source-name"),
        author=texts.command("cmd-ask-author-name"),
        tag=texts.command("cmd-ask-tag-name"),
    )
    @app_commands.describe(
        question=texts.command("cmd-watch-question-description"),
        channel=texts.command("cmd-watch-channel-description"),
        source=texts.command("cmd-ask-source-description"),
        author=texts.command("cmd-ask-author-description"),
        tag=texts.command("cmd-ask-tag-description"),
    )
    async def add(
        interaction: Interaction,
        question: app_commands.Range[str, 1, LONGEST_QUESTION],
        channel: app_commands.Transform[int, PostableChannel] | None = None,
        source: str | None = None,
        author: str | None = None,
        tag: str | None = None,
    ) -> None:
        await replies.defer(interaction, private=True)
        filters = Filters(source=source, author=author, tag=tag)
        channel_id = channel or interaction.channel_id
        assert channel_id is not None
        await _add(interaction, " ".join(question.split()), channel_id, filters)

    @group.command(
        name=texts.command("cmd-watch-list-name"),
        description=texts.command("cmd-watch-list-description"),
    )
    async def list_(interaction: Interaction) -> None:
        await replies.defer(interaction, private=True)
        t = interaction.client.private_text(interaction)
        watches = await _watches(interaction)
        lines = [
            t("watch-line", channel=f"<#{one.channel_id}>", question=_shown(one.question))
            for one in watches
        ]
        told = "\n".join([f"### {t('watch-title')}", *lines]) if lines else t("watch-none")
        await replies.show(interaction, replies.sentence(told))

    @group.command(
        name=texts.command("cmd-watch-remove-name"),
        description=texts.command("cmd-watch-remove-description"),
    )
    @app_commands.rename(which=texts.command("cmd-watch-which-name"))
    @app_commands.describe(which=texts.command("cmd-watch-which-description"))
    @app_commands.autocomplete(which=_offer)
    async def remove(interaction: Interaction, which: str) -> None:
        await replies.defer(interaction, private=True)
        found = [one for one in await _watches(interaction) if which in {str(one.id), one.question}]
        if not found:
            raise replies.Refusal("error-watch-unknown")
        await interaction.client.state.watches.remove(found[0].id)
        t = interaction.client.private_text(interaction)
        told = t("watch-removed", question=_shown(found[0].question))
        await replies.show(interaction, replies.sentence(told))

    return group


async def _add(interaction: Interaction, question: str, channel_id: int, filters: Filters) -> None:
    footnote = interaction.client
    channel = f"<#{channel_id}>"
    watches = await _watches(interaction)
    if len(watches) >= MOST_WATCHES:
        raise replies.Refusal("error-watch-full", most=MOST_WATCHES)
    if any(
        (one.channel_id, one.question, one.filters) == (channel_id, question, filters)
        for one in watches
    ):
        raise replies.Refusal("error-watch-twice", channel=channel)
    if not any(char.isalnum() for char in question):
        raise replies.Refusal("error-watch-words")
    found = await footnote.library.matches(question, filters)
    await _check_may_post(footnote, channel_id, channel)
    assert interaction.guild_id is not None
    await footnote.state.watches.add(interaction.guild_id, channel_id, question, filters)
    t = footnote.private_text(interaction)
    shown = _shown(question)
    told = t("watch-added", channel=channel, question=shown, count=len(found.hits))
    await replies.show(interaction, replies.sentence(told))


async def _check_may_post(client: discord.Client, channel_id: int, channel: str) -> None:
    """Make sure that the bot may post there, without posting.

    Raises:
        Refusal: it may not.
    """
    try:
        # What the bot may do in a channel it does not stand in, only Discord can tell: who may
        # not write may not be seen to write either.
        await client.http.send_typing(channel_id)
    except (discord.Forbidden, discord.NotFound) as error:
        raise replies.Refusal("error-watch-channel", channel=channel) from error


async def _watches(interaction: Interaction) -> list[Watch]:
    assert interaction.guild_id is not None
    return await interaction.client.state.watches.of_guild(interaction.guild_id)


async def _offer(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Return the server's watches that hold what is typed."""
    if interaction.guild_id is None or not interaction.permissions.manage_channels:
        return []
    typed = current.casefold().strip()
    return [
        app_commands.Choice(name=one_line(one.question, LONGEST_CHOICE), value=str(one.id))
        for one in await _watches(interaction)
        if typed in one.question.casefold()
    ][:MOST_WATCHES]


def _shown(question: str) -> str:
    return escape(one_line(question, LONGEST_NAME), line_start=False)

"""/watch: posts new articles that match a question to a channel, for moderators."""

import asyncio
from typing import Any

import discord
from discord import app_commands

from bot.client import Interaction
from bot.commands import options
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import watch as watch_message
from bot.state.watches import MAX_WATCHES, AddResult, Watch, WatchTarget
from corpus import MAX_QUESTION_CHARS, Filters, NoticeKind

MAX_NAME_CHARS = 100  # of a source, an author or a tag
_CHANNELS = (discord.ChannelType.text, discord.ChannelType.news)
_THREADS = (
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)


class WatchGroup(app_commands.Group):
    """Commands for members who may manage channels: Discord only hides them from others."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride] (our client is the only one)
        """Whether the user may manage channels here.

        Raises:
            PermissionDenied: they may not, or this is no server.
        """
        if interaction.guild_id is None:
            raise responses.PermissionDenied("error-watch-guild")
        if not interaction.permissions.manage_channels:
            raise responses.PermissionDenied("error-watch-permission")
        return True


class PostedChannel(app_commands.Transformer):
    """The channel to post to, which the user must be allowed to manage."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Return that it is a channel."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Return the types of channels that Discord offers."""
        return [*_CHANNELS]

    async def transform(self, _: discord.Interaction[Any], value: Any, /) -> WatchTarget:  # noqa: ANN401 (the library's)
        """Return the channel.

        Raises:
            UserError: it is of another kind.
            PermissionDenied: the user may not manage it.
        """
        if not isinstance(value, app_commands.AppCommandChannel) or value.type not in _CHANNELS:
            raise responses.UserError("error-watch-channel")
        # For the channel of an option, Discord tells what the user may do there.
        if not value.permissions.manage_channels:
            raise responses.PermissionDenied("error-watch-permission-there", channel=value.mention)
        return WatchTarget(value.guild_id, value.id, value.name)


def watch_commands() -> app_commands.Group:
    """Return the group with its commands."""
    group = WatchGroup(
        name="watch",
        description="…",
        default_permissions=discord.Permissions(manage_channels=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=False, private_channel=False
        ),
    )

    @group.command(name="add")
    @app_commands.autocomplete(
        question=options.complete_question,
        source=options.complete_source,
        author=options.complete_author,
        tag=options.complete_tag,
    )
    async def add(
        interaction: Interaction,
        question: app_commands.Range[str, 1, MAX_QUESTION_CHARS],
        channel: app_commands.Transform[WatchTarget, PostedChannel] | None = None,
        source: str | None = None,
        author: str | None = None,
        tag: str | None = None,
    ) -> None:
        t = interaction.client.private_text(interaction)
        text = options.clean(question, "question", t, max_chars=MAX_QUESTION_CHARS) or ""
        filters = options.filters(
            t, max_chars=MAX_NAME_CHARS, source=source, author=author, tag=tag
        )
        await _add(interaction, channel or _here(interaction), " ".join(text.split()), filters, t)

    @group.command(name="list")
    async def list_(interaction: Interaction) -> None:
        assert interaction.guild_id is not None
        await responses.defer(interaction, private=True)
        watches = await interaction.client.state.watches.of_guild(interaction.guild_id)
        t = interaction.client.private_text(interaction)
        await responses.edit_original(interaction, watch_message.listed(watches, t))

    @group.command(name="remove")
    @app_commands.autocomplete(watch=options.completion(_complete_watch))
    async def remove(interaction: Interaction, watch: str) -> None:
        assert interaction.guild_id is not None
        await responses.defer(interaction, private=True)
        watches = interaction.client.state.watches
        known: dict[str, Watch] = {
            str(each.id): each for each in await watches.of_guild(interaction.guild_id)
        }
        # The option may hold any text, and the id of another server's watch.
        chosen = known.get(watch.strip())
        if chosen is None or not await watches.remove(interaction.guild_id, chosen.id):
            raise responses.UserError("error-watch-unknown")
        t = interaction.client.private_text(interaction)
        await responses.edit_original(interaction, watch_message.removed(chosen, t))

    return group


async def _add(
    interaction: Interaction, target: WatchTarget, question: str, filters: Filters, t: Formatter
) -> None:
    library, searches = interaction.client.library, interaction.client.answers.searches

    async def acknowledge() -> None:
        interaction.client.count_question(interaction)
        await responses.defer(interaction, private=True)

    async with searches.slot(interaction.user.id, acknowledge):
        result = await library.search(question, filters, limit=1)
    if result.notice is not None and result.notice.kind is NoticeKind.EMPTY_QUESTION:
        raise responses.UserError("notice-empty-question")
    await _check_posting(interaction, target, t)
    async with searches.slot(
        interaction.user.id
    ):  # a second one: nobody waits while Discord is asked
        matches = await library.matches(question, filters)
    match await interaction.client.state.watches.add(target, question, filters):
        case AddResult.EXISTS:
            channel = f"<#{target.channel_id}>"
            raise responses.UserError("error-watch-exists", channel=channel)
        case AddResult.FULL:
            command = t.command("watch", "remove")
            raise responses.UserError("error-watch-full", most=MAX_WATCHES, command=command)
        case AddResult.SAVED:
            reply = watch_message.saved(target, question, filters, matches, t)
            await responses.edit_original(interaction, reply)


async def _check_posting(interaction: Interaction, target: WatchTarget, t: Formatter) -> None:
    """See that the bot may post.

    Raises:
        UserError: it may not; names the missing permissions.
    """
    permissions = await _own_permissions(interaction, target)
    is_thread = (
        target.channel_id == interaction.channel_id
        and interaction.channel is not None
        and interaction.channel.type in _THREADS
    )
    needed = {
        t("permission-view"): permissions.view_channel,
        t("permission-send"): permissions.send_messages_in_threads
        if is_thread
        else permissions.send_messages,
        t("permission-embed"): permissions.embed_links,
    }
    if missing := [name for name, is_granted in needed.items() if not is_granted]:
        raise responses.UserError(
            "error-watch-posting",
            channel=f"<#{target.channel_id}>",
            permissions=t("comma").join(missing),
        )


async def _own_permissions(interaction: Interaction, target: WatchTarget) -> discord.Permissions:
    """Return the bot's permissions in a channel; none where it cannot even see it."""
    if target.channel_id == interaction.channel_id:
        return interaction.app_permissions
    # For another channel, Discord tells the user's permissions only, and no server is cached.
    footnote = interaction.client
    assert footnote.user is not None
    try:
        guild = await footnote.fetch_guild(target.guild_id, with_counts=False)
        me, channel = await asyncio.gather(
            guild.fetch_member(footnote.user.id), guild.fetch_channel(target.channel_id)
        )
    except (discord.Forbidden, discord.NotFound):
        return discord.Permissions.none()
    return channel.permissions_for(me)


async def _complete_watch(interaction: Interaction, typed: str) -> options.Choices:
    """Return the server's watches that contain the typed text."""
    if interaction.guild_id is None or not interaction.permissions.manage_channels:
        return []
    watches = await interaction.client.state.watches.of_guild(interaction.guild_id)
    labels = {watch.id: watch_message.label(watch) for watch in watches}
    wanted = typed.casefold().strip()
    return [
        app_commands.Choice(name=label, value=str(id_))
        for id_, label in labels.items()
        if wanted in label.casefold()
    ]


def _here(interaction: Interaction) -> WatchTarget:
    assert interaction.guild_id is not None
    assert interaction.channel_id is not None
    name = getattr(interaction.channel, "name", None)
    return WatchTarget(
        interaction.guild_id, interaction.channel_id, name or str(interaction.channel_id)
    )

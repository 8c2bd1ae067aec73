"""/watch: new articles that match a question, to a channel or to a member, and regular lists."""

import asyncio
import logging
from functools import partial
from typing import Any

import discord
from discord import app_commands

from bot.client import Interaction
from bot.commands import options
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import watch as watch_message
from bot.services.digests import last_made
from bot.state.watches import (
    MAX_OWN_WATCHES,
    MAX_WATCHES,
    AddResult,
    DigestKind,
    Watch,
    WatchTarget,
)
from bot.views.answer import defer_question
from bot.views.watch import check_manages, may_manage, remove, server_watches
from corpus import MAX_QUESTION_CHARS, Filters, NoticeKind

MAX_NAME_CHARS = 100  # of a source, an author or a tag
_CHANNELS = (discord.ChannelType.text, discord.ChannelType.news)
_THREADS = (
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)

_log = logging.getLogger(__name__)


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

    async def transform(
        self,
        interaction: discord.Interaction[Any],
        value: Any,  # noqa: ANN401 (the library's)
        /,
    ) -> WatchTarget:
        """Return the channel.

        Raises:
            UserError: it is of another kind.
            PermissionDenied: the user may not manage it, or the bot is not in its server.
        """
        if not isinstance(value, app_commands.AppCommandChannel) or value.type not in _CHANNELS:
            raise responses.UserError("error-watch-channel")
        # For the channel of an option, Discord tells what the user may do there.
        is_outside = interaction.is_user_integration() and not interaction.is_guild_integration()
        if is_outside or not value.permissions.manage_channels:
            raise responses.PermissionDenied("error-watch-permission-there", channel=value.mention)
        return WatchTarget(value.guild_id, value.id, value.name)


def watch_commands() -> app_commands.Group:
    """Return the group with its commands."""
    group = app_commands.Group(
        name="watch",
        description="…",
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=False
        ),
    )

    @group.command(name="add")
    @app_commands.autocomplete(
        question=options.complete_question,
        source=options.complete_source,
        author=options.complete_author,
        tag=options.complete_tag,
    )
    async def add(  # noqa: PLR0913, PLR0917 (the options of the command)
        interaction: Interaction,
        question: app_commands.Range[str, 1, MAX_QUESTION_CHARS],
        channel: app_commands.Transform[WatchTarget, PostedChannel] | None = None,
        dm: bool | None = None,  # noqa: FBT001 (an option)
        source: str | None = None,
        author: str | None = None,
        tag: str | None = None,
    ) -> None:
        t = interaction.client.private_text(interaction)
        text = options.clean(question, "question", t, max_chars=MAX_QUESTION_CHARS) or ""
        filters = options.filters(
            t, max_chars=MAX_NAME_CHARS, source=source, author=author, tag=tag
        )
        target = _target(interaction, channel, dm=dm)
        await _add(interaction, target, " ".join(text.split()), filters, t)

    @group.command(name=DigestKind.ON_THIS_DAY.value)
    async def on_this_day(
        interaction: Interaction,
        channel: app_commands.Transform[WatchTarget, PostedChannel] | None = None,
    ) -> None:
        await _add_digest(interaction, DigestKind.ON_THIS_DAY, channel)

    @group.command(name=DigestKind.WEEKLY.value)
    async def weekly(
        interaction: Interaction,
        channel: app_commands.Transform[WatchTarget, PostedChannel] | None = None,
    ) -> None:
        await _add_digest(interaction, DigestKind.WEEKLY, channel)

    @group.command(name="list")
    async def list_(interaction: Interaction) -> None:
        await responses.defer(interaction, private=True)
        own = await interaction.client.state.watches.of_user(interaction.user.id)
        t = interaction.client.private_text(interaction)
        reply = watch_message.listed(await server_watches(interaction), own, t)
        await responses.edit_original(interaction, reply)

    @group.command(name="remove")
    @app_commands.autocomplete(watch=options.completion(_complete_watch))
    async def remove_(interaction: Interaction, watch: str) -> None:
        await responses.defer(interaction, private=True)
        known = {str(each.id): each for each in await _removable(interaction)}
        # The option may hold any text, and the id of a watch of another server or member.
        chosen = known.get(watch.strip())
        if chosen is None or not await remove(interaction, chosen):
            raise responses.UserError("error-watch-unknown")
        t = interaction.client.private_text(interaction)
        is_paused = await _is_paused(interaction)
        reply = watch_message.removed(chosen, t, is_paused=is_paused)
        await responses.edit_original(interaction, reply)

    return group


def _target(
    interaction: Interaction, channel: WatchTarget | None, *, dm: bool | None
) -> WatchTarget | None:
    """Return where a new watch posts to; ``None``: to the member.

    Raises:
        UserError: both a channel and direct messages were chosen.
        PermissionDenied: neither was left, or the user may not manage this channel.
    """
    if channel is not None:
        if dm:
            raise responses.UserError("error-watch-both")
        return channel
    if dm is False:
        _check_guild(interaction)
        check_manages(interaction)
    return _here(interaction) if not dm and may_manage(interaction) else None


def _check_guild(interaction: Interaction) -> None:
    """See that this is a server.

    Raises:
        PermissionDenied: it is none.
    """
    if interaction.guild_id is None:
        raise responses.PermissionDenied("error-watch-guild")


async def _add(
    interaction: Interaction,
    target: WatchTarget | None,
    question: str,
    filters: Filters,
    t: Formatter,
) -> None:
    """Save a watch; ``target`` is where it posts to, ``None``: to the member."""
    library, searches = interaction.client.library, interaction.client.answers.searches
    watches = interaction.client.state.watches

    acknowledge = partial(defer_question, interaction, private=True)

    async with searches.slot(interaction.user.id, acknowledge):
        result = await library.search(question, filters, limit=1)
    if result.notice is not None and result.notice.kind is NoticeKind.EMPTY_QUESTION:
        raise responses.UserError("notice-empty-question")
    if target is not None:
        await _check_posting(interaction, target, t)
    async with searches.slot(
        interaction.user.id
    ):  # a second one: nobody waits while Discord is asked
        matches = await library.matches(question, filters)
    if target is not None:
        added = await watches.add(target, question, filters)
    else:
        target = await _direct_messages(interaction)
        added = await watches.add_own(interaction.user.id, t.locale, target, question, filters)
    _check_added(added, target, t)
    is_paused = await _is_paused(interaction)
    reply = watch_message.saved(target, question, filters, matches, t, is_paused=is_paused)
    await responses.edit_original(interaction, reply)


async def _add_digest(
    interaction: Interaction, kind: DigestKind, channel: WatchTarget | None
) -> None:
    _check_guild(interaction)
    if channel is None:
        check_manages(interaction)
    client = interaction.client
    t = client.private_text(interaction)
    await responses.defer(interaction, private=True)
    target = channel or _here(interaction)
    await _check_posting(interaction, target, t)
    # The next one is the first: what is posted is expected at its hour.
    digest = kind, last_made(kind, client.discord_clock.now())
    _check_added(await client.state.watches.add(target, "", Filters(), digest), target, t)
    await responses.edit_original(interaction, watch_message.saved_digest(target, kind, t))


def _check_added(added: AddResult, target: WatchTarget, t: Formatter) -> None:
    """See that a watch was saved.

    Raises:
        UserError: it was there already, or there are too many.
    """
    command = t.command("watch", "remove")
    match added, target.guild_id:
        case AddResult.EXISTS, None:
            raise responses.UserError("error-watch-exists-own")
        case AddResult.EXISTS, _:
            channel = f"<#{target.channel_id}>"
            raise responses.UserError("error-watch-exists", channel=channel)
        case AddResult.FULL, None:
            raise responses.UserError("error-watch-full-own", most=MAX_OWN_WATCHES, command=command)
        case AddResult.FULL, _:
            raise responses.UserError("error-watch-full", most=MAX_WATCHES, command=command)
        case AddResult.SAVED, _:
            return


async def _direct_messages(interaction: Interaction) -> WatchTarget:
    """Return the channel of the direct messages between the user and the bot.

    Raises:
        UserError: Discord opens none now.
    """
    if interaction.context.dm_channel and interaction.channel_id is not None:
        return WatchTarget(None, interaction.channel_id)
    try:
        channel = await interaction.user.create_dm()
    except discord.HTTPException as error:
        _log.warning("Discord opens no direct messages with a user: %s", error)
        raise responses.UserError("error-watch-own") from error
    return WatchTarget(None, channel.id)


async def _is_paused(interaction: Interaction) -> bool:
    recipient = await interaction.client.state.recipients.get(interaction.user.id)
    return recipient is not None and recipient.is_paused


async def _removable(interaction: Interaction) -> list[Watch]:
    """Return the watches that the user may remove here."""
    own = await interaction.client.state.watches.of_user(interaction.user.id)
    return [*(await server_watches(interaction) or ()), *own]


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
    assert target.guild_id is not None
    try:
        guild = await footnote.fetch_guild(target.guild_id, with_counts=False)
        me, channel = await asyncio.gather(
            guild.fetch_member(footnote.user.id), guild.fetch_channel(target.channel_id)
        )
    except (discord.Forbidden, discord.NotFound):
        return discord.Permissions.none()
    return channel.permissions_for(me)


async def _complete_watch(interaction: Interaction, typed: str) -> options.Choices:
    """Return the watches that the user may remove and that contain the typed text."""
    t = interaction.client.private_text(interaction)
    labels = {watch.id: watch_message.label(watch, t) for watch in await _removable(interaction)}
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

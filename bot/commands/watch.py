"""/watch: moderators have new articles on a question posted to a channel."""

import asyncio
from typing import Any

import discord
from discord import app_commands

from bot.client import Interaction
from bot.commands import autocomplete
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import watch as watch_message
from bot.state.watches import MAX_WATCHES, AddResult, WatchTarget
from corpus import MAX_QUESTION_CHARS, Filters, NoticeKind

LONGEST_NAME = 100  # characters of a source, an author or a tag
_CHANNELS = (discord.ChannelType.text, discord.ChannelType.news)
_THREADS = (
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)


class WatchGroup(app_commands.Group):
    """Commands for who may manage channels; what Discord hides is only a hint."""

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
    """A channel that can be posted to and that the user may manage."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """A channel."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """What Discord offers."""
        return [*_CHANNELS]

    async def transform(self, _: discord.Interaction[Any], value: Any, /) -> WatchTarget:  # noqa: ANN401 (the library's)
        """Return where to post.

        Raises:
            UserError: it is of another kind.
            PermissionDenied: the user may not manage it.
        """
        if not isinstance(value, app_commands.AppCommandChannel) or value.type not in _CHANNELS:
            raise responses.UserError("error-watch-channel")
        # Of a channel that is named, Discord tells what the user may do there.
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
        question=autocomplete.questions,
        source=autocomplete.sources,
        author=autocomplete.authors,
        tag=autocomplete.tags,
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
        asked = _typed(question, MAX_QUESTION_CHARS, t("param-question-name"))
        filters = Filters(
            source=_typed(source, LONGEST_NAME, t("param-source-name")),
            author=_typed(author, LONGEST_NAME, t("param-author-name")),
            tag=_typed(tag, LONGEST_NAME, t("param-tag-name")),
        )
        await _add(interaction, channel or _here(interaction), asked or "", filters, t)

    @group.command(name="list")
    async def list_(interaction: Interaction) -> None:
        assert interaction.guild_id is not None
        await responses.defer(interaction, private=True)
        watches = await interaction.client.state.watches.of_guild(interaction.guild_id)
        t = interaction.client.private_text(interaction)
        await responses.edit_original(interaction, watch_message.listed(watches, t))

    @group.command(name="remove")
    @app_commands.autocomplete(watch=autocomplete.offered(_watches))
    async def remove(interaction: Interaction, watch: str) -> None:
        assert interaction.guild_id is not None
        await responses.defer(interaction, private=True)
        watches = interaction.client.state.watches
        chosen = {str(one.id): one for one in await watches.of_guild(interaction.guild_id)}
        # It may be anything that was typed, and the watch of another server.
        found = chosen.get(watch.strip())
        if found is None or not await watches.remove(interaction.guild_id, found.id):
            raise responses.UserError("error-watch-unknown")
        t = interaction.client.private_text(interaction)
        await responses.edit_original(interaction, watch_message.removed(found, t))

    return group


async def _add(
    interaction: Interaction, place: WatchTarget, question: str, filters: Filters, t: Formatter
) -> None:
    library, searches = interaction.client.library, interaction.client.searches
    async with searches.slot(lambda: responses.defer(interaction, private=True)):
        result = await library.search(question, filters, limit=1)
    if result.notice is not None and result.notice.kind is NoticeKind.EMPTY_QUESTION:
        raise responses.UserError("notice-empty-question")
    await _check_posting(interaction, place, t)
    async with searches.slot():  # another: nobody else waits while Discord is asked
        today = await library.matches(question, filters)
    match await interaction.client.state.watches.add(place, question, filters):
        case AddResult.EXISTS:
            channel = f"<#{place.channel_id}>"
            raise responses.UserError("error-watch-exists", channel=channel)
        case AddResult.FULL:
            command = t.command("watch", "remove")
            raise responses.UserError("error-watch-full", most=MAX_WATCHES, command=command)
        case AddResult.SAVED:
            reply = watch_message.saved(place, question, filters, today, t)
            await responses.edit_original(interaction, reply)


async def _check_posting(interaction: Interaction, place: WatchTarget, t: Formatter) -> None:
    """See that the bot may post.

    Raises:
        UserError: it may not; names the permissions it lacks.
    """
    there = await _own_permissions(interaction, place)
    is_thread = (
        place.channel_id == interaction.channel_id
        and interaction.channel is not None
        and interaction.channel.type in _THREADS
    )
    needed = {
        t("permission-view"): there.view_channel,
        t("permission-send"): there.send_messages_in_threads if is_thread else there.send_messages,
        t("permission-embed"): there.embed_links,
    }
    if lacking := [name for name, given in needed.items() if not given]:
        raise responses.UserError(
            "error-watch-posting",
            channel=f"<#{place.channel_id}>",
            permissions=t("comma").join(lacking),
        )


async def _own_permissions(interaction: Interaction, place: WatchTarget) -> discord.Permissions:
    """Return what the bot may do in a channel; none where it cannot even see it."""
    if place.channel_id == interaction.channel_id:
        return interaction.app_permissions
    # Discord tells only what the user may do in another channel, and no server is in memory.
    footnote = interaction.client
    assert footnote.user is not None
    try:
        guild = await footnote.fetch_guild(place.guild_id, with_counts=False)
        me, channel = await asyncio.gather(
            guild.fetch_member(footnote.user.id), guild.fetch_channel(place.channel_id)
        )
    except (discord.Forbidden, discord.NotFound):
        return discord.Permissions.none()
    return channel.permissions_for(me)


async def _watches(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Return the server's watches that hold what is typed."""
    if interaction.guild_id is None or not interaction.permissions.manage_channels:
        return []
    watches = await interaction.client.state.watches.of_guild(interaction.guild_id)
    labels = {one.id: watch_message.label(one) for one in watches}
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


def _typed(text: str | None, most: int, option: str) -> str | None:
    """Return ``text`` on one line, in the form that a file and a database can hold.

    Raises:
        UserError: it is too long, whatever Discord's clients allow.
    """
    if text is not None and len(text) > most:
        raise responses.UserError("error-too-long", option=option, most=most)
    # Discord passes on half surrogate pairs.
    line = " ".join(text.encode("utf-8", "replace").decode().split()) if text else ""
    return line or None

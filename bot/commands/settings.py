"""/settings: a server's moderators choose its settings; each choice is saved at once."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands, ui

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages.answer import MAX_PAGE_SIZE
from bot.messages.conditions import list_names
from bot.messages.layout import Reply
from bot.messages.markdown import one_line
from bot.services.answers import page_size
from bot.settings import LOCALES
from bot.state.guilds import GuildSettings
from bot.views.component import Component, row
from corpus import IndexUnusableError, SourceCount

MAX_CHOICES = 25  # Discord's limit of a select
PAGE_SIZES = tuple(range(1, MAX_PAGE_SIZE + 1))
_MAX_OPTION_CHARS = 100  # Discord's limit
_CHANNEL_TYPES = [discord.ChannelType.text, discord.ChannelType.news]
_DEFAULT = "default"

_log = logging.getLogger(__name__)


class SettingSelect(
    Component, template=r"settings:(?P<setting>language|private|page|channels|sources)"
):
    """Changes one setting. The chosen values are checked again: Discord's clients may send any."""

    async def check(self, interaction: Interaction) -> None:
        """See that the user may change the settings of this server.

        Raises:
            UserError: they press too often.
            PermissionDenied: they may not.
        """
        await super().check(interaction)
        check_moderator(interaction)

    async def respond(self, interaction: Interaction) -> None:
        """Save the chosen value, and show it."""
        guild_id = check_moderator(interaction)
        sources = await _sources(interaction)
        setting = self.fields["setting"]
        change = _CHANGES[setting](self.item, sources)
        await responses.acknowledge(interaction)
        settings = await interaction.client.state.guilds.change(guild_id, change)
        _log.info("User %d set %s of %d.", interaction.user.id, setting, guild_id)
        await responses.edit_original(interaction, _message(interaction, settings, sources))


def settings_command() -> app_commands.Command[Any, ..., Any]:
    """Return the command."""

    @app_commands.command(name="settings")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    async def settings(interaction: Interaction) -> None:
        guild_id = check_moderator(interaction)
        await responses.defer(interaction, private=True)
        chosen = await interaction.client.state.guilds.get(guild_id)
        sources = await _sources(interaction)
        await responses.edit_original(interaction, _message(interaction, chosen, sources))

    return settings


def check_moderator(interaction: Interaction) -> int:
    """Return the server whose settings the user may change: Discord only hides the command.

    Raises:
        PermissionDenied: it is no server, or the user may not manage it.
    """
    if interaction.guild_id is None:
        raise responses.PermissionDenied("error-guild-only")
    allowed = interaction.permissions
    if not (allowed.manage_guild or allowed.administrator):
        raise responses.PermissionDenied("error-not-moderator")
    return interaction.guild_id


async def _sources(interaction: Interaction) -> tuple[SourceCount, ...]:
    """Return the sources of the archive that have a name; none where there is no index yet."""
    try:
        stats = await interaction.client.library.stats()
    except IndexUnusableError:
        return ()
    return tuple(source for source in stats.sources if source.name.strip())


def _message(
    interaction: Interaction, chosen: GuildSettings, sources: Sequence[SourceCount]
) -> Reply:
    footnote = interaction.client
    t = footnote.private_text(interaction)
    return settings_message(chosen, sources, footnote.settings.default_locale, t)


def settings_message(
    chosen: GuildSettings, sources: Sequence[SourceCount], default_locale: str, t: Formatter
) -> Reply:
    """Return the message that shows the settings of a server, with a select for each.

    Args:
        chosen: the settings.
        sources: of the archive that can be left out, largest first.
        default_locale: the language of public answers where the server chose none.
        t: the texts of the moderator's language.
    """
    default = t("settings-default", value=_language(default_locale, t))
    languages = {_DEFAULT: default, **{locale: _language(locale, t) for locale in LOCALES}}
    language = chosen.locale or _DEFAULT
    private = "no" if chosen.private is False else "yes"
    visibility = {"yes": t("option-private"), "no": t("option-public")}
    size = page_size(chosen)
    sizes = {str(count): t("option-page", count=count) for count in PAGE_SIZES}
    channels = sorted(chosen.channels)
    mentions = t("comma").join(f"<#{id_}>" for id_ in channels) or t("settings-channels-all")
    left_out = list_names(sorted(chosen.without_sources), t) or t("settings-sources-none")
    lines = [
        t("settings-language", value=languages[language]),
        t("settings-private", value=visibility[private]),
        t("settings-page", count=size),
        t("settings-channels", value=mentions),
        t("settings-sources", value=left_out),
    ]
    notes = [t("settings-saved")]
    if len(sources) > MAX_CHOICES:
        notes.append(t("settings-more-sources", most=MAX_CHOICES, count=len(sources)))
    rows = [
        row(_select("language", languages, language)),
        row(_select("private", visibility, private)),
        row(_select("page", sizes, str(size))),
        row(
            SettingSelect(
                ui.ChannelSelect(
                    custom_id="settings:channels",
                    channel_types=_CHANNEL_TYPES,
                    placeholder=t("placeholder-channels"),
                    min_values=0,
                    max_values=MAX_CHOICES,
                    default_values=[
                        discord.SelectDefaultValue(
                            id=channel_id, type=discord.SelectDefaultValueType.channel
                        )
                        for channel_id in channels[:MAX_CHOICES]
                    ],
                )
            )
        ),
    ]
    if choices := _source_choices(chosen, sources):
        rows.append(row(_source_select(choices, chosen, t)))
    notes_line = "\n".join(f"-# {note}" for note in notes)
    return Reply([f"### {t('settings-title')}", "\n".join(lines), notes_line], rows)


def _language(locale: str, t: Formatter) -> str:
    match locale:
        case "zh-TW":
            return t("option-zh-TW")
        case "zh-CN":
            return t("option-zh-CN")
        case _:
            return t("option-en-US")


def _select(name: str, labels: dict[str, str], chosen: str) -> SettingSelect:
    options = [
        discord.SelectOption(label=label, value=value, default=value == chosen)
        for value, label in labels.items()
    ]
    return SettingSelect(ui.Select(custom_id=f"settings:{name}", options=options))


def _source_choices(chosen: GuildSettings, sources: Sequence[SourceCount]) -> list[SourceCount]:
    """Return the sources to offer: all that are left out, then the largest others."""
    known = {source.name for source in sources}
    removed = [SourceCount(name, 0, None, None) for name in sorted(chosen.without_sources - known)]
    first = [source for source in sources if source.name in chosen.without_sources]
    others = [source for source in sources if source.name not in chosen.without_sources]
    return [*first, *removed, *others][:MAX_CHOICES]


def _source_select(
    choices: Sequence[SourceCount], chosen: GuildSettings, t: Formatter
) -> SettingSelect:
    options = [
        discord.SelectOption(
            label=one_line(source.name, _MAX_OPTION_CHARS),
            value=_key(source.name),
            description=t("sources-count", articles=source.articles),
            default=source.name in chosen.without_sources,
        )
        for source in choices
    ]
    select = ui.Select[Any](
        custom_id="settings:sources",
        placeholder=t("placeholder-sources"),
        min_values=0,
        max_values=len(options),
        options=options,
    )
    return SettingSelect(select)


def _key(source: str) -> str:
    """Return the value of a source in a select: names may be longer than Discord allows."""
    return hashlib.blake2b(source.encode("utf-8", "replace"), digest_size=12).hexdigest()


Change = Callable[[GuildSettings], GuildSettings]


def _change_language(item: ui.Item[Any], _: Sequence[SourceCount]) -> Change:
    value = _single_value(item, (_DEFAULT, *LOCALES))
    return lambda old: replace(old, locale=None if value == _DEFAULT else value)


def _change_private(item: ui.Item[Any], _: Sequence[SourceCount]) -> Change:
    value = _single_value(item, ("yes", "no"))
    return lambda old: replace(old, private=value == "yes")


def _change_page(item: ui.Item[Any], _: Sequence[SourceCount]) -> Change:
    value = int(_single_value(item, tuple(map(str, PAGE_SIZES))))
    return lambda old: replace(old, page_size=value)


def _change_channels(item: ui.Item[Any], _: Sequence[SourceCount]) -> Change:
    if not isinstance(item, ui.ChannelSelect):
        raise responses.PermissionDenied("error-setting")
    if any(channel.type not in _CHANNEL_TYPES for channel in item.values):
        raise responses.PermissionDenied("error-setting")
    channels = frozenset(channel.id for channel in item.values[:MAX_CHOICES])
    return lambda old: replace(old, channels=channels)


def _change_sources(item: ui.Item[Any], sources: Sequence[SourceCount]) -> Change:
    keys = set(_values(item))

    def change(old: GuildSettings) -> GuildSettings:
        # A source that is no longer in the archive may stay left out.
        known = (*(source.name for source in sources), *old.without_sources)
        names = {_key(name): name for name in known}
        if not keys <= names.keys() or len(keys) > MAX_CHOICES:
            raise responses.PermissionDenied("error-setting")
        return replace(old, without_sources=frozenset(names[key] for key in keys))

    return change


def _single_value(item: ui.Item[Any], allowed: Sequence[str]) -> str:
    """Return the only chosen value.

    Raises:
        PermissionDenied: it was not offered.
    """
    values = _values(item)
    if len(values) != 1 or values[0] not in allowed:
        raise responses.PermissionDenied("error-setting")
    return values[0]


def _values(item: ui.Item[Any]) -> list[str]:
    return item.values if isinstance(item, ui.Select) else []


_CHANGES: dict[str, Callable[[ui.Item[Any], Sequence[SourceCount]], Change]] = {
    "language": _change_language,
    "private": _change_private,
    "page": _change_page,
    "channels": _change_channels,
    "sources": _change_sources,
}

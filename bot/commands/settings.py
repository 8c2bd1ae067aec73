"""/settings: what a server's moderators choose for it, saved at every press."""

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
from bot.messages.answer import list_names
from bot.messages.layout import Reply
from bot.messages.markdown import one_line
from bot.settings import LOCALES
from bot.state.guilds import GuildSettings
from bot.views.pressable import Pressable, row
from corpus import IndexUnusableError, SourceCount

MOST_CHOICES = 25  # Discord's limit of a select
PAGE_SIZES = (1, 2, 3, 4, 5)
_LONGEST_OPTION = 100  # characters, Discord's limit
_CHANNEL_TYPES = [discord.ChannelType.text, discord.ChannelType.news]
_DEFAULT = "default"

_log = logging.getLogger(__name__)


class SettingSelect(
    Pressable, template=r"settings:(?P<argument>language|private|page|channels|sources)"
):
    """A select of one setting; what it offers is checked again when it is pressed."""

    async def press(self, interaction: Interaction) -> None:
        """Save what was chosen, and show it."""
        guild_id = check_moderator(interaction)
        sources = await _sources(interaction)
        change = _CHANGES[self.argument](self.item, sources)
        await responses.acknowledge(interaction)
        chosen = await interaction.client.state.guilds.change(guild_id, change)
        _log.info("User %d set %s of %d.", interaction.user.id, self.argument, guild_id)
        await responses.edit_original(interaction, _message(interaction, chosen, sources))


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
    """Return the server whose settings the user may change; what Discord hides is only a hint.

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
    return tuple(one for one in stats.sources if one.name.strip())


def _message(
    interaction: Interaction, chosen: GuildSettings, sources: Sequence[SourceCount]
) -> Reply:
    footnote = interaction.client
    t = footnote.private_text(interaction)
    return settings_message(chosen, sources, footnote.settings.default_locale, t)


def settings_message(
    chosen: GuildSettings, sources: Sequence[SourceCount], default_locale: str, t: Formatter
) -> Reply:
    """Return the message that shows what a server chose, with a select for each setting.

    Args:
        chosen: its settings.
        sources: those of the archive that can be left out, largest first.
        default_locale: what public answers speak where the server chose nothing.
        t: the texts of the moderator's language.
    """
    default = t("settings-default", value=_language(default_locale, t))
    languages = {_DEFAULT: default, **{one: _language(one, t) for one in LOCALES}}
    locale = chosen.locale or _DEFAULT
    private = chosen.private is not False
    visibility = {"yes": t("option-private"), "no": t("option-public")}
    size = chosen.page_size or PAGE_SIZES[-1]
    sizes = {str(one): t("option-page", count=one) for one in PAGE_SIZES}
    channels = sorted(chosen.channels)
    places = t("comma").join(f"<#{one}>" for one in channels) or t("settings-channels-all")
    left_out = list_names(sorted(chosen.without_sources), t) or t("settings-sources-none")
    lines = [
        t("settings-language", value=languages[locale]),
        t("settings-private", value=visibility["yes" if private else "no"]),
        t("settings-page", count=size),
        t("settings-channels", value=places),
        t("settings-sources", value=left_out),
    ]
    notes = [t("settings-saved")]
    if len(sources) > MOST_CHOICES:
        notes.append(t("settings-more-sources", most=MOST_CHOICES, count=len(sources)))
    rows = [
        row(_select("language", languages, {locale})),
        row(_select("private", visibility, {"yes" if private else "no"})),
        row(_select("page", sizes, {str(size)})),
        row(
            SettingSelect(
                ui.ChannelSelect(
                    custom_id="settings:channels",
                    channel_types=_CHANNEL_TYPES,
                    placeholder=t("placeholder-channels"),
                    min_values=0,
                    max_values=MOST_CHOICES,
                    default_values=[
                        discord.SelectDefaultValue(
                            id=one, type=discord.SelectDefaultValueType.channel
                        )
                        for one in channels[:MOST_CHOICES]
                    ],
                )
            )
        ),
    ]
    if offered := _offered(chosen, sources):
        rows.append(row(_source_select(offered, chosen, t)))
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


def _select(name: str, labels: dict[str, str], chosen: set[str]) -> SettingSelect:
    options = [
        discord.SelectOption(label=label, value=value, default=value in chosen)
        for value, label in labels.items()
    ]
    return SettingSelect(ui.Select(custom_id=f"settings:{name}", options=options))


def _offered(chosen: GuildSettings, sources: Sequence[SourceCount]) -> list[SourceCount]:
    """Return what can be left out: all that is, and of the others the largest."""
    known = {one.name for one in sources}
    gone = [SourceCount(name, 0, None, None) for name in sorted(chosen.without_sources - known)]
    first = [one for one in sources if one.name in chosen.without_sources]
    others = [one for one in sources if one.name not in chosen.without_sources]
    return [*first, *gone, *others][:MOST_CHOICES]


def _source_select(
    offered: Sequence[SourceCount], chosen: GuildSettings, t: Formatter
) -> SettingSelect:
    options = [
        discord.SelectOption(
            label=one_line(one.name, _LONGEST_OPTION),
            value=_key(one.name),
            description=t("sources-count", articles=one.articles),
            default=one.name in chosen.without_sources,
        )
        for one in offered
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
    """Return what stands for a source in a select: names may be longer than Discord allows."""
    return hashlib.blake2b(source.encode("utf-8", "replace"), digest_size=12).hexdigest()


Change = Callable[[GuildSettings], GuildSettings]


def _change_language(item: ui.Item[Any], _: Sequence[SourceCount]) -> Change:
    value = _one_of(item, (_DEFAULT, *LOCALES))
    return lambda old: replace(old, locale=None if value == _DEFAULT else value)


def _change_private(item: ui.Item[Any], _: Sequence[SourceCount]) -> Change:
    value = _one_of(item, ("yes", "no"))
    return lambda old: replace(old, private=value == "yes")


def _change_page(item: ui.Item[Any], _: Sequence[SourceCount]) -> Change:
    value = int(_one_of(item, tuple(map(str, PAGE_SIZES))))
    return lambda old: replace(old, page_size=value)


def _change_channels(item: ui.Item[Any], _: Sequence[SourceCount]) -> Change:
    if not isinstance(item, ui.ChannelSelect):
        raise responses.PermissionDenied("error-setting")
    if any(one.type not in _CHANNEL_TYPES for one in item.values):
        raise responses.PermissionDenied("error-setting")
    channels = frozenset(one.id for one in item.values[:MOST_CHOICES])
    return lambda old: replace(old, channels=channels)


def _change_sources(item: ui.Item[Any], sources: Sequence[SourceCount]) -> Change:
    keys = set(_values(item))

    def change(old: GuildSettings) -> GuildSettings:
        # What is left out but no longer in the archive may stay left out.
        names = {
            _key(name): name for name in (*(one.name for one in sources), *old.without_sources)
        }
        if not keys <= names.keys() or len(keys) > MOST_CHOICES:
            raise responses.PermissionDenied("error-setting")
        return replace(old, without_sources=frozenset(names[key] for key in keys))

    return change


def _one_of(item: ui.Item[Any], allowed: Sequence[str]) -> str:
    """Return the one value chosen.

    Raises:
        PermissionDenied: it is none of those offered.
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

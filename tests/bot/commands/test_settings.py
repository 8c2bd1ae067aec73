"""/settings on a simulated Discord: moderators change it, others cannot, it outlives a restart."""

from collections.abc import Callable

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import ResponseMessage

from bot.app import open_client
from bot.client import Footnote
from bot.commands import settings
from bot.localization import Texts
from bot.settings import LOCALES, Settings
from bot.state.guilds import GuildSettings
from corpus.model import SourceCount
from tests.bot.controls import controls
from tests.bot.simulated import forge, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

TEXTS = Texts()


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("moderators")


@pytest.fixture
def moderator(member: MemberActor, simcord_env: Env) -> MemberActor:
    """Return a member who may manage the server, and nothing else."""
    role = member.guild.create_role("Keepers", permissions=discord.Permissions(manage_guild=True))
    return member.guild.add_member(simcord_env.create_user("moderator"), roles=[role])


async def opened(who: MemberActor, channel: ChannelHandle) -> ResponseMessage:
    result = await who.slash(channel, "settings")
    assert result.ephemeral
    assert result.response is not None
    return result.response


async def test_each_change_is_saved_and_shown_at_once(
    moderator: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    message = await opened(moderator, channel)
    assert "**Language of public answers**: Default: 繁體中文（臺灣）" in texts(message)
    assert "**Questions may be asked in**: every channel" in texts(message)
    (tea,) = (
        option["value"]
        for control in controls(message)
        for option in control.get("options", ())
        if option["label"] == "茶葉誌"
    )
    await moderator.select(message, ["zh-CN"], custom_id="settings:language")
    await moderator.select(message, ["no"], custom_id="settings:private")
    await moderator.select(message, ["2"], custom_id="settings:page")
    await moderator.select(message, [channel], custom_id="settings:channels")
    await moderator.select(message, [tea], custom_id="settings:sources")
    chosen = GuildSettings("zh-CN", False, 2, frozenset({channel.id}), frozenset({"茶葉誌"}))  # noqa: FBT003
    assert await footnote.state.guilds.get(moderator.guild.id) == chosen
    shown = texts(message)
    assert "**Language of public answers**: 简体中文" in shown
    assert "**Answers**: posted to the channel" in shown
    assert "**Articles a page**: 2" in shown
    assert f"**Questions may be asked in**: <#{channel.id}>" in shown
    assert "**Sources left out**: 茶葉誌" in shown
    chosen_in = {
        control["custom_id"]: [
            option["value"] for option in control["options"] if option.get("default")
        ]
        for control in controls(message)
        if "options" in control
    }
    assert chosen_in == {
        "settings:language": ["zh-CN"],
        "settings:private": ["no"],
        "settings:page": ["2"],
        "settings:sources": [tea],
    }
    await moderator.select(message, ["default"], custom_id="settings:language")
    await moderator.select(message, [], custom_id="settings:channels")
    await moderator.select(message, [], custom_id="settings:sources")
    after = GuildSettings(None, private=False, page_size=2)
    assert await footnote.state.guilds.get(moderator.guild.id) == after


async def test_what_is_chosen_is_what_the_answers_keep_to(
    moderator: MemberActor, channel: ChannelHandle
) -> None:
    message = await opened(moderator, channel)
    await moderator.select(message, ["no"], custom_id="settings:private")
    await moderator.select(message, ["en-US"], custom_id="settings:language")
    result = await moderator.slash(channel, "ask", question="颱風")
    assert not result.ephemeral
    assert "moderator asked:" in texts(result.response)


async def test_the_selects_outlive_a_restart(
    moderator: MemberActor, channel: ChannelHandle, simcord_env: Env, settings: Settings
) -> None:
    message = await opened(moderator, channel)
    async with open_client(settings) as anew:
        await simcord_env.restart_bot(anew)
        await moderator.select(message, ["3"], custom_id="settings:page")
        assert (await anew.state.guilds.get(moderator.guild.id)).page_size == 3
        assert "**Articles a page**: 3" in texts(message)


async def test_who_lost_the_permission_is_refused_and_logged(
    member: MemberActor,
    channel: ChannelHandle,
    simcord_env: Env,
    footnote: Footnote,
    caplog: pytest.LogCaptureFixture,
) -> None:
    role = member.guild.create_role("Keepers", permissions=discord.Permissions(manage_guild=True))
    former = member.guild.add_member(simcord_env.create_user("former"), roles=[role])
    message = await opened(former, channel)
    guild = simcord_env.backend.get_guild(member.guild.id)
    guild.members[former.id].role_ids.clear()
    result = await former.select(message, ["3"], custom_id="settings:page")
    assert "Only members who may manage this server" in texts(
        result.response or result.followups[0]
    )
    assert await footnote.state.guilds.get(member.guild.id) == GuildSettings()
    who = f"of user {former.id} in {member.guild.id}"
    assert f"Refused the component 'settings:page' {who}: error-not-moderator." in caplog.text


async def test_discord_hiding_the_command_is_not_relied_on(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env, footnote: Footnote
) -> None:
    plain = member.guild.add_member(simcord_env.create_user("plain"))
    command = footnote.tree.get_command("settings")
    assert command is not None
    command.default_permissions = None
    await footnote.tree.sync()
    result = await plain.slash(channel, "settings")
    assert result.ephemeral
    assert "Only members who may manage this server" in texts(result.response)
    assert simcord_env.errors


@pytest.mark.parametrize(
    ("real", "value"),
    [
        ("settings:language", "tlh"),
        ("settings:private", "maybe"),
        ("settings:page", "99"),
        ("settings:page", "x"),
        ("settings:sources", "0" * 24),
    ],
)
async def test_a_forged_choice_is_refused(
    real: str, value: str, moderator: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    message = await opened(moderator, channel)
    forge(message, real, real, value)
    result = await moderator.select(message, [value], custom_id=real)
    [refusal] = result.followups or [result.response]
    assert "no longer offered" in texts(refusal)
    assert await footnote.state.guilds.get(moderator.guild.id) == GuildSettings()


async def test_a_choice_of_another_settings_select_is_refused(
    moderator: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    message = await opened(moderator, channel)
    forge(message, "settings:channels", "settings:sources2")
    forge(message, "settings:page", "settings:channels")
    await moderator.select(message, ["3"], custom_id="settings:channels")
    assert await footnote.state.guilds.get(moderator.guild.id) == GuildSettings()


async def test_it_is_not_offered_in_a_direct_message(simcord_env: Env) -> None:
    assert "settings" not in simcord_env.create_user("alone").available_commands()


@pytest.mark.parametrize("locale", LOCALES)
async def test_it_speaks_the_moderators_language(
    locale: str, moderator: MemberActor, channel: ChannelHandle, speak: Callable[[str], None]
) -> None:
    speak(locale)
    message = await opened(moderator, channel)
    assert TEXTS.get(locale)("settings-title") in texts(message)


@pytest.mark.parametrize("locale", LOCALES)
def test_more_sources_than_a_select_holds_are_said_and_what_is_left_out_stays(locale: str) -> None:
    t = TEXTS.get(locale)
    sources = [SourceCount("長" * 200 + str(n), 100 - n, None, None) for n in range(40)]
    left_out = frozenset({"gone", sources[-1].name})
    message = settings.settings_message(
        GuildSettings(without_sources=left_out), sources, "zh-TW", t
    )
    assert t("settings-more-sources", most=25, count=40) in message.texts()[-1]
    [select] = [
        item.item
        for item in message.walk_children()
        if getattr(item, "custom_id", "") == "settings:sources"
        and isinstance(item, settings.SettingSelect)
    ]
    options = select.to_component_dict()["options"]
    assert len(options) == 25
    assert len({option["value"] for option in options}) == 25
    assert max(len(option["label"]) for option in options) <= 100
    assert sum(bool(option.get("default")) for option in options) == 2

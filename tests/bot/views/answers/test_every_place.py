"""The controls of an answer as an owner, a moderator and a member use them, everywhere."""

from collections.abc import Callable

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, UserHandle
from simcord.results import ResponseMessage

from bot.client import Footnote
from bot.state.guilds import GuildSettings
from bot.state.questions import Question
from tests.bot.controls import asked, choices, controls, ids, labels, shown
from tests.bot.simulated import make_admin, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

FIELD = "question"
FOLLOW, ADDED = "button-follow", "ask-added"


@pytest.fixture
def people(member: MemberActor, simcord_env: Env) -> dict[str, MemberActor]:
    """Return the server's owner, a moderator and a member without any special permission."""
    guild = member.guild
    may = discord.Permissions(manage_guild=True, manage_channels=True)
    manage = guild.create_role("Manage", permissions=may)
    return {
        "owner": guild.add_member(guild.owner),
        "moderator": guild.add_member(simcord_env.create_user("moderator"), roles=[manage]),
        "member": guild.add_member(simcord_env.create_user("plain")),
    }


@pytest.fixture
def thread(channel: ChannelHandle, simcord_env: Env) -> ChannelHandle:
    assert channel.guild is not None
    owner = channel.guild.owner
    made = simcord_env.backend.create_thread(channel.id, "lights", owner_id=owner.id)
    return ChannelHandle(simcord_env, channel.guild, made)


EVERYONE = pytest.mark.parametrize(
    ("role", "locale"), [("owner", "zh-TW"), ("moderator", "zh-CN"), ("member", "en-US")]
)


@EVERYONE
async def test_a_follow_up_and_a_thread_work_for_everyone_in_every_place(
    role: str,
    locale: str,
    people: dict[str, MemberActor],
    channel: ChannelHandle,
    footnote: Footnote,
    speak: Callable[[str], None],
) -> None:
    speak(locale)
    who = people[role]
    t = footnote.texts.get(locale)
    await footnote.state.guilds.set(who.guild.id, GuildSettings(locale))

    async def follow(message: ResponseMessage, how: MemberActor | object) -> ResponseMessage:
        form = await how.click(message, label=t(FOLLOW))  # type: ignore[attr-defined]
        answer = await how.submit_modal(form, {FIELD: "那後來呢？"})  # type: ignore[attr-defined]
        found = answer.response
        assert t(ADDED, terms="颱風眼牆") in texts(found)
        assert len(list(controls(found))) <= 7
        return found

    private = await asked(who, channel, "颱風眼牆")
    found = await follow(private, who)
    await who.click(found, label=f"✕ {t(ADDED, terms='颱風眼牆')}")
    assert not shown(found)
    await who.select(private, ["t"])
    [thread] = channel.threads
    assert thread.name == "颱風眼牆"
    there = await asked(who, thread, "颱風眼牆", private=False)
    assert not there.ephemeral
    found = await follow(there, who)
    assert not choices(found, "t")
    await who.click(found, label=t("button-share"))
    assert t("button-share") not in labels(found)
    assert footnote.user is not None
    await who.send(thread, f"{footnote.user.mention} 為什麼？")
    assert t(ADDED, terms="颱風眼牆") in str(thread.history()[-1].components)
    alone = who.user
    direct = (await alone.slash("ask", question="颱風眼牆")).response
    assert direct is not None
    found = await follow(direct, alone)
    assert not choices(found, "t")
    assert not ids(found, "share")


@EVERYONE
async def test_a_source_is_chosen_instead_of_an_unknown_one(  # noqa: PLR0913, PLR0917 (fixtures)
    role: str,
    locale: str,
    people: dict[str, MemberActor],
    channel: ChannelHandle,
    thread: ChannelHandle,
    footnote: Footnote,
    speak: Callable[[str], None],
) -> None:
    speak(locale)
    who, t = people[role], footnote.texts.get(locale)
    options = {"question": "燈塔", "source": "燈塔日報"}
    for how, where in ((who, (channel,)), (who, (thread,)), (who.user, ())):
        for private in (True, False):
            # Nothing was found, which a channel need not see.
            result = await how.slash(*where, "ask", **options, private=private)
            message = (*result.followups, result.response)[0]
            assert message is not None
            assert t("notice-try-sources") in texts(message)
            await how.click(message, label="燈塔報")
            assert shown(message) == ["燈塔8"]
            assert t("ask-source", source="燈塔報") in texts(message)


@EVERYONE
async def test_regular_lists_are_for_moderators_in_channels_and_threads(  # noqa: PLR0913, PLR0917
    role: str,
    locale: str,
    people: dict[str, MemberActor],
    channel: ChannelHandle,
    thread: ChannelHandle,
    footnote: Footnote,
    simcord_env: Env,
    speak: Callable[[str], None],
) -> None:
    speak(locale)
    who, t = people[role], footnote.texts.get(locale)
    for command in ("on-this-day", "weekly"):
        for place in (channel, thread):
            result = await who.slash(place, f"watch {command}")
            expected = (
                t("error-watch-permission")
                if role == "member"
                else t(f"digest-saved-{command}", channel=f"<#{place.id}>")
            )
            assert expected in texts(result.response)
            assert result.ephemeral
        direct = await who.user.slash(f"watch {command}")
        assert texts(direct.response) == t("error-watch-guild")
    refusals = 6 if role == "member" else 2
    assert len(simcord_env.errors) == refusals
    assert len(await footnote.state.watches.all()) == 6 - refusals


@EVERYONE
async def test_synonyms_are_tried_and_articles_hidden_by_the_archives_admins_alone(  # noqa: PLR0913, PLR0917
    role: str,
    locale: str,
    people: dict[str, MemberActor],
    channel: ChannelHandle,
    thread: ChannelHandle,
    footnote: Footnote,
    simcord_env: Env,
    speak: Callable[[str], None],
) -> None:
    speak(locale)
    who, t = people[role], footnote.texts.get(locale)
    await footnote.state.questions.log(Question("風神", 1, None, locale, 0, 5))
    path = "_posts/2022-01-01-l.md"
    for command in ({"name": "archive questions"}, {"name": "archive hide", "path": path}):
        refused = await who.user.slash(command.pop("name"), **command)
        assert texts(refused.response) == t("error-not-admin")
    assert len(simcord_env.errors) == 2
    places: list[tuple[MemberActor | UserHandle, tuple[ChannelHandle, ...]]] = [(who.user, ())]
    if role == "owner":  # in a server, Discord offers the command to administrators alone
        places += [(who, (channel,)), (who, (thread,))]
    make_admin(footnote, who.id)
    for how, where in places:
        listed = (await how.slash(*where, "archive questions")).response
        assert listed is not None
        form = await how.select(listed, ["風神"])
        trial = (await how.submit_modal(form, {"line": "風神 = 颱風"})).response
        assert trial is not None
        assert f"**{t('trial-before')}**\n{t('trial-nothing')}" in texts(trial)
        assert len(shown(trial)) == 3
        await how.click(trial, label=t("button-cancel"))
        assert texts(trial) == t("trial-cancelled")
        hidden = await how.slash(*where, "archive hide", path=path)
        assert t("hide-done", count=1) in texts(hidden.response)
        again = await how.slash(*where, "archive unhide", path=path)
        assert t("unhide-done", count=1) in texts(again.response)

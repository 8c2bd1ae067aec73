"""Watches of members, sent by direct message, and regular lists, on a simulated Discord."""

from collections.abc import Callable
from datetime import date
from typing import Any

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult, ResponseMessage

from bot.client import Footnote
from bot.interactions.responses import UserError
from bot.localization import Texts
from bot.settings import LOCALES
from bot.state.recipients import MAX_FAILURES
from bot.state.watches import MAX_OWN_WATCHES, DigestKind, Watch, WatchTarget
from corpus.model import Filters
from tests.bot.commands.test_access import (
    ADMINISTRATOR,
    COMMAND,
    DIRECT_MESSAGE,
    GROUP,
    MEMBER,
    OUTSIDE,
    From,
    anything,
    called,
    press,
    send,
)
from tests.bot.controls import said
from tests.bot.simulated import texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

TEXTS = Texts()
NONE = Filters()


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("news")


@pytest.fixture
def reader(member: MemberActor, simcord_env: Env) -> MemberActor:
    return member.guild.add_member(simcord_env.create_user("reader-only"))


async def own(footnote: Footnote, who: Any) -> list[str]:  # noqa: ANN401 (an actor)
    return [watch.question for watch in await footnote.state.watches.of_user(who.id)]


async def pause(footnote: Footnote, watch: Watch) -> None:
    for _ in range(MAX_FAILURES):
        await footnote.state.recipients.count_failure(watch.target.channel_id)


def refused(env: Env, result: InteractionResult) -> str:
    assert isinstance(env.errors[-1], UserError)
    return said(result)


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_member_watches_from_a_server_and_from_a_direct_message(
    locale: str,
    reader: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    simcord_env: Env,
    speak: Callable[[str], None],
) -> None:
    speak(locale)
    t = TEXTS.get(locale)
    result = await reader.slash(channel, "watch add", question="颱風", source="島嶼氣象")
    assert result.ephemeral
    assert texts(result.response).startswith(f"{t('watch-saved-own')}\n**颱風**\n-# ")
    alone = simcord_env.create_user("alone")
    result = await alone.slash("watch add", question="茶")
    assert texts(result.response).startswith(f"{t('watch-saved-own')}\n**茶**\n")
    for who, place in ((reader, channel), (alone, None)):
        where = [place] if place else []
        [watch] = await footnote.state.watches.of_user(who.id)
        dm = simcord_env.backend.get_dm_channel(who.id).id
        assert (watch.target, watch.locale) == (WatchTarget(None, dm), locale)
        listed = texts((await who.slash(*where, "watch list")).response)
        assert listed.startswith(f"### {t('watch-title-own', count=1, most=MAX_OWN_WATCHES)}\n**")
        again = await who.slash(*where, "watch add", question=watch.question)
        assert refused(simcord_env, again) == t("error-watch-exists-own")
        choices = await who.autocomplete(*where, "watch remove", "watch", "")
        assert [choice["value"] for choice in choices] == [str(watch.id)]
        assert choices[0]["name"].startswith(f"{watch.question} → {t('watch-place-own')}")
        removed = await who.slash(*where, "watch remove", watch=str(watch.id))
        assert texts(removed.response) == t("watch-removed-own", question=watch.question)
        assert await own(footnote, who) == []
    listed = texts((await alone.slash("watch list")).response)
    assert listed == t("watch-none-own", command="`/watch add`")


async def test_a_moderator_chooses_between_a_channel_and_themselves(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    await member.slash(channel, "watch add", question="茶", dm=True)
    await member.slash(channel, "watch add", question="颱風")
    assert await own(footnote, member) == ["茶"]
    both = await member.slash(channel, "watch add", question="x", dm=True, channel=channel)
    assert refused(simcord_env, both) == TEXTS.get("en-US")("error-watch-both")
    listed = texts((await member.slash(channel, "watch list")).response)
    assert "### 1 watch of this server\n" in listed
    assert "### Sent to you: 1 of 10\n**茶**\n" in listed
    names = await member.autocomplete(channel, "watch remove", "watch", "")
    assert [choice["name"] for choice in names] == ["颱風 → #news", "茶 → to you"]


async def test_everything_that_a_server_and_its_moderator_may_watch_fits_the_list(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    watches = footnote.state.watches
    here = WatchTarget(member.guild.id, channel.id, "news")
    dm = WatchTarget(None, simcord_env.backend.get_dm_channel(member.id).id)
    for number in range(25):
        await watches.add(here, f"第{number}個問題" * 20, Filters(tag="字" * 100))
    for number in range(MAX_OWN_WATCHES):
        question = f"自己的第{number}個問題" * 20
        await watches.add_own(member.id, "zh-TW", dm, question, Filters(tag="字" * 100))
    await pause(footnote, (await watches.of_user(member.id))[0])
    shown = texts((await member.slash(channel, "watch list")).response)
    assert shown.count("自己的第") == MAX_OWN_WATCHES * 5
    assert "-# and " in shown
    full = await member.slash(channel, "watch add", question="茶", dm=True)
    assert refused(simcord_env, full).startswith("You have 10 watches")


@pytest.mark.parametrize("where", [MEMBER, OUTSIDE, DIRECT_MESSAGE, GROUP])
async def test_wherever_a_member_asks_they_get_what_is_new_by_direct_message(
    where: From, reader: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    data = called("watch add")
    data["options"][0]["options"] = [{"name": "question", "type": 3, "value": "茶"}]
    result = await send(reader, where, COMMAND, channel, data)
    assert texts(result.response).startswith(TEXTS.get(where.locale)("watch-saved-own"))
    assert await own(footnote, reader) == ["茶"]


async def test_discord_that_opens_no_direct_messages_is_said(
    reader: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    simcord_env.inject_error("POST", "/users/@me/channels", status=403, code=40003)
    result = await reader.slash(channel, "watch add", question="茶")
    assert refused(simcord_env, result) == TEXTS.get("en-US")("error-watch-own")
    assert await own(footnote, reader) == []


@pytest.mark.parametrize("locale", LOCALES)
async def test_paused_watches_are_said_at_each_use_and_go_on_after_a_press(
    locale: str,
    reader: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    speak: Callable[[str], None],
) -> None:
    speak(locale)
    t = TEXTS.get(locale)
    for question in ("颱風", "茶"):
        await reader.slash(channel, "watch add", question=question)
    watch, _ = await footnote.state.watches.of_user(reader.id)
    await pause(footnote, watch)
    uses = (
        await reader.slash(channel, "watch add", question="高鐵"),
        await reader.slash(channel, "watch remove", watch=str(watch.id)),
        await reader.slash(channel, "watch list"),
    )
    for use in uses:
        assert t("watch-paused", most=MAX_FAILURES) in texts(use.response)
    message = uses[-1].response
    assert message is not None
    assert texts(message).count(t("watch-is-paused")) >= 2
    await reader.click(message, label=t("button-watch-resume"))
    assert texts(message).startswith(t("watch-resumed"))
    assert t("watch-paused", most=MAX_FAILURES) not in texts(message)
    assert not (await footnote.state.watches.of_user(reader.id))[0].is_paused


async def test_who_watches_nothing_has_nothing_to_resume(
    reader: MemberActor, channel: ChannelHandle
) -> None:
    message = await anything(reader, channel)
    result = await press(reader, MEMBER, message, "watch:resume")
    assert said(result) == TEXTS.get("zh-TW")("error-watch-gone")


@pytest.mark.parametrize("locale", LOCALES)
async def test_forgetting_deletes_a_members_watches_and_not_the_servers(
    locale: str,
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    speak: Callable[[str], None],
) -> None:
    speak(locale)
    t = TEXTS.get(locale)
    await member.slash(channel, "watch add", question="茶", dm=True)
    await member.slash(channel, "watch add", question="颱風")
    message = (await member.slash(channel, "forget")).response
    assert message is not None
    assert t("forget-remains") in texts(message)
    await member.click(message, label=t("button-forget"))
    assert texts(message) == t("forget-done", questions=0, answers=0, votes=0, watches=1)
    assert await own(footnote, member) == []
    assert len(await footnote.state.watches.of_guild(member.guild.id)) == 1


class TestCancelling:
    """The button below each post of a watch."""

    @pytest.fixture
    async def message(self, member: MemberActor, channel: ChannelHandle) -> ResponseMessage:
        return await anything(member, channel)

    async def add(self, footnote: Footnote, who: MemberActor, channel: ChannelHandle) -> Watch:
        target = WatchTarget(who.guild.id, channel.id, "news")
        await footnote.state.watches.add(target, "颱風", NONE)
        return (await footnote.state.watches.of_guild(who.guild.id))[-1]

    @pytest.mark.parametrize("locale", LOCALES)
    async def test_in_a_channel_it_is_the_moderators(
        self,
        locale: str,
        message: ResponseMessage,
        member: MemberActor,
        reader: MemberActor,
        channel: ChannelHandle,
        footnote: Footnote,
    ) -> None:
        t = TEXTS.get(locale)
        watch = await self.add(footnote, member, channel)
        button = f"watch:cancel:{watch.id}"
        for where in (MEMBER, OUTSIDE):
            there = From(locale, where.permissions, changes=where.changes)
            refused = await press(reader, there, message, button)
            assert said(refused) == t("error-watch-permission")
        moderator = From(locale, ADMINISTRATOR.permissions)
        result = await press(member, moderator, message, button)
        expected = t("watch-removed", question="颱風", channel=f"<#{channel.id}>")
        assert said(result) == expected
        assert await footnote.state.watches.of_guild(member.guild.id) == []
        again = await press(member, moderator, message, button)
        assert said(again) == t("error-watch-gone")

    async def test_it_is_good_for_the_watches_of_its_own_channel_alone(
        self,
        message: ResponseMessage,
        member: MemberActor,
        channel: ChannelHandle,
        footnote: Footnote,
    ) -> None:
        elsewhere = member.guild.create_text_channel("elsewhere")
        watch = await self.add(footnote, member, elsewhere)
        await footnote.state.watches.add(WatchTarget(1, channel.id, "x"), "of another", NONE)
        await member.slash(channel, "watch add", question="茶", dm=True)
        for id_ in (watch.id, watch.id + 1, watch.id + 2, 0, "9" * 18):
            result = await press(member, ADMINISTRATOR, message, f"watch:cancel:{id_}")
            assert said(result) == TEXTS.get("en-US")("error-watch-gone")
        assert len(await footnote.state.watches.all()) == 3

    async def test_in_a_thread_it_cancels_the_watch_of_the_thread(
        self,
        member: MemberActor,
        channel: ChannelHandle,
        footnote: Footnote,
        simcord_env: Env,
    ) -> None:
        made = simcord_env.backend.create_thread(channel.id, "whales", owner_id=member.id)
        thread = ChannelHandle(simcord_env, member.guild, made)
        await member.slash(thread, "watch add", question="鯨魚")
        [watch] = await footnote.state.watches.of_guild(member.guild.id)
        assert watch.target.channel_id == thread.id
        message = await anything(member, thread)
        await press(member, ADMINISTRATOR, message, f"watch:cancel:{watch.id}")
        assert await footnote.state.watches.all() == []

    @pytest.mark.parametrize("locale", LOCALES)
    async def test_in_a_direct_message_it_is_the_members_own(
        self,
        locale: str,
        message: ResponseMessage,
        member: MemberActor,
        reader: MemberActor,
        channel: ChannelHandle,
        footnote: Footnote,
    ) -> None:
        t, alone = TEXTS.get(locale), From(locale, in_guild=False)
        await reader.slash(channel, "watch add", question="茶")
        servers = await self.add(footnote, member, channel)
        [watch] = await footnote.state.watches.of_user(reader.id)
        for who, id_ in ((member, watch.id), (reader, servers.id)):
            result = await press(who, alone, message, f"watch:cancel:{id_}")
            assert said(result) == t("error-watch-gone")
        result = await press(reader, alone, message, f"watch:cancel:{watch.id}")
        assert said(result) == t("watch-removed-own", question="茶")
        assert await own(footnote, reader) == []


class TestRegularLists:
    """/watch on-this-day and /watch weekly."""

    @pytest.mark.parametrize("locale", LOCALES)
    async def test_a_moderator_adds_sees_and_removes_them(
        self,
        locale: str,
        member: MemberActor,
        channel: ChannelHandle,
        footnote: Footnote,
        simcord_env: Env,
        speak: Callable[[str], None],
    ) -> None:
        speak(locale)
        t = TEXTS.get(locale)
        mention = f"<#{channel.id}>"
        daily = await member.slash(channel, "watch on-this-day")
        weekly = await member.slash(channel, "watch weekly", channel=channel)
        assert t("digest-saved-on-this-day", channel=mention) in texts(daily.response)
        assert t("digest-saved-weekly", channel=mention) in texts(weekly.response)
        again = await member.slash(channel, "watch weekly")
        assert refused(simcord_env, again) == t("error-watch-exists", channel=mention)
        listed = texts((await member.slash(channel, "watch list")).response)
        assert f"{mention} **{t('digest-on-this-day')}**\n" in listed
        assert f"{mention} **{t('digest-weekly')}**\n" in listed
        choices = await member.autocomplete(channel, "watch remove", "watch", "")
        assert [choice["name"] for choice in choices] == [
            f"{t('digest-on-this-day')} → #news",
            f"{t('digest-weekly')} → #news",
        ]
        removed = await member.slash(channel, "watch remove", watch=choices[0]["value"])
        name = t("digest-on-this-day")
        assert texts(removed.response) == t("watch-removed", question=name, channel=mention)
        kinds = [watch.digest for watch in await footnote.state.watches.all()]
        assert kinds == [DigestKind.WEEKLY]

    async def test_the_first_list_is_the_next_one(
        self, member: MemberActor, footnote: Footnote
    ) -> None:
        # A Sunday: at 8:59 in Taipei its list is still to come, at 9:00 it is not.
        for name, hour, due in (("a", 0.99, True), ("b", 1.0, False)):
            there = member.guild.create_text_channel(name)
            now = 1_922_918_400 + 86_400 * (name == "b") + hour * 3600
            footnote.discord_clock.observe(now)
            await member.slash(there, "watch on-this-day")
            today = date(2030, 12, 8) if name == "a" else date(2030, 12, 9)
            lists = await footnote.state.watches.due(DigestKind.ON_THIS_DAY, today)
            targets = {watch.target.channel_id for watch in lists}
            assert (there.id in targets) is due

    @pytest.mark.parametrize("command", ["watch on-this-day", "watch weekly"])
    async def test_a_channel_the_bot_may_not_post_in_is_refused(
        self,
        command: str,
        member: MemberActor,
        footnote: Footnote,
        channel: ChannelHandle,
        simcord_env: Env,
    ) -> None:
        assert footnote.user is not None
        overwrites = {footnote.user: discord.PermissionOverwrite(send_messages=False)}
        closed = member.guild.create_text_channel("closed", overwrites=overwrites)
        result = await member.slash(channel, command, channel=closed)
        assert "Send Messages" in refused(simcord_env, result)
        assert await footnote.state.watches.all() == []

"""Questions in messages: mentions, replies and direct messages, on a simulated Discord."""

import logging

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.app import open_client
from bot.client import Footnote
from bot.interactions.cooldown import UserLimit
from bot.settings import Rate, Settings
from bot.state.guilds import GuildSettings
from tests.bot.simulated import component_texts
from tests.disks import half_written

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("questions")


@pytest.fixture
def plain(member: MemberActor, simcord_env: Env) -> MemberActor:
    """Return a member without any special permission."""
    return member.guild.add_member(simcord_env.create_user("plain"))


def me(footnote: Footnote) -> str:
    assert footnote.user is not None
    return footnote.user.mention


def said_by_bot(channel: ChannelHandle, footnote: Footnote) -> list[str]:
    """Return the texts of the bot's messages in a channel, the oldest first."""
    assert footnote.user is not None
    return [
        component_texts([component.to_dict() for component in message.components])  # type: ignore[misc]
        for message in channel.history()
        if message.author.id == footnote.user.id
    ]


async def test_a_mention_is_answered_in_a_reply_as_ask_answers(
    plain: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    asked = await plain.send(channel, f"{me(footnote)} 颱風怎麼形成？")
    [answer] = said_by_bot(channel, footnote)
    assert answer.startswith("-# plain 問：\n-# **颱風怎麼形成？**\n### ")
    assert "[颱風怎麼形成](https://example.org/typhoon)" in answer
    [reply] = [message for message in channel.history() if message.reference]
    assert reply.reference is not None
    assert reply.reference.message_id == asked.id
    assert await footnote.state.questions.recent(plain.id, limit=5) == ["颱風怎麼形成？"]


@pytest.mark.parametrize("locale", ["zh-TW", "zh-CN", "en-US"])
async def test_a_mention_without_a_question_gets_one_friendly_line(
    locale: str, plain: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    await footnote.state.guilds.set(plain.guild.id, GuildSettings(locale))
    line = footnote.texts.get(locale)("notice-talk", command="X").partition("X")[0].strip(" `")
    for text in ("", " 你好", " 謝謝！", " 那後來呢？", " 😀"):
        await plain.send(channel, me(footnote) + text)
    answers = said_by_bot(channel, footnote)
    assert len(answers) == 5
    assert all(answer.startswith(line) for answer in answers)


async def test_no_other_message_is_answered_or_looked_at(
    plain: MemberActor,
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    looked_at: list[int] = []

    async def note(message: discord.Message) -> None:
        looked_at.append(message.id)

    footnote.answer_message = note
    other = await plain.send(channel, "颱風怎麼形成？")
    await plain.send(channel, "@everyone 颱風怎麼形成？")
    await plain.send(channel, f"{member.mention} 颱風怎麼形成？")
    await plain.edit(other, f"{me(footnote)} 颱風怎麼形成？")
    await plain.delete(other)
    webhook = plain.guild.create_webhook(channel)
    await webhook.send(f"{me(footnote)} 颱風怎麼形成？")
    assert not looked_at
    mention = await plain.send(channel, f"{me(footnote)} 颱風怎麼形成？")
    assert looked_at == [mention.id]
    assert said_by_bot(channel, footnote) == []
    assert "颱風怎麼形成" not in caplog.text


async def in_thread(member: MemberActor, channel: ChannelHandle, question: str) -> ChannelHandle:
    """Return a thread on the answer to a question."""
    message = (await member.slash(channel, "ask", question=question)).response
    assert message is not None
    await member.select(message, ["t"])
    [thread] = channel.threads
    return thread


async def test_a_mention_in_a_thread_goes_on_from_the_last_answer_there(
    member: MemberActor, plain: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    thread = await in_thread(member, channel, "颱風登陸")
    await plain.send(thread, f"{me(footnote)} 那後來呢？")
    *_, answer = said_by_bot(thread, footnote)
    assert "-# **那後來呢？**\n-# 承接上一題：颱風登陸" in answer
    assert "[颱風怎麼形成]" in answer
    await plain.send(thread, f"{me(footnote)} 高山茶為什麼甘甜？")
    *_, answer = said_by_bot(thread, footnote)
    assert "承接" not in answer
    assert "高山茶種" in answer
    await plain.send(thread, f"{me(footnote)} 為什麼？")
    *_, answer = said_by_bot(thread, footnote)
    assert "承接上一題：高山茶" in answer


async def test_a_thread_is_gone_on_with_after_a_restart_until_its_asker_forgets(
    member: MemberActor,
    plain: MemberActor,
    channel: ChannelHandle,
    simcord_env: Env,
    settings: Settings,
) -> None:
    thread = await in_thread(member, channel, "颱風登陸")
    async with open_client(settings) as anew:
        await simcord_env.restart_bot(anew)
        await anew.state.forget(plain.id)
        await plain.send(thread, f"{me(anew)} 然後呢")
        assert "承接上一題：颱風登陸" in said_by_bot(thread, anew)[-1]
        await anew.state.forget(plain.id)
        await anew.state.forget(member.id)
        await plain.send(thread, f"{me(anew)} 然後呢")
        assert "承接" not in said_by_bot(thread, anew)[-1]


async def test_what_was_taken_from_the_earlier_question_comes_off_in_the_post(
    member: MemberActor, plain: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    thread = await in_thread(member, channel, "颱風登陸")
    await plain.send(thread, f"{me(footnote)} 那列車呢？")
    post = thread.history()[-1]
    assert "承接上一題：颱風登陸" in said_by_bot(thread, footnote)[-1]
    pressed = await member.click(post, label="✕ 承接上一題：颱風登陸")
    assert "Only the one who asked" in component_texts(pressed.response.components)  # type: ignore[union-attr]
    await plain.click(post, label="✕ 承接上一題：颱風登陸")
    answer = said_by_bot(thread, footnote)[-1]
    assert "承接" not in answer
    assert "高铁列车" in answer


async def test_a_reply_to_an_answer_goes_on_from_that_one(
    member: MemberActor, plain: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    first = await member.slash(channel, "ask", question="颱風登陸", private=False)
    await member.slash(channel, "ask", question="高山茶", private=False)
    await plain.send(channel, f"{me(footnote)} 然後呢", reply_to=first.response)
    assert "承接上一題：颱風登陸" in said_by_bot(channel, footnote)[-1]
    await plain.send(channel, f"{me(footnote)} 然後呢")
    assert "承接" not in said_by_bot(channel, footnote)[-1]


async def test_a_direct_message_is_a_question_in_its_own_language(
    simcord_env: Env, footnote: Footnote
) -> None:
    alone = simcord_env.create_user("alone")
    await alone.send_dm("typhoon")
    await alone.send_dm("颱風登陸")
    await alone.send_dm("那後來呢？")
    await alone.send_dm("高铁列车从哪里出发")
    english, traditional, followed, simplified = said_by_bot(alone.dm_channel, footnote)
    assert "Ask a follow-up" not in english
    assert "matching paragraph" in english
    assert "找到 1 段" in traditional
    assert "承接上一題：颱風登陸" in followed
    assert "找到 1 段" in simplified
    post = alone.dm_channel.history()[-1]
    form = await alone.click(post, label="接着问")
    assert form.modal is not None
    await alone.click(post, label="👍")


async def test_who_asks_too_fast_is_told_so_once_a_minute(
    plain: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    footnote.ask_limit = UserLimit(Rate(2, 60))
    for _ in range(6):
        await plain.send(channel, f"{me(footnote)} 颱風")
    answers = said_by_bot(channel, footnote)
    assert len(answers) == 3
    assert "問得有點快" in answers[-1]
    told = await plain.slash(channel, "ask", question="颱風")
    assert "seconds" in component_texts(told.response.components)  # type: ignore[union-attr]
    assert len(simcord_env.errors) == 1  # of the command


async def test_where_the_bot_may_not_speak_nothing_is_searched_or_said(
    plain: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    simcord_env.inject_error("POST", "/channels/*/typing", status=403, code=50013)
    await plain.send(channel, f"{me(footnote)} 颱風")
    assert said_by_bot(channel, footnote) == []
    assert await footnote.state.questions.recent(plain.id, limit=5) == []
    for status, code in ((403, 50013), (404, 10003), (500, 0), (403, 50007)):
        simcord_env.inject_error("POST", "/channels/*/messages", status=status, code=code)
        await plain.send(channel, f"{me(footnote)} 颱風")
    assert simcord_env.errors == []
    await plain.send(channel, f"{me(footnote)} 颱風")
    assert "[颱風怎麼形成]" in said_by_bot(channel, footnote)[-1]


async def test_a_reply_that_needs_the_history_is_sent_without_reference(
    plain: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    simcord_env.inject_error("POST", "/channels/*/messages", status=400, code=160002)
    await plain.send(channel, f"{me(footnote)} 颱風")
    [answer] = said_by_bot(channel, footnote)
    assert "[颱風怎麼形成]" in answer


async def test_channels_and_sources_hold_for_mentions_too(
    member: MemberActor, plain: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    thread = await in_thread(member, channel, "颱風登陸")
    settings = GuildSettings(channels=frozenset({channel.id}), without_sources=("茶葉誌",))
    await footnote.state.guilds.set(plain.guild.id, settings)
    elsewhere = plain.guild.create_text_channel("elsewhere")
    await plain.send(elsewhere, f"{me(footnote)} 颱風")
    assert f"<#{channel.id}>" in said_by_bot(elsewhere, footnote)[-1]
    await plain.send(thread, f"{me(footnote)} 颱風")
    assert "[颱風怎麼形成]" in said_by_bot(thread, footnote)[-1]
    await plain.send(channel, f"{me(footnote)} 高山茶為什麼甘甜？")
    assert "高山茶種" not in said_by_bot(channel, footnote)[-1]


async def test_while_nothing_can_be_read_a_mention_gets_one_sentence(
    plain: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    """Perhaps questions may not be asked in this channel, where everyone would see the answer."""
    async with half_written(footnote.state):
        await plain.send(channel, f"{me(footnote)} 颱風怎麼形成？")
        [told] = said_by_bot(channel, footnote)
    assert told == footnote.texts.get(None)("error-unsaved")


async def test_a_question_that_is_too_long_gets_one_sentence(
    plain: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    await plain.send(channel, f"{me(footnote)} {'颱' * 1_900}")
    [answer] = said_by_bot(channel, footnote)
    assert "最多 300 個字" in answer


async def test_nobody_named_in_a_question_is_stored(
    plain: MemberActor, member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    await plain.send(channel, f"{me(footnote)} {member.mention} 颱風 <@&123456789012345678>")
    [stored] = await footnote.state.questions.recent(plain.id, limit=5)
    assert stored == "颱風"

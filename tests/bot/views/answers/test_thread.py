"""Posting the best article and opening a thread on it, where that works."""

from collections.abc import Callable

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.client import Footnote
from bot.state.guilds import GuildSettings
from tests.bot.controls import asked, choices, ids, labels, said, shown
from tests.bot.simulated import forge, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


@pytest.mark.parametrize(
    ("locale", "shared", "hint"),
    [
        ("zh-TW", "已分享", "想接著問，在這裡提及"),
        ("zh-CN", "已分享", "想接着问，在这里提及"),
        ("en-US", "Shared", "To go on asking, mention"),
    ],
)
async def test_a_thread_named_after_the_question_is_opened_on_the_post(  # noqa: PLR0913, PLR0917 (cases and fixtures)
    locale: str,
    shared: str,
    hint: str,
    speak: Callable[[str], None],
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
) -> None:
    speak(locale)
    await footnote.state.guilds.set(member.guild.id, GuildSettings(locale))
    question = "颱風\u200b\n" + "登陸" * 60
    message = await asked(member, channel, question)
    result = await member.select(message, ["t"])
    [posted] = result.followups
    assert not posted.ephemeral
    assert shown(posted) == shown(message)[:1]
    assert "reader" in texts(posted)
    [thread] = channel.threads
    assert thread.id == posted.id
    assert thread.name == "颱風 " + "登陸" * 48 + "…"
    [first] = [
        message for message in thread.history() if message.type is discord.MessageType.default
    ]
    assert hint in str(first.components)
    assert "t" not in choices(message, "t")
    assert shared not in labels(message)
    key = ids(posted, "follow")[0].split(":")[1]
    last = await footnote.state.answers.last_in(thread.id, member.id)
    assert last is not None
    assert last.key == key


async def test_a_thread_is_not_offered_where_none_can_be_opened(
    member: MemberActor, other: MemberActor, channel: ChannelHandle, simcord_env: Env
) -> None:
    message = await asked(member, channel)
    await member.select(message, ["t"])
    [thread] = channel.threads
    assert "t" not in choices(await asked(member, thread), "t")
    alone = simcord_env.create_user("alone")
    assert "t" not in choices((await alone.slash("ask", question="颱風")).response, "t")
    no_thread = discord.PermissionOverwrite(create_public_threads=False)
    quiet = member.guild.create_text_channel("quiet", overwrites={other: no_thread})
    assert "t" in choices(await asked(member, quiet), "t")
    mute = await asked(other, quiet)
    assert "t" not in choices(mute, "t")
    [menu] = ids(mute, "menu")
    forge(mute, menu, menu, "t")
    assert "No thread can be opened here" in said(await other.select(mute, ["t"]))
    assert labels(mute)[1] == "Share"


@pytest.mark.parametrize(
    ("status", "code"), [(403, 50013), (404, 10008), (400, 160004), (400, 30033)]
)
async def test_a_thread_that_discord_refuses_leaves_the_post(
    status: int, code: int, member: MemberActor, channel: ChannelHandle, simcord_env: Env
) -> None:
    message = await asked(member, channel)
    simcord_env.inject_error("POST", "/channels/*/messages/*/threads", status=status, code=code)
    posted, told = (await member.select(message, ["t"])).followups
    assert shown(posted) == shown(message)[:1]
    assert told.ephemeral
    assert "The article is posted, but" in texts(told)
    assert channel.threads == []
    again = await member.select(await asked(member, channel), ["t"])
    assert not again.followups[0].ephemeral


async def test_an_answer_is_posted_once_whether_shared_or_with_a_thread(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel)
    await member.click(message, label="Share")
    assert "t" not in choices(message, "t")
    [menu] = ids(message, "menu")
    forge(message, menu, menu, "t")
    assert "already been shared" in said(await member.select(message, ["t"]))

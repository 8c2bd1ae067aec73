"""Sharing one article of an answer."""

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.client import Footnote
from tests.bot.controls import asked, choices, controls, ids, labels, said, shown
from tests.bot.simulated import texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


async def test_the_best_article_is_shared_once_with_the_askers_name(
    member: MemberActor, other: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel)
    result = await member.click(message, label="Share")
    [posted] = result.followups
    assert not posted.ephemeral
    assert texts(posted).startswith("-# reader 問：\n-# **颱風**\n### ")
    assert shown(posted) == shown(message)[:1]
    assert labels(posted) == ["上下文", "全部結果", "接著問", "👍", "👎"]
    assert [control["label"] for control in controls(message) if control.get("disabled")] == [
        "Shared",
    ]
    await member.click(message, label="▶")
    await member.click(message, label="◀")
    assert "Shared" in [
        control["label"] for control in controls(message) if control.get("disabled")
    ]
    assert said(await other.click(posted, label="👍")).startswith("Noted")


async def test_another_article_is_shared_from_the_menu(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel)
    titles = shown(message)
    for value, title in zip(choices(message, "s"), titles[1:], strict=True):
        result = await member.select(message, [value])
        [posted] = result.followups
        assert not posted.ephemeral
        assert shown(posted) == [title]
    assert "Share" in labels(message)
    await member.click(message, label="▶")
    [value, *_] = choices(message, "s")
    [posted] = (await member.select(message, [value])).followups
    assert shown(posted) == shown(message)[:1]


async def test_all_that_was_found_is_shown_to_whoever_wants_it(
    member: MemberActor, other: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, private=False)
    assert texts(message).startswith("-# reader 問：\n")
    assert len(shown(message)) == 1
    for who in (other, member):
        found = (await who.click(message, label="全部結果")).response
        assert found is not None
        assert found.ephemeral
        assert len(shown(found)) == 3
        await who.click(found, label="▶")
        assert "showing articles 4–6" in texts(found)
    assert len(shown(message)) == 1


async def test_two_presses_at_once_share_once(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env, footnote: Footnote
) -> None:
    message = await asked(member, channel)
    [share] = ids(message, "share")
    await footnote.state.answers.set_shared(share.split(":")[1], shared=True)
    result = await member.click(message, label="Share")
    assert "already been shared" in said(result)
    assert simcord_env.errors == []


async def test_where_the_bot_may_not_speak_sharing_is_declined_and_can_be_tried_again(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env
) -> None:
    message = await asked(member, channel)
    simcord_env.inject_error("POST", "/webhooks/*", status=403, code=50013)
    result = await member.click(message, label="Share")
    assert "cannot be posted here" in said(result)
    result = await member.click(message, label="Share")
    assert not result.followups[0].ephemeral


async def test_who_may_not_speak_here_cannot_share(member: MemberActor, other: MemberActor) -> None:
    mute = discord.PermissionOverwrite(send_messages=False)
    channel = member.guild.create_text_channel("announcements", overwrites={other: mute})
    message = await asked(other, channel)
    result = await other.click(message, label="Share")
    assert "you or the bot may not send messages" in said(result)


async def test_in_a_direct_message_there_is_nobody_to_share_with(simcord_env: Env) -> None:
    user = simcord_env.create_user("alone")
    message = (await user.slash("ask", question="颱風")).response
    assert message is not None
    assert labels(message) == ["▶", "Ask a follow-up", "👍", "👎"]
    assert not choices(message, "s")
    await user.click(message, label="▶")
    assert "showing articles 4–6" in texts(message)
    await user.select(message, choices(message, "c")[:1])
    await user.click(message, label="Related")
    await user.click(message, label="Back")
    await user.click(message, label="👍")
    await user.select(message, ["o"])
    assert shown(message)[0] == "第1號"
    public = (await user.slash("ask", question="颱風", private=False)).response
    assert len(shown(public)) == 3

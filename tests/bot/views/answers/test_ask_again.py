"""Buttons that ask another question instead."""

from dataclasses import replace

import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.app import open_client
from bot.client import Footnote
from bot.services.answers import Answer, Asker, Page
from bot.settings import Settings
from bot.state.answers import AskRequest
from bot.state.guilds import GuildSettings
from bot.views.answer import answer_page
from corpus import Filters, Notice, NoticeKind, SearchResult
from tests.bot.controls import asked, controls, ids, labels, shown
from tests.bot.simulated import forge, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


async def test_what_to_ask_instead_is_offered_as_buttons(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    result = await member.slash(channel, "ask", question="「燈塔點亮北邊」", private=False)
    [message] = result.followups
    assert message.ephemeral
    offered = labels(message)
    assert 1 <= len(offered) <= 5
    assert "Try one of these:" in texts(message)
    await member.click(message, label=offered[0])
    assert f"**{offered[0]}**" in texts(message)
    assert shown(message)
    assert "Share" in labels(message)
    assert (await footnote.state.questions.recent(member.id, limit=1)) == [offered[0]]


async def test_what_a_question_says_of_the_time_is_told_and_comes_off(
    member: MemberActor,
    channel: ChannelHandle,
    simcord_env: Env,
    settings: Settings,
) -> None:
    message = await asked(member, channel, "2017年的颱風")
    assert "\n-# Preferred: 2017\n" in texts(message)
    assert shown(message)[0] == "第3號"
    assert labels(message)[0] == "✕ 2017"
    async with open_client(settings) as anew:
        await simcord_env.restart_bot(anew)
        result = await member.click(message, label="✕ 2017")
        assert not result.followups
        assert "Preferred" not in texts(message)
        assert "**2017年的颱風**" in texts(message)
        assert shown(message)
        assert not ids(message, "ignore")
        # What was taken off stays off.
        await member.select(message, ["n"])
        assert "Preferred" not in texts(message)


async def test_several_conditions_are_one_select(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, "2016年、2017年、2018年的颱風")
    assert "Preferred: 2016, 2017, 2018" in texts(message)
    [select] = ids(message, "without")
    assert len(list(controls(message))) <= 7
    await member.select(message, ["i2016年"], custom_id=select)
    assert "Preferred: 2017, 2018" in texts(message)
    [select] = ids(message, "without")
    await member.select(message, ["i2017年"], custom_id=select)
    assert "Preferred: 2018" in texts(message)
    await member.click(message, label="✕ 2018")
    assert "Preferred" not in texts(message)
    posted = (await member.slash(channel, "ask", question="2017年的颱風", private=False)).response
    assert "優先找：2017年" in texts(posted)
    assert not ids(posted, "ignore")


async def test_an_answer_emptied_by_filters_has_a_button_that_drops_each(
    member: MemberActor, channel: ChannelHandle
) -> None:
    options = {"source": "氣象", "author": "林", "tag": "海", "after": "2030", "before": "2031"}
    message = await asked(member, channel, **options)
    assert "none within your conditions" in texts(message)
    assert labels(message) == ["✕ Source: 氣象", "✕ Author: 林", "✕ Tag: 海", "✕ 2030 to 2031"]
    await member.click(message, label="✕ Tag: 海")
    assert "none within your conditions" in texts(message)
    assert labels(message) == ["✕ Source: 氣象", "✕ Author: 林", "✕ 2030 to 2031"]
    await member.click(message, label="✕ 2030 to 2031")
    assert len(shown(message)) == 3
    assert "Source: 氣象 · Author: 林" in texts(message)


async def test_an_unknown_source_is_called_unknown_with_the_nearest_names_as_buttons(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env, settings: Settings
) -> None:
    message = await asked(member, channel, "燈塔", source="燈塔日報", after="2020")
    assert "No source of the archive is called “燈塔日報”." in texts(message)
    assert texts(message).endswith("\nTry one of these sources:")
    assert labels(message) == ["燈塔報", "✕ Source: 燈塔日報", "✕ from 2020 on"]
    async with open_client(settings) as anew:
        await simcord_env.restart_bot(anew)
        result = await member.click(message, label="燈塔報")
        assert not result.followups
    assert "from 2020 on · Source: 燈塔報" in texts(message)
    assert shown(message) == ["燈塔8"]


async def test_an_unknown_source_is_dropped_by_its_own_button(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, source="燈塔日報")
    await member.click(message, label="✕ Source: 燈塔日報")
    assert len(shown(message)) == 3


async def test_a_source_button_finds_nothing_of_what_the_server_leaves_out_or_nobody_has(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    message = await asked(member, channel, "燈塔", source="燈塔日報")
    await footnote.state.guilds.set(
        member.guild.id, GuildSettings(without_sources=frozenset({"燈塔報"}))
    )
    await member.click(message, label="燈塔報")
    assert "No source of the archive is called “燈塔報”." in texts(message)
    assert "燈塔報" not in labels(message)
    real, *_ = ids(message, "source")
    made_up = f"{real.partition(':source:')[0]}:source:{'報' * 70}"
    forge(message, real, made_up)
    await member.click(message, custom_id=made_up)
    assert "No source of the archive is called “報報" in texts(message)
    assert not shown(message)


async def test_a_source_whose_name_is_too_long_for_a_button_is_named(
    member: MemberActor, footnote: Footnote
) -> None:
    sources = ("燈塔報", "長" * 90)
    request = AskRequest("燈塔", Filters(source="報"), private=True)
    record = await footnote.answers.store(request, Asker(member.id, None, "en-US"))
    notice = Notice(NoticeKind.UNKNOWN_SOURCE, None, None, sources)
    result = SearchResult("燈塔", 0, 1.0, (), notice=notice)
    found = Answer(request, record, result, Page(), 0, (), False, {})  # noqa: FBT003
    reply = answer_page(found, footnote.texts.get("en-US"))
    assert f"Sources: {'長' * 39}…" in reply.texts()[-1]
    assert "燈塔報" not in reply.texts()[-1]
    assert "Try one of these sources:" in reply.texts()[-1]
    # A message whose answer could not be stored has no buttons: it names them all.
    unstored = answer_page(replace(found, record=None), footnote.texts.get("zh-TW"))
    assert "來源：燈塔報、長" in unstored.texts()[-1]
    assert "改找" not in unstored.texts()[-1]


async def test_where_nothing_can_be_offered_there_are_no_buttons(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, "xyzzy")
    assert not list(controls(message))

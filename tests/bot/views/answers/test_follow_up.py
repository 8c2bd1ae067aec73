"""A question that goes on from an answer, asked in the form under it."""

from collections.abc import Callable
from typing import Any

import pytest
import simcord
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult

from bot.app import open_client
from bot.client import Footnote
from bot.interactions.cooldown import UserLimit
from bot.settings import Rate, Settings
from bot.state.guilds import GuildSettings
from tests.bot.controls import asked, controls, ids, said, shown
from tests.bot.simulated import forge, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

FIELD = "question"


def form_text(result: InteractionResult) -> str:
    assert result.modal is not None
    return str(result.modal)


@pytest.mark.parametrize(
    ("locale", "button", "label", "added"),
    [
        ("zh-TW", "接著問", "接著問什麼？", "承接上一題：颱風眼牆"),
        ("zh-CN", "接着问", "接着问什么？", "承接上一个问题：颱風眼牆"),
        ("en-US", "Ask a follow-up", "What else", "Carried over: 颱風眼牆"),
    ],
)
async def test_a_follow_up_is_answered_with_what_it_leaves_unsaid(  # noqa: PLR0913, PLR0917 (cases and fixtures)
    locale: str,
    button: str,
    label: str,
    added: str,
    speak: Callable[[str], None],
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
) -> None:
    speak(locale)
    message = await asked(member, channel, "颱風眼牆")
    before = texts(message)
    form = await member.click(message, label=button)
    assert label in form_text(form)
    assert "**颱風眼牆**" in form_text(form)
    assert "第3號" in form_text(form)
    answer = await member.submit_modal(form, {FIELD: "那後來呢？"})
    found = answer.response
    assert found is not None
    assert found.ephemeral
    assert "**那後來呢？**" in texts(found)
    assert added in texts(found)
    assert shown(found)[0] == "第3號"
    assert len(list(controls(found))) <= 7
    assert texts(message) == before
    assert (await footnote.state.questions.recent(member.id, limit=1)) == ["颱風眼牆 那後來呢？"]
    await member.click(found, label=f"✕ {added}")
    assert added not in texts(found)
    assert not shown(found)


async def test_a_full_question_takes_nothing_and_a_chain_keeps_its_topic(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, "颱風", source="氣象")
    form = await member.click(message, label="Ask a follow-up")
    full = await member.submit_modal(form, {FIELD: "燈塔為什麼守護北邊的海岸？"})
    assert "Carried over" not in texts(full.response)
    assert "Source: 氣象" not in texts(full.response)
    assert shown(full.response)[0].startswith("燈塔")
    form = await member.click(message, label="Ask a follow-up")
    first = await member.submit_modal(form, {FIELD: "那果園呢？"})
    assert "Carried over: 颱風" in texts(first.response)
    assert "Source: 氣象" in texts(first.response)
    assert shown(first.response)[0] == "第2號"
    form = await member.click(first.response, label="Ask a follow-up")  # type: ignore[arg-type]
    second = await member.submit_modal(form, {FIELD: "2017年呢？"})
    assert "颱風, 果園" in texts(second.response)
    [select] = ids(second.response, "without")
    assert second.response is not None
    await member.select(second.response, ["f"], custom_id=select)
    assert "Carried over" not in texts(second.response)


async def test_a_follow_up_that_finds_nothing_can_be_asked_by_itself(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    message = await asked(member, channel, "颱風眼牆")
    form = await member.click(message, label="Ask a follow-up")
    settings = GuildSettings(without_sources=("氣象", "燈塔報", "海岸誌"))
    await footnote.state.guilds.set(member.guild.id, settings)
    answer = (await member.submit_modal(form, {FIELD: "那燈塔呢？"})).response
    assert not shown(answer)
    assert "Carried over: 颱風眼牆" in texts(answer)
    assert answer is not None
    await member.click(answer, label="✕ Carried over: 颱風眼牆")
    assert "Carried over" not in texts(answer)


async def test_a_form_is_sent_after_a_restart_and_after_the_answer_is_gone(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env, settings: Settings
) -> None:
    message = await asked(member, channel, "颱風眼牆")
    form = await member.click(message, label="Ask a follow-up")
    async with open_client(settings) as anew:
        await simcord_env.restart_bot(anew)
        answer = await member.submit_modal(form, {FIELD: "然後呢"})
        assert shown(answer.response)[0] == "第3號"
        form = await member.click(message, label="Ask a follow-up")
        await anew.state.forget(member.id)
        answer = await member.submit_modal(form, {FIELD: "然後呢"})
        assert "Ask again with `/ask`" in said(answer)


async def test_everyone_may_go_on_from_a_post_but_not_from_anothers_private_answer(
    member: MemberActor, other: MemberActor, channel: ChannelHandle
) -> None:
    private = await asked(member, channel, "颱風眼牆")
    public = await asked(member, channel, "颱風眼牆", private=False)
    form = await other.click(public, label="接著問")
    answer = await other.submit_modal(form, {FIELD: "為什麼？"})
    assert answer.ephemeral
    assert shown(answer.response)[0] == "第3號"
    [real], [theirs] = ids(public, "follow"), ids(private, "follow")
    forge(public, real, theirs)
    assert "Only the one who asked" in said(await other.click(public, custom_id=theirs))


async def test_a_forged_form_gets_a_sentence(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    message = await asked(member, channel, "颱風眼牆")
    key = ids(message, "follow")[0].split(":")[1]

    async def send(custom_id: str, text: object) -> InteractionResult:
        field: dict[str, Any] = {"type": 4, "custom_id": FIELD, "value": text}
        data = {"custom_id": custom_id, "components": [{"type": 18, "component": field}]}
        return await submitted(member, channel, data)

    good = f"a:{key}:follow-up:"
    assert "300 characters at most" in said(await send(good, "長" * 4_000))
    for text in ("", "   ", None, 5, "\ud800"):
        assert said(await send(good, text))
    assert "Ask again" in said(await send("a:none:follow-up:", "x"))
    assert "no longer open" in said(await send(f"{good}x", "x"))
    assert shown((await send(good, "後來呢")).response)
    footnote.ask_limit = UserLimit(Rate(1, 60))
    assert shown((await send(good, "後來呢")).response)
    assert "seconds" in said(await send(good, "後來呢"))


async def submitted(
    who: MemberActor, channel: ChannelHandle, data: dict[str, Any]
) -> InteractionResult:
    """Have Discord send any form."""
    return await simcord.actors._dispatch_actor_interaction(who, 5, channel, data)


async def test_in_a_direct_message_a_follow_up_stays_there(simcord_env: Env) -> None:
    alone = simcord_env.create_user("alone")
    message = (await alone.slash("ask", question="颱風眼牆")).response
    form = await alone.click(message, label="Ask a follow-up")
    answer = await alone.submit_modal(form, {FIELD: "然後呢"})
    assert shown(answer.response)[0] == "第3號"
    assert answer.ephemeral

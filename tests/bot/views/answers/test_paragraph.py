"""A paragraph between its neighbours, and passages like it."""

from collections.abc import Callable

import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.client import Footnote
from tests.bot.controls import asked, choices, labels, shown
from tests.bot.simulated import texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


async def test_other_passages_of_the_best_article_are_lines_that_lead_to_their_context(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, "颱風在海上形成 春天的花")
    assert shown(message)[0] == "第1號"
    assert "第1號" not in shown(message)[1:]
    assert "\n-# §\u00a0" in texts(message)
    assert len(choices(message, "c")) == len(shown(message)) + texts(message).count("\n-# §\u00a0")
    await member.select(message, [choices(message, "c")[1]])
    assert texts(message).startswith("### [第1號]")


async def test_context_shows_the_passage_between_its_neighbours_and_leads_on_and_back(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, sort="oldest")
    before = message.components
    result = await member.select(message, choices(message, "c")[:1])
    assert not result.followups
    view = texts(message)
    assert view.startswith("### [第1號](https://example.org/1)\n-# August 8, 2015 · 氣象 · 林")
    assert "春天的花開得很早，村裡的人都出門賞花。\n> 這個颱風在海上" in view
    assert "帶來了大雨。\n船隻都回到港口" in view
    assert "Paragraph 2 of 3" in view
    await member.click(message, label="▶")
    assert "\n> 船隻都回到港口" in texts(message)
    assert "▶" not in labels(message)
    await member.click(message, label="◀")
    await member.click(message, label="◀")
    assert "\n> 春天的花" in texts(message)
    assert "◀" not in labels(message)
    await member.click(message, label="Back")
    assert message.components == before


@pytest.mark.parametrize(
    ("locale", "line"),
    [
        ("zh-TW", "有你問的：颱風、海上 · 沒有提到：火山"),
        ("zh-CN", "有你问的：颱風、海上 · 没有提到：火山"),
        ("en-US", "Your words in it: 颱風, 海上 · Not in it: 火山"),
    ],
)
async def test_context_of_a_passage_tells_why_it_was_found_and_of_its_neighbours_not(
    member: MemberActor,
    channel: ChannelHandle,
    speak: Callable[[str], None],
    locale: str,
    line: str,
) -> None:
    speak(locale)
    message = await asked(member, channel, "颱風 海上 火山")
    await member.select(message, choices(message, "c")[:1])
    assert f"\n-# {line}" in texts(message)
    await member.click(message, label="▶")
    assert line not in texts(message)
    await member.click(message, label="◀")
    assert line in texts(message)


async def test_a_synonym_that_found_a_passage_is_named_in_its_context(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    await footnote.library.set_synonyms([("風神", "颱風")])
    message = await asked(member, channel, "風神 海上")
    await member.select(message, choices(message, "c")[:1])
    assert "\n-# Your words in it: 海上 · Other words for yours: 颱風" in texts(message)


async def test_what_is_only_related_matches_no_question(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel)
    await member.select(message, choices(message, "c")[:1])
    found = (await member.click(message, label="Related")).response
    await member.select(found, choices(found, "c")[:1])
    assert "Paragraph" in texts(found)
    assert "Your words" not in texts(found)


async def test_context_of_a_public_answer_is_for_the_presser_alone(
    member: MemberActor, other: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, private=False)
    before = message.components
    for who in (other, member):
        result = await who.click(message, label="上下文")
        view = result.response
        assert view is not None
        assert view.ephemeral
        assert labels(view) == ["◀", "▶", "Related"]
        await who.click(view, label="▶")
        assert "Paragraph 3 of 3" in texts(view)
    assert message.components == before


async def test_context_links_where_else_the_passage_stands_and_pings_nobody(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, "燈塔點亮")
    assert "also in 1 other article" in texts(message)
    await member.select(message, choices(message, "c")[:1])
    view = texts(message)
    assert "Also in [燈塔" in view
    assert "https://example.org/8" in view
    assert "https://example.org/9" in view
    assert "@everyone" not in view
    assert "\\<@\u200b123456789012345678\\>" in view
    assert "](javascript" not in view.replace("\\]", "")


async def test_related_passages_are_a_private_answer_of_its_own(
    member: MemberActor, other: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, private=False, sort="oldest")
    view = (await other.click(message, label="上下文")).response
    assert view is not None
    result = await other.click(view, label="Related")
    found = result.response
    assert found is not None
    assert found.ephemeral
    assert texts(found).startswith("-# **Related to this paragraph of “第1號”**")
    assert shown(found)
    assert "第1號" not in shown(found)
    assert not {"r", "n", "o"} & set(choices(found, ""))
    await other.click(found, label="▶")
    assert "showing articles 4–6" in texts(found)
    await other.select(found, choices(found, "c")[:1])
    assert "Paragraph 2 of 3" in texts(found)

"""/ask on a simulated Discord, answered from a real index."""

from collections.abc import Iterator

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.client import Footnote
from bot.settings import Rate, Settings
from bot.state.guilds import GuildSettings
from tests.bot.simulated import readers_speak, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("questions")


@pytest.fixture
def zh_readers() -> Iterator[None]:
    with readers_speak("zh-TW"):
        yield


@pytest.mark.usefixtures("simcord_env")
async def test_a_question_is_answered_to_the_asker_alone(
    member: MemberActor, channel: ChannelHandle
) -> None:
    result = await member.slash(channel, "ask", question="颱風是怎麼形成的")
    assert result.ephemeral
    shown = texts(result.response)
    assert "### 1 · [颱風怎麼形成](https://example.org/typhoon)" in shown
    assert "島嶼氣象 · 林小氣 · <t:1565222400:D>" in shown
    assert "**颱風**" in shown
    assert "__" in shown
    assert not result.followups


async def test_simplified_asks_traditional(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    result = await member.slash(channel, "ask", question="台风")
    assert "**颱風**" in texts(result.response)
    figures = await footnote.state.questions.figures(seconds=60)
    assert (figures.asked, figures.unanswered) == (1, 0)


async def test_a_source_without_a_link_is_said_so_and_nobody_is_pinged(
    member: MemberActor, channel: ChannelHandle
) -> None:
    result = await member.slash(channel, "ask", question="高山茶")
    shown = texts(result.response)
    assert "### 1 · 高山茶\n-# 茶葉誌 · 陳茶 · January 6, 2021 · no link to the original" in shown
    assert "@everyone" not in shown
    assert "@\u200beveryone" in shown


async def test_nothing_found_says_what_there_is(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    result = await member.slash(channel, "ask", question="xyzzy")
    shown = texts(result.response)
    assert "The archive has nothing on this." in shown
    assert "August 8, 2019 to March 4, 2022" in shown
    assert "島嶼氣象" in shown
    assert (await footnote.state.questions.figures(seconds=60)).unanswered == 1


@pytest.mark.parametrize("question", [" ", "？！……", "😀😀", "\u200b", "\ud800", "**__||"])
async def test_a_question_without_words_gets_advice(
    member: MemberActor, channel: ChannelHandle, question: str
) -> None:
    result = await member.slash(channel, "ask", question=question)
    assert "There is no word to look for in your question." in texts(result.response)


async def test_filters_are_kept_and_echoed(member: MemberActor, channel: ChannelHandle) -> None:
    result = await member.slash(
        channel,
        "ask",
        question="台北 海拔 颱風",
        source="铁道周记",
        author="王铁",
        after="2022",
        before="2022-03",
        sort="newest",
    )
    shown = texts(result.response)
    assert "Source: 铁道周记 · Author: 王铁 · from 2022 · to 2022-03 · Newest first" in shown
    assert "高铁时刻" in shown
    assert "颱風" not in shown.split("\n", 2)[2]


async def test_conditions_that_leave_nothing_are_named(
    member: MemberActor, channel: ChannelHandle
) -> None:
    result = await member.slash(channel, "ask", question="颱風", after="2023")
    assert "none within your conditions" in texts(result.response)


@pytest.mark.parametrize("dates", [{"after": "someday"}, {"after": "2022", "before": "2021"}])
async def test_dates_that_cannot_be_read_get_an_example(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env, dates: dict[str, str]
) -> None:
    result = await member.slash(channel, "ask", question="颱風", **dates)
    assert result.ephemeral
    assert "2021, 2021-01 or 2021-01-06" in texts(result.response)
    assert len(simcord_env.errors) == 1


async def test_a_public_answer_speaks_the_servers_language(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    first = await member.slash(channel, "ask", question="颱風", private=False)
    assert not first.ephemeral
    assert "找到 1 段" in texts(first.response)
    await footnote.state.guilds.set(member.guild.id, GuildSettings("zh-CN"))
    second = await member.slash(channel, "ask", question="颱風", private=False)
    assert "找到 1 段" in texts(second.response)
    assert channel.last_message.flags.components_v2


async def test_a_channel_does_not_see_that_nothing_was_found(
    member: MemberActor, channel: ChannelHandle
) -> None:
    result = await member.slash(channel, "ask", question="xyzzy", private=False)
    assert result.response is None
    assert [one.ephemeral for one in result.followups] == [True]
    assert "The archive has nothing on this." in texts(result.followups[0])


async def test_a_channel_does_not_see_an_error(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env
) -> None:
    result = await member.slash(channel, "ask", question="颱風", after="soon", private=False)
    assert result.response is None
    assert [one.ephemeral for one in result.followups] == [True]
    assert simcord_env.errors


@pytest.mark.usefixtures("zh_readers")
async def test_a_reader_is_answered_in_their_language(
    member: MemberActor, channel: ChannelHandle
) -> None:
    result = await member.slash(channel, "ask", question="颱風")
    assert "找到 1 段" in texts(result.response)


async def test_sources_are_offered_as_they_are_typed(
    member: MemberActor, channel: ChannelHandle
) -> None:
    choices = await member.autocomplete(channel, "ask", "source", "")
    assert {one["value"] for one in choices} == {"島嶼氣象", "茶葉誌", "铁道周记"}
    choices = await member.autocomplete(channel, "ask", "source", " 茶")
    assert choices == [{"name": "茶葉誌 (1)", "value": "茶葉誌"}]
    assert await member.autocomplete(channel, "ask", "source", "nothing") == []


async def test_it_works_in_a_direct_message(simcord_env: Env) -> None:
    result = await simcord_env.create_user("alone").slash("ask", question="颱風")
    assert "颱風怎麼形成" in texts(result.response)


class TestWithALimit:
    """Two questions a minute."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return Settings(
            archive=settings.archive, data_dir=settings.data_dir, ask_cooldown=Rate(2, 60)
        )

    async def test_too_many_questions_are_declined_politely(
        self, member: MemberActor, channel: ChannelHandle, simcord_env: Env
    ) -> None:
        for _ in range(2):
            result = await member.slash(channel, "ask", question="颱風")
            assert "颱風怎麼形成" in texts(result.response)
        result = await member.slash(channel, "ask", question="颱風")
        assert result.ephemeral
        assert "Please try again in 60 seconds." in texts(result.response)
        assert len(simcord_env.errors) == 1
        await simcord_env.advance_time(61)
        result = await member.slash(channel, "ask", question="颱風")
        assert "颱風怎麼形成" in texts(result.response)


async def test_every_payload_pings_nobody(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env
) -> None:
    await member.slash(channel, "ask", question="@everyone 高山茶")
    sent = [one.json for one in simcord_env.http_requests if "components" in str(one.json)]
    assert sent
    assert all(one["allowed_mentions"] == {"parse": []} for one in sent)
    assert discord.AllowedMentions.none().to_dict() == {"parse": []}

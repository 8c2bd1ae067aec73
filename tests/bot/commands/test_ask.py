"""/ask on a simulated Discord, answered from a real index."""

import sqlite3
from collections.abc import Callable

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.client import Footnote
from bot.interactions.cooldown import UserLimit
from bot.services.answers import AnswerService
from bot.settings import Rate, Settings
from bot.state.guilds import GuildSettings
from tests.bot.controls import labels
from tests.bot.simulated import texts
from tests.disks import half_written

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("questions")


@pytest.mark.usefixtures("simcord_env")
async def test_a_question_is_answered_to_the_asker_alone(
    member: MemberActor, channel: ChannelHandle
) -> None:
    result = await member.slash(channel, "ask", question="颱風是怎麼形成的")
    assert result.ephemeral
    shown = texts(result.response)
    assert "-# **颱風是怎麼形成的** · 1 matching paragraph\n### 颱風在溫暖的海面上形成" in shown
    assert "> 夏天的海面很溫暖。__**颱風**在溫暖的海面上**形成**" in shown
    assert "**[颱風怎麼形成](https://example.org/typhoon)**" in shown
    assert "-# <t:1565222400:D> · 島嶼氣象 · 林小氣" in shown
    assert not result.followups


async def test_simplified_asks_traditional(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    result = await member.slash(channel, "ask", question="台风")
    assert "**颱風**" in texts(result.response)
    figures = await footnote.state.questions.figures(seconds=60)
    assert (figures.total, figures.unanswered) == (1, 0)


async def test_a_source_without_a_link_is_said_so_and_nobody_is_pinged(
    member: MemberActor, channel: ChannelHandle
) -> None:
    result = await member.slash(channel, "ask", question="高山茶")
    shown = texts(result.response)
    assert "**高山茶**\n-# January 6, 2021 · 茶葉誌 · 陳茶 · no link to the original" in shown
    assert "@everyone" not in shown
    assert "@\u200beveryone" in shown


async def test_nothing_found_says_what_there_is(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    result = await member.slash(channel, "ask", question="xyzzy")
    shown = texts(result.response)
    assert "Nothing was found." in shown
    assert "August 8, 2019 to March 4, 2022" in shown.replace("\u00a0", " ")
    assert "島嶼氣象" in shown
    assert (await footnote.state.questions.figures(seconds=60)).unanswered == 1


async def test_talk_is_no_question_and_the_closest_passages_are_no_sure_answer(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    talk = await member.slash(channel, "ask", question="謝謝")
    assert "`/help`" in texts(talk.response)
    assert (await footnote.state.questions.figures(seconds=60)).total == 0
    closest = await member.slash(channel, "ask", question="高山茶和咖啡怎麼搭配")
    assert "**No sure answer;" in texts(closest.response)
    figures = await footnote.state.questions.figures(seconds=60)
    assert (figures.total, figures.unanswered) == (1, 1)


@pytest.mark.parametrize("question", [" ", "？！……", "😀😀", "\u200b", "\ud800", "**__||"])
async def test_a_question_without_words_gets_advice(
    member: MemberActor, channel: ChannelHandle, question: str
) -> None:
    result = await member.slash(channel, "ask", question=question)
    assert "There is no word to look for in your question." in texts(result.response)


@pytest.mark.parametrize(
    ("locale", "text", "line"),
    [
        ("zh-TW", "你好", "怎麼問請看 `/help`"),
        ("zh-CN", "谢谢", "怎么问请看 `/help`"),
        ("en-US", "who are you", "`/help` shows how"),
    ],
)
async def test_talk_gets_one_friendly_line_and_a_question_that_works(
    member: MemberActor,
    channel: ChannelHandle,
    speak: Callable[[str], None],
    locale: str,
    text: str,
    line: str,
) -> None:
    speak(locale)
    message = (await member.slash(channel, "ask", question=text, private=False)).followups[0]
    assert message.ephemeral
    assert line in texts(message)
    [row] = [component for component in message.components if component["type"] == 1]
    [button] = row["components"]
    assert button["label"] == ("高鐵時刻" if locale == "zh-TW" else "高铁时刻")
    await member.click(message, label=button["label"])
    assert f"**{button['label']}**" in texts(message)
    assert "### " in texts(message)


async def test_talk_gets_the_keepers_example_as_help_does(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    footnote.answers = AnswerService(
        footnote.library, footnote.state, footnote.metrics, ("颱風怎麼形成？",)
    )
    talk = (await member.slash(channel, "ask", question="hello")).response
    help_ = (await member.slash(channel, "help")).response
    assert labels(talk) == labels(help_)[:1] == ["颱風怎麼形成？"]


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
    assert "January 2022 to March 2022 · Source: 铁道周记 · Author: 王铁 · Newest first" in shown
    assert "高铁时刻" in shown
    assert "[颱風" not in shown


async def test_conditions_that_leave_nothing_are_named(
    member: MemberActor, channel: ChannelHandle
) -> None:
    result = await member.slash(channel, "ask", question="颱風", after="2023")
    assert "none within your conditions" in texts(result.response)


@pytest.mark.parametrize(
    ("dates", "sentence"),
    [
        ({"after": "*soon*"}, "I cannot read the date “\\*soon\\*”. Write 2021, 2021-01,"),
        (
            {"after": "2022", "before": "2021"},
            "The first day (2022-01-01) comes after the last (2021-12-31).",
        ),
    ],
)
async def test_dates_that_cannot_be_read_get_an_example(
    member: MemberActor,
    channel: ChannelHandle,
    simcord_env: Env,
    dates: dict[str, str],
    sentence: str,
) -> None:
    result = await member.slash(channel, "ask", question="颱風", **dates)
    assert result.ephemeral
    assert sentence in texts(result.response)
    assert len(simcord_env.errors) == 1


async def test_a_public_answer_speaks_the_servers_language(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    first = await member.slash(channel, "ask", question="颱風", private=False)
    assert not first.ephemeral
    assert "reader 問：" in texts(first.response)
    await footnote.state.guilds.set(member.guild.id, GuildSettings("zh-CN"))
    second = await member.slash(channel, "ask", question="颱風", private=False)
    assert "reader 问：" in texts(second.response)
    assert channel.last_message.flags.components_v2


async def test_a_channel_does_not_see_that_nothing_was_found(
    member: MemberActor, channel: ChannelHandle
) -> None:
    result = await member.slash(channel, "ask", question="xyzzy", private=False)
    assert result.response is None
    assert [followup.ephemeral for followup in result.followups] == [True]
    assert "Nothing was found." in texts(result.followups[0])


async def test_a_channel_does_not_see_an_error(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env
) -> None:
    result = await member.slash(channel, "ask", question="颱風", after="soon", private=False)
    assert result.ephemeral
    assert not result.followups
    assert simcord_env.errors


async def test_a_reader_is_answered_in_their_language(
    member: MemberActor, channel: ChannelHandle, speak: Callable[[str], None]
) -> None:
    speak("zh-TW")
    result = await member.slash(channel, "ask", question="颱風")
    assert "找到 1 段" in texts(result.response)


async def test_sources_are_offered_as_they_are_typed(
    member: MemberActor, channel: ChannelHandle
) -> None:
    for option, values, typed, value in (
        ("source", {"島嶼氣象", "茶葉誌", "铁道周记"}, "茶叶", "茶葉誌"),
        ("author", {"林小氣", "陳茶", "王铁"}, "陈", "陳茶"),
        ("tag", {"天氣"}, " 天氣 ", "天氣"),
    ):
        choices = await member.autocomplete(channel, "ask", option, "")
        assert {choice["value"] for choice in choices} == values
        choices = await member.autocomplete(channel, "ask", option, typed)
        assert choices == [{"name": f"{value} (1)", "value": value}]
        for nothing in ("nothing", "\ud800", "x" * 6000):
            assert await member.autocomplete(channel, "ask", option, nothing) == []


async def test_ones_own_questions_are_offered_before_titles(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env
) -> None:
    for question in ("颱風何時登陸", "高山茶", "字" * 101):
        await member.slash(channel, "ask", question=question)
    choices = await member.autocomplete(channel, "ask", "question", "")
    assert [choice["value"] for choice in choices][:2] == ["高山茶", "颱風何時登陸"]
    assert sorted(choice["value"] for choice in choices[2:]) == ["颱風怎麼形成", "高铁时刻"]
    choices = await member.autocomplete(channel, "ask", "question", "颱風")
    assert [choice["value"] for choice in choices] == ["颱風何時登陸", "颱風怎麼形成"]
    other = member.guild.add_member(simcord_env.create_user("other"))
    choices = await other.autocomplete(channel, "ask", "question", "台风")
    assert choices == [{"name": "颱風怎麼形成", "value": "颱風怎麼形成"}]


async def test_a_write_that_cannot_be_undone_keeps_nobody_from_asking(
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    simcord_env: Env,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with half_written(footnote.state):
        result = await member.slash(channel, "ask", question="颱風怎麼形成")
        assert result.ephemeral
        assert "(https://example.org/typhoon)" in texts(result.response)
        assert not labels(result.response)
        # Defaults are not shown as if they were the server's choices.
        result = await member.slash(channel, "settings")
        assert "disk is full" in texts(result.response)
        assert simcord_env.errors  # seen: it was told
    assert f"settings of server {member.guild.id} cannot be read: disk I/O error" in caplog.text
    result = await member.slash(channel, "ask", question="颱風怎麼形成")
    assert labels(result.response)


async def test_an_offer_that_fails_is_empty_and_logged(
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(*_: object) -> list[str]:
        raise sqlite3.OperationalError("the disk is full")

    monkeypatch.setattr(footnote.library, "titles", fail)
    assert await member.autocomplete(channel, "ask", "question", "颱風") == []
    [record] = [record for record in caplog.records if record.exc_info]
    assert f"what user {member.id} is offered" in record.getMessage()


async def test_an_offer_that_comes_too_late_is_logged(
    member: MemberActor,
    channel: ChannelHandle,
    simcord_env: Env,
    caplog: pytest.LogCaptureFixture,
) -> None:
    simcord_env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)
    await member.autocomplete(channel, "ask", "source", "")
    assert "came too late" in caplog.text


@pytest.mark.parametrize(
    ("locale", "empty"),
    [("zh-TW", "這則訊息裡沒有"), ("zh-CN", "这条消息里没有"), ("en-US", "There is no word")],
)
async def test_a_message_is_asked_about(
    member: MemberActor,
    channel: ChannelHandle,
    simcord_env: Env,
    speak: Callable[[str], None],
    locale: str,
    empty: str,
) -> None:
    speak(locale)
    message = await member.send(channel, "昨天大家都在說颱風登陸之後的事 @everyone")
    result = await member.context_menu(channel, "Ask the archive", message)
    assert result.ephemeral
    question = texts(result.response).split("\n")[0]
    assert "颱風" in question
    assert "昨天" not in question
    assert "[颱風怎麼形成]" in texts(result.response)
    message = await member.send(channel, "😀 xyzzy")
    result = await member.context_menu(channel, "Ask the archive", message)
    assert result.ephemeral
    assert texts(result.response).startswith(empty)
    assert simcord_env.errors


ADDRESS = "http://www.example.org/typhoon/?utm_source=line&fbclid=1"


@pytest.mark.parametrize(
    "content",
    [
        ADDRESS,
        f"高山茶很甘甜，但是看看這篇：<{ADDRESS}>。",
        f"[高山茶]({ADDRESS})寫得好",
        f"https://elsewhere.example/x 和 {ADDRESS}#top",
        "https://example.org/%74yphoon",
    ],
)
async def test_a_message_with_the_address_of_an_article_gives_that_article(
    content: str, member: MemberActor, channel: ChannelHandle
) -> None:
    message = await member.send(channel, content)
    result = await member.context_menu(channel, "Ask the archive", message)
    assert result.ephemeral
    shown = texts(result.response)
    assert "[颱風怎麼形成](https://example.org/typhoon)" in shown
    assert "高山茶種" not in shown
    assert "夏天的海面很溫暖。" in shown


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("zh-TW", "文庫沒有收錄這個網址的文章。"),
        ("zh-CN", "文库没有收录这个网址的文章。"),
        ("en-US", "No article in the archive has this address."),
    ],
)
async def test_an_address_that_is_not_archived_is_said_to_be_so(
    locale: str,
    told: str,
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    speak: Callable[[str], None],
) -> None:
    speak(locale)
    message = await member.send(channel, "https://elsewhere.example/2020/01/01/x")
    result = await member.context_menu(channel, "Ask the archive", message)
    assert texts(result.response).endswith(told)
    asked = await member.slash(channel, "ask", question="https://elsewhere.example/x")
    assert told in texts(asked.response)
    message = await member.send(channel, "https://elsewhere.example/x 講颱風登陸")
    result = await member.context_menu(channel, "Ask the archive", message)
    assert "[颱風怎麼形成]" in texts(result.response)
    assert footnote.texts.get(locale)("condition-no-address") in texts(result.response)


async def test_an_article_outside_the_filters_is_said_to_be_there(
    member: MemberActor, channel: ChannelHandle
) -> None:
    address = "https://example.org/typhoon"
    result = await member.slash(channel, "ask", question=address, source="茶葉誌")
    assert "none within your conditions" in texts(result.response)


async def test_a_message_counts_as_a_question_before_any_work_is_done(
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    simcord_env: Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    footnote.ask_limit = UserLimit(Rate(2, 60))
    read: list[str] = []
    key_terms = footnote.library.key_terms

    async def counted(text: str) -> tuple[str, ...]:
        read.append(text)
        return await key_terms(text)

    monkeypatch.setattr(footnote.library, "key_terms", counted)
    told: list[str] = []
    for text in ("😀", "颱風", "颱風", "😀"):
        message = await member.send(channel, text)
        result = await member.context_menu(channel, "Ask the archive", message)
        told.append(texts(result.response))
    # One that is answered counts once.
    assert read == ["😀", "颱風"]
    assert "颱風怎麼形成" in told[1]
    assert told[2] == told[3]
    assert simcord_env.errors


async def test_what_a_message_links_to_is_asked_about(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env
) -> None:
    message = await member.send(channel, "https://example.org")
    stored = simcord_env.backend.get_message(channel.id, message.id)
    stored.embeds.append({"type": "link", "title": "高铁时刻", "description": "台北到左营"})
    result = await member.context_menu(channel, "Ask the archive", message)
    assert "高铁时刻" in texts(result.response)


async def test_where_a_server_wants_questions_is_said_elsewhere(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    elsewhere = member.guild.create_text_channel("elsewhere")
    chosen = GuildSettings(channels=frozenset({channel.id}))
    await footnote.state.guilds.set(member.guild.id, chosen)
    for private in (True, False):
        result = await member.slash(elsewhere, "ask", question="颱風", private=private)
        assert result.ephemeral
        assert texts(result.response) == f"In this server, questions are asked in <#{channel.id}>."
    assert len(simcord_env.errors) == 2
    assert "颱風怎麼形成" in texts((await member.slash(channel, "ask", question="颱風")).response)
    made = simcord_env.backend.create_thread(channel.id, "details", owner_id=member.id)
    thread = ChannelHandle(simcord_env, member.guild, made)
    assert "颱風怎麼形成" in texts((await member.slash(thread, "ask", question="颱風")).response)


async def test_a_server_decides_who_sees_an_answer_where_the_asker_does_not(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    await footnote.state.guilds.set(member.guild.id, GuildSettings(private=False))
    assert not (await member.slash(channel, "ask", question="颱風")).ephemeral
    assert (await member.slash(channel, "ask", question="颱風", private=True)).ephemeral


async def test_sources_that_a_server_leaves_out_are_not_found_and_named(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    chosen = GuildSettings(without_sources=frozenset({"岛屿气象"}))
    await footnote.state.guilds.set(member.guild.id, chosen)
    result = await member.slash(channel, "ask", question="颱風 高山茶")
    assert "Without: 岛屿气象" in texts(result.response)
    assert "颱風怎麼形成" not in texts(result.response)
    assert "高山茶" in texts(result.response)


async def test_what_was_asked_for_in_relative_days_is_told_in_absolute_ones(
    member: MemberActor, channel: ChannelHandle
) -> None:
    result = await member.slash(channel, "ask", question="颱風", after="2019-08-02", before="今天")
    # Not from the first of a month, which would be told without its days on the last of another.
    assert "-# August\u00a02,\u00a02019 to " in texts(result.response)
    assert "今天" not in texts(result.response)


async def test_an_option_typed_past_its_choices_is_declined(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env
) -> None:
    for command in simcord_env.backend.commands[None].values():
        for option in command.get("options", []):
            option.pop("choices", None)
            option.pop("max_length", None)
    result = await member.slash(channel, "ask", question="颱風", sort="best")
    assert texts(result.response).startswith("There is no such order.")
    result = await member.slash(channel, "ask", question="颱風", tag="x" * 301)
    assert texts(result.response) == "“tag” is too long: 300 characters at most."
    assert len(simcord_env.errors) == 2


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
    sent = [
        request.json for request in simcord_env.http_requests if "components" in str(request.json)
    ]
    assert sent
    assert all(body["allowed_mentions"] == {"parse": []} for body in sent)
    assert discord.AllowedMentions.none().to_dict() == {"parse": []}

"""/sources, /help and /forget on a simulated Discord, for members and in direct messages."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.app import open_client
from bot.client import Footnote
from bot.commands import help as help_command
from bot.commands import sources
from bot.localization import Texts
from bot.messages.examples import examples
from bot.messages.layout import MAX_TEXT_UNITS
from bot.messages.markdown import units
from bot.services.answers import AnswerService
from bot.settings import LOCALES, Settings
from bot.state.guilds import GuildSettings
from corpus.model import SourceCount, Stats
from tests.bot.controls import controls, labels
from tests.bot.simulated import forge, texts

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

TEXTS = Texts()
ENGLISH = TEXTS.get("en-US")


@pytest.fixture
def channel(simcord_env: Env) -> ChannelHandle:
    return simcord_env.create_guild().create_text_channel("anywhere")


@pytest.fixture
def reader(channel: ChannelHandle, simcord_env: Env) -> MemberActor:
    """Return a member without any special permission."""
    assert channel.guild is not None
    return channel.guild.add_member(simcord_env.create_user("plain"))


def stats(*sources_: SourceCount) -> Stats:
    return Stats(
        generation="index-1",
        articles=sum(source.articles for source in sources_),
        passages=1,
        terms=1,
        built_at="2026-01-01T00:00:00+00:00",
        archive="/a",
        bytes=1,
        skipped=(),
        sources=sources_,
        first_date="2014-03-02",
        last_date="2025-01-01",
    )


async def test_sources_are_counted_with_their_dates(
    reader: MemberActor, channel: ChannelHandle
) -> None:
    result = await reader.slash(channel, "sources")
    assert result.ephemeral
    shown = texts(result.response)
    assert "3 articles from 3 sources\n-# August 8, 2019 to March 4, 2022" in shown
    assert "**島嶼氣象** 1 article\n-# August 8, 2019" in shown
    assert labels(result.response) == []


@pytest.mark.parametrize(
    ("locale", "whole"),
    [("zh-TW", "共 3 篇文章，3 個來源"), ("zh-CN", "共 3 篇文章，3 个来源")],
)
async def test_sources_in_a_direct_message_and_in_the_readers_language(
    locale: str, whole: str, speak: Callable[[str], None], simcord_env: Env
) -> None:
    speak(locale)
    result = await simcord_env.create_user("alone").slash("sources")
    assert whole in texts(result.response)


async def test_many_sources_are_turned_page_by_page_even_after_a_restart(
    reader: MemberActor,
    channel: ChannelHandle,
    simcord_env: Env,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sources, "PAGE_SIZE", 2)
    message = (await reader.slash(channel, "sources")).response
    assert message is not None
    assert "Sources 1 to 2 of 3" in texts(message)
    async with open_client(settings) as anew:
        await simcord_env.restart_bot(anew)
        await reader.click(message, label="▶")
        assert "Sources 3 to 3 of 3" in texts(message)
        await reader.click(message, label="◀")
        assert "Sources 1 to 2 of 3" in texts(message)
        forge(message, "sources:2", "sources:99")
        await reader.click(message, custom_id="sources:99")
        assert "Sources 1 to 2 of 3" in texts(message)


@pytest.mark.parametrize("locale", LOCALES)
def test_no_archive_has_too_many_sources_or_too_long_names_for_a_message(locale: str) -> None:
    many = [SourceCount("*😀" * 300, 10**9, "2014-03-02", "2025-01-01")] * 5000
    last = SourceCount("", 1, None, None)
    for offset in (0, 4980, 5000):
        page = sources.sources_page(stats(*many, last), offset, TEXTS.get(locale))
        assert sum(map(units, page.texts())) <= MAX_TEXT_UNITS
        shown = page.texts()[1].count("**") // 2
        assert shown == (sources.PAGE_SIZE if offset < 5000 else 1)
    assert TEXTS.get(locale)("sources-unnamed") in page.texts()[1]


async def test_help_has_three_screens_and_its_examples_ask(
    reader: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    result = await reader.slash(channel, "help")
    assert result.ephemeral
    message = result.response
    assert message is not None
    assert "never makes an answer up" in texts(message)
    assert "`/trend` draws how often" in texts(message)
    more, kept = "More exact questions", "What is kept"
    assert labels(message) == ["高铁时刻", "高山茶", "颱風怎麼形成", more, kept]
    await reader.click(message, label=more)
    assert "To be more exact" in texts(message)
    await reader.click(message, label=kept)
    assert "`/forget` deletes your questions, answers, votes and own watches at once." in texts(
        message
    )
    await reader.click(message, label="Back to the start")
    answer = await reader.click(message, label="高山茶")
    assert answer.ephemeral
    assert "**高山茶**" in texts(answer.response)
    assert "never makes an answer up" in texts(message)
    assert (await footnote.state.questions.figures(seconds=60)).total == 1


async def test_help_begins_with_the_keepers_examples(
    reader: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    footnote.answers = AnswerService(
        footnote.library, footnote.state, footnote.metrics, ("颱風登陸？", "Typhoon?")
    )
    message = (await reader.slash(channel, "help")).response
    assert labels(message)[:3] == ["Typhoon?", "颱風登陸？", "More exact questions"]


async def test_helps_examples_are_questions_of_several_members_of_that_server(
    reader: MemberActor,
    channel: ChannelHandle,
    simcord_env: Env,
    speak: Callable[[str], None],
) -> None:
    speak("zh-CN")
    other = reader.guild.add_member(simcord_env.create_user("other"))
    for member in (reader, other):
        await member.slash(channel, "ask", question="颱風怎麼登陸？")
    await reader.slash(channel, "ask", question="茶的秘密？")
    message = (await reader.slash(channel, "help")).response
    assert labels(message)[:4] == ["台风怎么登陆？", "高铁时刻", "高山茶", "台风怎么形成"]
    alone = (await other.user.slash("help")).response
    assert "台风怎么登陆？" not in labels(alone)


@pytest.mark.parametrize("locale", LOCALES)
def test_help_tells_every_row_of_what_is_kept(locale: str) -> None:
    page = Path(help_command.__file__).parents[2] / "PRIVACY.md"
    table = re.findall(r"^\| (?!what is kept)[^-].*\|$", page.read_text("utf-8"), re.MULTILINE)
    shown = help_command.privacy(TEXTS.get(locale)).texts()[0]
    assert shown.count("\n- ") == len(table) > 4


async def test_helps_examples_keep_to_what_the_server_allows(
    reader: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    message = (await reader.slash(channel, "help")).response
    assert message is not None
    await footnote.state.guilds.set(reader.guild.id, GuildSettings(channels=frozenset({5})))
    answer = await reader.click(message, label="高山茶")
    assert "questions are asked in <#5>" in texts(answer.response)


async def test_helps_buttons_outlive_a_restart(
    reader: MemberActor, channel: ChannelHandle, simcord_env: Env, settings: Settings
) -> None:
    message = (await reader.slash(channel, "help")).response
    assert message is not None
    async with open_client(settings) as anew:
        await simcord_env.restart_bot(anew)
        answer = await reader.click(message, label="颱風怎麼形成")
        assert "[颱風怎麼形成]" in texts(answer.response)
        await reader.click(message, label="More exact questions")
        assert "To be more exact" in texts(message)


@pytest.mark.parametrize(
    ("locale", "first", "second"),
    [
        ("zh-TW", "輸入 `/ask` 和你的問題", "用 `/forget` 可以馬上刪除"),
        ("zh-CN", "输入 `/ask` 和你的问题", "用 `/forget` 可以马上删除"),
    ],
)
async def test_help_in_a_direct_message_and_in_the_readers_language(
    locale: str, first: str, second: str, speak: Callable[[str], None], simcord_env: Env
) -> None:
    speak(locale)
    alone = simcord_env.create_user("alone")
    message = (await alone.slash("help")).response
    assert message is not None
    assert first in texts(message)
    await alone.click(message, custom_id="help:3")
    assert second in texts(message)


@pytest.mark.parametrize("locale", LOCALES)
def test_help_fits_whatever_the_titles_are(locale: str) -> None:
    titles = ["😀" * 300, "題" * 300, "「颱風」 +雨 -風", "", "題" * 300]
    screen = help_command.introduction(examples(titles, locale), TEXTS.get(locale))
    questions = [
        item.custom_id
        for item in screen.walk_children()
        if isinstance(item, help_command.ExampleButton)
    ]
    assert {len(question) for question in questions} == {69, len("help:ask:颱風 雨")}
    assert all(len(question.encode("utf-16-le")) // 2 <= 100 for question in questions)
    for other in (help_command.details, help_command.privacy):
        assert other(TEXTS.get(locale)).to_components()


async def test_forget_deletes_ones_own_after_a_second_thought(
    reader: MemberActor, channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    assert channel.guild is not None
    other = channel.guild.add_member(simcord_env.create_user("other"))
    for asker in (reader, reader, other):
        await asker.slash(channel, "ask", question="颱風")
    asked = await reader.slash(channel, "ask", question="高山茶")
    await reader.click(asked.response, label="👍")  # type: ignore[arg-type]
    result = await reader.slash(channel, "forget")
    assert result.ephemeral
    assert result.response is not None
    figures = await footnote.state.questions.figures(seconds=60)
    assert figures.total == 4
    await reader.click(result.response, label="Delete")
    assert texts(result.response) == "Deleted. Questions: 3. Answers: 3. Votes: 1. Watches: 0."
    assert not list(controls(result.response))
    assert (await footnote.state.questions.figures(seconds=60)).total == 1
    assert await footnote.state.questions.recent(other.id, limit=5) == ["颱風"]
    assert await footnote.state.questions.recent(reader.id, limit=5) == []


@pytest.mark.parametrize(
    ("locale", "button", "done"),
    [
        ("zh-TW", "刪除", "刪除好了。提問：1 則，回覆：1 則，評價：0 則，訂閱：0 則。"),
        ("zh-CN", "删除", "删除好了。提问：1 条，回复：1 条，评价：0 条，订阅：0 条。"),
    ],
)
async def test_forget_in_a_direct_message_after_a_restart(
    locale: str,
    button: str,
    done: str,
    speak: Callable[[str], None],
    simcord_env: Env,
    settings: Settings,
) -> None:
    speak(locale)
    alone = simcord_env.create_user("alone")
    await alone.slash("ask", question="颱風")
    message = (await alone.slash("forget")).response
    assert message is not None
    async with open_client(settings) as anew:
        await simcord_env.restart_bot(anew)
        await alone.click(message, label=button)
        assert texts(message) == done

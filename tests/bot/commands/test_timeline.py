"""/timeline on a simulated Discord: its pages and its file, for asker and others."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import ResponseMessage

from bot.client import Footnote
from bot.settings import Settings
from bot.state.guilds import GuildSettings
from bot.state.questions import LIFE
from tests.bot.controls import ids, labels
from tests.bot.simulated import forge, texts
from tests.folders import build_index

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

STORY = (
    ("2014-02-01", "燈塔在北邊的海岸點亮，漁民圍著它跳舞。"),
    ("2015-03-02", "一場大火燒掉了燈塔的木梯，守塔人搬到村裡。"),
    ("2016-04-03", "村裡開會，決定用石頭重砌燈塔的樓梯。"),
    ("2017-05-04", "畫家在燈塔上住了一個夏天，畫完三十幅海景。"),
    ("2018-06-05", "燈塔換上新的透鏡，光照得到二十海里以外。"),
    ("2019-07-06", "颱風吹斷電線，燈塔第一次整夜沒有亮。"),
    ("2020-08-07", "最後一位守塔人退休，燈塔改由電腦控制。"),
)


@pytest.fixture(scope="session")
def story_index(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> tuple[Path, Path]:
    """Return an archive with a story of seven years, and its index."""
    posts = tmp_path_factory.mktemp("story") / "_posts"
    posts.mkdir()
    for day, text in STORY:
        front = f"title: 記事{day[:4]}\ndate: {day}\nfrom: https://example.org/{day}"
        post = f"---\n{front}\ncategories: [海岸誌]\n---\n{text}\n"
        (posts / f"{day}-x.md").write_text(post, encoding="utf-8")
    undated = "---\ntitle: 無日期\nfrom: https://example.org/u\n---\n豆腐要泡鹽水。\n"
    (posts / "undated.md").write_text(undated, encoding="utf-8")
    data_dir = tmp_path_factory.mktemp("story-index")
    return posts.parent, build_index(posts.parent, data_dir, dictionary_cache)


@pytest.fixture
def settings(story_index: tuple[Path, Path], tmp_path: Path) -> Settings:
    archive, index = story_index
    data_dir = tmp_path / "var"
    shutil.copytree(index, data_dir)
    return Settings(archive=archive, data_dir=data_dir, ask_cooldown=None)


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("questions")


@pytest.fixture
def other(member: MemberActor, simcord_env: Env) -> MemberActor:
    return member.guild.add_member(simcord_env.create_user("other"))


async def shown(who: MemberActor, where: object, **options: object) -> ResponseMessage:
    result = await who.slash(where, "timeline", question="燈塔", **options)
    assert result.response is not None
    return result.response


def years(message: ResponseMessage | None) -> list[str]:
    return [day[:4] for day, _ in STORY if f"(https://example.org/{day})" in texts(message)]


@pytest.mark.parametrize(
    ("locale", "head", "line"),
    [
        ("en-US", "7 days · showing 1–5", "February 1, 2014"),
        ("zh-TW", "共 7 天 · 第 1–5 天", "2014年2月1日"),
        ("zh-CN", "共 7 天 · 第 1–5 天", "2014年2月1日"),
    ],
)
async def test_a_story_is_told_oldest_first_a_marked_sentence_a_day(
    member: MemberActor,
    channel: ChannelHandle,
    speak: Callable[[str], None],
    locale: str,
    head: str,
    line: str,
) -> None:
    speak(locale)
    result = await member.slash(channel, "timeline", question="燈塔")
    assert result.ephemeral
    said = texts(result.response).replace("\u00a0", " ").split("\n")
    assert said[0] == f"-# **燈塔** · {head}"
    assert said[1] == f"**{line}** [記事2014](https://example.org/2014-02-01)"
    assert said[2].startswith("> __")
    assert years(result.response) == ["2014", "2015", "2016", "2017", "2018"]


async def test_pages_turn_there_and_back(member: MemberActor, channel: ChannelHandle) -> None:
    message = await shown(member, channel)
    assert labels(message) == ["▶", "Export"]
    last = (await member.click(message, label="▶")).response
    assert years(last) == ["2019", "2020"]
    assert "showing 6–7" in texts(last)
    assert labels(last) == ["◀", "Export"]
    assert years((await member.click(last, label="◀")).response)[0] == "2014"


async def test_the_first_and_the_last_day_may_be_given(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await shown(member, channel, **{"from": "2016", "to": "2017"})
    assert years(message) == ["2016", "2017"]
    assert "2016 to 2017" in texts(message)
    assert labels(message) == ["Export"]


async def test_the_whole_story_is_exported_with_footnotes(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await shown(member, channel)
    (sent,) = (await member.click(message, label="Export")).followups
    assert sent.ephemeral
    (file,) = sent.attachments
    assert file.filename == "timeline.md"
    text = (await file.read()).decode()
    assert all(f"https://example.org/{day}" in text for day, _ in STORY)
    assert f"[^{len(STORY)}]:" in text
    assert years(message)[0] == "2014"


async def test_a_public_timeline_is_turned_by_its_asker_and_exported_by_everyone(
    member: MemberActor, other: MemberActor, channel: ChannelHandle
) -> None:
    result = await member.slash(channel, "timeline", question="燈塔", private=False)
    assert not result.ephemeral
    message = result.response
    assert "第 1–5 天" in texts(message)
    refused = await other.click(message, label="▶")
    assert refused.ephemeral
    assert "Only the one who asked" in texts(refused.response)
    (exported,) = (await other.click(message, label="匯出")).followups
    assert exported.ephemeral
    assert exported.attachments
    assert years((await member.click(message, label="▶")).response) == ["2019", "2020"]


async def test_another_may_not_export_a_private_timeline(
    member: MemberActor, other: MemberActor, channel: ChannelHandle
) -> None:
    message = await shown(member, channel)
    public = (await member.slash(channel, "timeline", question="燈塔", private=False)).response
    assert public is not None
    (own,), (real,) = ids(message, "export"), ids(public, "export")
    forge(public, real, own)
    refused = await other.click(public, custom_id=own)
    assert "Only the one who asked" in texts(refused.response)


async def test_an_offset_that_was_made_up_is_the_first_page(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await shown(member, channel)
    (real,) = ids(message, "days")
    forged = real.replace(":days:5", ":days:999")
    forge(message, real, forged)
    assert years((await member.click(message, custom_id=forged)).response)[0] == "2014"


async def test_controls_expire_with_the_question(
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = await shown(member, channel)
    database = footnote.state.answers._database
    now = database.now()
    monkeypatch.setattr(database, "now", lambda: now + LIFE + 1)
    for label in ("▶", "Export"):
        assert "30 days" in texts((await member.click(message, label=label)).response)


async def test_in_a_direct_message_it_is_for_its_reader(simcord_env: Env) -> None:
    user = simcord_env.create_user("alone")
    result = await user.slash("timeline", question="燈塔", private=False)
    assert years(result.response)[0] == "2014"
    assert years((await user.click(result.response, label="▶")).response) == ["2019", "2020"]


async def test_a_server_may_leave_out_a_source_and_keep_questions_elsewhere(
    simcord_env: Env, member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    await footnote.state.guilds.set(
        member.guild.id, GuildSettings(without_sources=frozenset({"海岸誌"}))
    )
    nothing = await member.slash(channel, "timeline", question="燈塔")
    assert "Without: 海岸誌\nNothing was found" in texts(nothing.response)
    await footnote.state.guilds.set(member.guild.id, GuildSettings(channels=frozenset({1})))
    assert "questions are asked in" in texts(await shown(member, channel))
    assert len(simcord_env.errors) == 1


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("豆腐要泡什麼", "has no date"),
        ("火星探測", "Nothing was found"),
        ("你好", "I answer from"),
        ("！？", "no word to look for"),
    ],
)
async def test_where_there_is_no_day_the_asker_is_told_why(
    member: MemberActor, channel: ChannelHandle, question: str, told: str
) -> None:
    result = await member.slash(channel, "timeline", question=question, private=False)
    (sent,) = result.followups
    assert sent.ephemeral
    assert told in texts(sent)


async def test_a_timeline_is_logged_as_a_question(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    await shown(member, channel)
    assert await footnote.state.questions.recent(member.id, limit=5) == ["燈塔"]

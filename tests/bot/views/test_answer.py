"""Every button and select under an answer, on a simulated Discord, for asker and others."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult, ResponseMessage

from bot.app import open_client
from bot.client import Footnote
from bot.interactions.cooldown import UserLimit
from bot.settings import Rate, Settings
from bot.state.guilds import GuildSettings
from bot.state.questions import LIFE
from tests.bot.simulated import forge, texts
from tests.folders import build_index

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

# Before it, the paragraph that is found, after it: unlike each other, or they would be one hit.
TYPHOONS = (
    (
        "春天的花開得很早，村裡的人都出門賞花。",
        "這個颱風在海上形成，帶來了大雨。",
        "船隻都回到港口，漁民把纜繩繫得很牢。",
    ),
    (
        "稻田剛剛插完秧，水渠裡有青蛙。",
        "颱風登陸之後，果園的樟樹倒了一半。",
        "農會隔天開始清點損失。",
    ),
    ("學校放了三天假。", "氣象局說颱風的眼牆正在置換。", "老師在家裡批改作業。"),
    ("火車站擠滿了返鄉的旅客。", "因為颱風接近，鐵路全線停駛到傍晚。", "站長用廣播安撫大家。"),
    ("市場的青菜漲了一倍。", "颱風過後，菜販從山上運來高麗菜。", "主婦們排隊等候。"),
    ("電台整夜播放老歌。", "颱風夜裡，主持人報告各地停電的消息。", "清晨時電力恢復了。"),
    ("博物館收藏了許多舊地圖。", "一張地圖上畫著百年前颱風的路徑。", "修復師用和紙補好破洞。"),
)
LIGHTHOUSE = (
    "燈塔守護著北邊的海岸，每晚準時點亮。@everyone [看](javascript:alert)<@123456789012345678>"
)


@pytest.fixture(scope="session")
def buttons_index(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> tuple[Path, Path]:
    """Return an archive of seven typhoons and two articles with one paragraph, and its index."""
    posts = tmp_path_factory.mktemp("buttons") / "_posts"
    posts.mkdir()
    for number, paragraphs in enumerate(TYPHOONS, 1):
        # Under headings of their own, short ones are not joined.
        parts = zip(("之前", "當天", "之後"), paragraphs, strict=True)
        body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in parts)
        (posts / f"{2014 + number}-08-08-t.md").write_text(
            f"---\ntitle: 第{number}號\ndate: {2014 + number}-08-08\nauthor: 林\n"
            f"from: https://example.org/{number}\ncategories: [氣象]\ntags: [海]\n---\n{body}\n",
            encoding="utf-8",
        )
    for number, source in ((8, "燈塔報"), (9, "海岸誌")):
        (posts / f"{2014 + number}-01-01-l.md").write_text(
            f"---\ntitle: 燈塔{number}\ndate: {2014 + number}-01-01\n"
            f"from: https://example.org/{number}\ncategories: [{source}]\n---\n{LIGHTHOUSE}\n",
            encoding="utf-8",
        )
    return posts.parent, build_index(
        posts.parent, tmp_path_factory.mktemp("buttons-index"), dictionary_cache
    )


@pytest.fixture
def settings(buttons_index: tuple[Path, Path], tmp_path: Path) -> Settings:
    archive, index = buttons_index
    data_dir = tmp_path / "var"
    shutil.copytree(index, data_dir)
    return Settings(archive=archive, data_dir=data_dir, ask_cooldown=None)


@pytest.fixture
def channel(member: MemberActor) -> ChannelHandle:
    return member.guild.create_text_channel("questions")


@pytest.fixture
def other(member: MemberActor, simcord_env: Env) -> MemberActor:
    return member.guild.add_member(simcord_env.create_user("other"))


def controls(message: ResponseMessage | discord.Message | None) -> Iterator[dict[str, Any]]:
    """Yield what of a message can be pressed, or could."""

    def walk(level: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for component in level:
            if "custom_id" in component:
                yield component
            yield from walk(component.get("components", []))

    assert isinstance(message, ResponseMessage)
    return walk(message.components)


def labels(message: ResponseMessage | None) -> list[str]:
    return [
        control["label"]
        for control in controls(message)
        if control.get("label") and not control.get("disabled")
    ]


def ids(message: ResponseMessage | None, action: str) -> list[str]:
    return [
        control["custom_id"]
        for control in controls(message)
        if f":{action}:" in control["custom_id"]
    ]


def shown(message: ResponseMessage | None) -> list[str]:
    """Return the titles on a page."""
    return re.findall(r"\[([^\]]+)\]\(https://(?!web\.archive\.org)", texts(message))


def choices(message: ResponseMessage | None, kind: str) -> list[str]:
    """Return the values of a message's menu that begin with ``kind``."""
    [select] = [control for control in controls(message) if "options" in control]
    return [option["value"] for option in select["options"] if option["value"].startswith(kind)]


async def asked(
    who: MemberActor, channel: ChannelHandle, question: str = "颱風", **options: object
) -> ResponseMessage:
    result = await who.slash(channel, "ask", question=question, **options)
    assert result.response is not None
    return result.response


def said(result: InteractionResult) -> str:
    """Return the one sentence said to the presser alone."""
    [message] = result.followups or [result.response]
    assert message is not None
    assert message.ephemeral
    return texts(message)


async def test_an_answer_of_many_articles_has_every_control(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel)
    assert labels(message) == ["▶", "Share", "👍", "👎"]
    [select] = [control for control in controls(message) if "options" in control]
    assert [option["label"] for option in select["options"]] == [
        *shown(message),
        *(f"Share: {title}" for title in shown(message)[1:]),
        "Newest first",
        "Oldest first",
        "Export as Markdown",
    ]
    assert "7 matching paragraphs" in texts(message)
    assert len({control["custom_id"] for control in controls(message)}) == len(
        list(controls(message))
    )


async def test_pages_turn_there_and_back(member: MemberActor, channel: ChannelHandle) -> None:
    message = await asked(member, channel)
    first = shown(message)
    assert len(first) == 3
    result = await member.click(message, label="▶")
    assert not result.followups
    assert "7 matching paragraphs · showing articles 4–6" in texts(message)
    assert not set(first) & set(shown(message))
    assert "Share" not in labels(message)
    await member.click(message, label="▶")
    assert "showing articles 7" in texts(message)
    assert "▶" not in labels(message)
    await member.click(message, label="◀")
    await member.click(message, label="◀")
    assert shown(message) == first
    assert "◀" not in labels(message)


async def test_a_page_is_as_long_as_the_server_wants(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    await footnote.state.guilds.set(member.guild.id, GuildSettings(page_size=2))
    message = await asked(member, channel)
    assert len(shown(message)) == 2
    await member.click(message, label="▶")
    assert "showing articles 3–4" in texts(message)
    await footnote.state.guilds.set(member.guild.id, GuildSettings(page_size=99))
    assert len(shown(await asked(member, channel))) == 3


async def test_the_order_is_chosen_and_stays_on_the_next_page(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel)
    for value, first, last in (("n", "第7號", "第1號"), ("o", "第1號", "第7號")):
        await member.select(message, [value])
        assert shown(message)[0] == first
        assert value not in choices(message, "")
        await member.click(message, label="▶")
        await member.click(message, label="▶")
        assert shown(message) == [last]


async def test_an_answer_of_one_hit_has_nothing_to_turn_or_sort(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, "颱風", after="2017", before="2017")
    assert labels(message) == ["Share", "👍", "👎"]
    assert choices(message, "") == ["c1", "x"]


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


async def test_the_best_article_is_shared_once_with_the_askers_name(
    member: MemberActor, other: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel)
    result = await member.click(message, label="Share")
    [posted] = result.followups
    assert not posted.ephemeral
    assert texts(posted).startswith("-# reader 問：\n-# **颱風**\n### ")
    assert shown(posted) == shown(message)[:1]
    assert labels(posted) == ["上下文", "全部結果", "👍", "👎"]
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


async def test_a_vote_is_shown_where_only_its_user_sees_it(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    def chosen() -> list[str]:
        success = discord.ButtonStyle.success.value
        return [
            control["label"] for control in controls(message) if control.get("style") == success
        ]

    message = await asked(member, channel)
    key = ids(message, "up")[0].split(":")[1]
    for label, helpful in (("👍", True), ("👎", False)):
        result = await member.click(message, label=label)
        assert not result.followups
        assert chosen() == [label]
        kept = await footnote.state.answers.get(key, member.id)
        assert kept is not None
        assert kept.vote is helpful
    await member.click(message, label="▶")
    assert chosen() == ["👎"]


async def test_anyone_may_vote_on_a_public_answer_and_is_thanked_alone(
    member: MemberActor, other: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    message = await asked(member, channel, private=False)
    before = message.components
    result = await other.click(message, label="👍")
    assert said(result).startswith("Noted")
    assert message.components == before
    kept = await footnote.state.answers.get(ids(message, "up")[0].split(":")[1], other.id)
    assert kept is not None
    assert kept.vote is True


async def test_another_ones_answer_is_neither_turned_nor_asked_again(
    member: MemberActor,
    other: MemberActor,
    channel: ChannelHandle,
    caplog: pytest.LogCaptureFixture,
) -> None:
    message = await asked(member, channel)
    theirs = await asked(other, channel, private=False)
    key = ids(message, "page")[0].split(":")[1]
    for action in ("page:r0", "menu:r0", "drop:source", "ignore:去年", "share:r0", "all:"):
        caplog.clear()
        forge(theirs, ids(theirs, "all")[0], f"a:{key}:{action}")
        pressed = await other.click(theirs, custom_id=f"a:{key}:{action}")
        assert "Only the one who asked" in said(pressed)
        assert str(other.id) in caplog.text
        forge(theirs, f"a:{key}:{action}", f"a:{ids(theirs, 'up')[0].split(':')[1]}:all:")


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


async def test_at_most_two_conditions_have_buttons(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, "2016年、2017年、2018年的颱風 林怎麼看")
    assert "Preferred: 2016, 2017, 2018" in texts(message)
    assert len(ids(message, "ignore")) == 2
    await member.click(message, label="✕ 2016")
    assert "Preferred: 2017, 2018" in texts(message)
    assert len(list(controls(message))) <= 7
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


async def test_an_unknown_source_is_called_unknown_with_the_nearest_names(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, source="燈塔日報")
    assert "No source of the archive is called “燈塔日報”." in texts(message)
    assert "Sources: 燈塔報" in texts(message)
    await member.click(message, label="✕ Source: 燈塔日報")
    assert len(shown(message)) == 3


async def test_where_nothing_can_be_offered_there_are_no_buttons(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel, "xyzzy")
    assert not list(controls(message))


async def test_buttons_outlive_a_restart(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env, settings: Settings
) -> None:
    message = await asked(member, channel)
    async with open_client(settings) as anew:
        await simcord_env.restart_bot(anew)
        await member.click(message, label="▶")
        assert "showing articles 4–6" in texts(message)
        await member.select(message, choices(message, "c")[:1])
        await member.click(message, label="Back")
        [posted] = (await member.select(message, choices(message, "s")[:1])).followups
        assert shown(posted) == shown(message)[:1]
        await member.select(message, ["n"])
        assert shown(message)[0] == "第7號"


async def test_an_answer_costs_the_process_no_memory(
    member: MemberActor, channel: ChannelHandle, footnote: Footnote
) -> None:
    message = await asked(member, channel)
    await member.click(message, label="▶")
    store = footnote._connection._view_store
    assert (store._views, store._synced_message_views) == ({}, {})


async def test_an_expired_answer_says_how_to_ask_again(
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = await asked(member, channel)
    database = footnote.state.answers._database
    monkeypatch.setattr(database, "now", lambda: 10**10 + LIFE)
    result = await member.click(message, label="▶")
    assert said(result).endswith("Ask again with `/ask`.")


@pytest.mark.parametrize(
    "forged",
    [
        "a:",
        "a:KEY:page",
        "a:KEY:page:r",
        "a:KEY:page:r-5",
        "a:KEY:page:r5000",
        "a:KEY:drop table:r0",
        "a:KEY:context:99..",
        "a:KEY:context:1.99.r0",
        "a:KEY:context:1.-1.r0",
        "a:KEY:context:",
        "a:KEY:related:7.0.",
        "a:KEY:try:0",
        "a:KEY:try:-1",
        "a:KEY:sort:r",
        "a:KEY:drop:before",
        "a:KEY:ignore:",
        "a:KEY:menu:x0",
        "a:\ud83d:page:r0",
    ],
)
async def test_what_someone_made_up_is_declined(
    forged: str, member: MemberActor, channel: ChannelHandle, simcord_env: Env
) -> None:
    message = await asked(member, channel)
    key = ids(message, "page")[0].split(":")[1]
    stored = simcord_env.backend.get_message(message.channel_id, message.id)
    forged = forged.replace("KEY", key)
    row = stored.components[-2]["components"]
    row[-1]["custom_id"] = forged
    result = await member.click(message, custom_id=forged)
    answer = result.followups[0] if result.followups else result.response
    assert "Ask again with `/ask`." in texts(answer) or forged.endswith("sort:r")
    stored.components[-1]["components"][0]["options"][0]["value"] = "x' OR 1"
    if not forged.endswith("sort:r"):
        assert "cannot be used like that" in said(await member.select(message, ["x' OR 1"]))


async def test_a_press_on_what_the_message_does_not_have_is_declined(
    member: MemberActor,
    channel: ChannelHandle,
    simcord_env: Env,
    caplog: pytest.LogCaptureFixture,
) -> None:
    message = await asked(member, channel)
    stored = simcord_env.backend.get_message(message.channel_id, message.id)
    data = {"custom_id": "a:anything:page:r0", "component_type": 2}
    result = await simcord.actors._component_interaction(member, stored, data)
    assert "cannot be used like that" in said(result)
    assert "Refused the component 'a:anything:page:r0' of user" in caplog.text


async def test_a_stale_press_is_left(
    member: MemberActor, channel: ChannelHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await asked(member, channel)
    monkeypatch.setattr("bot.client.MAX_AGE", -1)
    result = await member.click(message, label="▶")
    assert not result.acknowledged


async def test_an_error_of_a_press_gets_a_number_that_the_log_carries(
    member: MemberActor,
    channel: ChannelHandle,
    footnote: Footnote,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    message = await asked(member, channel)
    before = message.components

    async def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("private detail")

    monkeypatch.setattr(footnote.library, "search", fail)
    sentence = said(await member.click(message, label="▶"))
    assert sentence.rsplit(": ", 1)[1] in caplog.text
    assert "private detail" not in sentence
    assert message.components == before


class TestWithALimit:
    """Two questions a minute, and two presses."""

    @pytest.fixture
    def simcord_bot(self, footnote: Footnote) -> Footnote:
        footnote.ask_limit = UserLimit(Rate(2, 60))
        footnote.press_limit = UserLimit(Rate(2, 60))
        return footnote

    async def test_pages_and_questions_are_counted_apart(
        self, member: MemberActor, channel: ChannelHandle, simcord_env: Env
    ) -> None:
        message = await asked(member, channel)
        await member.select(message, choices(message, "c")[:1])
        await member.click(message, label="Related")
        result = await member.click(message, label="Related")
        assert "a lot of questions" in said(result)
        await member.click(message, label="Back")
        assert "a lot of questions" in said(await member.click(message, label="▶"))
        await simcord_env.advance_time(61)
        await member.click(message, label="▶")
        assert "showing articles 4–6" in texts(message)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("zh-TW", ("上下文", "分享", "返回", "相關段落")),
        ("zh-CN", ("上下文", "分享", "返回", "相关段落")),
        ("en-US", ("Context", "Share", "Back", "Related")),
    ],
)
async def test_controls_speak_the_users_language(
    member: MemberActor,
    channel: ChannelHandle,
    speak: Callable[[str], None],
    locale: str,
    words: tuple[str, str, str, str],
) -> None:
    menu, share, back, related = words
    speak(locale)
    message = await asked(member, channel)
    assert share in labels(message)
    [select] = [control for control in controls(message) if "options" in control]
    assert menu in select["placeholder"]
    await member.select(message, choices(message, "c")[:1])
    assert {back, related} < set(labels(message))
    await member.click(message, label=back)
    await member.click(message, label=share)
    assert share not in labels(message)


async def test_an_answer_is_exported_from_the_menu(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel)
    [sent] = (await member.select(message, ["x"])).followups
    assert sent.ephemeral
    [file] = sent.attachments
    assert file.filename == "answer.md"
    assert (await file.read()).decode().count("]: ") == len(TYPHOONS)
    # The page is still there, and can be exported again.
    assert len(shown(message)) == 3
    assert choices(message, "x") == ["x"]


async def test_in_a_direct_message_there_is_nobody_to_share_with(simcord_env: Env) -> None:
    user = simcord_env.create_user("alone")
    message = (await user.slash("ask", question="颱風")).response
    assert message is not None
    assert labels(message) == ["▶", "👍", "👎"]
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


async def test_every_message_pings_nobody(
    member: MemberActor, channel: ChannelHandle, simcord_env: Env
) -> None:
    message = await asked(member, channel, "@everyone 燈塔")
    await member.select(message, choices(message, "c")[:1])
    await member.click(message, label="Back")
    await member.click(message, label="Share")
    sent = [
        request.json for request in simcord_env.http_requests if "components" in str(request.json)
    ]
    assert len(sent) >= 4
    assert all(body["allowed_mentions"] == {"parse": []} for body in sent)
    assert "@everyone" not in json.dumps(sent, ensure_ascii=False)

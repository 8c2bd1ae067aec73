"""Pages, votes and every other button of an answer, on a simulated Discord."""

import json
from collections.abc import Callable

import discord
import pytest
import simcord
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.app import open_client
from bot.client import Footnote
from bot.interactions.cooldown import UserLimit
from bot.settings import Rate, Settings
from bot.state.guilds import GuildSettings
from bot.state.questions import LIFE
from tests.bot.controls import asked, choices, controls, ids, labels, said, shown
from tests.bot.simulated import forge, texts
from tests.bot.views.answers.conftest import TYPHOONS

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


async def test_an_answer_of_many_articles_has_every_control(
    member: MemberActor, channel: ChannelHandle
) -> None:
    message = await asked(member, channel)
    assert labels(message) == ["▶", "Share", "Ask a follow-up", "👍", "👎"]
    [select] = [control for control in controls(message) if "options" in control]
    assert [option["label"] for option in select["options"]] == [
        *shown(message),
        f"Open a thread: {shown(message)[0]}",
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
    assert labels(message) == ["Share", "Ask a follow-up", "👍", "👎"]
    assert choices(message, "") == ["c1", "t", "x"]


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

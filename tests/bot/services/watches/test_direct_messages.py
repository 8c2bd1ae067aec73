"""What members watch comes by direct message, and pauses where Discord lets none through."""

import pytest
from simcord import Env
from simcord.builders import ChannelHandle

from bot.client import Footnote
from bot.services import watch_notifications
from bot.services.watch_notifications import MAX_POSTS
from bot.settings import LOCALES, Settings
from bot.state.guilds import GuildSettings
from bot.state.recipients import MAX_FAILURES
from corpus.model import Filters
from tests.bot.services.watches.growing import (
    DIFFERENT,
    TEXT,
    posted,
    publish,
    reindex,
    sent,
    watch,
    watch_target,
)

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

CLOSED = {"status": 403, "code": 50007}


async def press_resume(env: Env, user: object) -> None:
    listed = await user.slash("watch list")  # type: ignore[attr-defined]
    await user.click(listed.response, label="Resume")  # type: ignore[attr-defined]
    await env.settle()


@pytest.mark.parametrize(
    ("locale", "news", "cancel"),
    [
        ("zh-TW", "**鯨魚** 有新文章\n", "取消訂閱"),
        ("zh-CN", "**鯨魚** 有新文章\n", "取消订阅"),
        ("en-US", "New on **鯨魚**\n", "Stop watching"),
    ],
)
async def test_a_member_gets_it_in_their_language_with_a_button_that_cancels(
    locale: str, news: str, cancel: str, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    assert locale in LOCALES
    user = simcord_env.create_user("alone")
    target = watch_target(user)
    await footnote.state.watches.add_own(user.id, locale, target, "鯨魚", Filters())
    publish(settings, "1", TEXT.format(n=1))
    await reindex(footnote, simcord_env)
    [message] = posted(user.dm_channel)
    assert message.startswith(f"{news}### [第1篇]")
    [latest] = user.dm_channel.history()
    await user.click(latest, label=cancel)
    assert await footnote.state.watches.all() == []
    publish(settings, "2", TEXT.format(n=2))
    await reindex(footnote, simcord_env)
    assert len(posted(user.dm_channel)) == 1


async def test_in_a_channel_a_post_carries_the_button_in_the_servers_language(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    assert channel.guild is not None
    await footnote.state.guilds.set(channel.guild.id, GuildSettings("zh-CN"))
    await watch(footnote, channel)
    publish(settings, "1", TEXT.format(n=1))
    await reindex(footnote, simcord_env)
    [body] = sent(simcord_env, channel)
    [frame, row] = body["components"]  # type: ignore[misc]
    assert frame["type"] == 17
    [button] = row["components"]
    assert (button["custom_id"], button["label"]) == ("watch:cancel:1", "取消订阅")


async def test_many_that_watch_the_same_are_matched_once(
    channel: ChannelHandle,
    footnote: Footnote,
    settings: Settings,
    simcord_env: Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = footnote.library.matches
    matched: list[str] = []

    async def matches(question: str, *arguments: object, **options: object) -> object:
        matched.append(question)
        return await original(question, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(footnote.library, "matches", matches)
    users = [simcord_env.create_user(f"user-{number}") for number in range(3)]
    for user in users:
        target = watch_target(user)
        await footnote.state.watches.add_own(user.id, "zh-TW", target, "鯨魚", Filters())
    await watch(footnote, channel)
    await watch(footnote, channel, "颱風")
    publish(settings, "1", TEXT.format(n=1))
    await reindex(footnote, simcord_env)
    assert matched == ["鯨魚", "颱風"]
    assert all(len(posted(place)) == 1 for place in (channel, *(u.dm_channel for u in users)))


async def test_closed_messages_pause_after_the_third_and_a_press_sends_what_waits(
    footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    user = simcord_env.create_user("alone")
    target = watch_target(user)
    await footnote.state.watches.add_own(user.id, "zh-TW", target, "鯨魚", Filters())
    path = f"/channels/{target.channel_id}/messages"
    simcord_env.inject_error("POST", path, **CLOSED, times=MAX_FAILURES)
    for number in range(MAX_FAILURES + 1):
        [own] = await footnote.state.watches.of_user(user.id)
        assert own.is_paused is (number == MAX_FAILURES)
        publish(settings, str(number), DIFFERENT[number])
        await reindex(footnote, simcord_env)
        # One refusal an index is enough, and once paused nothing is tried.
        await simcord_env.advance_time(watch_notifications.POLL_INTERVAL + 1)
        assert len(sent(simcord_env, user.dm_channel)) == min(number + 1, MAX_FAILURES)
    await press_resume(simcord_env, user)
    messages = [text for text in posted(user.dm_channel) if "有新文章" in text]
    assert len(messages) == MAX_FAILURES
    [own] = await footnote.state.watches.of_user(user.id)
    assert not own.is_paused
    # What came in the pause is known, and does not come later.
    publish(settings, "9", DIFFERENT[9])
    await reindex(footnote, simcord_env)
    later = [text for text in posted(user.dm_channel) if "有新文章" in text]
    assert len(later) == MAX_FAILURES + 1


async def test_a_message_that_comes_through_begins_the_count_anew(
    footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    user = simcord_env.create_user("alone")
    target = watch_target(user)
    await footnote.state.watches.add_own(user.id, "zh-TW", target, "鯨魚", Filters())
    path = f"/channels/{target.channel_id}/messages"
    for number in range(2):
        simcord_env.inject_error("POST", path, **CLOSED, times=MAX_FAILURES - 1)
        for step in range(MAX_FAILURES):
            publish(settings, f"{number}-{step}", DIFFERENT[number * MAX_FAILURES + step])
            await reindex(footnote, simcord_env)
    [own] = await footnote.state.watches.of_user(user.id)
    assert not own.is_paused
    assert len(posted(user.dm_channel)) == 2 * MAX_FAILURES


async def test_a_member_that_is_gone_leaves_nothing(
    footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    user = simcord_env.create_user("alone")
    target = watch_target(user)
    await footnote.state.watches.add_own(user.id, "zh-TW", target, "鯨魚", Filters())
    path = f"/channels/{target.channel_id}/messages"
    simcord_env.inject_error("POST", path, status=404, code=10003)
    publish(settings, "1", TEXT.format(n=1))
    await reindex(footnote, simcord_env)
    assert await footnote.state.watches.all() == []
    assert await footnote.state.recipients.get(user.id) is None


async def test_a_closed_member_keeps_no_other_from_being_told(
    channel: ChannelHandle,
    footnote: Footnote,
    settings: Settings,
    simcord_env: Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.state.watches.POSTS_AT_ONCE", 2)
    users = [simcord_env.create_user(f"user-{number}") for number in range(3)]
    for user in users:
        target = watch_target(user)
        await footnote.state.watches.add_own(user.id, "zh-TW", target, "鯨魚", Filters())
        path = f"/channels/{target.channel_id}/messages"
        simcord_env.inject_error("POST", path, **CLOSED, times=None)
    await watch(footnote, channel)
    for number in range(MAX_POSTS + 1):
        publish(settings, str(number), DIFFERENT[number])
    await reindex(footnote, simcord_env)
    assert len(posted(channel)) == MAX_POSTS + 1
    assert [len(sent(simcord_env, user.dm_channel)) for user in users] == [1, 1, 1]

"""What a reindex finds for the watches, on a simulated Discord with a real library."""

import asyncio
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from simcord import Env
from simcord.builders import ChannelHandle

from bot.app import open_client
from bot.client import Footnote
from bot.services import watch_notifications
from bot.services.watch_notifications import MAX_POSTS
from bot.settings import Settings
from bot.state.guilds import GuildSettings
from bot.state.watches import PendingPost, Watches
from corpus.library import Library
from corpus.model import Filters
from tests.bot.services.watches.growing import (
    DIFFERENT,
    TEXT,
    posted,
    publish,
    reindex,
    sent,
    watch,
)

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


async def test_only_what_is_new_and_matches_is_posted_once(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    await watch(footnote, channel)
    await watch(footnote, channel, "颱風")
    publish(settings, "1", TEXT.format(n=1))
    publish(settings, "2", "魚市場今天休息，鯨豚館照常開放。")
    await reindex(footnote, simcord_env)
    [message] = posted(channel)
    assert message == (
        "**鯨魚** 有新文章\n"
        "### [第1篇](https://example.org/1)\n-# 2024年5月6日 · 海報 · 林\n"
        "> 春天的第1個早晨，村裡的老人說起一段往事。 __1號碼頭外海出現一群**鯨魚**，漁船停下來等候。__"
    )
    # Changed, and read anew: known all the same.
    publish(settings, "1", TEXT.format(n=1) + "\n\n後記：鯨魚游遠了。")
    await reindex(footnote, simcord_env)
    await reindex(footnote, simcord_env, full=True)
    assert len(posted(channel)) == 1
    [first, _] = await footnote.state.watches.all()
    assert first.posted_at is not None
    assert await footnote.state.watches.pending() == []


async def test_nothing_is_news_in_an_archive_that_is_seen_for_the_first_time(
    channel: ChannelHandle,
    settings: Settings,
    simcord_env: Env,
    tmp_path: Path,
) -> None:
    async with open_client(replace(settings, data_dir=tmp_path / "fresh")) as fresh:
        await watch(fresh, channel)
        await watch(fresh, channel, "颱風")
        await simcord_env.restart_bot(fresh)
        await simcord_env.settle()
        assert (await fresh.library.stats()).articles == 3
        assert posted(channel) == []
        publish(settings, "1", TEXT.format(n=1))
        await reindex(fresh, simcord_env)
        assert len(posted(channel)) == 1


async def test_an_index_that_was_deleted_makes_nothing_news(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    await watch(footnote, channel, "颱風")
    await footnote.close()
    for derived in settings.data_dir.iterdir():
        if derived.is_dir():
            shutil.rmtree(derived)
        elif not derived.name.startswith("state"):
            derived.unlink()
    async with open_client(settings) as again:
        await simcord_env.restart_bot(again)
        await simcord_env.settle()
        assert (await again.library.stats()).articles == 3
        assert posted(channel) == []


async def test_filters_left_out_sources_and_the_servers_language_count(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    assert channel.guild is not None
    other = channel.guild.create_text_channel("other")
    await watch(footnote, channel, "鯨魚", Filters(source="海報"))
    await watch(footnote, other, "鯨魚 -漁船")
    chosen = GuildSettings("en-US", without_sources=frozenset({"小報"}))
    await footnote.state.guilds.set(channel.guild.id, chosen)
    publish(settings, "1", TEXT.format(n=1))
    publish(settings, "2", "燈塔上看見鯨魚。", categories="[別報]")
    publish(settings, "3", "街上有人說看見鯨魚。", categories="[小報]")
    await reindex(footnote, simcord_env)
    [first] = posted(channel)
    assert first.startswith("New on **鯨魚**\n-# Source: 海報\n### [第1篇]")
    [second] = posted(other)
    assert second.startswith("New on **鯨魚 -漁船**\n### [第2篇]")


async def test_nothing_of_an_article_pings_or_breaks_out(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    await watch(footnote, channel)
    publish(
        settings,
        "1",
        "鯨魚 @everyone <@123456789012345678> [看](javascript:alert) **",
        title="鯨魚](http://evil.example)",
        **{"from": "javascript:alert(1)"},
    )
    await reindex(footnote, simcord_env)
    [body] = sent(simcord_env, channel)
    assert body["allowed_mentions"] == {"parse": []}
    [message] = posted(channel)
    assert "### 鯨魚\\](http\\://evil.example)\n" in message
    assert "@everyone" not in message
    assert "<@1" not in message.replace("\\<", "")


async def test_of_more_than_ten_the_rest_is_one_line(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    await watch(footnote, channel)
    for number in range(MAX_POSTS + 3):
        publish(settings, str(number), f"編號{number}{number}{number}：" + DIFFERENT[number])
    await reindex(footnote, simcord_env)
    messages = posted(channel)
    assert len(messages) == MAX_POSTS + 1
    assert len(set(messages)) == MAX_POSTS + 1
    assert messages[-1] == "**鯨魚** 另有 3 篇新文章，可以用 `/ask` 查看。"


async def test_what_another_process_indexed_is_noticed(
    channel: ChannelHandle,
    footnote: Footnote,
    settings: Settings,
    simcord_env: Env,
) -> None:
    await watch(footnote, channel)
    publish(settings, "1", TEXT.format(n=1))
    async with Library(settings.archive, settings.data_dir) as another:
        await another.reindex()
    assert posted(channel) == []
    await simcord_env.advance_time(watch_notifications.POLL_INTERVAL + 1)
    await simcord_env.settle()
    assert len(posted(channel)) == 1


async def test_what_was_indexed_while_the_bot_was_away_is_posted_when_it_is_back(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    await watch(footnote, channel)
    publish(settings, "1", TEXT.format(n=1))
    async with open_client(settings) as again:
        await again.library.reindex()
        await simcord_env.restart_bot(again)
        await simcord_env.settle()
        assert len(posted(channel)) == 1


async def test_a_bot_that_ends_between_post_and_note_posts_again_under_the_same_nonce(
    channel: ChannelHandle,
    footnote: Footnote,
    settings: Settings,
    simcord_env: Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def ends(_: Watches, __: PendingPost) -> None:
        raise asyncio.CancelledError

    await watch(footnote, channel)
    publish(settings, "1", TEXT.format(n=1))
    with monkeypatch.context() as patched:
        patched.setattr(Watches, "mark_posted", ends)
        await reindex(footnote, simcord_env)
        assert len(sent(simcord_env, channel)) == 1
    async with open_client(settings) as again:
        await simcord_env.restart_bot(again)
        await simcord_env.settle()
        first, second = sent(simcord_env, channel)
        assert first["nonce"] == second["nonce"]
        assert first["enforce_nonce"] is second["enforce_nonce"] is True
        assert first["components"] == second["components"]
        assert await again.state.watches.pending() == []
        publish(settings, "2", TEXT.format(n=2))
        await reindex(again, simcord_env)
        assert sent(simcord_env, channel)[2]["nonce"] != first["nonce"]


async def test_a_post_that_cannot_be_noted_is_sent_again_under_the_same_nonce(
    channel: ChannelHandle,
    footnote: Footnote,
    settings: Settings,
    simcord_env: Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def full(_: Watches, __: PendingPost) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    await watch(footnote, channel)
    publish(settings, "1", TEXT.format(n=1))
    with monkeypatch.context() as patched:
        patched.setattr(Watches, "mark_posted", full)
        await reindex(footnote, simcord_env)
    await simcord_env.advance_time(watch_notifications.MIN_RETRY_DELAY + 1)
    first, second = sent(simcord_env, channel)
    assert first["nonce"] == second["nonce"]
    assert await footnote.state.watches.pending() == []


async def test_the_watches_of_a_channel_that_is_gone_go_with_it(
    channel: ChannelHandle,
    footnote: Footnote,
    settings: Settings,
    simcord_env: Env,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert channel.guild is not None
    other = channel.guild.create_text_channel("other")
    await watch(footnote, channel)
    await watch(footnote, channel, "漁船")
    await watch(footnote, other)
    simcord_env.backend.delete_channel(channel.id)
    publish(settings, "1", TEXT.format(n=1))
    with caplog.at_level("INFO"):
        await reindex(footnote, simcord_env)
    assert f"Removed the watches of channel {channel.id}" in caplog.text
    assert [watch.target.channel_id for watch in await footnote.state.watches.all()] == [other.id]
    assert await footnote.state.watches.pending() == []
    assert len(posted(other)) == 1


async def test_a_channel_that_takes_nothing_is_tried_again_at_the_next_reindex(
    channel: ChannelHandle,
    footnote: Footnote,
    settings: Settings,
    simcord_env: Env,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await watch(footnote, channel)
    path = f"/channels/{channel.id}/messages"
    simcord_env.inject_error("POST", path, status=403, code=50013)
    for number in range(2):
        publish(settings, str(number), TEXT.format(n=number) + DIFFERENT[number])
    await reindex(footnote, simcord_env)
    assert "A watch may not post" in caplog.text
    # One refusal is enough.
    assert len(sent(simcord_env, channel)) == 1
    await simcord_env.advance_time(watch_notifications.MAX_RETRY_DELAY + 1)
    assert len(sent(simcord_env, channel)) == 1
    publish(settings, "2", "魚市場今天休息。")
    await reindex(footnote, simcord_env)
    assert len(posted(channel)) == 2


async def test_what_could_not_be_posted_and_what_is_new_are_ten_together(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    await watch(footnote, channel)
    simcord_env.inject_error("POST", f"/channels/{channel.id}/messages", status=403, code=50013)
    for number in range(MAX_POSTS + 1):
        publish(settings, str(number), DIFFERENT[number])
    await reindex(footnote, simcord_env)
    assert posted(channel) == []
    for number in range(MAX_POSTS + 1, MAX_POSTS + 3):
        publish(settings, str(number), DIFFERENT[number])
    await reindex(footnote, simcord_env)
    messages = posted(channel)
    assert len(messages) == MAX_POSTS + 1
    assert "另有 3 篇新文章" in messages[-1]


async def test_what_was_hidden_after_it_was_found_is_not_posted(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    """By a line in the file, while the archive is matched, or before a restore of what waits."""
    await watch(footnote, channel)
    simcord_env.inject_error("POST", f"/channels/{channel.id}/messages", status=503)
    publish(settings, "1", TEXT.format(n=1))
    publish(settings, "10", DIFFERENT[0])
    await reindex(footnote, simcord_env)
    assert len(await footnote.state.watches.pending()) == 2
    assert await footnote.library.hide("https://example.org/1")
    await simcord_env.advance_time(watch_notifications.MIN_RETRY_DELAY + 1)
    [message] = posted(channel)
    assert "(https://example.org/10)" in message
    assert await footnote.state.watches.pending() == []


@pytest.mark.parametrize("status", [500, 503, 429, 401])
async def test_what_fails_for_now_is_tried_again_ever_more_seldom(
    status: int,
    channel: ChannelHandle,
    footnote: Footnote,
    settings: Settings,
    simcord_env: Env,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await watch(footnote, channel)
    simcord_env.inject_error("POST", f"/channels/{channel.id}/messages", status=status, times=2)
    publish(settings, "1", TEXT.format(n=1))
    await reindex(footnote, simcord_env)
    assert len(sent(simcord_env, channel)) == 1
    await simcord_env.advance_time(watch_notifications.MIN_RETRY_DELAY + 1)
    assert len(sent(simcord_env, channel)) == 2
    await simcord_env.advance_time(watch_notifications.MIN_RETRY_DELAY + 1)
    assert len(sent(simcord_env, channel)) == 2
    await simcord_env.advance_time(watch_notifications.MIN_RETRY_DELAY + 1)
    assert len(sent(simcord_env, channel)) == 3
    assert len(posted(channel)) == 1
    assert len({body["nonce"] for body in sent(simcord_env, channel)}) == 1  # type: ignore[arg-type]
    assert "Traceback" not in caplog.text


async def test_what_discord_will_never_take_is_given_up_and_logged(
    channel: ChannelHandle,
    footnote: Footnote,
    settings: Settings,
    simcord_env: Env,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await watch(footnote, channel)
    simcord_env.inject_error("POST", f"/channels/{channel.id}/messages", status=400, code=50035)
    publish(settings, "1", TEXT.format(n=1))
    await reindex(footnote, simcord_env)
    assert "Discord will never take" in caplog.text
    assert await footnote.state.watches.pending() == []
    assert len(await footnote.state.watches.all()) == 1


async def test_a_question_that_cannot_be_looked_for_does_not_stop_the_others(
    channel: ChannelHandle,
    footnote: Footnote,
    settings: Settings,
    simcord_env: Env,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await watch(footnote, channel, "壞掉的問題")
    await watch(footnote, channel)
    original = footnote.library.matches

    async def matches(question: str, *arguments: object, **options: object) -> object:
        if question == "壞掉的問題":
            raise ZeroDivisionError
        return await original(question, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(footnote.library, "matches", matches)
    publish(settings, "1", TEXT.format(n=1))
    await reindex(footnote, simcord_env)
    assert len(posted(channel)) == 1
    assert "ZeroDivisionError" in caplog.text


async def test_a_watch_that_is_removed_meanwhile_posts_nothing(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    assert channel.guild is not None
    await watch(footnote, channel)
    simcord_env.inject_error("POST", f"/channels/{channel.id}/messages", status=403, code=50013)
    publish(settings, "1", TEXT.format(n=1))
    await reindex(footnote, simcord_env)
    [added] = await footnote.state.watches.all()
    await footnote.state.watches.remove(channel.guild.id, added.id)
    assert await footnote.state.watches.pending() == []

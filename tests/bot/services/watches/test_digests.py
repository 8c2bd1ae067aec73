"""Regular lists are made at their hour, once and never late, on a simulated Discord."""

import asyncio
import math
from datetime import date, datetime, timedelta

import pytest
from simcord import Env
from simcord.builders import ChannelHandle

from bot.app import open_client
from bot.client import Footnote
from bot.services import watch_notifications
from bot.services.digests import ZONE, is_time, last_made, period_at
from bot.services.discord_clock import DiscordClock
from bot.settings import Settings
from bot.state.guilds import GuildSettings
from bot.state.watches import DigestKind, PendingPost, Watches, WatchTarget
from corpus.model import Filters
from tests.bot.services.watches.growing import DIFFERENT, posted, publish, reindex, sent, watch
from tests.bot.simulated import set_clock

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)

DAILY, WEEKLY = DigestKind.ON_THIS_DAY, DigestKind.WEEKLY
MONDAY = date(2032, 8, 9)
# Of the archive, 颱風怎麼形成 was published on 8 August 2019.
SUNDAY = date(2032, 8, 8)


@pytest.fixture
def clock_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a bot start though its machine's clock is not that of the test's Discord."""
    monkeypatch.setattr("bot.host.check_clock", lambda *_: None)


def moment(day: date, hour: float) -> float:
    start = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    return (start + timedelta(hours=hour)).timestamp()


async def at(footnote: Footnote, env: Env, day: date, hour: float) -> None:
    """Let the bot go on until this time."""
    set_clock(footnote, moment(day, hour))
    await env.advance_time(watch_notifications.POLL_INTERVAL + 1)
    await env.settle()


async def list_regularly(
    footnote: Footnote, channel: ChannelHandle, kind: DigestKind, last: date
) -> None:
    assert channel.guild is not None
    target = WatchTarget(channel.guild.id, channel.id, "news")
    await footnote.state.watches.add(target, "", Filters(), (kind, last))


def test_a_day_and_a_week_begin_in_one_time_zone_and_their_lists_at_nine() -> None:
    before, after = moment(MONDAY, 8.99), moment(MONDAY, 9)
    assert period_at(DAILY, before) == period_at(WEEKLY, before) == MONDAY
    assert not is_time(DAILY, before)
    assert not is_time(WEEKLY, before)
    assert is_time(DAILY, after)
    assert is_time(WEEKLY, after)
    assert period_at(WEEKLY, before - 86_400) == date(2032, 8, 2)
    assert is_time(WEEKLY, moment(SUNDAY, 0))
    assert last_made(DAILY, before) == SUNDAY
    assert last_made(WEEKLY, before) == date(2032, 8, 2)
    assert last_made(DAILY, after) == last_made(WEEKLY, after) == MONDAY


async def test_this_day_of_earlier_years_is_posted_once_at_nine(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    publish(settings, "1", "另一篇。", date="2021-08-08", title="鯨魚*來了", categories="[海報]")
    await reindex(footnote, simcord_env)
    await list_regularly(footnote, channel, DAILY, date(2032, 8, 7))
    await at(footnote, simcord_env, SUNDAY, 8.99)
    assert posted(channel) == []
    for hour in (9, 9.1, 23.9):
        await at(footnote, simcord_env, SUNDAY, hour)
        [message] = posted(channel)
    assert message == (
        "### 那年今日\n-# 2032年8月8日\n"
        "- **2019年8月8日** [颱風怎麼形成](https://example.org/typhoon) · 島嶼氣象\n"
        "- **2021年8月8日** [鯨魚\\*來了](https://example.org/1) · 海報\n取消訂閱"
    ).removesuffix("\n取消訂閱")
    [body] = sent(simcord_env, channel)
    assert body["components"][1]["components"][0]["custom_id"] == "watch:cancel:1"  # type: ignore[index]
    assert body["allowed_mentions"] == {"parse": []}
    # On a day without any, nothing is posted.
    await at(footnote, simcord_env, MONDAY, 9)
    assert len(posted(channel)) == 1
    [kept] = await footnote.state.watches.all()
    assert kept.posted_at is not None


async def test_last_weeks_articles_are_those_that_came_then_and_the_newest_come_first(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    assert channel.guild is not None
    chosen = GuildSettings("en-US", without_sources=frozenset({"小報"}))
    await footnote.state.guilds.set(channel.guild.id, chosen)
    await list_regularly(footnote, channel, WEEKLY, date(2032, 8, 2))
    for name, day, hour, written in (
        ("before", date(2032, 8, 1), 23.9, "2024-01-01"),
        ("first", date(2032, 8, 2), 0, "1999-01-01"),
        ("last", SUNDAY, 23.9, "2024-01-02"),
        ("small", SUNDAY, 23.9, "2024-01-03"),
        ("after", MONDAY, 0, "2024-01-04"),
    ):
        set_clock(footnote, moment(day, hour))
        source = "[小報]" if name == "small" else "[海報]"
        number = len(name) + int(hour)
        publish(settings, name, DIFFERENT[number % 13], date=written, categories=source)
        await reindex(footnote, simcord_env)
    assert posted(channel) == []
    await at(footnote, simcord_env, MONDAY, 9)
    await at(footnote, simcord_env, date(2032, 8, 12), 9)
    [message] = posted(channel)
    # en-US: the language of the server.
    assert message == (
        "### New last week\n-# August\u00a02,\u00a02032 to August\u00a08,\u00a02032 · 2 articles\n"
        "- **January\u00a02,\u00a02024** [第last篇](https://example.org/last) · 海報\n"
        "- **January\u00a01,\u00a01999** [第first篇](https://example.org/first) · 海報"
    )
    # Next week has the one that came on Monday; the week after has none.
    for day in (date(2032, 8, 16), date(2032, 8, 23)):
        await at(footnote, simcord_env, day, 9)
    assert len(posted(channel)) == 2
    assert "[第after篇]" in posted(channel)[1]


@pytest.mark.usefixtures("clock_unchecked")
async def test_after_a_long_sleep_only_the_list_of_today_is_made(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    await list_regularly(footnote, channel, DAILY, date(2032, 5, 1))
    await list_regularly(footnote, channel, WEEKLY, date(2032, 5, 3))
    await at(footnote, simcord_env, SUNDAY, 3)
    assert posted(channel) == []
    async with open_client(settings) as again:
        set_clock(again, moment(SUNDAY, 22))
        await simcord_env.restart_bot(again)
        await simcord_env.settle()
        assert len(posted(channel)) == 1
        await at(again, simcord_env, SUNDAY, 22.5)
        assert len(posted(channel)) == 1
        await again.watch_notifier.close()


async def test_a_clock_that_goes_back_posts_nothing_twice(
    channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    await list_regularly(footnote, channel, DAILY, date(2032, 8, 7))
    for day, hour in ((SUNDAY, 10), (date(2032, 8, 7), 10), (SUNDAY, 8), (SUNDAY, 11)):
        await at(footnote, simcord_env, day, hour)
    assert len(posted(channel)) == 1


async def test_nothing_is_made_before_discord_has_told_the_time(
    channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    await list_regularly(footnote, channel, DAILY, date(2019, 1, 1))
    untold = DiscordClock()
    assert untold.now() == -math.inf
    footnote.watch_notifier._clock = untold
    await simcord_env.advance_time(watch_notifications.POLL_INTERVAL + 1)
    assert sent(simcord_env, channel) == []


@pytest.mark.usefixtures("clock_unchecked")
async def test_a_bot_that_ends_between_post_and_note_posts_a_list_under_the_same_nonce(
    channel: ChannelHandle,
    footnote: Footnote,
    settings: Settings,
    simcord_env: Env,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def ends(_: Watches, __: PendingPost) -> None:
        raise asyncio.CancelledError

    await list_regularly(footnote, channel, DAILY, date(2032, 8, 7))
    with monkeypatch.context() as patched:
        patched.setattr(Watches, "mark_posted", ends)
        await at(footnote, simcord_env, SUNDAY, 9)
        assert len(sent(simcord_env, channel)) == 1
    async with open_client(settings) as again:
        set_clock(again, moment(SUNDAY, 9.5))
        await simcord_env.restart_bot(again)
        await simcord_env.settle()
        first, second = sent(simcord_env, channel)
        assert first == second
        assert await again.state.watches.pending() == []
        await again.watch_notifier.close()


async def test_what_could_not_be_posted_on_its_day_is_not_posted_later(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    await list_regularly(footnote, channel, DAILY, date(2032, 8, 7))
    await watch(footnote, channel)
    path = f"/channels/{channel.id}/messages"
    simcord_env.inject_error("POST", path, status=403, code=50013)
    await at(footnote, simcord_env, SUNDAY, 9)
    assert len(sent(simcord_env, channel)) == 1
    assert len(await footnote.state.watches.pending()) == 1
    set_clock(footnote, moment(MONDAY, 8))
    publish(settings, "1", DIFFERENT[0])
    await reindex(footnote, simcord_env)
    [message] = posted(channel)
    assert "有新文章" in message


async def test_a_failure_for_now_is_tried_again_the_same_day(
    channel: ChannelHandle, footnote: Footnote, settings: Settings, simcord_env: Env
) -> None:
    await list_regularly(footnote, channel, DAILY, date(2032, 8, 7))
    simcord_env.inject_error("POST", f"/channels/{channel.id}/messages", status=500, times=1)
    set_clock(footnote, moment(SUNDAY, 9))
    publish(settings, "1", DIFFERENT[0])
    await reindex(footnote, simcord_env)
    assert posted(channel) == []
    await simcord_env.advance_time(watch_notifications.MIN_RETRY_DELAY + 1)
    assert len(posted(channel)) == 1
    assert len({body["nonce"] for body in sent(simcord_env, channel)}) == 1  # type: ignore[arg-type]


async def test_the_lists_of_a_channel_that_is_gone_go_with_it(
    channel: ChannelHandle, footnote: Footnote, simcord_env: Env
) -> None:
    await list_regularly(footnote, channel, DAILY, date(2032, 8, 7))
    await list_regularly(footnote, channel, WEEKLY, date(2032, 8, 2))
    simcord_env.backend.delete_channel(channel.id)
    await at(footnote, simcord_env, SUNDAY, 9)
    assert await footnote.state.watches.all() == []


async def test_lists_that_cannot_be_made_hold_up_no_watch(
    channel: ChannelHandle,
    footnote: Footnote,
    settings: Settings,
    simcord_env: Env,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(footnote.library, "on_this_day", broken)
    await list_regularly(footnote, channel, DAILY, date(2032, 8, 7))
    await watch(footnote, channel)
    set_clock(footnote, moment(SUNDAY, 9))
    publish(settings, "1", DIFFERENT[0])
    await reindex(footnote, simcord_env)
    assert len(posted(channel)) == 1
    assert "ZeroDivisionError" in caplog.text

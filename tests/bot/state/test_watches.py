"""Watches as they are kept: how many, whose, what they found, and what is known."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from bot.state.questions import LIFE
from bot.state.recipients import MAX_FAILURES, Recipient
from bot.state.watches import (
    MAX_OWN_WATCHES,
    MAX_WATCHES,
    AddResult,
    DigestKind,
    NewPost,
    Watches,
    WatchTarget,
)
from corpus.model import Filters
from tests.bot.state.conftest import Engine
from tests.bot.state.test_database import Clock

HERE = WatchTarget(1, 10, "news")
THERE = WatchTarget(1, 11, "more-news")
ELSEWHERE = WatchTarget(2, 20, "news")
NONE = Filters()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def watches(engine: Engine, clock: Clock) -> AsyncIterator[Watches]:
    async with engine.open(clock=clock) as state:
        yield state.watches


async def test_watches_outlive_a_restart_and_belong_to_a_server(engine: Engine) -> None:
    filters = Filters(source="中央社", author="林", tag="天氣")
    async with engine.open() as state:
        assert await state.watches.add(HERE, "颱風", filters) is AddResult.SAVED
        assert await state.watches.add(ELSEWHERE, "茶", NONE) is AddResult.SAVED
    async with engine.open() as state:
        [one] = await state.watches.of_guild(1)
        assert (one.target, one.question, one.filters) == (HERE, "颱風", filters)
        assert (one.posted_at, one.waiting, one.waiting_more) == (None, 0, 0)
        assert [watch.question for watch in await state.watches.all()] == ["颱風", "茶"]
        assert not await state.watches.remove(2, one.id)
        assert await state.watches.remove(1, one.id)
        assert await state.watches.of_guild(1) == []
        # A choice that was offered before must not mean another one now.
        await state.watches.add(HERE, "颱風", filters)
        [again] = await state.watches.of_guild(1)
        assert again.id > one.id + 1


async def test_a_question_is_saved_once_a_channel_and_25_times_a_server(watches: Watches) -> None:
    assert await watches.add(HERE, "Tea", NONE) is AddResult.SAVED
    assert await watches.add(HERE, "tea", Filters(tag="x")) is AddResult.EXISTS
    assert await watches.add(THERE, "tea", NONE) is AddResult.SAVED
    for number in range(MAX_WATCHES - 2):
        assert await watches.add(HERE, str(number), NONE) is AddResult.SAVED
    assert await watches.add(THERE, "one more", NONE) is AddResult.FULL
    assert await watches.add(HERE, "TEA", NONE) is AddResult.EXISTS
    assert await watches.add(ELSEWHERE, "tea", NONE) is AddResult.SAVED


async def test_names_are_unknown_until_they_are_kept(watches: Watches) -> None:
    names = {"https://example.org/1", "_posts/颱風.md", "half a pair \\udc80"}
    assert await watches.unknown(names) == names
    await watches.keep(["_posts/颱風.md"], [])
    await watches.keep(["_posts/颱風.md"], [])
    assert await watches.unknown(names) == names - {"_posts/颱風.md"}
    assert await watches.unknown([]) == set()


async def test_what_was_found_waits_in_order_until_it_is_posted(
    watches: Watches, clock: Clock
) -> None:
    await watches.add(HERE, "颱風", NONE)
    await watches.add(ELSEWHERE, "茶", NONE)
    first, second = await watches.all()
    await watches.keep(
        ["x"],
        [
            NewPost(second.id, ["茶一"]),
            NewPost(first.id, ["另有 2 篇"], more=2),
            NewPost(first.id, ["颱風一", "內文"]),
        ],
    )
    pending = await watches.pending()
    assert [(post.channel_id, post.blocks) for post in pending] == [
        (10, ("颱風一", "內文")),
        (20, ("茶一",)),
        (10, ("另有 2 篇",)),
    ]
    assert len({post.nonce for post in pending}) == 3
    assert all(len(post.nonce) <= 25 for post in pending)
    [first, _] = await watches.all()
    assert (first.waiting, first.waiting_more) == (1, 2)
    await watches.mark_posted(pending[0])
    await watches.give_up(pending[1])
    assert await watches.pending() == [pending[2]]
    assert [watch.posted_at for watch in await watches.all()] == [clock.now, None]


async def test_a_number_that_still_waits_gives_way_to_the_next_under_another_nonce(
    watches: Watches,
) -> None:
    await watches.add(HERE, "颱風", NONE)
    [watch] = await watches.all()
    await watches.keep([], [NewPost(watch.id, ["2"], more=2)])
    [before] = await watches.pending()
    await watches.keep([], [NewPost(watch.id, ["5"], more=5)])
    [after] = await watches.pending()
    assert after.blocks == ("5",)
    # If the first has just been posted, Discord must not take the second for it.
    assert after.nonce != before.nonce


async def test_what_is_removed_leaves_nothing_to_post(watches: Watches) -> None:
    await watches.add(HERE, "颱風", NONE)
    await watches.add(HERE, "茶", NONE)
    await watches.add(THERE, "茶", NONE)
    one, two, three = await watches.all()
    await watches.keep([], [NewPost(watch.id, ["x"]) for watch in (one, two, three)])
    await watches.remove(1, one.id)
    assert [pending.watch_id for pending in await watches.pending()] == [two.id, three.id]
    await watches.remove_channel(10)
    assert [pending.watch_id for pending in await watches.pending()] == [three.id]
    # One that was removed while its articles were looked for does not spoil the others.
    await watches.keep(["name"], [NewPost(one.id, ["x"]), NewPost(three.id, ["y"])])
    assert [pending.blocks for pending in await watches.pending()] == [("x",), ("y",)]
    assert await watches.unknown(["name"]) == set()


async def test_what_has_waited_for_30_days_is_given_up(watches: Watches, clock: Clock) -> None:
    await watches.add(HERE, "颱風", NONE)
    [watch] = await watches.all()
    await watches.keep([], [NewPost(watch.id, ["old"])])
    clock.now += LIFE + 1
    await watches.keep([], [NewPost(watch.id, ["new"])])
    assert [post.blocks for post in await watches.pending()] == [("new",)]
    assert [watch.waiting for watch in await watches.all()] == [1]


OWN = WatchTarget(None, 70)
SATURDAY, SUNDAY = date(2026, 11, 28), date(2026, 11, 29)
DAILY = DigestKind.ON_THIS_DAY


async def test_a_member_has_ten_watches_of_their_own_in_their_language(watches: Watches) -> None:
    filters = Filters(source="中央社")
    assert await watches.add_own(7, "zh-CN", OWN, "Tea", filters) is AddResult.SAVED
    assert await watches.add_own(7, "zh-CN", OWN, "TEA", NONE) is AddResult.EXISTS
    for number in range(MAX_OWN_WATCHES - 1):
        assert await watches.add_own(7, "en-US", OWN, str(number), NONE) is AddResult.SAVED
    assert await watches.add_own(7, "en-US", OWN, "more", NONE) is AddResult.FULL
    assert await watches.add_own(8, "zh-TW", WatchTarget(None, 80), "Tea", NONE) is AddResult.SAVED
    own = await watches.of_user(7)
    assert len(own) == MAX_OWN_WATCHES
    assert (own[0].target, own[0].question, own[0].filters) == (OWN, "Tea", filters)
    assert {watch.locale for watch in own} == {"en-US"}
    assert len(await watches.all()) == MAX_OWN_WATCHES + 1
    assert not await watches.remove_own(8, own[0].id)
    assert not await watches.remove(1, own[0].id)
    assert await watches.remove_own(7, own[0].id)
    assert not await watches.remove_own(7, own[0].id)


async def test_of_a_member_without_watches_nothing_is_kept(engine: Engine) -> None:
    async with engine.open() as state:
        await state.watches.add_own(7, "zh-TW", OWN, "茶", NONE)
        await state.watches.add_own(8, "zh-TW", WatchTarget(None, 80), "茶", NONE)
        [first] = await state.watches.of_user(7)
        await state.watches.remove_own(7, first.id)
        await state.watches.remove_channel(80)
        assert await state.recipients.get(7) is await state.recipients.get(8) is None
    assert engine.rows("SELECT * FROM recipient") == []


async def test_a_member_whose_messages_go_by_another_channel_keeps_their_watches(
    watches: Watches,
) -> None:
    await watches.add_own(7, "zh-TW", OWN, "茶", NONE)
    await watches.add_own(7, "zh-TW", WatchTarget(None, 71), "颱風", NONE)
    assert [watch.target.channel_id for watch in await watches.of_user(7)] == [71, 71]


async def test_three_failures_in_a_row_pause_a_members_watches_until_they_resume_them(
    engine: Engine,
) -> None:
    async with engine.open() as state:
        watches, recipients = state.watches, state.recipients
        await watches.add_own(7, "zh-TW", OWN, "茶", NONE)
        [own] = await watches.of_user(7)
        await watches.keep([], [NewPost(own.id, ["x"]), NewPost(own.id, ["y"])])
        for _ in range(MAX_FAILURES - 1):
            await recipients.count_failure(70)
        posted, _ = await watches.pending()
        await watches.mark_posted(posted)  # so these were not in a row
        for _ in range(MAX_FAILURES):
            assert len(await watches.pending()) == 1
            assert not (await watches.of_user(7))[0].is_paused
            await recipients.count_failure(70)
        assert await watches.pending() == []
        assert (await watches.of_user(7))[0].is_paused
        assert await recipients.get(7) == Recipient(70, is_paused=True)
        assert await recipients.resume(8) is None
        assert await recipients.resume(7) == Recipient(70, is_paused=False)
        assert [post.blocks for post in await watches.pending()] == [("y",)]


async def test_channels_take_turns_and_some_may_be_left_out(watches: Watches) -> None:
    await watches.add(HERE, "颱風", NONE)
    await watches.add(HERE, "茶", NONE)
    await watches.add(ELSEWHERE, "茶", NONE)
    one, two, three = await watches.all()
    for watch, count in ((one, 3), (two, 1), (three, 2)):
        await watches.keep([], [NewPost(watch.id, [f"{watch.id}.{n}"]) for n in range(count)])
    everything = [post.blocks[0] for post in await watches.pending()]
    assert everything == ["1.0", "3.0", "1.1", "3.1", "1.2", "2.0"]
    assert [post.blocks[0] for post in await watches.pending(limit=2)] == everything[:2]
    assert [post.blocks[0] for post in await watches.pending({10})] == ["3.0", "3.1"]


async def test_a_regular_list_is_kept_once_a_channel_and_beside_a_question_of_its_name(
    watches: Watches,
) -> None:
    for kind in DigestKind:
        assert await watches.add(HERE, "", NONE, (kind, SATURDAY)) is AddResult.SAVED
        assert await watches.add(HERE, "", NONE, (kind, SATURDAY)) is AddResult.EXISTS
        assert await watches.add(HERE, kind.value, NONE) is AddResult.SAVED
    shown = [(watch.digest, watch.question) for watch in await watches.of_guild(1)]
    assert shown == [
        (DigestKind.ON_THIS_DAY, ""),
        (None, "on-this-day"),
        (DigestKind.WEEKLY, ""),
        (None, "weekly"),
    ]


async def test_a_list_is_due_once_a_period_also_when_the_clock_goes_back(
    watches: Watches,
) -> None:
    await watches.add(HERE, "", NONE, (DAILY, SATURDAY))
    await watches.add(HERE, "", NONE, (DigestKind.WEEKLY, SATURDAY))
    assert await watches.due(DAILY, SATURDAY) == []
    [due] = await watches.due(DAILY, SUNDAY)
    await watches.keep_digests(DAILY, SUNDAY, [NewPost(due.id, ["today"])])
    for day in (SUNDAY, SATURDAY):
        assert await watches.due(DAILY, day) == []
        await watches.keep_digests(DAILY, day, [])
        await watches.drop_late(DAILY, day)
    assert [post.blocks for post in await watches.pending()] == [("today",)]
    [other] = await watches.due(DigestKind.WEEKLY, SUNDAY)
    assert other.id != due.id


async def test_a_list_that_still_waits_gives_way_when_its_period_is_over(watches: Watches) -> None:
    await watches.add(HERE, "", NONE, (DAILY, date(2026, 11, 27)))
    await watches.add(HERE, "茶", NONE)
    daily, tea = await watches.all()
    await watches.keep([], [NewPost(tea.id, ["tea"])])
    await watches.keep_digests(DAILY, SATURDAY, [NewPost(daily.id, ["saturday"])])
    await watches.keep_digests(DAILY, SUNDAY, [NewPost(daily.id, ["sunday"])])
    assert [post.blocks for post in await watches.pending()] == [("sunday",), ("tea",)]
    await watches.drop_late(DAILY, date(2026, 11, 30))
    assert [post.blocks for post in await watches.pending()] == [("tea",)]


async def test_articles_are_known_by_when_they_came(watches: Watches) -> None:
    await watches.keep(["first seen"], [])
    await watches.keep(["a", "b"], [], came_at=100.0)
    await watches.keep(["a", "c"], [], came_at=200.0)
    assert await watches.arrived(100, 200) == {"a", "b"}
    assert await watches.arrived(100.5, 201) == {"c"}

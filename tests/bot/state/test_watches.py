"""Watches as they are kept: how many, whose, what they found, and what is known."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.state import State
from bot.state.questions import LIFE
from bot.state.watches import MAX_WATCHES, AddResult, NewPost, Watches, WatchTarget
from corpus.model import Filters
from tests.bot.state.test_database import Clock

HERE = WatchTarget(1, 10, "news")
THERE = WatchTarget(1, 11, "more-news")
ELSEWHERE = WatchTarget(2, 20, "news")
NONE = Filters()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def watches(tmp_path: Path, clock: Clock) -> AsyncIterator[Watches]:
    async with State.open(tmp_path / "s", clock=clock) as state:
        yield state.watches


async def test_watches_outlive_a_restart_and_belong_to_a_server(tmp_path: Path) -> None:
    filters = Filters(source="中央社", author="林", tag="天氣")
    async with State.open(tmp_path / "s") as state:
        assert await state.watches.add(HERE, "颱風", filters) is AddResult.SAVED
        assert await state.watches.add(ELSEWHERE, "茶", NONE) is AddResult.SAVED
    async with State.open(tmp_path / "s") as state:
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
        (10, ("另有 2 篇",)),
        (20, ("茶一",)),
    ]
    assert len({post.nonce for post in pending}) == 3
    assert all(len(post.nonce) <= 25 for post in pending)
    [first, _] = await watches.all()
    assert (first.waiting, first.waiting_more) == (1, 2)
    await watches.mark_posted(pending[0])
    await watches.give_up(pending[2])
    assert await watches.pending() == [pending[1]]
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

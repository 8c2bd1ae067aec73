"""Shards are shared evenly, whoever comes and goes, and none is ever had twice."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.state.shard_plan import Plan, Worker, plan

WORKERS = st.lists(st.sampled_from("abcdefg"), unique=True, min_size=1)


def worker(name: str, *shards: int, pinned: frozenset[int] | None = None) -> Worker:
    return Worker(name, "host", "1", 0.0, frozenset(shards), pinned)


def step(workers: list[Worker], count: int, room: int = 99) -> bool:
    """Let each worker do what it plans, one after the other; return whether anything changed."""
    changed = False
    for i, me in enumerate(workers):
        planned = plan(me.id, workers, count, room=room)
        assert len(planned.take) <= room
        assert not planned.take & {shard for other in workers for shard in other.shards}
        assert planned.give is None or planned.give in me.shards
        workers[i] = replace(me, shards=(me.shards | planned.take) - {planned.give})
        changed |= planned != Plan()
    return changed


def settle(workers: list[Worker], count: int) -> int:
    """Return after how many rounds nothing changes any more."""
    rounds = 0
    while step(workers, count):
        rounds += 1
        assert rounds <= 4 * count + 4
    return rounds


@given(st.lists(WORKERS, min_size=1, max_size=4), st.integers(0, 24))
def test_whoever_comes_and_goes_all_shards_are_had_once_and_evenly(
    crowds: list[list[str]], count: int
) -> None:
    workers: list[Worker] = []
    for crowd in crowds:
        stay = [one for one in workers if one.id in crowd]
        workers = stay + [worker(name) for name in crowd if name not in {one.id for one in stay}]
        settle(workers, count)
        had = [shard for one in workers for shard in one.shards]
        assert sorted(had) == list(range(count))
        sizes = [len(one.shards) for one in workers]
        assert max(sizes) - min(sizes) <= 1


def test_a_shard_is_given_up_only_where_none_is_free_and_by_one_at_a_time() -> None:
    crowd = [worker("a", 0, 1, 2), worker("b", 3, 4, 5), worker("c")]
    assert [plan(one.id, crowd, 6, room=9).give for one in crowd] == [None, 5, None]
    crowd[1] = worker("b", 3, 4)
    assert [plan(one.id, crowd, 6, room=9).give for one in crowd] == [None, None, None]
    assert plan("c", crowd, 6, room=9) == Plan(frozenset({5}))


def test_evenly_shared_shards_stay_where_they_are() -> None:
    crowd = [worker("a", 0, 1), worker("b", 2), worker("c", 3)]
    assert all(plan(one.id, crowd, 4, room=9) == Plan() for one in crowd)


def test_no_more_is_taken_than_there_is_room_for() -> None:
    assert plan("a", [worker("a")], 16, room=2) == Plan(frozenset({0, 1}))
    assert plan("a", [worker("a")], 16, room=0) == Plan()
    taken = plan("a", [worker("a")], 16, room=2, resumable={0, 7, 9})
    assert taken == Plan(frozenset({0, 1, 2, 7, 9}))


@given(st.integers(1, 12), st.integers(0, 4))
def test_shards_named_by_hand_are_had_by_those_that_name_them(count: int, others: int) -> None:
    pinned = frozenset(range(count // 2))
    crowd = [worker(f"s{i}") for i in range(others)]
    settle(crowd, count)
    crowd.append(worker("p", pinned=pinned))
    settle(crowd, count)
    assert crowd[-1].shards == pinned
    rest = {shard for one in crowd[:-1] for shard in one.shards}
    assert rest == (set(range(count)) - pinned if others else set())

"""Which interactions are started on, whatever the clocks say."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.interactions.deduplicator import MAX_AGE, MAX_IDS, OFFSET_LIFE, InteractionDeduplicator

DISCORD_EPOCH = 1_700_000_000.0  # what Discord's clock shows when the bot's shows 0


@pytest.mark.parametrize("offset", [-300.0, 0.0, 300.0])
def test_a_wrong_clock_mutes_nobody_and_what_is_too_old_is_known(offset: float) -> None:
    now = 0.0
    deduplicator = InteractionDeduplicator(lambda: now)

    def is_timely(seconds: float, *, ahead: float = offset) -> bool:
        created = datetime.fromtimestamp(DISCORD_EPOCH + now + ahead - seconds, UTC)
        return deduplicator.age(SimpleNamespace(created_at=created)) <= MAX_AGE  # type: ignore[arg-type]

    assert is_timely(0.2)
    now += 1
    assert [is_timely(seconds) for seconds in (1.0, 10.0, 0.1)] == [True, False, True]
    ignored = 0
    for _ in range(100):  # a clock that jumps mutes the bot for half a minute at most
        now += 1
        ignored += not is_timely(0.1, ahead=offset - 300)
    assert ignored <= OFFSET_LIFE
    for second in range(600):  # 8 % too fast: the fastest that chrony sets a clock right
        now += 1
        assert is_timely(0.1, ahead=offset - 300 - 0.08 * second)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9)), min_size=1, max_size=40))
def test_the_youngest_of_the_last_half_minute_is_taken_for_new(
    arrivals: list[tuple[int, int]],
) -> None:
    now = 0
    deduplicator = InteractionDeduplicator(lambda: now)
    came: list[tuple[int, int]] = []
    for passed, seconds in arrivals:
        now += passed
        came.append((now, seconds))
        created = datetime.fromtimestamp(DISCORD_EPOCH + now - seconds, UTC)
        age = deduplicator.age(SimpleNamespace(created_at=created))  # type: ignore[arg-type]
        assert age == seconds - min(s for when, s in came if when >= now - OFFSET_LIFE)


def test_one_that_comes_again_is_known_and_memory_is_bounded() -> None:
    deduplicator = InteractionDeduplicator(lambda: 0.0)

    def is_new(number: int) -> bool:
        return deduplicator.is_new(number)

    assert [is_new(number) for number in (1, 2, 1, 2)] == [True, True, False, False]
    assert all(is_new(number) for number in range(3, MAX_IDS + 2))
    assert not is_new(2)
    assert is_new(1)
    assert len(deduplicator._seen) == MAX_IDS

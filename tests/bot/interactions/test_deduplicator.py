"""Which interactions are started on, whatever the clocks say."""

from types import SimpleNamespace

import discord
import pytest

from bot.interactions.deduplicator import LATEST_START, MOST_KEPT, TRUSTED_FOR, Arrivals

DISCORDS = 1_700_000_000.0  # what Discord's clock shows when the bot's shows 0


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def arrivals(clock: Clock) -> Arrivals:
    return Arrivals(clock)


def age(arrivals: Arrivals, clock: Clock, seconds: float, *, ahead: float = 0.0) -> float:
    """Have an interaction arrive that is so old, from a Discord so far ahead."""
    made = discord.utils.utcnow().fromtimestamp(
        DISCORDS + clock.now + ahead - seconds, discord.utils.utcnow().tzinfo
    )
    return arrivals.age(SimpleNamespace(created_at=made))  # type: ignore[arg-type]


@pytest.mark.parametrize("ahead", [-300.0, 0.0, 300.0])
def test_a_wrong_clock_mutes_nobody_and_the_old_are_known(
    arrivals: Arrivals, clock: Clock, ahead: float
) -> None:
    assert age(arrivals, clock, 0.2, ahead=ahead) <= LATEST_START
    clock.now += 1
    assert age(arrivals, clock, 1.0, ahead=ahead) <= LATEST_START
    assert age(arrivals, clock, 10.0, ahead=ahead) > LATEST_START
    assert age(arrivals, clock, 0.1, ahead=ahead) <= LATEST_START


@pytest.mark.parametrize("jump", [-300.0, 300.0])
def test_a_clock_that_jumps_mutes_the_bot_for_half_a_minute_at_most(
    arrivals: Arrivals, clock: Clock, jump: float
) -> None:
    age(arrivals, clock, 0.1)
    refused = 0
    for _ in range(100):
        clock.now += 1
        refused += age(arrivals, clock, 0.1, ahead=jump) > LATEST_START
    assert refused <= TRUSTED_FOR
    assert age(arrivals, clock, 0.1, ahead=jump) <= LATEST_START
    assert age(arrivals, clock, 5, ahead=jump) > LATEST_START


def test_a_clock_that_is_being_set_right_mutes_nobody(arrivals: Arrivals, clock: Clock) -> None:
    for second in range(3600):
        clock.now += 1
        # 8 % too fast: what chrony does at most.
        assert age(arrivals, clock, 0.1, ahead=-0.08 * second) <= LATEST_START


def test_one_that_comes_again_is_known_and_memory_is_bounded(arrivals: Arrivals) -> None:
    def is_new(number: int) -> bool:
        return arrivals.is_new(SimpleNamespace(id=number))  # type: ignore[arg-type]

    assert [is_new(one) for one in (1, 2, 1, 2)] == [True, True, False, False]
    assert all(is_new(one) for one in range(3, MOST_KEPT + 2))
    assert not is_new(2)
    assert is_new(1)
    assert len(arrivals._seen) == MOST_KEPT

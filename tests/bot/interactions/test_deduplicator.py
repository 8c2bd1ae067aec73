"""Which interactions are started on, whatever the clocks say."""

from types import SimpleNamespace

import discord
import pytest

from bot.interactions.deduplicator import MAX_AGE, MOST_KEPT, TRUSTED_FOR, InteractionDeduplicator

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
def deduplicator(clock: Clock) -> InteractionDeduplicator:
    return InteractionDeduplicator(clock)


def age(
    deduplicator: InteractionDeduplicator, clock: Clock, seconds: float, *, ahead: float = 0.0
) -> float:
    """Have an interaction arrive that is so old, from a Discord so far ahead."""
    made = discord.utils.utcnow().fromtimestamp(
        DISCORDS + clock.now + ahead - seconds, discord.utils.utcnow().tzinfo
    )
    return deduplicator.age(SimpleNamespace(created_at=made))  # type: ignore[arg-type]


@pytest.mark.parametrize("ahead", [-300.0, 0.0, 300.0])
def test_a_wrong_clock_mutes_nobody_and_the_old_are_known(
    deduplicator: InteractionDeduplicator, clock: Clock, ahead: float
) -> None:
    assert age(deduplicator, clock, 0.2, ahead=ahead) <= MAX_AGE
    clock.now += 1
    assert age(deduplicator, clock, 1.0, ahead=ahead) <= MAX_AGE
    assert age(deduplicator, clock, 10.0, ahead=ahead) > MAX_AGE
    assert age(deduplicator, clock, 0.1, ahead=ahead) <= MAX_AGE


@pytest.mark.parametrize("jump", [-300.0, 300.0])
def test_a_clock_that_jumps_mutes_the_bot_for_half_a_minute_at_most(
    deduplicator: InteractionDeduplicator, clock: Clock, jump: float
) -> None:
    age(deduplicator, clock, 0.1)
    refused = 0
    for _ in range(100):
        clock.now += 1
        refused += age(deduplicator, clock, 0.1, ahead=jump) > MAX_AGE
    assert refused <= TRUSTED_FOR
    assert age(deduplicator, clock, 0.1, ahead=jump) <= MAX_AGE
    assert age(deduplicator, clock, 5, ahead=jump) > MAX_AGE


def test_a_clock_that_is_being_set_right_mutes_nobody(
    deduplicator: InteractionDeduplicator, clock: Clock
) -> None:
    for second in range(3600):
        clock.now += 1
        # 8 % too fast: what chrony does at most.
        assert age(deduplicator, clock, 0.1, ahead=-0.08 * second) <= MAX_AGE


def test_one_that_comes_again_is_known_and_memory_is_bounded(
    deduplicator: InteractionDeduplicator,
) -> None:
    def is_new(number: int) -> bool:
        return deduplicator.is_new(SimpleNamespace(id=number))  # type: ignore[arg-type]

    assert [is_new(one) for one in (1, 2, 1, 2)] == [True, True, False, False]
    assert all(is_new(one) for one in range(3, MOST_KEPT + 2))
    assert not is_new(2)
    assert is_new(1)
    assert len(deduplicator._seen) == MOST_KEPT

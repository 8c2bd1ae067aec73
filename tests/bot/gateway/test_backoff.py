"""Waiting before another try: longer each time, never in step, never more logins than there are."""

from __future__ import annotations

import random

import pytest

from bot.gateway.backoff import FIRST_PAUSE, LAST_PAUSE, SLOW_PAUSE, STEADY, Backoff, IdentifyPace

DAY = 86_400.0


def limit(remaining: int, reset: float = DAY) -> dict[str, int]:
    return {
        "total": 1000,
        "remaining": remaining,
        "reset_after": int(reset * 1000),
        "max_concurrency": 1,
    }


def longest(_: float, most: float) -> float:
    return most


class Clock:
    """A clock that goes on when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_delays_double_up_to_the_cap_and_a_success_ends_that() -> None:
    delays = Backoff(0.5, 60, uniform=longest)
    assert [delays.next() for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    delays.reset()
    assert delays.next() == 0.5


def test_a_delay_is_drawn_from_nought_to_the_most() -> None:
    asked: list[tuple[float, float]] = []

    def uniform(least: float, most: float) -> float:
        asked.append((least, most))
        return 0.125

    delays = Backoff(2, 8, uniform=uniform)
    assert [delays.next() for _ in range(4)] == [0.125] * 4
    assert asked == [(0, 2), (0, 4), (0, 8), (0, 8)]


def test_the_first_login_waits_for_nothing(clock: Clock) -> None:
    pace = IdentifyPace(clock=clock, uniform=longest)
    assert pace.is_first
    assert pace.pause(limit(1000)) == 0  # type: ignore[arg-type]


def test_logins_soon_after_one_another_wait_longer_each_time(clock: Clock) -> None:
    pace = IdentifyPace(clock=clock, uniform=longest)
    pauses: list[float] = []
    for _ in range(10):
        pace.identified()
        pauses.append(pace.pause(limit(990)))  # type: ignore[arg-type]
        clock.now += 1
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LAST_PAUSE


def test_a_long_session_is_forgiven_what_was_before_it(clock: Clock) -> None:
    pace = IdentifyPace(clock=clock, uniform=longest)
    for _ in range(5):
        pace.identified()
        pace.pause(limit(990))  # type: ignore[arg-type]
    clock.now += STEADY + 1
    assert pace.pause(limit(990)) == 0  # type: ignore[arg-type]
    pace.identified()
    assert pace.pause(limit(990)) == FIRST_PAUSE  # type: ignore[arg-type]


def test_after_a_tenth_of_the_day_s_logins_even_a_new_process_waits(clock: Clock) -> None:
    def first_pause(remaining: int, reset: float = DAY) -> float:
        pace = IdentifyPace(clock=clock, uniform=lambda least, _: least)
        return pace.pause(limit(remaining, reset))  # type: ignore[arg-type]

    assert first_pause(901) == 0
    assert first_pause(900) == first_pause(10, 3600) == SLOW_PAUSE
    assert first_pause(0, 3600) == 3600
    assert first_pause(0, 0) >= 60


def test_a_day_of_sessions_that_never_last_takes_far_fewer_logins_than_there_are(
    clock: Clock,
) -> None:
    drawn = random.Random(6)
    for process_lives_on in (True, False):
        pace = IdentifyPace(clock=clock, uniform=drawn.uniform)
        begin, used = clock.now, 0
        while (left := DAY - (clock.now - begin)) > 0:
            clock.now += pace.pause(limit(1000 - used, left))  # type: ignore[arg-type]
            pace.identified()
            used += 1
            clock.now += 5
            if not process_lives_on:
                pace = IdentifyPace(clock=clock, uniform=drawn.uniform)
        assert used < 400

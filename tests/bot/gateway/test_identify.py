"""Logins to the gateway wait longer each time, and never use up a day's allowance."""

from __future__ import annotations

from statistics import mean

import pytest

from bot.gateway.identify import BASE_PAUSE, MAX_PAUSE, SLOW_PAUSE, STEADY, IdentifyLimiter

DAY = 86_400.0


def limit(remaining: int, reset: float = DAY) -> dict[str, int]:
    return {
        "total": 1000,
        "remaining": remaining,
        "reset_after": int(reset * 1000),
        "max_concurrency": 1,
    }


class Clock:
    """A clock that goes on when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_first_login_does_not_wait(clock: Clock) -> None:
    limiter = IdentifyLimiter(clock)
    assert limiter.pause(limit(1000)) == 0  # type: ignore[arg-type]


def test_logins_soon_after_one_another_wait_longer_each_time_up_to_a_cap(clock: Clock) -> None:
    def pauses() -> list[float]:
        limiter = IdentifyLimiter(clock)
        drawn: list[float] = []
        for _ in range(12):
            limiter.identified()
            drawn.append(limiter.pause(limit(990)))  # type: ignore[arg-type]
        return drawn

    runs = [pauses() for _ in range(400)]
    first, second, third, *_, last = (mean(nth) for nth in zip(*runs, strict=True))
    assert first < second < third < last
    assert max(map(max, runs)) <= MAX_PAUSE
    assert all(run[0] <= 2 * BASE_PAUSE for run in runs)


def test_after_a_long_session_earlier_logins_no_longer_count(clock: Clock) -> None:
    limiter = IdentifyLimiter(clock)
    for _ in range(8):
        limiter.identified()
        limiter.pause(limit(990))  # type: ignore[arg-type]
    clock.now += STEADY + 1
    assert limiter.pause(limit(990)) == 0  # type: ignore[arg-type]
    limiter.identified()
    assert limiter.pause(limit(990)) <= 2 * BASE_PAUSE  # type: ignore[arg-type]


def test_after_a_tenth_of_the_day_s_logins_even_a_new_process_waits(clock: Clock) -> None:
    def first_pause(remaining: int, reset: float = DAY) -> float:
        return IdentifyLimiter(clock).pause(limit(remaining, reset))  # type: ignore[arg-type]

    assert first_pause(901) == 0
    assert SLOW_PAUSE <= first_pause(900) <= 1.1 * SLOW_PAUSE
    assert SLOW_PAUSE <= first_pause(10, 3600) <= 1.1 * SLOW_PAUSE
    assert 3600 <= first_pause(0, 3600) <= 1.1 * 3600
    assert first_pause(0, 0) >= 60


def test_a_bot_with_hundreds_of_shards_may_start_some_times_a_day(clock: Clock) -> None:
    def first_pause(remaining: int, shards: int) -> float:
        return IdentifyLimiter(clock).pause(limit(remaining), shards)  # type: ignore[arg-type]

    assert first_pause(1000 - 399, 80) == 0
    assert first_pause(1000 - 400, 80) >= SLOW_PAUSE
    assert first_pause(500, 1000) >= SLOW_PAUSE
    assert first_pause(501, 1000) == 0


def test_of_logins_that_are_sent_together_none_goes_beyond_the_day_s(clock: Clock) -> None:
    many = {**limit(15, 3600), "max_concurrency": 16}
    assert not IdentifyLimiter.may_identify(many)  # type: ignore[arg-type]
    assert IdentifyLimiter(clock).pause(many) >= 3600  # type: ignore[arg-type]
    assert IdentifyLimiter.may_identify({**many, "remaining": 16})  # type: ignore[arg-type]


@pytest.mark.parametrize("process_lives_on", [True, False])
def test_a_day_of_sessions_that_never_last_takes_far_fewer_logins_than_allowed(
    clock: Clock, *, process_lives_on: bool
) -> None:
    limiter = IdentifyLimiter(clock)
    begin, used = clock.now, 0
    while (left := DAY - (clock.now - begin)) > 0:
        clock.now += limiter.pause(limit(1000 - used, left))  # type: ignore[arg-type]
        limiter.identified()
        used += 1
        clock.now += 5
        if not process_lives_on:
            limiter = IdentifyLimiter(clock)
    assert used < 400

"""Discord's clock goes on from what it told last, whatever this machine's says."""

import math

from bot.services.discord_clock import DiscordClock
from tests.bot.state.test_database import Clock


def test_nothing_is_known_before_discord_has_told_it() -> None:
    clock = DiscordClock(Clock())
    assert not clock.told.is_set()
    assert clock.now() == -math.inf


def test_it_goes_on_by_a_clock_that_never_jumps() -> None:
    ticking = Clock()
    clock = DiscordClock(ticking)
    clock.observe(5_000.0)
    assert clock.told.is_set()
    ticking.now += 60
    assert clock.now() == 5_060


def test_the_latest_time_counts_since_none_arrives_before_it_was_told() -> None:
    ticking = Clock()
    clock = DiscordClock(ticking)
    clock.observe(5_000.0)
    clock.observe(4_990.0)
    assert clock.now() == 5_000
    clock.observe(9_000.0)
    ticking.now += 1
    assert clock.now() == 9_001

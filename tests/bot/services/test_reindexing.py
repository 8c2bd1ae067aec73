"""The index keeps up by itself, and backs off where it cannot."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from bot.services import reindexing
from bot.services.reindexing import (
    JITTER,
    MAX_BACKOFF,
    Reindexer,
    Schedule,
    reindex_interval,
)
from corpus.errors import ArchiveError
from corpus.library import Library
from corpus.model import IndexReport

GOOD = IndexReport(1, 1, 0, 0, 0, (), 0.1)
OFFLINE = IndexReport(1, 1, 0, 0, 0, (), 0.1, "abc", "It cannot be reached.")


class Scripted(Library):
    """A library whose reindexes end as written."""

    def __init__(self, folder: Path, outcomes: list[IndexReport | Exception]) -> None:
        super().__init__(folder, folder)
        self.outcomes = iter(outcomes)

    async def reindex(self, **_: object) -> IndexReport:
        outcome = next(self.outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def delays(
    folder: Path, outcomes: list[IndexReport | Exception], every: float = 100
) -> list[float]:
    """Return how long the schedule slept before each reindex, and after the last."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) > len(outcomes):
            raise asyncio.CancelledError

    schedule = Schedule(Reindexer(Scripted(folder, outcomes)), every, sleep=sleep)
    with pytest.raises(asyncio.CancelledError):
        await schedule.run()
    return slept


async def test_it_goes_on_at_about_the_same_pace(tmp_path: Path) -> None:
    slept = await delays(tmp_path, [GOOD] * 20)
    assert all(100 * (1 - JITTER) <= delay <= 100 * (1 + JITTER) for delay in slept)
    assert len({round(delay, 6) for delay in slept}) > 1


async def test_failures_slow_it_down_and_a_success_ends_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindexing, "JITTER", 0)
    outcomes = [ArchiveError("No."), OFFLINE, ArchiveError("No."), GOOD]
    assert await delays(tmp_path, outcomes) == [100, 200, 400, 800, 100]
    many = await delays(tmp_path, [OFFLINE] * 20)
    assert max(many) == MAX_BACKOFF


async def test_the_same_failure_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await delays(tmp_path, [OFFLINE, OFFLINE, GOOD, OFFLINE])
    told = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(told) == 2
    assert "It cannot be reached." in told[0].getMessage()


async def test_a_look_that_finds_nothing_new_is_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await delays(tmp_path, [GOOD, replace(GOOD, changed=1), GOOD])
    assert len([record for record in caplog.records if "Indexed" in record.getMessage()]) == 1


def test_the_shorter_of_both_times_counts() -> None:
    assert reindex_interval(3600, 300) == 300
    assert reindex_interval(None, 300) == 300
    assert reindex_interval(3600, None) == 3600
    assert reindex_interval(None, None) is None

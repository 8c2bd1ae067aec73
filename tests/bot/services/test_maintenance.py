"""The state is looked after every hour."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.services.maintenance import INTERVAL, Maintenance
from bot.state import FILE_NAME, State
from bot.state.copies import copies_of
from tests.bot.state.test_database import Clock
from tests.disks import full_disk


def passing(clock: Clock, hours: int) -> Callable[[float], Awaitable[None]]:
    """Return a sleep that lets the clock go on, and ends the work after some hours."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.now += seconds
        if len(slept) > hours:
            raise asyncio.CancelledError

    return sleep


async def look_after(state: State, clock: Clock, *, hours: int) -> None:
    with pytest.raises(asyncio.CancelledError):
        await Maintenance(state, sleep=passing(clock, hours)).run()


async def test_a_copy_is_made_at_the_start_and_on_every_day(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / FILE_NAME
    async with State.open(path, clock=clock) as state:
        await look_after(state, clock, hours=0)
        assert len(copies_of(path, "daily")) == 1
        await look_after(state, clock, hours=int(3 * 86_400 / INTERVAL) - 2)
    assert len(copies_of(path, "daily")) == 4


async def test_a_full_disk_is_a_warning_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, path = Clock(), tmp_path / FILE_NAME
    async with State.open(path, clock=clock) as state:
        with full_disk():
            await look_after(state, clock, hours=0)
        assert copies_of(path) == []
        (record,) = [entry for entry in caplog.records if entry.levelno >= logging.WARNING]
        assert "daily copy" in record.getMessage()
        await look_after(state, clock, hours=0)
    assert len(copies_of(path)) == 1

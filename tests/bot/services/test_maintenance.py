"""The state is looked after every hour."""

import asyncio
import logging
import os
from collections import Counter
from pathlib import Path

import pytest

from bot.services.discord_clock import DiscordClock
from bot.services.maintenance import INTERVAL, Maintenance
from bot.state import FILE_NAME, State
from bot.state.answers import AskRequest, PassageKey, ShownPassage
from bot.state.copies import copies_of
from bot.state.questions import LIFE, Question
from bot.state.watches import NewPost, WatchTarget
from corpus.model import Filters
from tests.bot.state.test_database import Clock, rows
from tests.disks import full_disk

PERISHABLE = ("question", "answer", "answer_passage", "conversation", "vote", "watch_post")


async def use(state: State) -> None:
    """Leave something in every table that is emptied."""
    await state.questions.log(Question("x", 7, 99, "zh-TW", 1, 5))
    answer = await state.answers.add(AskRequest("x", Filters(), private=True), 7)
    await state.answers.number(answer.key, [ShownPassage(PassageKey("a.md", 0))])
    await state.answers.continue_in([5], answer.key)
    await state.answers.vote(answer.key, 7, helpful=True)
    await state.watches.add(WatchTarget(1, 10, "news"), "x", Filters())
    [watch] = await state.watches.all()
    await state.watches.keep(["a"], [NewPost(watch.id, ["x"])])


async def look_after(
    state: State, clock: Clock, *, hours: int, discord: DiscordClock | None = None
) -> None:
    """Let some hours pass; without Discord's clock, while it cannot be reached."""
    start = clock.now
    slept: Counter[asyncio.Task[object] | None] = Counter()
    rests = asyncio.Semaphore(0)

    async def sleep(seconds: float) -> None:
        task = asyncio.current_task()
        slept[task] += 1
        if slept[task] > hours:
            rests.release()
            await asyncio.Event().wait()
        clock.now = max(clock.now, start + slept[task] * seconds)

    maintenance = Maintenance(state, discord or DiscordClock(clock), sleep=sleep)
    work = asyncio.create_task(maintenance.run())
    for _ in range(1 if discord is None else 2):  # what waits for Discord's time does not sleep
        await rests.acquire()
    work.cancel()
    await asyncio.wait([work])


async def test_a_copy_is_made_at_the_start_and_on_every_day(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / FILE_NAME
    async with State.open(path, clock=clock) as state:
        await look_after(state, clock, hours=0)
        assert len(copies_of(path, "daily")) == 1
        await look_after(state, clock, hours=int(3 * 86_400 / INTERVAL))
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


async def test_what_is_old_goes_hourly_though_nobody_asks(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / FILE_NAME
    discord = DiscordClock(clock)
    discord.observe(clock.now)
    async with State.open(path, clock=clock) as state:
        await use(state)
        clock.now += LIFE - 1800
        await look_after(state, clock, hours=0, discord=discord)
        assert all(rows(path, f"SELECT * FROM {table}") for table in PERISHABLE)  # noqa: S608
        await look_after(state, clock, hours=2, discord=discord)
    assert not any(rows(path, f"SELECT * FROM {table}") for table in PERISHABLE)  # noqa: S608
    # What was set does not perish.
    assert len(rows(path, "SELECT * FROM watch")) == 1


async def test_nothing_is_deleted_before_discord_has_told_the_time(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / FILE_NAME
    async with State.open(path, clock=clock) as state:
        await use(state)
        clock.now += 2 * LIFE
        await look_after(state, clock, hours=48)
        assert all(rows(path, f"SELECT * FROM {table}") for table in PERISHABLE)  # noqa: S608
        # Discord says that this machine's clock is what is wrong.
        discord = DiscordClock(clock)
        discord.observe(clock.now - 2 * LIFE)
        await look_after(state, clock, hours=2, discord=discord)
    assert all(rows(path, f"SELECT * FROM {table}") for table in PERISHABLE)  # noqa: S608


async def test_copies_and_damaged_files_go_after_30_days(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / FILE_NAME
    discord = DiscordClock(clock)
    discord.observe(clock.now)
    for kind in ("daily", "schema", "replaced", "damaged"):
        for days in (29, 31):
            for suffix in ("", "-journal", ".new"):
                copy = tmp_path / f"{FILE_NAME}.{kind}-{days}{suffix}"
                copy.touch()
                os.utime(copy, (clock.now - days * 86_400,) * 2)
    async with State.open(path, clock=clock) as state:
        await state.forget_old(discord.now())
    assert not list(tmp_path.glob(f"{FILE_NAME}.*-31*"))
    assert [
        copy.name[-2:] for copy in copies_of(path, "daily", "schema", "replaced", "damaged")
    ] == ["29"] * 4

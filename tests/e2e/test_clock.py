"""The whole bot, and a clock that is wrong: nothing is deleted by it, and it is refused."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from bot.state import FILE_NAME, State
from bot.state.questions import Question
from tests.bot.state.test_database import rows
from tests.e2e.process import BotProcess

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.loopback.client import Loopback

pytestmark = pytest.mark.usefixtures("indexed_sample")

DAY = 86_400.0


async def ask(path: Path, days: float) -> None:
    """Leave a question that was asked some days ago."""
    async with State.open(path, clock=lambda: time.time() - days * DAY) as state:
        await state.questions.log(Question(f"{days}", 7, 99, "zh-TW", 1, 5))


@pytest.mark.parametrize("ahead", [-60, 60], ids=["60 days ahead", "60 days behind"])
async def test_a_clock_far_from_discords_is_refused_and_nothing_is_deleted(
    loopback: Loopback, tmp_path: Path, ahead: int
) -> None:
    path = tmp_path / "data" / FILE_NAME
    for days in (1.0, 20.0):
        await ask(path, days)
    await loopback.set_clock(ahead * DAY)
    async with BotProcess.on(loopback, tmp_path) as bot:
        assert await bot.wait_for_exit() == 2
    assert "This machine's clock says" in bot.stderr.splitlines()[-1]
    assert "Discord's says" in bot.stderr.splitlines()[-1]
    assert "Traceback" not in bot.stderr
    assert len(rows(path, "SELECT * FROM question")) == 2


async def test_what_is_old_by_discords_clock_is_deleted_though_nobody_asks(
    loopback: Loopback, tmp_path: Path
) -> None:
    path = tmp_path / "data" / FILE_NAME
    for days in (1.0, 45.0):
        await ask(path, days)
    async with BotProcess.on(loopback, tmp_path, LOG_LEVEL="DEBUG") as bot:
        await bot.wait_for_line(r"Deleted what is over 30 days old")
    assert rows(path, "SELECT text FROM question") == [("1.0",)]

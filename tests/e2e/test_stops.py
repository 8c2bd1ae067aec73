"""The whole bot stopped at random moments of its life: at once, in order, with nothing left."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.state import FILE_NAME
from tests.e2e.loopback.payloads import MEMBER, OWNER
from tests.e2e.process import BotProcess
from tests.e2e.test_kills import write_generation

if TYPE_CHECKING:
    from tests.e2e.loopback.client import Loopback
    from tests.soak import Soak

READER = MEMBER.speaking("zh-TW")

pytestmark = [
    pytest.mark.usefixtures("packed_dictionary"),
    pytest.mark.skipif(sys.platform != "linux", reason="/proc tells when it may begin"),
]


async def heeds_signals(bot: BotProcess) -> None:
    """Wait until the bot's own code runs: before, a signal is for Python to deal with."""
    status = Path(f"/proc/{bot.pid}/status")
    caught = 0
    while not caught >> (signal.SIGTERM - 1) & 1:
        await asyncio.sleep(0.001)  # the kernel tells nobody
        (line,) = [field for field in status.read_text("ascii").splitlines() if "SigCgt" in field]
        caught = int(line.split()[1], 16)


async def starting(bot: BotProcess, loopback: Loopback, times: int) -> float:
    """Be anywhere between the first line of code and a connection; return a span to wait."""
    del loopback, times
    await bot.meanwhile(heeds_signals(bot))
    return 1.8


async def connected(bot: BotProcess, loopback: Loopback, times: int) -> float:
    """Have just connected."""
    await bot.meanwhile(loopback.wait_connected(times=times))
    return 0.05


async def answering(bot: BotProcess, loopback: Loopback, times: int) -> float:
    """Be answering some questions."""
    await connected(bot, loopback, times)
    for _ in range(5):
        await loopback.slash("ask", {"question": "颱風"}, caller=READER)
    return 0.05


async def indexing(bot: BotProcess, loopback: Loopback, times: int) -> float:
    """Be reading the archive."""
    await connected(bot, loopback, times)
    await loopback.slash("archive reindex", {"full": True}, caller=OWNER)
    return 1.5


def check_closed(data_dir: Path) -> None:
    """Make sure that the state was closed whole, if it came to be."""
    assert not (data_dir / f"{FILE_NAME}-journal").exists()
    if (data_dir / FILE_NAME).exists():
        with closing(sqlite3.connect(data_dir / FILE_NAME)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_a_signal_at_any_moment_ends_the_bot_in_order(
    loopback: Loopback, tmp_path: Path, soak: Soak
) -> None:
    rng = random.Random(8)
    stops = soak.times(4, 50)
    archive = tmp_path / "posts"
    write_generation(archive, 0)
    seconds: list[float] = []
    sessions = 0
    settings = {"ARCHIVE": str(archive), "ASK_COOLDOWN": "0", "REINDEX_EVERY": "0"}
    moments = (indexing, starting, answering, starting, connected)
    for number in range(stops):
        moment = moments[number % len(moments)]
        async with BotProcess.on(loopback, tmp_path, **settings) as bot:
            span = await moment(bot, loopback, sessions + 1)
            await asyncio.sleep(rng.uniform(0, span))  # any moment is as good
            began = time.monotonic()
            bot.stop(rng.choice([signal.SIGTERM, signal.SIGINT]))
            status = await bot.wait_for_exit()
            seconds.append(time.monotonic() - began)
            assert (status, bot.children()) == (0, []), f"{moment.__name__}:\n{bot.stderr}"
            assert "Traceback" not in bot.stderr, bot.stderr
            assert "Task was destroyed" not in bot.stderr, bot.stderr
        check_closed(tmp_path / "data")
        sessions = sum(entry["kind"] == "ready" for entry in loopback.journal.entries)
    soak.note(
        "SIGTERM/SIGINT: exit 0, child gone, state closed", f"{stops} of {stops}, no traceback"
    )
    soak.timed("… and within 2 s", seconds, within=2)

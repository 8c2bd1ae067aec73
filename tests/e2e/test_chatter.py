"""What members write to each other costs the bot next to nothing, and leaves nothing behind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.loopback.payloads import OTHER_MEMBER
from tests.e2e.loopback.rules import APPLICATION_ID
from tests.e2e.process import BotProcess

if TYPE_CHECKING:
    from tests.e2e.loopback.client import Loopback
    from tests.soak import Soak

PER_SECOND = 200
MAX_SHARE = 0.05  # of a core


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def test_messages_of_others_cost_little_and_are_neither_kept_nor_logged(
    loopback: Loopback, indexed_sample: Path, soak: Soak
) -> None:
    seconds = soak.times(2, 60)
    async with BotProcess.on(loopback, indexed_sample, LOG_LEVEL="DEBUG") as bot:
        await bot.meanwhile(loopback.wait_connected())
        await bot.meanwhile(loopback.commands())
        before = processor_seconds(bot.pid)
        count = await bot.meanwhile(loopback.chatter(seconds=seconds, per_second=PER_SECOND))
        # What comes after them is answered, so they have been read.
        sent = await loopback.write(f"<@{APPLICATION_ID}> 謝謝", caller=OTHER_MEMBER)
        await bot.meanwhile(sent.reply())
        share = (processor_seconds(bot.pid) - before) / seconds
        bot.stop()
        assert await bot.wait_for_exit() == 0
        assert "閒聊" not in bot.stderr
        assert "Traceback" not in bot.stderr
    state = (indexed_sample / "data" / "state.sqlite").read_bytes()
    assert "閒聊".encode() not in state
    assert str(OTHER_MEMBER.user.id).encode() not in state
    soak.note(
        f"**messages** of others, {PER_SECOND} a second: ≤ {MAX_SHARE:.0%} of a core",
        f"{share:.1%} over {seconds} s; of {count} none kept or logged",
        kept=share <= MAX_SHARE,
    )

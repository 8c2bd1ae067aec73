"""Interactions that come again or too late, and clocks that are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.loopback.payloads import MEMBER
from tests.e2e.process import BotProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.e2e.loopback.client import Interaction, Loopback
    from tests.soak import Soak

READER = MEMBER.speaking("zh-TW")
QUESTION = {"question": "颱風的名字是誰取的"}


@pytest.fixture
def ahead() -> float:
    """Seconds that Discord's clock is ahead of the bot's."""
    return 0


@pytest.fixture
async def bot(loopback: Loopback, indexed_sample: Path, ahead: float) -> AsyncIterator[BotProcess]:
    """Start a bot with an index of the sample archive."""
    await loopback.set_clock(ahead)
    async with BotProcess.on(loopback, indexed_sample, ASK_COOLDOWN="0") as process:
        await process.meanwhile(loopback.wait_connected())
        await process.meanwhile(loopback.commands())
        yield process


async def answered(bot: BotProcess, loopback: Loopback) -> Interaction:
    """Have a reader ask, and wait for the answer."""
    interaction = await loopback.slash("ask", QUESTION, caller=READER)
    await bot.meanwhile(interaction.final_message())
    return interaction


def is_refused_callback(entry: dict[str, Any]) -> bool:
    """Return whether an entry of the journal is a first answer that Discord did not take."""
    return entry["kind"] == "request" and "/callback" in entry["path"] and entry["status"] >= 400


def refused_callbacks(loopback: Loopback) -> int:
    """Return how many first answers Discord did not take."""
    return sum(map(is_refused_callback, loopback.journal.entries))


async def test_what_comes_again_is_not_answered_again(
    bot: BotProcess, loopback: Loopback, soak: Soak
) -> None:
    times = soak.times(5, 100)
    interactions = [await answered(bot, loopback) for _ in range(times)]
    for interaction in interactions:
        await loopback.again(interaction)
    await bot.meanwhile(bot.wait_for_line("Ignored a duplicate interaction", times=times))
    await answered(bot, loopback)
    assert not refused_callbacks(loopback)
    assert all(len(interaction.messages()) == 1 for interaction in interactions)
    soak.note("interactions sent again", f"{times} replayed, 0 answered twice")


@pytest.mark.parametrize("ahead", [0, 300, -300])
async def test_what_is_too_old_is_left_whatever_the_clock_says(
    bot: BotProcess, loopback: Loopback, soak: Soak, ahead: float
) -> None:
    times = soak.times(5, 100)
    # In a silence the bot cannot know, and would hear so from Discord: this is no silence.
    await answered(bot, loopback)
    old = await loopback.crowd("ask", [QUESTION], callers=times, ago=2.9)
    late = await loopback.crowd("ask", [QUESTION], callers=times, ago=600)
    await answered(bot, loopback)
    await bot.meanwhile(bot.wait_for_line("s old on arrival", times=2 * times))
    assert not any(interaction.messages() for interaction in (*old, *late))
    assert not refused_callbacks(loopback)
    soak.note(
        f"older than 2.5 s, clock {ahead / 60:+.0f} min", f"{2 * times} sent, 0 worked on, not mute"
    )


async def test_a_clock_that_is_set_mutes_nobody(bot: BotProcess, loopback: Loopback) -> None:
    await answered(bot, loopback)
    await loopback.set_clock(300)
    await answered(bot, loopback)


async def test_what_is_too_old_after_a_silence_is_given_up_by_its_first_refusal(
    loopback: Loopback, tmp_path: Path
) -> None:
    async with BotProcess.on(loopback, tmp_path) as bot:
        await bot.meanwhile(loopback.wait_connected())
        await bot.meanwhile(loopback.commands())
        (old,) = await loopback.crowd("ask", [QUESTION], callers=1, ago=600)
        await bot.meanwhile(bot.wait_for_line("was not answered"))
        # The journal streams in beside the log: the refusal may be read after the line.
        await bot.meanwhile(
            loopback.journal.first(
                "the refusal", lambda entry: entry if is_refused_callback(entry) else None
            )
        )
        assert refused_callbacks(loopback) == 1
        assert not old.messages()
        assert "Traceback" not in bot.stderr

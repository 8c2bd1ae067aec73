"""Discord does not take an answer: the bot goes on, answers nothing twice and says so once."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tests.e2e.loopback.faults import RESET, Fault
from tests.e2e.loopback.payloads import MEMBER
from tests.e2e.process import BotProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.e2e.loopback.client import Interaction, Loopback
    from tests.soak import Soak

READER = MEMBER.speaking("zh-TW")
QUESTION = {"question": "颱風的名字是誰取的"}
PROMISE = "callback answered 429, 503, reset, 10062, 40060; token dead"

# What is mended by trying again, and what is given up.
MENDED = [
    [Fault("429")],
    [Fault("503")],
    [Fault(RESET)],
    [Fault(RESET, takes_effect=True)],
]
GIVEN_UP = [
    [Fault("429", retry_after=30)],
    [Fault("503")] * 3,
    [Fault("503", takes_effect=True)],
    [Fault(RESET)] * 2,
    [Fault("10062")],
    [Fault("10062", takes_effect=True)],
    [Fault("40060")],
    [Fault("40060", takes_effect=True)],
]
EDITS_MENDED = [
    [Fault(RESET)],
    [Fault(RESET)] * 3,
    [Fault(RESET, takes_effect=True)],
    [Fault("429", retry_after=0.1), Fault(RESET)],
]


@pytest.fixture
async def bot(loopback: Loopback, indexed_sample: Path) -> AsyncIterator[BotProcess]:
    """Start a bot with an index of the sample archive."""
    async with BotProcess.on(
        loopback, indexed_sample, ASK_COOLDOWN="0", LOG_LEVEL="DEBUG"
    ) as process:
        await process.meanwhile(loopback.wait_connected())
        await process.meanwhile(loopback.commands())
        yield process


def lines(bot: BotProcess) -> list[str]:
    """Return what the bot has logged of interactions that could not be answered."""
    return [line for line in bot.stderr.splitlines() if "was not answered" in line]


def callbacks(loopback: Loopback, interaction: Interaction) -> int:
    """Return how many first answers Discord has taken."""
    return sum(entry["kind"] == "callback" for entry in loopback.journal.about(interaction.id))


async def is_answered(bot: BotProcess, loopback: Loopback) -> None:
    """See that the bot goes on as if nothing had been."""
    interaction = await loopback.slash("ask", QUESTION, caller=READER)
    await bot.meanwhile(interaction.final_message())
    assert callbacks(loopback, interaction) == 1
    assert len(interaction.messages()) == 1


async def given_up(
    bot: BotProcess, loopback: Loopback, interaction: Interaction, times: int
) -> None:
    """Wait for the line that says so, the `times`-th in all; it must be the only one."""
    # What is logged is read as it comes: its writing is the sign that the work has ended.
    await bot.meanwhile(bot.wait_for_line("was not answered", times=times))
    await is_answered(bot, loopback)
    assert len(lines(bot)) == times
    assert interaction.token not in bot.stderr


async def test_a_first_answer_that_fails_is_given_once_or_given_up(
    bot: BotProcess, loopback: Loopback, soak: Soak
) -> None:
    times = soak.times(1, 5)
    mended = lost = 0
    for faults in itertools.chain.from_iterable([MENDED] * times):
        await loopback.fail(*faults)
        interaction = await loopback.slash("ask", QUESTION, caller=READER)
        await bot.meanwhile(interaction.final_message())
        assert callbacks(loopback, interaction) == 1
        assert len(interaction.messages()) == 1
        mended += 1
    assert not lines(bot)
    for faults in itertools.chain.from_iterable([GIVEN_UP] * soak.times(1, 3)):
        await loopback.fail(*faults)
        interaction = await loopback.slash("ask", QUESTION, caller=READER)
        lost += 1
        await given_up(bot, loopback, interaction, lost)
        assert callbacks(loopback, interaction) == any(fault.takes_effect for fault in faults)
        assert not interaction.messages()
    assert "Traceback" not in bot.stderr
    assert "Task exception" not in bot.stderr
    soak.note(PROMISE, f"{mended} answered once, {lost} given up with a line each, 0 tokens logged")


async def test_an_edit_whose_connection_breaks_is_sent_until_it_arrives(
    bot: BotProcess, loopback: Loopback, soak: Soak
) -> None:
    arrived = 0
    for faults in EDITS_MENDED * soak.times(1, 5):
        await loopback.fail(*faults, callbacks=False)
        interaction = await loopback.slash("ask", QUESTION, caller=READER)
        assert (await bot.meanwhile(interaction.final_message())).links
        assert len(interaction.messages()) == 1
        arrived += 1
    assert not lines(bot)
    assert "Traceback" not in bot.stderr
    soak.note("reset and 429 under the final edit: the answer arrives", f"{arrived} of {arrived}")


async def test_a_token_that_has_died_ends_the_following_up(
    bot: BotProcess, loopback: Loopback
) -> None:
    interaction = await loopback.slash("ask", QUESTION, caller=READER, token_seconds=0)
    await given_up(bot, loopback, interaction, 1)
    assert callbacks(loopback, interaction) == 1
    assert "Traceback" not in bot.stderr


async def test_choices_that_come_too_late_are_offered_once(
    bot: BotProcess, loopback: Loopback
) -> None:
    await loopback.fail(Fault("10062"))
    await loopback.complete("ask", {"question": "颱風"}, "question", caller=READER)
    await bot.meanwhile(bot.wait_for_line("What was offered came too late"))
    await is_answered(bot, loopback)
    assert bot.stderr.count("What was offered came too late") == 1
    assert "Traceback" not in bot.stderr

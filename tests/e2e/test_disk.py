"""The whole bot, and its disk: full, read-only, damaged, or already another bot's."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from bot.state import FILE_NAME
from corpus.engines.local import generation
from corpus.engines.local.postings import IDS
from tests.disks import full_disk
from tests.e2e.loopback.payloads import ADMINISTRATOR, MANAGE_CHANNELS, MEMBER, OWNER
from tests.e2e.process import BotProcess

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.loopback.client import Interaction, Loopback
    from tests.e2e.loopback.seen import Message

pytestmark = pytest.mark.usefixtures("indexed_sample")

READER = MEMBER.speaking("en-US")
KEEPER = OWNER.speaking("en-US")
MODERATOR = MEMBER.with_permissions(ADMINISTRATOR | MANAGE_CHANNELS).speaking("en-US")
QUESTION = {"question": "颱風的名字是誰取的"}

_DAC_OVERRIDE, _PR_CAPBSET_DROP = 1, 24  # of capabilities(7) and prctl(2)


async def ready(bot: BotProcess, loopback: Loopback, *, times: int = 1) -> None:
    await bot.meanwhile(loopback.wait_connected(times=times))
    await bot.meanwhile(loopback.commands())


async def ended(bot: BotProcess, interaction: Interaction) -> Message:
    """Return the last state of a message that shows progress until then."""
    return await bot.meanwhile(
        interaction.final_message(
            lambda message: "█" not in message.text and "░" not in message.text
        )
    )


async def indexed(bot: BotProcess, loopback: Loopback) -> None:
    """Wait until there is an index."""
    interaction = await loopback.slash("archive reindex", caller=KEEPER)
    assert "up to date" in (await ended(bot, interaction)).text


async def answered(bot: BotProcess, loopback: Loopback) -> Message:
    interaction = await loopback.slash("ask", QUESTION, caller=READER)
    return await bot.meanwhile(interaction.final_message())


async def status(bot: BotProcess, loopback: Loopback, locale: str = "en-US") -> str:
    interaction = await loopback.slash("archive status", caller=KEEPER.speaking(locale))
    return (await bot.meanwhile(interaction.final_message())).text


async def test_a_second_bot_is_sent_away_and_the_terminal_works_beside_the_first(
    loopback: Loopback, tmp_path: Path
) -> None:
    async with BotProcess.on(loopback, tmp_path) as bot:
        await ready(bot, loopback)
        async with BotProcess.on(loopback, tmp_path) as second:
            assert await second.wait_for_exit() == 1
        assert len(second.stderr.splitlines()) == 1
        assert f"Another bot is running in the data folder {tmp_path / 'data'}: " in second.stderr
        for command in (["ask", QUESTION["question"]], ["reindex", "--full"], ["check"]):
            async with BotProcess(tmp_path, *command, settings={}) as beside:
                assert await beside.wait_for_exit() == 0, beside.stderr
        assert (await answered(bot, loopback)).links
        bot.stop(signal.SIGKILL)
        await bot.wait_for_exit()
    async with BotProcess.on(loopback, tmp_path) as bot:
        await ready(bot, loopback, times=2)
        assert (await answered(bot, loopback)).links


async def test_on_a_full_disk_questions_are_answered_and_the_rest_is_told(
    loopback: Loopback, tmp_path: Path
) -> None:
    async with BotProcess.on(loopback, tmp_path, **UNMEASURED) as bot:
        await ready(bot, loopback)
        with full_disk(pid=bot.pid):
            answer = await answered(bot, loopback)
            assert answer.links
            assert not answer.buttons
            interaction = await loopback.slash("watch add", {"question": "鯨魚"}, caller=MODERATOR)
            text = await bot.meanwhile(interaction.final_message())
            assert "could not be saved" in text.text
            interaction = await loopback.slash("archive reindex", {"full": True}, caller=KEEPER)
            text = await ended(bot, interaction)
            assert "There is not enough space in " in text.text
            assert "⚠️ The archive could not be brought up to date: " in await status(bot, loopback)
            assert (await answered(bot, loopback)).links
        assert (await answered(bot, loopback)).buttons
        await indexed(bot, loopback)
        assert "⚠️" not in await status(bot, loopback)
        bot.stop()
        assert await bot.wait_for_exit() == 0
    assert "Traceback" not in bot.stderr
    assert bot.stderr.count("could not be brought up to date: There is not enough space in ") == 1


# What measures coverage writes to the disk as well, and would complain in the bot's name.
UNMEASURED = {"COVERAGE_PROCESS_CONFIG": "", "COVERAGE_PROCESS_START": ""}


async def test_a_bot_that_starts_on_a_full_disk_answers(loopback: Loopback, tmp_path: Path) -> None:
    async with BotProcess.on(loopback, tmp_path) as bot:
        await ready(bot, loopback)
        await answered(bot, loopback)
        bot.stop()
        await bot.wait_for_exit()
    async with BotProcess.on(loopback, tmp_path, **UNMEASURED) as bot:
        with full_disk(pid=bot.pid):
            await ready(bot, loopback, times=2)
            assert (await answered(bot, loopback)).links
            bot.stop()
            assert await bot.wait_for_exit() == 0
    assert "Traceback" not in bot.stderr


def obey_permissions() -> None:
    """Let even root be refused what a folder's permissions refuse."""
    ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _DAC_OVERRIDE, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere root may write everywhere")
@pytest.mark.parametrize("has_run", [False, True])
async def test_a_read_only_data_folder_ends_the_bot_with_one_sentence(
    loopback: Loopback, tmp_path: Path, *, has_run: bool
) -> None:
    data = tmp_path / "data"
    if has_run:
        async with BotProcess.on(loopback, tmp_path) as bot:
            await ready(bot, loopback)
            bot.stop()
            await bot.wait_for_exit()
    data.mkdir(exist_ok=True)
    data.chmod(0o555)
    before = {path.name: path.stat().st_mtime_ns for path in data.iterdir()}
    try:
        async with BotProcess.on(loopback, tmp_path).first_doing(obey_permissions) as bot:
            assert await bot.wait_for_exit() == 1
    finally:
        data.chmod(0o755)
    (sentence,) = bot.stderr.splitlines()
    assert sentence == f"The data folder {data} cannot be written to."
    assert {path.name: path.stat().st_mtime_ns for path in data.iterdir()} == before


async def test_a_damaged_state_is_put_aside_and_its_admins_are_told_until_it_is_gone(
    loopback: Loopback, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with BotProcess.on(loopback, tmp_path) as bot:
        await ready(bot, loopback)
        bot.stop()
        await bot.wait_for_exit()
    damaged = (data / FILE_NAME).read_bytes()[:5000]
    (data / FILE_NAME).write_bytes(damaged)
    async with BotProcess.on(loopback, tmp_path) as bot:
        await ready(bot, loopback, times=2)
        (aside,) = data.glob(f"{FILE_NAME}.damaged-*")
        assert aside.read_bytes() == damaged
        assert bot.stderr.count(" ERROR ") == 1
        for locale in ("zh-TW", "zh-CN", "en-US"):
            assert f"`{aside.name}`" in await status(bot, loopback, locale)
        assert (await answered(bot, loopback)).buttons
        aside.unlink()
        assert "⚠️" not in await status(bot, loopback)


async def test_an_index_damaged_under_the_bot_is_built_again_for_the_next_question(
    loopback: Loopback, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    async with BotProcess.on(loopback, tmp_path) as bot:
        await ready(bot, loopback)
        os.truncate(generation.current(data) / IDS, 0)
        assert "Ask again in a moment" in (await answered(bot, loopback)).text
        await indexed(bot, loopback)
        assert (await answered(bot, loopback)).links
        bot.stop()
        assert await bot.wait_for_exit() == 0
    assert "Traceback" not in bot.stderr

"""The whole bot, as its keeper starts it and as people on Discord meet it."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.loopback.payloads import ADMINISTRATOR, MEMBER, OTHER_MEMBER, OWNER
from tests.e2e.process import BotProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.e2e.loopback.client import Loopback
    from tests.e2e.loopback.seen import Message

READER = MEMBER.speaking("zh-TW")
KEEPER = OTHER_MEMBER.speaking("zh-TW")
QUESTION = "颱風的名字是誰取的"
SAMPLE_LINK = re.compile(r"https?://([\w-]+\.)*example\.(org|com|net)(/|$)")
UP_TO_DATE = "文庫已經是最新的了"
BUILDING = "正在第一次讀取文庫"
NOT_ADMIN = "只有文庫管理員"


def hits(message: Message) -> list[str]:
    """Return the sample archive's addresses that a message links to."""
    return [link for link in message.links if SAMPLE_LINK.match(link)]


async def reindexed(bot: BotProcess, loopback: Loopback) -> Message:
    """Have the keeper reindex, and return the report that ends it."""
    interaction = await loopback.slash("archive reindex", caller=KEEPER)
    return await bot.meanwhile(
        interaction.final_message(lambda message: UP_TO_DATE in message.text)
    )


async def answered(bot: BotProcess, loopback: Loopback, question: str) -> Message:
    """Have a reader ask, and return the answer."""
    interaction = await loopback.slash("ask", {"question": question}, caller=READER)
    return await bot.meanwhile(interaction.final_message())


async def ready(bot: BotProcess, loopback: Loopback, *, times: int = 1) -> None:
    """Wait until people can use the bot."""
    await bot.meanwhile(loopback.wait_connected(times=times))
    await bot.meanwhile(loopback.commands())


@pytest.fixture
async def bot(loopback: Loopback, tmp_path: Path) -> AsyncIterator[BotProcess]:
    """Start a bot with the sample archive and no index yet."""
    async with BotProcess.on(loopback, tmp_path, ADMIN_IDS=str(KEEPER.user.id)) as process:
        await ready(process, loopback)
        yield process


@pytest.fixture
def long_archive(tmp_path: Path) -> Path:
    """Write an archive that takes much longer to index than a question takes to ask."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for number in range(1000):
        front = (
            f"---\ntitle: 第{number}篇\ndate: 2024-01-01\nfrom: https://example.org/{number}\n---\n"
        )
        body = "\n\n".join(
            f"第{number}篇的第{n}段：颱風的名字由各國提供，依序使用。" * 4 for n in range(10)
        )
        (posts / f"2024-01-01-{number}.md").write_text(front + body, encoding="utf-8")
    return posts


async def test_a_reader_asks_and_gets_passages_with_their_sources(
    bot: BotProcess, loopback: Loopback
) -> None:
    report = await reindexed(bot, loopback)
    assert re.search(r"\d+ 篇文章", report.text)
    answer = await answered(bot, loopback, QUESTION)
    assert hits(answer)
    assert re.search(r"\*\*[^*]*颱風", answer.text)
    assert "<t:" in answer.text
    assert answer.ephemeral
    to_the_channel = {"question": "typhoon", "private": False}
    interaction = await loopback.slash("ask", to_the_channel, caller=READER.speaking("en-US"))
    answer = await bot.meanwhile(interaction.final_message())
    assert hits(answer)
    assert not answer.ephemeral


async def test_only_the_keeper_and_the_owner_may_reindex(
    bot: BotProcess, loopback: Loopback
) -> None:
    for caller in (READER, READER.with_permissions(ADMINISTRATOR), READER.in_dm()):
        interaction = await loopback.slash("archive reindex", caller=caller)
        answer = await bot.meanwhile(interaction.final_message())
        assert NOT_ADMIN in answer.text
        assert answer.ephemeral
    interaction = await loopback.slash("archive reindex", caller=OWNER.speaking("zh-TW"))
    await bot.meanwhile(interaction.final_message(lambda message: UP_TO_DATE in message.text))


async def test_a_question_before_the_first_index_is_told_so_and_a_stop_ends_the_building(
    loopback: Loopback, tmp_path: Path, long_archive: Path
) -> None:
    async with BotProcess.on(loopback, tmp_path, ARCHIVE=str(long_archive)) as bot:
        await ready(bot, loopback)
        answer = await answered(bot, loopback, QUESTION)
        assert BUILDING in answer.text
        assert not hits(answer)
        bot.stop()
        assert await bot.wait_for_exit() == 0
        assert "Traceback" not in bot.stderr


async def test_a_restarted_bot_answers_from_its_index_and_syncs_nothing_again(
    bot: BotProcess, loopback: Loopback, tmp_path: Path
) -> None:
    await reindexed(bot, loopback)
    bot.stop(signal.SIGINT)
    assert await bot.wait_for_exit() == 0
    async with BotProcess.on(loopback, tmp_path) as again:
        await ready(again, loopback, times=2)
        assert hits(await answered(again, loopback, QUESTION))
        again.stop()
        assert await again.wait_for_exit() == 0
    synced = [e for e in loopback.journal.entries if e["kind"] == "commands"]
    assert len(synced) == 1


async def test_a_timeline_is_turned_and_exported_after_a_restart(
    bot: BotProcess, loopback: Loopback, tmp_path: Path
) -> None:
    await reindexed(bot, loopback)
    interaction = await loopback.slash("timeline", {"question": "颱風"}, caller=READER)
    first = await bot.meanwhile(interaction.final_message())
    bot.stop(signal.SIGINT)
    assert await bot.wait_for_exit() == 0
    [forth], [export] = pressable(first, "▶"), pressable(first, "匯出")
    async with BotProcess.on(loopback, tmp_path) as again:
        await ready(again, loopback, times=2)
        interaction = await loopback.press(first, forth, caller=READER)
        second = await again.meanwhile(interaction.final_message())
        assert hits(second)
        assert not set(hits(first)) & set(hits(second))
        assert pressable(second, "◀")
        interaction = await loopback.press(second, export, caller=READER)
        file = await again.meanwhile(interaction.final_message(lambda sent: sent.id != first.id))
        content = await loopback.download(file.raw["attachments"][0]["url"])
        assert "[^1]: [" in content.decode()


def pressable(message: Message, label: str) -> list[str]:
    """Return the ids of the buttons with a label."""
    return [custom_id for custom_id, shown in message.buttons.items() if shown == label]


async def test_a_question_asked_while_the_connection_is_broken_is_answered(
    bot: BotProcess, loopback: Loopback
) -> None:
    await reindexed(bot, loopback)
    async with loopback.interrupted():
        interaction = await loopback.slash("ask", {"question": QUESTION}, caller=READER)
    assert hits(await bot.meanwhile(interaction.final_message()))
    await loopback.invalidate(resumable=False)
    await bot.meanwhile(loopback.wait_connected(times=2))
    assert hits(await answered(bot, loopback, QUESTION))


async def test_without_a_token_the_bot_says_where_to_get_one(tmp_path: Path) -> None:
    async with BotProcess(tmp_path, settings={}) as bot:
        assert await bot.wait_for_exit() == 2
    (sentence,) = bot.stderr.splitlines()
    assert "DISCORD_TOKEN" in sentence
    assert "https://discord.com/developers/applications" in sentence
    assert not bot.stdout


async def test_a_wrong_token_ends_the_bot_with_one_sentence(
    loopback: Loopback, tmp_path: Path
) -> None:
    wrong = loopback.rules.token[::-1]
    async with BotProcess.on(loopback, tmp_path, DISCORD_TOKEN=wrong, LOG_LEVEL="DEBUG") as bot:
        assert await bot.wait_for_exit() in {1, 2}
    assert "DISCORD_TOKEN" in bot.stderr.splitlines()[-1]
    assert "Traceback" not in bot.stderr
    assert wrong not in bot.stderr


async def test_no_log_line_holds_a_token(loopback: Loopback, tmp_path: Path) -> None:
    async with BotProcess.on(loopback, tmp_path, LOG_LEVEL="DEBUG") as bot:
        await ready(bot, loopback)
        interaction = await loopback.slash("ask", {"question": QUESTION}, caller=READER)
        await bot.meanwhile(interaction.final_message())
        bot.stop()
        assert await bot.wait_for_exit() == 0
    assert "Gateway" in bot.stderr
    assert interaction.token not in bot.stderr
    assert loopback.rules.token not in bot.stderr

"""A watch posts what is new once, whatever ends the bot, and its post carries what cancels it."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.loopback.client import Loopback
from tests.e2e.loopback.follow import PATIENCE
from tests.e2e.loopback.payloads import (
    GUILD,
    MANAGE_CHANNELS,
    MEMBER,
    OTHER_MEMBER,
    OWNER,
)
from tests.e2e.loopback.rules import Rules
from tests.e2e.loopback.seen import Message
from tests.e2e.process import BotProcess

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.loopback.payloads import Caller

pytestmark = pytest.mark.usefixtures("packed_dictionary")

MODERATOR = MEMBER.with_permissions(MANAGE_CHANNELS)
KEEPER = OWNER


def publish(archive: Path, name: str, text: str) -> None:
    """Put a post into the archive."""
    archive.mkdir(exist_ok=True)
    front = f"title: {name}\ndate: 2024-01-01\nfrom: https://example.org/{name}\n"
    (archive / f"2024-01-01-{name}.md").write_text(f"---\n{front}---\n{text}\n", encoding="utf-8")


async def used(
    bot: BotProcess, loopback: Loopback, command: str, caller: Caller, **values: str
) -> Message:
    """Use a command, and return what came of it."""
    interaction = await loopback.slash(command, values, caller=caller)
    return await bot.meanwhile(
        interaction.final_message(
            lambda message: "█" not in message.text and "░" not in message.text
        )
    )


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 0)]
)
async def test_a_bot_that_ends_before_it_hears_of_its_post_leaves_one_message(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    archive = tmp_path / "posts"
    publish(archive, "tea", "烏龍茶是半發酵的茶，香氣因製程而有很大不同。")
    publish(archive, "rail", "鐵路局公布新的時刻表，早上多開兩班區間車。")
    async with Loopback(Rules(unanswered_posts=1)) as loopback:
        async with BotProcess.on(loopback, tmp_path, ARCHIVE=str(archive)) as bot:
            await bot.meanwhile(loopback.wait_connected())
            await used(bot, loopback, "archive reindex", KEEPER)
            saved = await used(bot, loopback, "watch add", MODERATOR, question="鯨魚")
            assert f"<#{GUILD.channel_id}>" in saved.text
            assert saved.ephemeral
            publish(archive, "whales", "漁船在外海遇見一群鯨魚，停下來等候牠們游過。")
            await loopback.slash("archive reindex", caller=KEEPER)
            post = loopback.journal.wait_for("message", how="created", interaction=None)
            sent = Message((await bot.meanwhile(post))["message"])
            assert sent.links == ["https://example.org/whales"]
            bot.stop(number)
            assert await bot.wait_for_exit() == status
        async with BotProcess.on(loopback, tmp_path, ARCHIVE=str(archive)) as bot:
            again = loopback.journal.wait_for("message", how="repeated")
            assert (await bot.meanwhile(again))["message"]["id"] == sent.id
            await bot.meanwhile(loopback.wait_connected(times=2))
            async with asyncio.timeout(PATIENCE):
                while (
                    "last posted" not in (await used(bot, loopback, "watch list", MODERATOR)).text
                ):
                    continue  # the answer to the post is still on its way
            bot.stop()
            assert await bot.wait_for_exit() == 0
        posts = [
            entry
            for entry in loopback.journal.entries
            if entry["kind"] == "message"
            and entry["how"] == "created"
            and entry["interaction"] is None
        ]
        assert len(posts) == 1


async def test_a_member_is_told_by_direct_message_and_cancels_it_there_after_a_restart(
    tmp_path: Path,
) -> None:
    archive = tmp_path / "posts"
    publish(archive, "tea", "烏龍茶是半發酵的茶，香氣因製程而有很大不同。")
    async with Loopback() as loopback:
        async with BotProcess.on(loopback, tmp_path, ARCHIVE=str(archive)) as bot:
            await bot.meanwhile(loopback.wait_connected())
            await used(bot, loopback, "archive reindex", KEEPER)
            saved = await used(bot, loopback, "watch add", MEMBER, question="鯨魚")
            assert saved.ephemeral
            assert "will be sent to you" in saved.text
            publish(archive, "whales", "漁船在外海遇見一群鯨魚，停下來等候牠們游過。")
            await loopback.slash("archive reindex", caller=KEEPER)
            post = loopback.journal.wait_for("message", how="created", interaction=None)
            sent = Message((await bot.meanwhile(post))["message"])
            assert sent.raw["channel_id"] == str(MEMBER.user.direct_channel_id)
            assert sent.links == ["https://example.org/whales"]
            bot.stop()
            assert await bot.wait_for_exit() == 0
        [cancel] = sent.buttons
        async with BotProcess.on(loopback, tmp_path, ARCHIVE=str(archive)) as bot:
            await bot.meanwhile(loopback.wait_connected(times=2))
            for caller, said in (
                (OTHER_MEMBER.in_dm(), "cancelled before"),
                (MEMBER.in_dm(), "You no longer watch **鯨魚**."),
                (MEMBER.in_dm(), "cancelled before"),
            ):
                pressed = await loopback.press(sent, cancel, caller=caller)
                answer = await bot.meanwhile(pressed.final_message())
                assert said in answer.text
                assert answer.ephemeral
            publish(archive, "more", "港口邊的人說又看見了鯨魚。")
            await used(bot, loopback, "archive reindex", KEEPER)
            listed = await used(bot, loopback, "watch list", MEMBER.in_dm())
            assert "You watch nothing yet" in listed.text
            bot.stop()
            assert await bot.wait_for_exit() == 0
        posts = [
            entry
            for entry in loopback.journal.entries
            if entry["kind"] == "message"
            and entry["how"] == "created"
            and entry["interaction"] is None
        ]
        assert len(posts) == 1

"""A bot whose state is in a PostgreSQL that goes away and comes back while people ask."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.e2e.loopback.payloads import MEMBER, OWNER
from tests.e2e.loopback.seen import Message
from tests.e2e.process import BotProcess
from tests.e2e.test_cluster import free_port
from tests.e2e.test_kills import LANGUAGES, MODERATOR
from tests.e2e.test_watches import publish, used
from tests.postgres.fixtures import on_postgres
from tests.postgres.server import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.loopback.client import Loopback
    from tests.postgres.server import Server

pytestmark = [on_postgres, pytest.mark.usefixtures("packed_dictionary")]

KEEPER = OWNER
TEA = "https://example.org/tea"


def settings_of(server: Server, archive: Path, port: int) -> dict[str, str]:
    """Publish an article; return the settings of a bot whose state is in the server."""
    publish(archive, "tea", "烏龍茶是半發酵的茶，香氣因製程而有很大不同。")
    return {
        "ARCHIVE": str(archive),
        "DATABASE_URL": server.url("postgres"),
        "PORT": str(port),
    }


async def health(port: int) -> tuple[int, bool, str]:
    """Return the status of /readyz, whether its state can be read, and the gauge of that."""
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        async with session.get("/readyz") as answer:
            status, body = answer.status, json.loads(await answer.text())
        async with session.get("/metrics") as answer:
            lines = (await answer.text()).splitlines()
    [gauge] = [line for line in lines if line.startswith("footnote_state_up ")]
    return status, body["state_reachable"], gauge.split()[1]


async def test_people_are_answered_while_it_is_away_and_a_watch_posts_once_it_is_back(
    own_server: Server, loopback: Loopback, tmp_path: Path
) -> None:
    archive, port = tmp_path / "posts", free_port()
    settings = settings_of(own_server, archive, port)
    async with BotProcess.on(loopback, tmp_path, **settings) as bot:
        await bot.meanwhile(loopback.wait_connected())
        await bot.wait_for_line("This process leads")
        await used(bot, loopback, "archive reindex", KEEPER)
        answer = await used(bot, loopback, "ask", MEMBER, question="烏龍茶")
        assert TEA in answer.links
        assert answer.buttons
        saved = await used(bot, loopback, "watch add", MODERATOR, question="鯨魚")
        assert saved.ephemeral
        shown = await used(bot, loopback, "settings", MODERATOR)
        chosen = await loopback.select(shown, "settings:language", ["en-US"], caller=MODERATOR)
        assert LANGUAGES["en-US"] in (await bot.meanwhile(chosen.final_message())).text
        assert await health(port) == (200, True, "1.0")
        bot.stop()
        assert await bot.wait_for_exit() == 0
    assert not (tmp_path / "data" / "state.sqlite").exists()

    async with BotProcess.on(loopback, tmp_path, **settings) as again:
        await again.meanwhile(loopback.wait_connected(times=2))
        await again.wait_for_line("This process leads")
        own_server.kill()
        # Nobody has asked since the start, so the settings of the server are not known either.
        answer = await used(again, loopback, "ask", MEMBER, question="烏龍茶")
        assert TEA in answer.links
        await again.wait_for_line("The settings of server .* cannot be read")
        assert await health(port) == (503, False, "0.0")
        own_server.start()
        await again.wait_for_line("This process leads", times=2)
        publish(archive, "whales", "漁船在外海遇見一群鯨魚，停下來等候牠們游過。")
        await loopback.slash("archive reindex", caller=KEEPER)
        post = loopback.journal.wait_for("message", how="created", interaction=None)
        sent = Message((await again.meanwhile(post))["message"])
        assert sent.links == ["https://example.org/whales"]
        shown = await used(again, loopback, "settings", MODERATOR)
        assert LANGUAGES["en-US"] in shown.text
        assert await health(port) == (200, True, "1.0")
        again.stop()
        assert await again.wait_for_exit() == 0
    for process in (bot, again):
        assert "Traceback" not in process.stderr
        assert PASSWORD not in process.stderr


async def test_people_are_answered_while_it_stands_still_and_the_bot_ends_all_the_same(
    own_server: Server, loopback: Loopback, tmp_path: Path
) -> None:
    port = free_port()
    settings = settings_of(own_server, tmp_path / "posts", port) | {"ASK_COOLDOWN": "0"}
    async with BotProcess.on(loopback, tmp_path, **settings) as bot:
        await bot.meanwhile(loopback.wait_connected())
        await bot.wait_for_line("This process leads")
        await used(bot, loopback, "archive reindex", KEEPER)
        with own_server.frozen():
            answer = await used(bot, loopback, "ask", MEMBER, question="烏龍茶")
            assert TEA in answer.links
            assert not answer.buttons
            assert await health(port) == (503, False, "0.0")
            await bot.wait_for_line("for the leader's lock was lost")
        await bot.wait_for_line("This process leads", times=2)
        while await health(port) != (200, True, "1.0"):  # noqa: ASYNC110 (of the server)
            await asyncio.sleep(0.1)
        saved = await used(bot, loopback, "watch add", MODERATOR, question="鯨魚")
        assert saved.ephemeral
        with own_server.frozen():
            bot.stop()
            assert await bot.wait_for_exit() == 0
    assert "Traceback" not in bot.stderr
    assert PASSWORD not in bot.stderr

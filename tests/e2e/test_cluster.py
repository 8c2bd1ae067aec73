"""A bot whose index is in a cluster that fails and recovers while people ask."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from tests.cluster.fixtures import on_cluster
from tests.corpus.engines.opensearch.fake_cluster import Answer, standing_before
from tests.e2e.loopback.payloads import MEMBER, OTHER_MEMBER
from tests.e2e.process import BotProcess
from tests.e2e.test_bot_process import QUESTION, hits, ready

if TYPE_CHECKING:
    from tests.e2e.loopback.client import Loopback
    from tests.e2e.loopback.seen import Message

pytestmark = on_cluster
READER = MEMBER.speaking("en-US")
KEEPER = OTHER_MEMBER.speaking("en-US")


async def asked(bot: BotProcess, loopback: Loopback) -> Message:
    interaction = await loopback.slash("ask", {"question": QUESTION}, caller=READER)
    return await bot.meanwhile(interaction.final_message())


async def reindexed(bot: BotProcess, loopback: Loopback, ending: str) -> Message:
    interaction = await loopback.slash("archive reindex", caller=KEEPER)
    return await bot.meanwhile(interaction.final_message(lambda message: ending in message.text))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


async def test_a_cluster_that_fails_is_told_of_and_used_again_once_it_works(
    search_url: str, loopback: Loopback, tmp_path: Path
) -> None:
    is_failing = True
    node, name = f"http://{urlsplit(search_url).netloc}", urlsplit(search_url).path
    port = free_port()

    def meddle(_: str, __: bytes) -> Answer | None:
        # Unlike a lost connection it is not tried again, which would take the time of a question.
        return (500, {"error": {"reason": "out of luck"}}) if is_failing else None

    async def state() -> tuple[int, bool, str]:
        """Return the status of /readyz, whether its index is open, and the engine's gauge."""
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            async with session.get("/readyz") as answer:
                status, body = answer.status, json.loads(await answer.text())
            async with session.get("/metrics") as answer:
                lines = (await answer.text()).splitlines()
        [gauge] = [line for line in lines if line.startswith("footnote_search_engine_up ")]
        return status, body["index_open"], gauge.split()[1]

    with standing_before(node, meddle) as hosts:
        settings = {
            "SEARCH_URL": f"http://{hosts}{name}",
            "ADMIN_IDS": str(KEEPER.user.id),
            "PORT": str(port),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        async with BotProcess.on(loopback, tmp_path, module="tests.e2e.patient", **settings) as bot:
            # It starts without the cluster, and needs no other start once that works.
            await ready(bot, loopback)
            assert "does not answer" in (await asked(bot, loopback)).text
            assert await state() == (503, False, "0.0")
            is_failing = False
            await reindexed(bot, loopback, "up to date")
            assert hits(await asked(bot, loopback))
            assert await state() == (200, True, "1.0")

            is_failing = True
            assert "does not answer" in (await asked(bot, loopback)).text
            assert await state() == (503, False, "0.0")
            report = await reindexed(bot, loopback, "out of luck")
            assert hosts in report.text
            interaction = await loopback.slash("archive status", caller=KEEPER)
            assert "out of luck" in (await bot.meanwhile(interaction.final_message())).text
            async with BotProcess(tmp_path, "check", settings=settings) as check:
                assert await check.wait_for_exit() == 1
            assert f"The search cluster at http://{hosts}{name} failed:" in check.stdout
            is_failing = False
            assert hits(await asked(bot, loopback))
            assert await state() == (200, True, "1.0")
            bot.stop(signal.SIGTERM)
            assert await bot.wait_for_exit() == 0
    assert "Traceback" not in bot.stderr

"""Health is told over HTTP, and never in the bot's way."""

import logging
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from simcord.actors import MemberActor

from bot.client import Footnote
from bot.monitoring import health

pytestmark = pytest.mark.simcord(shard_count=1, settle_timeout=60)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def fetch(session: aiohttp.ClientSession, port: int, path: str) -> tuple[int, str]:
    async with session.get(f"http://127.0.0.1:{port}/{path}") as response:
        return response.status, await response.text()


async def test_a_process_is_up_before_it_is_ready(
    footnote: Footnote, session: aiohttp.ClientSession, port: int
) -> None:
    async with health.serving(footnote, "127.0.0.1", port):
        status, body = await fetch(session, port, "healthz")
        assert (status, "uptime_seconds" in body) == (200, True)
        status, body = await fetch(session, port, "readyz")
        assert (status, '"gateway_connected": false' in body) == (503, True)
        status, _ = await fetch(session, port, "etc/passwd")
        assert status == 404
    with pytest.raises(aiohttp.ClientConnectorError):
        await fetch(session, port, "healthz")


async def test_a_connected_bot_is_ready_and_counts(
    member: MemberActor,
    footnote: Footnote,
    session: aiohttp.ClientSession,
    port: int,
) -> None:
    channel = member.guild.create_text_channel("questions")
    await member.slash(channel, "ask", question="颱風")
    await member.slash(channel, "ask", question="xyzzy")
    await footnote.reindexer.start()
    async with health.serving(footnote, "127.0.0.1", port):
        status, body = await fetch(session, port, "readyz")
        assert (status, '"index_open": true' in body) == (200, True)
        _, body = await fetch(session, port, "metrics")
    counted = dict(line.rsplit(" ", 1) for line in body.splitlines() if not line.startswith("#"))
    assert counted["footnote_question_seconds_count"] == "2.0"
    assert counted["footnote_questions_without_hits_total"] == "1.0"
    assert counted['footnote_reindexes_total{outcome="done"}'] == "1.0"
    assert float(counted["footnote_index_passages"]) > 0
    assert float(counted["footnote_resident_memory_bytes"]) > 1e6


async def test_a_taken_port_is_one_warning(
    footnote: Footnote, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        health.serving(footnote, "127.0.0.1", port),
        health.serving(footnote, "127.0.0.1", port),
    ):
        pass
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 1
    assert str(port) in warnings[0].getMessage()

"""The bot keeps its connection: it resumes what it can, and logs in no more often than it may."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from typing import TYPE_CHECKING

import discord
import pytest
from discord.http import Route

from bot.gateway import connection
from tests.e2e.loopback.client import Interaction, Loopback, kinds
from tests.e2e.loopback.follow import NotSeenError
from tests.e2e.loopback.payloads import MEMBER
from tests.e2e.loopback.rules import Rules
from tests.e2e.process import BotProcess

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from pathlib import Path

    from tests.soak import Soak

pytestmark = pytest.mark.usefixtures("indexed_sample")

READER = MEMBER.speaking("en-US")
ONCE = "every fresh interaction acknowledged exactly once"

LOSSES: tuple[Callable[[Loopback], Awaitable[None]], ...] = (
    Loopback.drop,
    Loopback.ask_to_reconnect,
    lambda it: it.invalidate(resumable=True),
    lambda it: it.close_gateway(4000),
)
"""What breaks a connection and leaves the session."""

ENDS: tuple[Callable[[Loopback], Awaitable[None]], ...] = (
    lambda it: it.close_gateway(4009),
    lambda it: it.close_gateway(1000),
    lambda it: it.close_gateway(1001),
    lambda it: it.invalidate(resumable=False),
)
"""What ends the session, too."""


@contextlib.asynccontextmanager
async def connected(loopback: Loopback, folder: Path) -> AsyncGenerator[BotProcess]:
    """Start a bot that people can use, and see that it ends in order, without a traceback."""
    folder.mkdir(exist_ok=True)
    before = len(kinds(loopback, "ready"))
    async with BotProcess.on(loopback, folder) as bot:
        await bot.meanwhile(loopback.wait_connected(times=before + 1))
        await bot.meanwhile(loopback.commands())
        yield bot
        bot.stop()
        assert await bot.wait_for_exit() == 0
        assert "Traceback" not in bot.stderr


async def ask(loopback: Loopback) -> Interaction:
    """Use a command that is answered at once."""
    return await loopback.slash("help", caller=READER)


async def acknowledged(loopback: Loopback, bot: BotProcess, interactions: list[Interaction]) -> int:
    """Return how many were acknowledged: all, but for those that came to the bot too late."""
    late = 0
    for interaction in interactions:
        try:
            await bot.meanwhile(interaction.final_message())
        except NotSeenError:
            late += 1
    callbacks = Counter(entry["interaction"] for entry in kinds(loopback, "callback"))
    assert not [number for number, times in callbacks.items() if times > 1]
    assert bot.stderr.count("Ignored an interaction") >= late
    return len(interactions) - late


async def test_a_lost_connection_is_resumed_and_nothing_is_lost_or_done_twice(
    loopback: Loopback, tmp_path: Path, soak: Soak
) -> None:
    interactions: list[Interaction] = []
    times = soak.times(len(LOSSES), 100)
    seconds: list[float] = []
    async with connected(loopback, tmp_path) as bot:
        for number in range(times):
            interactions.append(await ask(loopback))
            await LOSSES[number % len(LOSSES)](loopback)
            interactions.append(await ask(loopback))
            await bot.meanwhile(loopback.wait_resumed(times=number + 1))
            interactions.append(await ask(loopback))
            lost, resumed = kinds(loopback, "dropped", "sent", "closing", "resumed")[-2:]
            seconds.append(resumed["at"] - lost["at"])
        seen = await acknowledged(loopback, bot, interactions)
    assert len(kinds(loopback, "identify")) == 1
    soak.timed("gateway lost (drop, op 7, op 9, close): RESUME", seconds, within=2)
    counted = f"{times} losses, {seen} of {len(interactions)} acknowledged, 0 twice"
    soak.note(f"gateway lost: {ONCE}", counted, kept=seen == len(interactions))


async def test_a_session_that_is_over_is_followed_by_a_new_one(tmp_path: Path, soak: Soak) -> None:
    ends = ENDS[: soak.times(1, len(ENDS))]
    answered = 0
    for number, end in enumerate(ends):
        async with (
            Loopback() as loopback,
            connected(loopback, tmp_path / str(number)) as bot,
        ):
            interactions = [await ask(loopback)]
            await interactions[0].final_message()
            await end(loopback)
            await bot.meanwhile(loopback.wait_connected(times=2))
            interactions.append(await ask(loopback))
            answered += await acknowledged(loopback, bot, interactions)
            assert len(kinds(loopback, "identify")) == 2
    soak.note(
        f"session over (4009, 1000, 1001, op 9): one IDENTIFY, {ONCE}",
        f"{len(ends)} ends, {answered} of {2 * len(ends)} acknowledged, 0 twice",
        kept=answered == 2 * len(ends),
    )


async def test_a_failed_resume_is_tried_again_and_the_session_kept(
    loopback: Loopback, tmp_path: Path
) -> None:
    async with connected(loopback, tmp_path) as bot:
        await loopback.set_gateway(refused_handshakes=2, dropped_handshakes=2)
        await loopback.drop()
        await bot.meanwhile(loopback.wait_resumed())
        await (await ask(loopback)).final_message()
    assert len(kinds(loopback, "refused handshake", "dropped handshake")) == 4
    assert len(kinds(loopback, "identify")) == 1
    assert bot.stderr.count("Discord cannot be reached") == 4


async def test_a_lost_connection_shows_until_it_is_back(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Route, "BASE", loopback.api_url)
    async with connection.GatewayClient(intents=discord.Intents.none()) as client:
        life = asyncio.create_task(client.start(loopback.rules.token))
        assert not client.is_connected
        await loopback.wait_connected()
        await client.wait_until_ready()
        assert client.is_connected
        await loopback.set_gateway(refused_handshakes=1)
        back = asyncio.create_task(client.wait_for("shard_resumed"))
        lost = asyncio.create_task(client.wait_for("disconnect"))
        await loopback.drop()
        await lost
        assert client.is_ready()
        assert not client.is_connected
        await back
        assert client.is_connected
        await client.close()
        await life


async def test_unanswered_heartbeats_end_a_connection_on_which_events_still_come(
    tmp_path: Path, soak: Soak
) -> None:
    interval = float(soak.times(1, 4))
    seconds: list[float] = []
    interactions: list[Interaction] = []
    async with (
        Loopback(Rules(heartbeat_seconds=interval)) as loopback,
        connected(loopback, tmp_path) as bot,
    ):
        for number in range(soak.times(1, 5)):
            await loopback.set_gateway(withhold_acks=True)
            resumed = asyncio.create_task(loopback.wait_resumed(times=number + 1))
            while not resumed.done():
                interactions.append(await ask(loopback))
                await asyncio.wait(
                    [resumed, asyncio.create_task(interactions[-1].first_response())],
                    return_when=asyncio.FIRST_COMPLETED,
                )
            await resumed
            withheld = kinds(loopback, "gateway faults")[-1]
            seconds.append(kinds(loopback, "resumed")[-1]["at"] - withheld["at"])
            await loopback.set_gateway(withhold_acks=False)
        seen = await acknowledged(loopback, bot, interactions)
    assert len(kinds(loopback, "identify")) == 1
    soak.timed(f"ACKs withheld, heartbeat {interval:g} s: RESUME", seconds, within=2 * interval)
    soak.note(
        f"ACKs withheld: {ONCE}",
        f"{seen} of {len(interactions)} acknowledged, 0 twice",
        kept=seen == len(interactions),
    )


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (4004, "no longer takes this DISCORD_TOKEN"),
        (4010, "no such shards as SHARDS names"),
        (4011, "wants more shards"),
        (4014, "wants an intent"),
    ],
)
async def test_a_login_that_is_refused_for_good_is_not_tried_again(
    code: int, sentence: str, loopback: Loopback, tmp_path: Path, soak: Soak
) -> None:
    await loopback.set_gateway(close_identify=code)
    async with BotProcess.on(loopback, tmp_path) as bot:
        assert await bot.wait_for_exit() == 1
    assert sentence in bot.stderr.splitlines()[-1]
    assert "Traceback" not in bot.stderr
    assert len(kinds(loopback, "identify")) == 1
    soak.note(f"close {code} at IDENTIFY: ends with a sentence", "1 IDENTIFY, exit 1")


async def test_a_token_that_is_reset_meanwhile_ends_the_bot_with_a_sentence(
    loopback: Loopback, tmp_path: Path
) -> None:
    async with BotProcess.on(loopback, tmp_path) as bot:
        await bot.meanwhile(loopback.wait_connected())
        await loopback.set_gateway(refused_requests=1_000_000, refused_with=401)
        await loopback.close_gateway(4009)
        assert await bot.wait_for_exit() == 1
    assert "does not know this DISCORD_TOKEN" in bot.stderr.splitlines()[-1]
    assert "Traceback" not in bot.stderr


async def test_a_session_that_cannot_be_resumed_for_long_is_given_up(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Route, "BASE", loopback.api_url)
    monkeypatch.setattr(connection, "SESSION_LIFE", 0)
    async with connection.GatewayClient(intents=discord.Intents.none()) as client:
        life = asyncio.create_task(client.start(loopback.rules.token))
        await loopback.wait_connected()
        await loopback.drop()
        await loopback.wait_connected(times=2)
        await client.close()
        await life
    assert kinds(loopback, "resume") == []


async def test_a_discord_that_is_down_is_waited_for_with_a_line_a_try(
    loopback: Loopback, tmp_path: Path
) -> None:
    await loopback.set_gateway(refused_requests=1, refused_handshakes=1, dropped_handshakes=1)
    async with connected(loopback, tmp_path) as bot:
        await (await ask(loopback)).final_message()
    assert bot.stderr.count("Discord cannot be reached") == 3


async def test_a_bot_that_waits_for_discord_ends_on_a_signal(
    loopback: Loopback, tmp_path: Path
) -> None:
    await loopback.set_gateway(refused_requests=1_000_000)
    async with BotProcess.on(loopback, tmp_path) as bot:
        await bot.meanwhile(loopback.journal.wait_for("request", status=503))
        bot.stop()
        assert await bot.wait_for_exit() == 0
    assert "Traceback" not in bot.stderr


@pytest.mark.parametrize("used", [100, 1000])
async def test_a_bot_that_is_started_again_and_again_stops_logging_in(
    used: int, loopback: Loopback, tmp_path: Path, soak: Soak
) -> None:
    await loopback.set_gateway(already_identified=used)
    times = soak.times(1, 5)
    for number in range(times):
        async with BotProcess.on(loopback, tmp_path) as bot:
            # Once for the number of shards, once before it would log in.
            where = "/gateway/bot"
            interaction = loopback.journal.wait_for("request", path=where, times=2 * (number + 1))
            await bot.meanwhile(interaction)
            bot.stop()
            assert await bot.wait_for_exit() == 0
        assert f"{1000 - used} of 1000 logins are left" in bot.stderr
        assert "Traceback" not in bot.stderr
    assert kinds(loopback, "identify") == []
    soak.note(f"{used} IDENTIFY in a day: a restarted bot waits", f"{times} starts, 0 IDENTIFY")

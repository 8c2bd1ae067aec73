"""Several bots share the shards of one gateway: each question is answered once, whoever comes, goes
or dies."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.e2e.fleet import QUESTION, SHARDS, Fleet, Json, connected_shards, on_shard
from tests.e2e.loopback.client import Interaction, Loopback, kinds
from tests.e2e.loopback.payloads import OWNER
from tests.e2e.loopback.rules import Rules
from tests.e2e.process import BotProcess
from tests.postgres.fixtures import on_postgres

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from tests.postgres.server import Server
    from tests.soak import Soak


@pytest.fixture
async def fleet(
    tmp_path: Path, index_of_the_sample: Path, postgres_url: str
) -> AsyncIterator[Fleet]:
    """Start three bots, and wait until they have two shards each."""
    async with (
        Loopback(Rules(shards=SHARDS, max_concurrency=SHARDS)) as loopback,
        Fleet(loopback, tmp_path, postgres_url, index=index_of_the_sample) as fleet,
    ):
        for _ in range(3):
            await fleet.start()
        await fleet.wait_shared(2, 2, 2)
        yield fleet


def gaps(entries: Iterable[Json], since: float) -> list[float]:
    """Return the seconds that each shard was without a session, each time since then."""
    shard_of: dict[str, int] = {}
    lost: dict[int, float] = {}
    found: list[float] = []
    for entry in entries:
        if entry["kind"] in {"ready", "resumed"}:
            shard_of[entry["session"]] = shard = entry["shard"]
            if lost.get(shard, 0.0) > since:
                found.append(entry["at"] - lost.pop(shard))
        elif entry["kind"] == "disconnected" and entry["session"] in shard_of:
            lost[shard_of[entry["session"]]] = entry["at"]
    return found


@on_postgres
async def test_the_shards_of_a_killed_bot_answer_again_within_30_s_and_a_new_one_gets_its_share(
    fleet: Fleet, soak: Soak
) -> None:
    loopback = fleet.loopback
    await fleet.ask_everywhere()
    victim = fleet.bots[0]
    [worker] = [worker for worker in fleet.leases() if f"worker {worker}" in victim.stderr]
    orphans = fleet.leases()[worker]
    caller = on_shard(min(orphans))
    page = await (await loopback.slash("ask", QUESTION, caller=caller)).final_message()
    killed = loopback.journal.entries[-1]
    await fleet.kill(victim)
    await fleet.wait_shared(3, 3)
    later = [e for e in loopback.journal.entries[killed["n"] :] if e["kind"] == "ready"]
    assert {entry["shard"] for entry in later} == orphans
    seconds = gaps(loopback.journal.entries, killed["at"])
    soak.timed("a worker killed: its shards answer again", seconds, within=30)
    await fleet.ask_everywhere()
    # Another bot than the one that has answered.
    [forth] = [custom_id for custom_id, label in page.buttons.items() if label == "▶"]
    pressed = await (await loopback.press(page, forth, caller=caller)).final_message()
    assert pressed.id == page.id
    assert not set(pressed.links) & set(page.links)
    await fleet.start()
    await fleet.wait_shared(2, 2, 2)
    await fleet.ask_everywhere()
    status = await loopback.slash(
        "archive status", caller=OWNER.on_shard(5, SHARDS).speaking("en-US")
    )
    text = (await status.final_message()).text
    assert "3 workers share the servers" in text
    assert text.count("shards ") == 3
    fleet.check()


@on_postgres
async def test_bots_are_restarted_one_after_the_other_and_no_interaction_is_lost_or_answered_twice(
    fleet: Fleet, soak: Soak
) -> None:
    loopback = fleet.loopback
    began = loopback.journal.entries[-1]["at"]
    sent = 0

    async def keep_asking(shard: int) -> None:
        """Use a command again and again; there is always a session that Discord delivers it to."""
        nonlocal sent
        while True:
            used: Interaction = await loopback.slash("help", caller=on_shard(shard))
            await used.first_response()
            sent += 1

    people = [asyncio.create_task(keep_asking(shard)) for shard in range(SHARDS)]
    for bot in fleet.bots[:]:
        await fleet.stop(bot)
        assert "Traceback" not in bot.stderr
        await fleet.wait_shared(3, 3)
        await fleet.start()
        await fleet.wait_shared(2, 2, 2)
    for person in people:
        assert not person.done(), person.exception()
        person.cancel()
    await asyncio.wait(people)
    await fleet.ask_everywhere()
    fleet.check()
    # Each shard logged in once, and its session went from hand to hand.
    assert len(kinds(loopback, "identify")) == SHARDS
    resumed = kinds(loopback, "resume")
    assert resumed
    assert all(entry["known"] for entry in resumed)
    soak.note(
        "rolling restart of 3 workers: each interaction is answered once, no shard logs in again",
        f"{sent} of {sent} answered, {len(resumed)} sessions resumed",
    )
    seconds = gaps(loopback.journal.entries, began)
    soak.timed("rolling restart of 3 workers: a shard between two workers", seconds, within=2)


@on_postgres
async def test_while_the_database_is_away_each_bot_keeps_its_shards_and_logs_in_by_itself(
    tmp_path: Path, index_of_the_sample: Path, own_server: Server
) -> None:
    url = own_server.url("postgres")
    async with (
        Loopback(Rules(shards=SHARDS, max_concurrency=SHARDS)) as loopback,
        Fleet(loopback, tmp_path, url, index=index_of_the_sample) as fleet,
    ):
        for _ in range(2):
            await fleet.start()
        await fleet.wait_shared(3, 3)
        held = fleet.leases()
        await asyncio.to_thread(own_server.kill)
        for bot in fleet.bots:
            await bot.wait_for_line("The shards stay with the workers that have them")
        assert len(await fleet.hear_everywhere()) == SHARDS
        logins = Counter(entry["shard"] for entry in kinds(loopback, "identify"))
        await loopback.close_gateway(4009)
        for shard in range(SHARDS):
            await loopback.wait_connected(shard=shard, times=logins[shard] + 1)
        assert len(await fleet.hear_everywhere()) == SHARDS
        await asyncio.to_thread(own_server.start)
        for bot in fleet.bots:
            await bot.wait_for_line("The database of the shards answers again")
        assert fleet.leases() == held
        assert len(await fleet.hear_everywhere()) == SHARDS
        fleet.check()


async def test_shards_named_by_hand_are_shared_without_a_database(
    tmp_path: Path, index_of_the_sample: Path
) -> None:
    async with (
        Loopback(Rules(shards=SHARDS, max_concurrency=SHARDS)) as loopback,
        contextlib.AsyncExitStack() as stack,
    ):
        for named in ("0-2/6", "3-5/6"):
            folder = tmp_path / named[0]
            folder.mkdir()
            shutil.copytree(index_of_the_sample, folder / "data")
            await stack.enter_async_context(BotProcess.on(loopback, folder, SHARDS=named))
        for shard in range(SHARDS):
            await loopback.wait_connected(shard=shard)
        asked = [await loopback.slash("help", caller=on_shard(shard)) for shard in range(SHARDS)]
        await asyncio.gather(*(question.first_response() for question in asked))
        assert connected_shards(loopback.journal.entries) == dict.fromkeys(range(SHARDS), 1)


async def test_shards_that_discord_does_not_have_end_the_bot_with_a_sentence(
    loopback: Loopback, indexed_sample: Path
) -> None:
    async with BotProcess.on(loopback, indexed_sample, SHARDS="0-3/16") as bot:
        assert await bot.wait_for_exit() == 1
    assert "SHARDS" in bot.stderr.splitlines()[-1]
    assert "Traceback" not in bot.stderr

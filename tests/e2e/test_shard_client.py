"""A client closes and connects shards as they are given and taken, and resumes their sessions."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import discord
import pytest
from discord.http import Route

from bot.database_url import DatabaseUrl
from bot.gateway import connection
from bot.gateway.shards import FixedShards, SavedSession, ShardAssignment
from bot.services.leased_shards import LeasedShards
from bot.state.postgres import schema
from bot.state.postgres.leases import Identity, Leases
from tests.e2e.fleet import Json, connected_shards
from tests.e2e.loopback import payloads
from tests.e2e.loopback.client import Loopback, kinds
from tests.e2e.loopback.gateway import Op
from tests.e2e.loopback.payloads import MEMBER
from tests.e2e.loopback.rules import APPLICATION_ID, Rules
from tests.e2e.tiny import logged_in
from tests.postgres.fixtures import on_postgres

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Moving(FixedShards):
    """Shards that a test gives and takes, with their sessions where there are ``sessions``."""

    def __init__(self, sessions: dict[int, SavedSession] | None = None) -> None:
        super().__init__()
        self.next: asyncio.Queue[set[int]] = asyncio.Queue()
        self.followed = asyncio.Event()
        self.left = False
        self._sessions = sessions

    def has_heir(self, shard_id: int) -> bool:
        del shard_id
        return self._sessions is not None

    def save_session(self, shard_id: int, session: SavedSession) -> None:
        assert self._sessions is not None
        self._sessions[shard_id] = session

    def take_session(self, shard_id: int) -> SavedSession | None:
        return None if self._sessions is None else self._sessions.pop(shard_id, None)

    async def changes(self) -> AsyncGenerator[frozenset[int]]:
        while True:
            yield frozenset(await self.next.get())
            self.followed.set()

    async def leave(self) -> None:
        self.left = True

    async def move(self, *shards: int) -> None:
        """Give these shards and no others, and wait until that was followed."""
        self.followed.clear()
        await self.next.put(set(shards))
        await self.followed.wait()


class Hearing(connection.GatewayClient):
    """A client that notes the interactions that come."""

    def __init__(self, assignment: ShardAssignment) -> None:
        intents = discord.Intents.none()
        super().__init__(intents=intents, assignment=assignment, enable_debug_events=True)
        self.heard: list[int] = []

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self.heard.append(interaction.id)


def connected(
    loopback: Loopback, assignment: ShardAssignment
) -> contextlib.AbstractAsyncContextManager[Hearing]:
    """Start a client, and see that it ends."""
    return logged_in(Hearing(assignment), loopback)


async def use_something(loopback: Loopback) -> int:
    """Use a command; return the number of the interaction."""
    data: Json = {"id": "1", "name": "help", "type": 1}
    return int((await loopback.send(payloads.interaction(payloads.COMMAND, data, MEMBER))).id)


@pytest.fixture
def _on_loopback(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "BASE", loopback.api_url)


on_loopback = pytest.mark.usefixtures("_on_loopback")


@on_postgres
@on_loopback
async def test_what_comes_between_a_login_and_the_end_of_its_turn_is_heard(
    loopback: Loopback, postgres_url: str
) -> None:
    asked = asyncio.Event()

    class SlowLeases(Leases):
        async def end_turn(self, bucket: int, pause: float) -> None:
            del bucket, pause
            asked.set()
            await asyncio.Event().wait()

    url = DatabaseUrl.parse(postgres_url)
    await asyncio.to_thread(schema.prepare, url)
    leases = SlowLeases(url, Identity("a", "host", "1", "a", None))
    async with connected(loopback, LeasedShards(leases, "a", None)) as client:
        await loopback.wait_connected()
        await asked.wait()
        number = await use_something(loopback)
    assert client.heard == [number]
    [closed] = kinds(loopback, "disconnected")
    assert closed["code"] == 1000


@on_loopback
async def test_what_comes_while_a_shard_changes_hands_is_heard_once_by_who_resumes_it(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CLOSE_TIMEOUT", 0.01)
    sessions: dict[int, SavedSession] = {}
    giver, taker = Moving(sessions), Moving(sessions)
    async with (
        asyncio.timeout(60),
        connected(loopback, giver) as first,
        connected(loopback, taker) as second,
    ):
        ready = asyncio.create_task(first.wait_for("shard_connect"))
        await giver.move(0)
        await ready
        heard = asyncio.create_task(first.wait_for("interaction"))
        numbers = [await use_something(loopback)]
        await heard
        # Discord does not hear in time that it is closed.
        await loopback.set_gateway(withhold_goodbyes=True)
        await giver.move()
        numbers.append(await use_something(loopback))
        await loopback.set_gateway(withhold_goodbyes=False)
        await loopback.journal.wait_for("disconnected")
        numbers.append(await use_something(loopback))
        resumed = asyncio.create_task(second.wait_for("shard_resumed"))
        await taker.move(0)
        await resumed
        assert second.is_connected
        assert first.heard + second.heard == numbers
        assert len(second.heard) == 2
        # It resumes the session itself, too, when its connection is lost.
        resumed = asyncio.create_task(second.wait_for("shard_resumed"))
        await loopback.drop()
        await resumed
    assert len(kinds(loopback, "identify")) == 1
    assert len(kinds(loopback, "resumed")) == 2


@on_loopback
@pytest.mark.parametrize(
    ("change", "known"),
    [({"intents": 1}, []), ({"id": "over"}, [False]), ({"url": "ws://127.0.0.1:1/"}, [])],
)
async def test_a_session_that_cannot_be_resumed_is_followed_by_a_login(
    change: Json, known: list[bool], loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "AFTER_SESSION", (0, 0))
    monkeypatch.setattr(connection, "SESSION_LIFE", 1.0)
    session = SavedSession("s", 1, f"{loopback.origin.replace('http', 'ws')}/gateway/resume", 0)
    assignment = Moving({0: replace(session, **change)})
    async with connected(loopback, assignment):
        await assignment.move(0)
        await loopback.wait_connected()
    assert [entry["known"] for entry in kinds(loopback, "resume")] == known


@on_loopback
@pytest.mark.parametrize("code", [4007, 4009])
async def test_a_resume_that_discord_closes_for_good_is_followed_by_a_login(
    code: int, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "AFTER_SESSION", (0, 0))
    assignment = Moving()
    async with asyncio.timeout(60), connected(loopback, assignment):
        await assignment.move(0)
        await loopback.wait_connected()
        await loopback.set_gateway(close_resume=code)
        await loopback.drop()
        await loopback.wait_connected(times=2)
    assert len(kinds(loopback, "resume")) == 1


@on_loopback
async def test_a_session_that_no_resume_brings_back_is_given_up_in_time(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "AFTER_SESSION", (0, 0))
    monkeypatch.setattr(connection, "SESSION_LIFE", 1.0)
    assignment = Moving()
    async with asyncio.timeout(60), connected(loopback, assignment):
        await assignment.move(0)
        await loopback.wait_connected()
        await loopback.set_gateway(close_resume=4000)
        await loopback.drop()
        await loopback.wait_connected(times=2)


@on_loopback
async def test_a_shard_counts_as_connected_when_its_session_is_resumed(
    loopback: Loopback,
) -> None:
    sessions: dict[int, SavedSession] = {}
    assignment = Moving(sessions)
    async with asyncio.timeout(60), connected(loopback, assignment) as client:
        ready = asyncio.create_task(client.wait_for("shard_connect"))
        await assignment.move(0)
        await ready
        assert client.is_connected
        await assignment.move()
        await loopback.set_gateway(withhold_resumed=True)
        acknowledged = asyncio.create_task(
            client.wait_for(
                "socket_raw_receive", check=lambda text: json.loads(text)["op"] == Op.ACK
            )
        )
        await assignment.move(0)
        await loopback.journal.wait_for("withheld resumed")
        await acknowledged
        assert not client.is_connected
        resumed = asyncio.create_task(client.wait_for("shard_resumed"))
        await loopback.set_gateway(withhold_resumed=False)
        await resumed
        assert client.is_connected


@on_loopback
async def test_the_token_goes_to_no_address_that_discord_did_not_name(loopback: Loopback) -> None:
    stranger = f"{loopback.origin.replace('http', 'ws').replace('127.0.0.1', 'localhost')}/gateway"
    assignment = Moving({0: SavedSession("s", 1, stranger, 0)})
    async with asyncio.timeout(60), connected(loopback, assignment):
        await assignment.move(0)
        await loopback.wait_connected()
    assert kinds(loopback, "resume") == []


@on_loopback
async def test_a_session_that_nobody_has_resumed_yet_is_left_to_the_next(
    loopback: Loopback,
) -> None:
    unreachable = SavedSession("session", 1, "ws://127.0.0.1:1/", 0)
    sessions = {0: unreachable}
    assignment = Moving(sessions)
    async with connected(loopback, assignment):
        await assignment.move(0)
        assert sessions == {}
        await assignment.move()
        assert sessions == {0: unreachable}


@on_loopback
async def test_a_stop_while_a_shard_is_given_up_loses_nothing(loopback: Loopback) -> None:
    assignment = Moving()
    async with connected(loopback, assignment) as client:
        await assignment.move(0)
        await loopback.wait_connected()
        await loopback.set_gateway(withhold_goodbyes=True)
        moving = asyncio.create_task(assignment.move())
        await loopback.journal.wait_for("withheld goodbye")
        closing = asyncio.create_task(client.close())
        number = await use_something(loopback)
        await loopback.set_gateway(withhold_goodbyes=False)
        await closing
        moving.cancel()
    assert client.heard == [number]


@on_loopback
async def test_a_stop_in_the_moment_in_which_a_shard_is_taken_away_closes_it_once(
    loopback: Loopback,
) -> None:
    assignment = Moving()
    async with connected(loopback, assignment) as client:
        await assignment.move(0)
        await loopback.wait_connected()
        assignment.next.put_nowait(set())
        await asyncio.create_task(client.close())
    assert [entry["code"] for entry in kinds(loopback, "disconnected")] == [1000]


@on_loopback
async def test_shards_are_closed_though_the_database_holds_up_the_end(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CLOSE_TIMEOUT", 0.1)
    database = asyncio.Event()

    class Hanging(Moving):
        async def changes(self) -> AsyncGenerator[frozenset[int]]:
            try:
                async for shards in super().changes():
                    yield shards
            finally:
                await database.wait()

    assignment = Hanging()
    async with connected(loopback, assignment) as client:
        await assignment.move(0)
        await loopback.wait_connected()
        closing = asyncio.create_task(client.close())
        try:
            closed = await loopback.journal.wait_for("disconnected")
        finally:
            database.set()
        assert closed["code"] == 1000
        await closing


@on_loopback
async def test_a_shard_that_waits_for_the_database_is_given_up_without_it(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else the leases of the others would end, which are renewed once it is given up.
    monkeypatch.setattr(connection, "CLOSE_TIMEOUT", 0.1)
    database, waits = asyncio.Event(), asyncio.Event()

    class Hanging(Moving):
        @contextlib.asynccontextmanager
        async def turn_to_identify(self, bucket: int) -> AsyncGenerator[None]:
            del bucket
            try:
                waits.set()
                await asyncio.Event().wait()
                yield
            finally:
                await database.wait()

    assignment = Hanging()
    async with connected(loopback, assignment):
        await assignment.move(0)
        await waits.wait()
        try:
            async with asyncio.timeout(30):
                await assignment.move()
        finally:
            database.set()


async def test_a_client_connects_and_closes_shards_as_they_are_given_and_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assignment = Moving()
    intents = discord.Intents.none()
    async with (
        Loopback(Rules(shards=2, max_concurrency=2)) as loopback,
        connection.GatewayClient(intents=intents, assignment=assignment) as client,
    ):
        monkeypatch.setattr(Route, "BASE", loopback.api_url)
        life = asyncio.create_task(client.start(loopback.rules.token))
        ready = asyncio.create_task(client.wait_for("shard_connect"))
        await assignment.move(1)
        assert (client.held_shards, client.shard_ids, client.shard_count) == ({1}, [1], 2)
        assert not client.is_connected
        await ready
        assert client.is_connected
        assert client.latency > 0

        ready = asyncio.create_task(client.wait_for("shard_connect"))
        await assignment.move(0, 1)
        assert not client.is_connected
        await ready
        assert client.is_connected
        assert connected_shards(loopback.journal.entries).keys() <= {0, 1}

        # The other session goes on.
        await assignment.move(0)
        closed = await loopback.journal.wait_for("disconnected")
        [shard] = [
            e["shard"] for e in kinds(loopback, "ready") if e["session"] == closed["session"]
        ]
        assert (shard, closed["code"]) == (1, 1000)
        assert client.is_connected
        assert client.held_shards == {0}

        # Without a shard it stands by.
        await assignment.move()
        assert client.is_connected
        assert client.held_shards == frozenset()

        # What was closed is begun anew, not resumed.
        await assignment.move(0)
        await loopback.wait_connected(shard=0, times=2)
        assert kinds(loopback, "resume") == []
        assert len(kinds(loopback, "identify")) == 3

        await client.close()
        assert assignment.left
        assert client.held_shards == frozenset()
        await life


async def test_a_client_that_is_closed_before_it_has_shards_leaves_as_well(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    joining = asyncio.Event()

    class Stuck(Moving):
        async def join(self, application_id: int, recommended: int, max_concurrency: int) -> int:
            assert (application_id, recommended, max_concurrency) == (APPLICATION_ID, 1, 1)
            joining.set()
            return await asyncio.Event().wait()

    assignment = Stuck()
    monkeypatch.setattr(Route, "BASE", loopback.api_url)
    intents = discord.Intents.none()
    async with connection.GatewayClient(intents=intents, assignment=assignment) as client:
        life = asyncio.create_task(client.start(loopback.rules.token))
        await joining.wait()
        await client.close()
        await life
    assert assignment.left

"""The leases of shards: who has which, and who lives. All times are the database's.

A worker has a row in ``worker``, whose ``seen_at`` is its last heartbeat, and is the ``worker`` of
each shard that it holds in ``shard_lease``. So one write renews all of its leases, and they end
when its row is deleted: by itself, or by another worker once the last heartbeat is `LEASE` seconds
old. A database that was away has seen nobody for as long, and nobody is dead: only a worker that
has been seen all the time (``steady_since``) buries others. One that gives a shard up writes into
the lease what it takes to resume its session of the gateway.

What is decided here is decided in one transaction at a time, under a lock of its own. A worker that
leaves decides nothing and waits for none of them.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from bot.database_url import DatabaseUrl
from bot.state.postgres.session import Session as Connection
from bot.state.postgres.session import database_error, opened
from bot.state.shard_plan import BEAT, LEASE, Plan, Worker, plan

TABLES = ("worker", "shard_lease", "identify_turn")
"""What no copy of the state holds."""
HOLD = 15.0
"""Seconds for which a turn to log in is kept for a worker that says no more of it."""
RESUMABLE = 60.0  # seconds from a shard's being left; Discord keeps a session some minutes
SETTLE = 2.0  # seconds from a lease to its turn to log in
POLL = 0.25  # seconds between two tries to get a turn that another one has

_CHANNEL = "footnote_shards"
_LOCK = "SELECT pg_advisory_xact_lock(1399353956)"  # "Shrd"
_BEAT = """INSERT INTO worker VALUES (%(id)s, %(application)s, %(host)s, %(version)s, %(place)s,
        %(pinned)s, clock_timestamp(), clock_timestamp(), clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at,
        steady_since = CASE WHEN worker.seen_at < excluded.seen_at - make_interval(secs => %(gap)s)
            THEN excluded.seen_at ELSE worker.steady_since END"""
_REPLACE = "DELETE FROM worker WHERE place = %(place)s AND id <> %(id)s"
_BURY = """DELETE FROM worker WHERE application = %(application)s
        AND seen_at < clock_timestamp() - make_interval(secs => %(lease)s)
        AND (SELECT steady_since FROM worker WHERE id = %(id)s)
            < clock_timestamp() - make_interval(secs => %(lease)s)
    RETURNING id"""
_WORKERS = """SELECT id, host, version,
        extract(epoch FROM clock_timestamp() - seen_at)::float8, pinned,
        array(SELECT shard FROM shard_lease WHERE shard_lease.worker = worker.id)
    FROM worker WHERE application = %(application)s ORDER BY started_at, id"""
_COUNT = "SELECT count FROM shard_lease WHERE application = %(application)s LIMIT 1"
_OTHERS = """SELECT 1 FROM worker WHERE application = %(application)s AND id <> %(id)s
    AND seen_at > clock_timestamp() - make_interval(secs => %(lease)s) LIMIT 1"""
_CLEAR = "DELETE FROM shard_lease WHERE application = %(application)s"
_SHARDS = """INSERT INTO shard_lease (application, shard, count)
    SELECT %(application)s, shard, %(count)s
    FROM generate_series(0, %(count)s - 1) AS shard"""
_LEFT = """SELECT shard, session FROM shard_lease
    WHERE application = %(application)s AND worker IS NULL AND session IS NOT NULL
        AND left_at > clock_timestamp() - make_interval(secs => %(resumable)s)"""
_TAKE = """UPDATE shard_lease SET worker = %(id)s, session = NULL,
        taken_at = CASE WHEN shard <> ALL(%(resumed)s) THEN clock_timestamp() END
    WHERE application = %(application)s AND shard = ANY(%(shards)s)"""
_BUSY = """SELECT bucket FROM identify_turn
        WHERE application = %(application)s AND next_at > clock_timestamp()
    UNION SELECT shard %% %(buckets)s FROM shard_lease
        WHERE application = %(application)s
        AND taken_at > clock_timestamp() - make_interval(secs => %(settle)s)"""
_FREE = """UPDATE shard_lease SET worker = NULL, session = %(session)s, left_at = clock_timestamp()
    WHERE application = %(application)s AND shard = %(shard)s AND worker = %(id)s"""
# A process that stops has time for one statement. It locks the worker first, as its burial does.
_LEAVE = """WITH me AS (SELECT id FROM worker WHERE id = %(id)s FOR UPDATE),
    freed AS (UPDATE shard_lease
        SET worker = NULL, session = saved.value, left_at = clock_timestamp()
        FROM me, json_each_text(%(sessions)s::json) AS saved
        WHERE application = %(application)s AND worker = me.id AND shard = saved.key::integer),
    gone AS (DELETE FROM worker USING me WHERE worker.id = me.id)
    SELECT pg_notify(%(channel)s, '')"""
_TURN = """INSERT INTO identify_turn
    VALUES (%(application)s, %(bucket)s, clock_timestamp() + make_interval(secs => %(hold)s))
    ON CONFLICT (application, bucket) DO UPDATE SET next_at = excluded.next_at
        WHERE identify_turn.next_at <= clock_timestamp()
    RETURNING 1"""
_TURN_IN = """SELECT extract(epoch FROM next_at - clock_timestamp())::float8 FROM identify_turn
    WHERE application = %(application)s AND bucket = %(bucket)s"""
_TURN_OVER = """UPDATE identify_turn
    SET next_at = clock_timestamp() + make_interval(secs => %(pause)s)
    WHERE application = %(application)s AND bucket = %(bucket)s"""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a worker is."""

    id: str
    """Random, and new at each start."""
    host: str
    version: str
    place: str
    """The data folder on its machine. Of one place only the last worker lives."""
    pinned: tuple[int, ...] | None
    """The only shards that it takes; ``None``: its share."""


@dataclass(frozen=True, slots=True)
class Beat:
    """What a heartbeat found."""

    count: int | None
    """Of all shards; ``None``: there are none, as another database was put in the place."""
    shards: frozenset[int]
    """The worker's own, those just taken included."""
    plan: Plan
    sessions: dict[int, str]
    """Those in which other workers left the shards just taken."""
    is_alone: bool
    """Whether there is no other worker, not even a dead or a pinned one."""


class Session:
    """A connection that hears when another worker changes something."""

    def __init__(self, connection: Connection, facts: dict[str, Any]) -> None:
        self._connection = connection
        self._facts = facts

    async def join(self, count: int, *, by_hand: bool) -> int:
        """Become a worker; return the number of shards, which the first worker decides.

        Args:
            count: wanted; it is taken where no other worker lives.
            by_hand: whether it is of no use to become a worker with another number.
        """
        async with self._connection.transaction():
            await self._run(_LOCK)
            await self._run(_REPLACE)
            found = await self._run(_COUNT)
            agreed: int = found[0][0] if found else count
            if agreed != count and not await self._run(_OTHERS):
                found, agreed = [], count
                await self._run(_CLEAR)
            if not found:
                await self._run(_SHARDS, count=count)
            if agreed == count or not by_hand:
                await self._run(_BEAT)
                await self._run(f"NOTIFY {_CHANNEL}")
        return agreed

    async def beat(self, *, room: int, buckets: int = 1) -> Beat:
        """Renew the leases, bury the dead, and take what is due to this worker.

        A shard is given up only when another worker could log in with it at once.

        Args:
            room: how many shards it may take at once.
            buckets: the number of those in which one shard may log in at a time.
        """
        async with self._connection.transaction():
            await self._run(_LOCK)
            await self._run(_BEAT)
            if await self._run(_BURY):
                await self._run(f"NOTIFY {_CHANNEL}")
            found = await self._run(_COUNT)
            count: int = found[0][0] if found else 0
            workers = [_worker(*row) for row in await self._run(_WORKERS)]
            me: str = self._facts["id"]
            busy = {bucket for (bucket,) in await self._run(_BUSY, buckets=buckets)}
            left: dict[int, str] = dict(await self._run(_LEFT))
            planned = plan(
                me,
                workers,
                count,
                room=room,
                resumable=left.keys(),
                stay=lambda i: i % buckets in busy,
            )
            sessions = {i: session for i, session in left.items() if i in planned.take}
            if planned.take:
                await self._run(_TAKE, shards=[*planned.take], resumed=[*sessions])
                await self._run(f"NOTIFY {_CHANNEL}")
        [mine] = (worker.shards for worker in workers if worker.id == me)
        return Beat(count or None, mine | planned.take, planned, sessions, len(workers) == 1)

    async def free(self, shard: int, session: str | None = None) -> None:
        """Give up a shard, which is closed, and tell the others, which may resume its session."""
        async with self._connection.transaction():
            await self._run(_LOCK)
            await self._run(_FREE, shard=shard, session=session)
            await self._run(f"NOTIFY {_CHANNEL}")

    async def wait(self, seconds: float) -> None:
        """Wait so long, or until something has changed."""
        async for _ in self._connection.notifies(timeout=seconds, stop_after=1):
            pass

    async def _run(self, sql: str, **facts: object) -> list[tuple[Any, ...]]:
        return await _rows(self._connection, sql, {**self._facts, **facts})


class Leases:
    """What one worker does with the database; each method may raise DatabaseError."""

    def __init__(self, url: DatabaseUrl, identity: Identity) -> None:
        self._url = url
        self._facts: dict[str, Any] = {
            "id": identity.id,
            "host": identity.host,
            "version": identity.version,
            "place": identity.place,
            "pinned": None if identity.pinned is None else [*identity.pinned],
            "channel": _CHANNEL,
            "lease": LEASE,
            "gap": LEASE - BEAT,
            "hold": HOLD,
            "settle": SETTLE,
            "resumable": RESUMABLE,
        }

    def set_application(self, application_id: int) -> None:
        """Say whose shards they are: each application on Discord has its own."""
        self._facts["application"] = application_id

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[Session]:
        """Connect, and listen."""
        async with self._connected() as connection:
            await connection.execute(f"LISTEN {_CHANNEL}")
            yield Session(connection, self._facts)

    async def leave(self, sessions: Mapping[int, str]) -> None:
        """Give up everything, and tell the others, which may resume the sessions of shards."""
        facts = {**self._facts, "sessions": json.dumps(dict(sessions))}
        async with self._connected() as connection:
            await _rows(connection, _LEAVE, facts)

    async def workers(self) -> list[Worker]:
        """Return all workers, the eldest first, also dead ones that nobody has buried yet."""
        async with self._connected() as connection:
            return [_worker(*row) for row in await _rows(connection, _WORKERS, self._facts)]

    async def take_turn(self, bucket: int) -> None:
        """Wait until an IDENTIFY is allowed in a bucket, and keep the others from it meanwhile."""
        facts = {**self._facts, "bucket": bucket}
        async with self._connected() as connection:
            while not await _rows(connection, _TURN, facts):
                left = await _rows(connection, _TURN_IN, facts)
                # It may be over sooner. No NOTIFY tells when a time in the table has come, and one
                # at each turn's end would wake every worker for a heartbeat.
                await asyncio.sleep(min(max(left[0][0], 0.0), POLL) if left else 0.0)

    async def end_turn(self, bucket: int, pause: float) -> None:
        """Let the next one log in after ``pause`` seconds."""
        async with self._connected() as connection:
            facts = {**self._facts, "bucket": bucket, "pause": pause}
            await _rows(connection, _TURN_OVER, facts)

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[Connection]:
        """Connect for the block.

        Raises:
            DatabaseError: PostgreSQL does not do what is asked of it.
        """
        try:
            async with opened(self._url) as connection:
                yield connection
        except psycopg.Error as error:
            raise database_error(self._url, error) from error


async def _rows(connection: Connection, sql: str, facts: dict[str, Any]) -> list[tuple[Any, ...]]:
    cursor = await connection.execute(sql.encode(), facts or None)
    return await cursor.fetchall() if cursor.description else []


def _worker(
    worker_id: str,
    host: str,
    version: str,
    age: float,
    pinned: list[int] | None,
    shards: list[int],
) -> Worker:
    return Worker(
        worker_id,
        host,
        version,
        age,
        frozenset(shards),
        None if pinned is None else frozenset(pinned),
    )

"""Shares the shards of the gateway with the other processes of the same ``DATABASE_URL``.

Each holds leases in the database, see :mod:`bot.state.postgres.leases`, and asks every
`BEAT` seconds, or when another says that something has changed, which are its own.

**A shard that changes hands is closed first, then the other resumes its session**, which the lease
names together with the last event that was processed. What Discord has for the shard meanwhile it
keeps and sends then: no event is lost or comes twice, and no login has to wait for its turn. An
answer under way in a process that stops has half a second (``MAX_FINISH_SECONDS``), and is then cut
off. An interaction that comes again when it is older than 2.5 s (``MAX_AGE``) is ignored, as
Discord no longer takes its answer. Measured were short commands.

Two sessions of a shard at once would both get each message. Where a session cannot be resumed the
other logs in, and so it does for a process that died: those shards have to wait for one another,
`IDENTIFY_INTERVAL` each. So a shard is given up only when its bucket is free for that.

**A database that is away changes nothing.** The shards stay connected: as long as it answers
nobody, nobody can take them over, and a bot that went offline with it would serve nobody. A process
that alone is cut off from it loses its leases, and goes on beside the one that took over until the
database answers it again; then it closes at once what it has lost. Meanwhile Discord takes only the
first answer to an interaction; a mention may get two. Logins then keep the interval within each
process only.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.errors import SettingsError, StateError
from bot.gateway.shards import IDENTIFY_INTERVAL, IdentifyTurns, SavedSession, ShardAssignment
from bot.settings import ShardRange
from bot.state import DatabaseError
from bot.state.shard_plan import BEAT, Worker

if TYPE_CHECKING:
    from bot.state.postgres.leases import Leases, Session

RETRY = 1.0
"""Seconds until a database that failed is tried again."""
MAX_TURN = 12.0
"""Seconds for a login once its turn has come: less than the turn is kept."""
MAX_LEAVE = 0.5
"""Seconds to tell the other workers that this one stops."""
MAX_END_TURN = 2.0
"""Seconds to tell them that a turn has ended: with `MAX_TURN` less than the turn is kept."""

_log = logging.getLogger(__name__)


class LeasedShards(ShardAssignment):
    """The share of one process, a "worker"."""

    def __init__(self, leases: "Leases", worker_id: str, by_hand: ShardRange | None) -> None:
        """Make it for a worker that takes only the shards ``by_hand``, if there are any."""
        self.worker_id = worker_id
        self._leases = leases
        self._by_hand = by_hand
        self._count = 0
        self._turns = IdentifyTurns()
        self._max_room = self._room = 0
        self._room_at = 0.0
        self._renewed_at: float | None = None
        self._is_away = False
        self._heritable = frozenset[int]()
        """The shards whose sessions another worker can resume once this one gives them up."""
        self._sessions: dict[int, str] = {}
        """Those of shards without a connection: another worker left them, or this one has."""
        self._ending: set[asyncio.Task[None]] = set()

    def has_heir(self, shard_id: int) -> bool:
        """Whether this worker had the shard at the last heartbeat, and was not alone."""
        return shard_id in self._heritable

    @property
    def lag(self) -> float:
        """Seconds since the leases were renewed."""
        if self._renewed_at is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._renewed_at

    async def workers(self) -> list[Worker]:
        """Return all workers, the eldest first.

        Raises:
            DatabaseError: the database does not answer.
        """
        return await self._leases.workers()

    async def join(self, application_id: int, recommended: int, max_concurrency: int) -> int:
        """Become a worker; return the number of shards that all have agreed on."""
        self._leases.set_application(application_id)
        self._max_room = max_concurrency
        wanted = self._by_hand.count if self._by_hand is not None else recommended
        while True:
            try:
                async with self._leases.session() as session:
                    self._count = await session.join(wanted, by_hand=self._by_hand is not None)
                    _log.info("This is the worker %s, of %d shards.", self.worker_id, self._count)
                    break
            except DatabaseError as error:
                await self._wait_for_database(error)
        if self._by_hand is not None and self._count != wanted:
            sentence = (
                f"SHARDS says {wanted} shards in all, but the running processes of this"
                f" DATABASE_URL have {self._count}: write /{self._count}, or stop them first."
            )
            raise SettingsError((sentence,))
        if self._count != wanted:
            _log.warning(
                "Discord recommends %d shards, the other processes have %d: it is so until all are"
                " stopped.",
                wanted,
                self._count,
            )
        return self._count

    async def changes(self) -> AsyncGenerator[frozenset[int]]:
        """Yield the shards of this worker, again whenever they change."""
        connected: frozenset[int] | None = None
        shards = frozenset[int]()
        while True:
            given: int | None = None
            try:
                async with self._leases.session() as session:
                    while True:
                        shards, given = await self._beat(session)
                        if shards != connected:
                            _log.info("This worker has the shards %s.", sorted(shards) or "–")
                            yield shards
                            connected = shards
                        if given is not None:
                            await session.free(given, self._sessions.get(given))
                            self._sessions.pop(given, None)
                            given = None
                        await session.wait(BEAT)
            except DatabaseError as error:
                if given is not None:
                    # It is closed, and no other worker may take it while the database is away.
                    connected = shards | {given}
                    yield connected
                await self._wait_for_database(error)

    def save_session(self, shard_id: int, session: SavedSession) -> None:
        """Keep the session of a shard that was closed for the worker that takes it."""
        self._sessions[shard_id] = json.dumps(asdict(session))

    def take_session(self, shard_id: int) -> SavedSession | None:
        """Return, once, the session in which a shard was left."""
        session = self._sessions.pop(shard_id, None)
        if session is None:
            return None
        try:
            return SavedSession(**json.loads(session))
        except (TypeError, ValueError):
            _log.warning("Logging in with shard %d: another version left its session.", shard_id)
            return None

    @asynccontextmanager
    async def turn_to_identify(self, bucket: int) -> AsyncGenerator[None]:
        """Wait until an IDENTIFY is allowed in the bucket, also by what other workers sent."""
        async with self._turns.take(bucket):
            is_taken = await self._take_turn(bucket)
            pause = 0.0
            try:
                async with asyncio.timeout(MAX_TURN):
                    yield
                pause = IDENTIFY_INTERVAL
            finally:
                if is_taken:
                    ending = asyncio.create_task(self._end_turn(bucket, pause), name="end of turn")
                    self._ending.add(ending)
                    ending.add_done_callback(self._ending.discard)

    async def leave(self) -> None:
        """Give all shards up, so that other workers take them now."""
        try:
            async with asyncio.timeout(MAX_LEAVE):
                await self._leases.leave(self._sessions)
        except (DatabaseError, TimeoutError) as error:
            _log.warning("Other workers take the shards over later: %s.", str(error) or "no answer")
        for ending in self._ending:
            # Unless it has been written by now, the turn lasts until it ends by itself.
            ending.cancel()
        if self._ending:
            await asyncio.wait(self._ending, timeout=MAX_LEAVE)

    async def _beat(self, session: "Session") -> tuple[frozenset[int], int | None]:
        """Renew the leases; return the shards to have, and the one that is given up."""
        now = asyncio.get_running_loop().time()
        # No more than can log in until the next heartbeat: what starts meanwhile gets its share.
        if now - self._room_at >= IDENTIFY_INTERVAL:
            self._room, self._room_at = self._max_room, now
        beat = await session.beat(room=self._room, buckets=self._max_room)
        if beat.count != self._count:
            raise StateError(
                f"The other processes of this DATABASE_URL have {beat.count} shards by now, not"
                f" {self._count}: start this one again."
            )
        self._room -= len(beat.plan.take - beat.sessions.keys())
        # A shard that this worker did not have all the time may have been served elsewhere.
        kept = self._sessions.keys() & (beat.shards - beat.plan.take)
        self._sessions = {shard: self._sessions[shard] for shard in kept} | beat.sessions
        self._heritable = frozenset() if beat.is_alone else beat.shards
        self._renewed_at = now
        if self._is_away:
            self._is_away = False
            _log.info("The database of the shards answers again.")
        return beat.shards - {beat.plan.give}, beat.plan.give

    async def _take_turn(self, bucket: int) -> bool:
        """Whether the other workers wait until the turn ends; not if the database is away."""
        try:
            await self._leases.take_turn(bucket)
        except DatabaseError as error:
            _log.warning("Logging in without regard to other workers: %s.", error)
            return False
        return True

    async def _end_turn(self, bucket: int, pause: float) -> None:
        try:
            async with asyncio.timeout(MAX_END_TURN):
                await self._leases.end_turn(bucket, pause)
        except (DatabaseError, TimeoutError) as error:
            # It ends by itself.
            _log.warning("Other workers wait longer to log in: %s.", str(error) or "no answer")

    async def _wait_for_database(self, error: DatabaseError) -> None:
        if not self._is_away:
            self._is_away = True
            _log.warning("The shards stay with the workers that have them: %s.", error)
        await asyncio.sleep(RETRY)

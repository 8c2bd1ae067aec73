"""Lets one process lead: it holds a lock of a session of its own, which ends with the process.

A leader may be the last to know that it has lost its lock, such as after a standstill. So what only
the leader may write is written in a transaction that first asks whether its session holds the lock
(`proof`). A new leader waits for the transactions of the one before it: what that has written it
sees, and whatever comes later is refused.
"""

import asyncio
import logging
from collections.abc import Callable

from bot.database_url import DatabaseUrl
from bot.state.database import Statement
from bot.state.peers import Leadership
from bot.state.postgres.schema import WRITE_LOCK
from bot.state.postgres.session import ANSWER_SECONDS, LOCKS, Session, check, keep_open

LOCK = 1
POLL_SECONDS = 2.0
"""Between two looks whether there is a leader, and whether its session still lives."""
SILENCE_SECONDS = 10
"""After which the server ends the session of a leader that says nothing."""

PROOF = f"""SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = ?
    AND classid = {LOCKS} AND objid = {LOCK} AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""  # noqa: S608 (our own numbers)

_log = logging.getLogger(__name__)


class PostgresLeadership(Leadership):
    """Whether this process leads those that share a database."""

    def __init__(self, url: DatabaseUrl) -> None:
        self._url = url
        self._stands = asyncio.Event()
        self._callbacks: list[Callable[[], object]] = []
        self._session_id: int | None = None
        """Of the server's process for the session that holds the lock."""

    @property
    def is_leader(self) -> bool:
        """Whether this process leads, as far as it knows."""
        return self._session_id is not None

    @property
    def proof(self) -> Statement:
        """A statement that has a row only while this process leads."""
        return PROOF, (self._session_id or 0,)

    def stand(self) -> None:
        """Let this process lead from now on, once no other does."""
        self._stands.set()

    def on_elected(self, callback: Callable[[], object]) -> None:
        """Call ``callback`` in the event loop each time this process begins to lead."""
        self._callbacks.append(callback)

    async def run(self) -> None:
        """Lead whenever no other does, until cancelled."""
        await self._stands.wait()
        await keep_open(self._url, self._lead, "the leader's lock")

    async def _lead(self, session: Session) -> None:
        await session.execute(f"SET idle_session_timeout TO '{SILENCE_SECONDS}s'".encode())
        while not await _is_locked(session):  # noqa: ASYNC110 (the server sets no event)
            await asyncio.sleep(POLL_SECONDS)
        await session.execute(WRITE_LOCK)
        self._session_id = session.info.backend_pid
        _log.info("This process leads: it posts watches and deletes what is over 30 days old.")
        try:
            for callback in self._callbacks:
                try:
                    callback()
                except Exception:  # noqa: BLE001 (as said)
                    # Without it the others go on, and so does the lead.
                    _log.exception("Something that only the leader does was not begun.")
            while True:
                await asyncio.sleep(POLL_SECONDS)
                await check(session, ANSWER_SECONDS)
        finally:
            self._session_id = None


async def _is_locked(session: Session) -> bool:
    """Lock, if no other session does; return whether this one does."""
    cursor = await session.execute("SELECT pg_try_advisory_lock(%s, %s)", (LOCKS, LOCK))
    row = await cursor.fetchone()
    return row is not None and bool(row[0])

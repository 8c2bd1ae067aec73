"""The reindexes that somebody has asked for, and how those of a shared index ended."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from bot.state.database import Database
from bot.state.peers import Topic

LIFE = 86_400.0  # seconds


def new_key() -> str:
    """Return the key of a new request."""
    return secrets.token_hex(8)


class ReindexRequests:
    """Requests to all processes, or to the leader, which alone builds an index that they share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, key: str, *, full: bool) -> None:
        """Ask for a reindex, by a key of `new_key`."""
        now = self._database.now()
        await self._database.write(
            ("DELETE FROM reindex_request WHERE at < ?", (now - LIFE,)),
            ("INSERT INTO reindex_request VALUES (?, ?, ?, NULL)", (key, now, full)),
            *self._database.notifications.about(
                Topic.REINDEX, f"{'full' if full else 'new'} {key}"
            ),
        )

    async def latest(self) -> dict[str, bool]:
        """Return whether each request of a day is for a full reindex, by its key."""
        rows = await self._database.rows("SELECT key, is_full FROM reindex_request", ())
        return {key: bool(is_full) for key, is_full in rows}

    async def waiting(self) -> bool | None:
        """Return whether one of those that wait is for a full reindex; ``None``: none waits."""
        rows = await self._database.rows(
            "SELECT is_full FROM reindex_request WHERE outcome IS NULL", ()
        )
        return any(is_full for (is_full,) in rows) if rows else None

    async def end(self, outcome: Mapping[str, Any], said: str) -> None:
        """Store the outcome of all that wait, and tell the other processes how it was.

        Raises:
            NotLeaderError: another process leads by now, and begins anew.
        """
        text = json.dumps(outcome)
        await self._database.write_as_leader(
            ("UPDATE reindex_request SET outcome = ? WHERE outcome IS NULL", (text,)),
            *self._database.notifications.about(Topic.REINDEXED, said),
        )

    async def cancel(self, outcome: Mapping[str, Any], said: str) -> bool:
        """Store this outcome of all that wait, and tell the others; return whether any waited."""
        count, *_ = await self._database.write(
            (
                "UPDATE reindex_request SET outcome = ? WHERE outcome IS NULL",
                (json.dumps(outcome),),
            ),
            *self._database.notifications.about(Topic.CANCEL),  # it may have begun just now
            *self._database.notifications.about(Topic.REINDEXED, said),
        )
        return count > 0

    async def outcome(self, key: str) -> Mapping[str, Any] | None:
        """Return the outcome of a request; ``None``: it still waits.

        Raises:
            LookupError: there is no such request any more.
        """
        row = await self._database.row("SELECT outcome FROM reindex_request WHERE key = ?", (key,))
        if row is None:
            raise LookupError(key)
        return None if row[0] is None else json.loads(row[0])

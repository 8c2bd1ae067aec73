"""Saved searches, what they have found, and what of it is still to be posted."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from bot.state.database import Database
from bot.state.questions import LIFE
from corpus.model import Filters


@dataclass(frozen=True, slots=True)
class Watch:
    """A question whose new matches a channel is told of."""

    id: int
    guild_id: int
    channel_id: int
    question: str
    filters: Filters


@dataclass(frozen=True, slots=True)
class Post:
    """Something to post for a watch."""

    watch_id: int
    article: str
    """What names the article across renames."""
    path: str
    more: int = 0
    """More than 0: not an article, but how many more there are."""

    @property
    def nonce(self) -> str:
        """What Discord recognises a second attempt by; 24 characters."""
        return hashlib.sha256(f"{self.watch_id} {self.article}".encode()).hexdigest()[:24]


def _watch(*row: Any) -> Watch:  # noqa: ANN401 (columns)
    watch_id, guild_id, channel_id, question, filters = row
    fields = json.loads(filters)
    fields["without_sources"] = tuple(fields["without_sources"])
    return Watch(watch_id, guild_id, channel_id, question, Filters(**fields))


_WATCH = "SELECT id, guild, channel, question, filters FROM watch"


class Watches:
    """The watches of every server, and their outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Watch]:
        """Return every watch."""
        return [_watch(*row) for row in await self._database.rows(_WATCH, ())]

    async def of_guild(self, guild_id: int) -> list[Watch]:
        """Return the watches of a server, oldest first."""
        rows = await self._database.rows(f"{_WATCH} WHERE guild = ? ORDER BY id", (guild_id,))
        return [_watch(*row) for row in rows]

    async def add(self, guild_id: int, channel_id: int, question: str, filters: Filters) -> None:
        """Keep a new watch."""
        await self._database.write(
            (
                "INSERT INTO watch (guild, channel, question, filters, at) VALUES (?, ?, ?, ?, ?)",
                (
                    guild_id,
                    channel_id,
                    question,
                    json.dumps(asdict(filters), ensure_ascii=False),
                    self._database.now(),
                ),
            )
        )

    async def remove(self, watch_id: int) -> None:
        """Delete a watch with what it was still to post."""
        await self._database.write(("DELETE FROM watch WHERE id = ?", (watch_id,)))

    async def remove_channel(self, channel_id: int) -> None:
        """Delete the watches of a channel that is gone."""
        await self._database.write(("DELETE FROM watch WHERE channel = ?", (channel_id,)))

    async def known_articles(self) -> set[str]:
        """Return the names of the articles that have been looked at."""
        return {name for (name,) in await self._database.rows("SELECT name FROM known_article", ())}

    async def note(self, found: Iterable[Post], articles: Collection[str]) -> None:
        """Put ``found`` into the outbox and remember ``articles`` as looked at, both or neither.

        What was posted long ago is forgotten: its article stays known.
        """
        now = self._database.now()
        await self._database.write(
            ("DELETE FROM watch_post WHERE posted_at < ?", (now - LIFE,)),
            *(
                (
                    "INSERT OR IGNORE INTO watch_post VALUES (?, ?, ?, ?, ?, NULL)",
                    (one.watch_id, one.article, one.path, one.more, now),
                )
                for one in found
            ),
            *(("INSERT OR IGNORE INTO known_article VALUES (?)", (name,)) for name in articles),
        )

    async def outbox(self) -> list[tuple[Watch, Post]]:
        """Return what is still to be posted, in the order it was found, summaries last."""
        watches = {watch.id: watch for watch in await self.all()}
        rows = await self._database.rows(
            "SELECT watch, article, path, more FROM watch_post WHERE posted_at IS NULL"
            " ORDER BY found_at, watch, more, article",
            (),
        )
        return [(watches[row[0]], Post(*row)) for row in rows if row[0] in watches]

    async def set_posted(self, post: Post) -> None:
        """Remember that ``post`` is in its channel."""
        await self._database.write(
            (
                "UPDATE watch_post SET posted_at = ? WHERE watch = ? AND article = ?",
                (self._database.now(), post.watch_id, post.article),
            )
        )

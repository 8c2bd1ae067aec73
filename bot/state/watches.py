"""Watches: saved searches of channels, the posts still to send, the articles already matched."""

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from bot.state.database import Database, Statement
from bot.state.questions import LIFE
from corpus import Filters

MAX_WATCHES = 25  # of a server, as many as Discord offers choices
_NONCE_BYTES = 12  # Discord takes 25 characters


@dataclass(frozen=True, slots=True)
class WatchTarget:
    """The channel that a watch posts to."""

    guild_id: int
    channel_id: int
    channel_name: str
    """When the watch was made."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A saved search."""

    id: int
    """Never given again."""
    target: WatchTarget
    question: str
    filters: Filters
    """Source, author and tag only."""
    posted_at: float | None
    """When it last posted, in seconds since 1970."""
    waiting: int
    """Articles found that are still to be posted."""
    waiting_more: int
    """Articles beside these that are still to be mentioned as a number."""


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post that a watch has produced."""

    watch_id: int
    blocks: Sequence[str]
    """Markdown."""
    more: int = 0
    """Articles that it only counts; it replaces an earlier such post that still waits."""


@dataclass(frozen=True, slots=True)
class PendingPost:
    """A post to send, or to send again if it is unknown whether it arrived."""

    nonce: str
    """By it Discord recognises the same message."""
    watch_id: int
    channel_id: int
    blocks: tuple[str, ...]


class AddResult(Enum):
    """The result of adding a watch."""

    SAVED = auto()
    EXISTS = auto()
    """The channel already has this question."""
    FULL = auto()
    """The server has as many as it may."""


_WATCH = """SELECT id, guild, channel, channel_name, question, source, author, tag, posted_at,
    (SELECT count(*) FROM watch_post WHERE watch = watch.id AND more = 0 AND found_at >= ?1),
    (SELECT coalesce(sum(more), 0) FROM watch_post WHERE watch = watch.id AND found_at >= ?1)
    FROM watch"""


class Watches:
    """The watches of all servers, and the articles already matched."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, target: WatchTarget, question: str, filters: Filters) -> AddResult:
        """Save a watch, unless it exists already or the server has too many."""
        [written] = await self._database.write(
            (
                """INSERT INTO watch
                (guild, channel, channel_name, question, source, author, tag, at)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
                WHERE (SELECT count(*) FROM watch WHERE guild = ?1) < ?9
                ON CONFLICT DO NOTHING""",
                (
                    target.guild_id,
                    target.channel_id,
                    target.channel_name,
                    question,
                    filters.source,
                    filters.author,
                    filters.tag,
                    self._database.now(),
                    MAX_WATCHES,
                ),
            )
        )
        if written:
            return AddResult.SAVED
        same = await self._database.row(
            "SELECT 1 FROM watch WHERE channel = ? AND question = ?", (target.channel_id, question)
        )
        return AddResult.EXISTS if same else AddResult.FULL

    async def all(self) -> list[Watch]:
        """Return the watches of every server."""
        rows = await self._database.rows(f"{_WATCH} ORDER BY id", (self._oldest(),))
        return [_watch(row) for row in rows]

    async def of_guild(self, guild_id: int) -> list[Watch]:
        """Return a server's watches, oldest first."""
        rows = await self._database.rows(
            f"{_WATCH} WHERE guild = ?2 ORDER BY id", (self._oldest(), guild_id)
        )
        return [_watch(row) for row in rows]

    async def remove(self, guild_id: int, watch_id: int) -> bool:
        """Remove a server's watch and its waiting posts; return whether it existed."""
        [removed] = await self._database.write(
            ("DELETE FROM watch WHERE guild = ? AND id = ?", (guild_id, watch_id))
        )
        return bool(removed)

    async def remove_channel(self, channel_id: int) -> None:
        """Remove every watch of a channel."""
        await self._database.write(("DELETE FROM watch WHERE channel = ?", (channel_id,)))

    async def unknown(self, names: Collection[str]) -> set[str]:
        """Return those of ``names`` that :meth:`keep` never stored."""
        rows = await self._database.rows(
            "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT name FROM known_article)",
            (json.dumps([*names]),),
        )
        return {name for (name,) in rows}

    async def keep(self, names: Collection[str], found: Sequence[NewPost]) -> None:
        """Store ``names`` as known together with the new posts, all or none."""
        now = self._database.now()
        await self._database.write(
            (
                "INSERT OR IGNORE INTO known_article SELECT value FROM json_each(?)",
                (json.dumps([*names]),),
            ),
            *(statement for post in found for statement in _keeping(post, now)),
        )

    async def pending(self) -> list[PendingPost]:
        """Return the posts to send, in order, but for those that have waited for 30 days."""
        rows = await self._database.rows(
            """SELECT nonce, watch.id, watch.channel, blocks
            FROM watch_post JOIN watch ON watch.id = watch_post.watch WHERE found_at >= ?
            ORDER BY watch.id, more > 0, watch_post.id""",
            (self._oldest(),),
        )
        return [
            PendingPost(nonce, watch_id, channel_id, tuple(json.loads(blocks)))
            for nonce, watch_id, channel_id, blocks in rows
        ]

    async def mark_posted(self, pending: PendingPost) -> None:
        """Note that a post was sent."""
        await self._database.write(
            _forgetting(pending),
            (
                "UPDATE watch SET posted_at = ? WHERE id = ?",
                (self._database.now(), pending.watch_id),
            ),
        )

    async def give_up(self, pending: PendingPost) -> None:
        """Drop a post that Discord will never accept."""
        await self._database.write(_forgetting(pending))

    async def drop_posts_with(self, markdown: str) -> None:
        """Drop the waiting posts that hold this text."""
        text = json.dumps(markdown, ensure_ascii=False)[1:-1]
        await self._database.write(("DELETE FROM watch_post WHERE instr(blocks, ?)", (text,)))

    def _oldest(self) -> float:
        return self._database.now() - LIFE


def _keeping(found: NewPost, now: float) -> list[Statement]:
    # The watch may have been removed while its articles were looked for.
    insert = (
        """INSERT INTO watch_post (watch, nonce, blocks, more, found_at)
        SELECT id, ?, ?, ?, ? FROM watch WHERE id = ?""",
        (
            secrets.token_hex(_NONCE_BYTES),
            json.dumps([*found.blocks], ensure_ascii=False),
            found.more,
            now,
            found.watch_id,
        ),
    )
    if not found.more:
        return [insert]
    return [("DELETE FROM watch_post WHERE watch = ? AND more > 0", (found.watch_id,)), insert]


def _forgetting(pending: PendingPost) -> Statement:
    return "DELETE FROM watch_post WHERE nonce = ?", (pending.nonce,)


def _watch(row: Sequence[Any]) -> Watch:
    id_, guild, channel, name, question, source, author, tag, *rest = row
    filters = Filters(source=source, author=author, tag=tag)
    return Watch(id_, WatchTarget(guild, channel, name), question, filters, *rest)

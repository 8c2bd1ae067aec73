"""Watches: saved searches of channels and members, the posts to send, the articles matched.

A regular list of a channel is a watch, too: only what it posts comes from elsewhere.
"""

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum, auto
from typing import Any

from bot.state.database import Database, Statement
from bot.state.questions import LIFE
from bot.state.recipients import FORGET_IDLE, MAX_FAILURES
from corpus import Filters

MAX_WATCHES = 25  # of a server, as many as Discord offers choices
MAX_OWN_WATCHES = 10  # of a member
POSTS_AT_ONCE = 100  # that are held in memory
_NONCE_BYTES = 12  # Discord takes 25 characters


class DigestKind(StrEnum):
    """What a regular list holds."""

    ON_THIS_DAY = "on-this-day"
    """Articles published on this day of earlier years; made once a day."""
    WEEKLY = "weekly"
    """Articles that came to the archive in the last week; made once a week."""


@dataclass(frozen=True, slots=True)
class WatchTarget:
    """The channel that a watch posts to."""

    guild_id: int | None
    """None: it is that of the direct messages with a member."""
    channel_id: int
    channel_name: str = ""
    """When the watch was made; direct messages have none."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A saved search."""

    id: int
    """Never given again."""
    target: WatchTarget
    question: str
    """Empty: it is a regular list."""
    filters: Filters
    """Source, author and tag only."""
    digest: DigestKind | None
    """Which regular list it is; None: none."""
    locale: str | None
    """The language of a member; None: the server's counts."""
    is_paused: bool
    """Whether the member's direct messages are closed."""
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
    guild_id: int | None
    """None: it goes to a member's direct messages."""
    channel_id: int
    locale: str | None
    """As in :class:`Watch`."""
    blocks: tuple[str, ...]


class AddResult(Enum):
    """The result of adding a watch."""

    SAVED = auto()
    EXISTS = auto()
    """The channel already has this question."""
    FULL = auto()
    """The server or the member has as many as they may."""


_WATCH = """SELECT id, guild, watch.channel, channel_name, question, source, author, tag, kind,
    locale, coalesce(failures, 0), posted_at,
    (SELECT count(*) FROM watch_post WHERE watch = watch.id AND more = 0 AND found_at >= ?1),
    (SELECT coalesce(sum(more), 0) FROM watch_post WHERE watch = watch.id AND found_at >= ?1)
    FROM watch LEFT JOIN recipient ON recipient.channel = watch.channel"""
_ADD = """INSERT INTO watch
    (guild, channel, channel_name, question, source, author, tag, at, kind, period)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
    WHERE (SELECT count(*) FROM watch WHERE {}) < ?11
    ON CONFLICT DO NOTHING"""
_ADD_OF_GUILD = _ADD.format("guild = ?1")
_ADD_OF_MEMBER = _ADD.format("channel = ?2")


class Watches:
    """The watches of all servers and members, and the articles already matched."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        target: WatchTarget,
        question: str,
        filters: Filters,
        digest: tuple[DigestKind, date] | None = None,
    ) -> AddResult:
        """Save a server's watch, unless it exists already or the server has too many.

        Args:
            target: in a server.
            question: without spaces around it.
            filters: of the watch.
            digest: if it is a regular list: which, and the first day of the period whose list is
                not to be posted any more.
        """
        kind, period = digest or (None, None)
        if kind is not None:
            question = f" {kind}"
        values = self._values(target, question, filters)
        written = await self._database.write(
            (_ADD_OF_GUILD, (*values, kind, period and period.isoformat(), MAX_WATCHES))
        )
        return await self._result(target, question, written=bool(written[0]))

    async def add_own(
        self, user_id: int, locale: str, target: WatchTarget, question: str, filters: Filters
    ) -> AddResult:
        """Save a member's watch, unless it exists already or they have too many.

        Args:
            user_id: of the member.
            locale: their language, in which they get what is new.
            target: the channel of their direct messages.
            question: without spaces around it.
            filters: of the watch.
        """
        user = self._database.user_hash(user_id)
        values = self._values(target, question, filters)
        _, _, added, _ = await self._database.write(
            (
                """UPDATE watch SET channel = ?1
                WHERE channel = (SELECT channel FROM recipient WHERE "user" = ?2)
                AND lower(question) NOT IN
                (SELECT lower(question) FROM watch WHERE channel = ?1)""",
                (target.channel_id, user),
            ),
            (
                """INSERT INTO recipient VALUES (?, ?, ?, 0) ON CONFLICT ("user")
                DO UPDATE SET locale = excluded.locale, channel = excluded.channel""",
                (target.channel_id, user, locale),
            ),
            (_ADD_OF_MEMBER, (*values, None, None, MAX_OWN_WATCHES)),
            FORGET_IDLE,
        )
        return await self._result(target, question, written=bool(added))

    def _values(self, target: WatchTarget, question: str, filters: Filters) -> tuple[Any, ...]:
        return (
            target.guild_id or 0,
            target.channel_id,
            target.channel_name,
            question,
            filters.source,
            filters.author,
            filters.tag,
            self._database.now(),
        )

    async def _result(self, target: WatchTarget, question: str, *, written: bool) -> AddResult:
        if written:
            return AddResult.SAVED
        same = await self._database.row(
            "SELECT 1 FROM watch WHERE channel = ? AND lower(question) = ?",
            (target.channel_id, _lower(question)),
        )
        return AddResult.EXISTS if same else AddResult.FULL

    async def all(self) -> list[Watch]:
        """Return the watches of every server and member."""
        return await self._select("true")

    async def of_guild(self, guild_id: int) -> list[Watch]:
        """Return a server's watches, oldest first."""
        return await self._select("guild = ?2", guild_id)

    async def of_user(self, user_id: int) -> list[Watch]:
        """Return a member's own watches, oldest first."""
        user = self._database.user_hash(user_id)
        return await self._select('guild = 0 AND "user" = ?2', user)

    async def due(self, kind: DigestKind, period: date) -> list[Watch]:
        """Return the regular lists that were not made for ``period`` yet."""
        return await self._select("kind = ?2 AND period < ?3", kind, period.isoformat())

    async def _select(self, condition: str, *values: Any) -> list[Watch]:  # noqa: ANN401 (columns)
        rows = await self._database.rows(
            f"{_WATCH} WHERE {condition} ORDER BY id", (self._oldest(), *values)
        )
        return [_watch(row) for row in rows]

    async def remove(self, guild_id: int, watch_id: int) -> bool:
        """Remove a server's watch and its waiting posts; return whether it existed."""
        [removed] = await self._database.write(
            ("DELETE FROM watch WHERE guild = ? AND id = ?", (guild_id, watch_id))
        )
        return bool(removed)

    async def remove_own(self, user_id: int, watch_id: int) -> bool:
        """Remove a member's own watch and its waiting posts; return whether it existed."""
        user = self._database.user_hash(user_id)
        removed, _ = await self._database.write(
            (
                """DELETE FROM watch WHERE guild = 0 AND id = ?
                AND channel = (SELECT channel FROM recipient WHERE "user" = ?)""",
                (watch_id, user),
            ),
            FORGET_IDLE,
        )
        return bool(removed)

    async def remove_channel(self, channel_id: int) -> None:
        """Remove every watch of a channel."""
        await self._database.write(
            ("DELETE FROM watch WHERE channel = ?", (channel_id,)), FORGET_IDLE
        )

    async def unknown(self, names: Collection[str]) -> set[str]:
        """Return those of ``names`` that :meth:`keep` never stored."""
        rows = await self._database.rows(
            f"""SELECT value FROM {self._database.dialect.elements.format("?")}
            WHERE value NOT IN (SELECT name FROM known_article)""",  # noqa: S608
            (json.dumps([*names]),),
        )
        return {name for (name,) in rows}

    async def keep(
        self, names: Collection[str], found: Sequence[NewPost], *, came_at: float | None = None
    ) -> None:
        """Store ``names`` as known together with the new posts, all or none.

        Args:
            names: of articles.
            found: what they made watches post.
            came_at: when they came; None: they were there when the archive was first seen.

        Raises:
            NotLeaderError: another process looks after the watches by now.
        """
        now = self._database.now()
        elements = self._database.dialect.elements.format("?2")
        await self._database.write_as_leader(
            (
                f"""INSERT INTO known_article SELECT value, ?1 FROM {elements}
                WHERE true ON CONFLICT DO NOTHING""",  # noqa: S608
                (came_at, json.dumps([*names])),
            ),
            *(statement for post in found for statement in _keeping(post, now)),
        )

    async def arrived(self, since: float, until: float) -> set[str]:
        """Return the names of the articles that came at ``since`` or later, before ``until``."""
        rows = await self._database.rows(
            "SELECT name FROM known_article WHERE at >= ? AND at < ?", (since, until)
        )
        return {name for (name,) in rows}

    async def keep_digests(self, kind: DigestKind, period: date, posts: Sequence[NewPost]) -> None:
        """Store the regular lists of ``period``, all or none, and note that they were made.

        What still waits of an earlier period is dropped.

        Raises:
            NotLeaderError: another process looks after the watches by now.
        """
        now, day = self._database.now(), period.isoformat()
        await self._database.write_as_leader(
            _dropping(kind, day),
            *(statement for post in posts for statement in _keeping(post, now)),
            ("UPDATE watch SET period = ?1 WHERE kind = ?2 AND period < ?1", (day, kind)),
        )

    async def drop_late(self, kind: DigestKind, period: date) -> None:
        """Drop the regular lists that still wait though their period is over."""
        await self._database.write(_dropping(kind, period.isoformat()))

    async def pending(
        self, without: Collection[int] = (), *, limit: int | None = None
    ) -> list[PendingPost]:
        """Return posts to send, in order, but for those that have waited for 30 days.

        Channels take turns, so that one with many posts keeps no other waiting.

        Args:
            without: the channels whose posts are left out.
            limit: how many to return at most; None: as many as are held in memory.
        """
        elements = self._database.dialect.elements.format("?2")
        rows = await self._database.rows(
            f"""SELECT nonce, watch.id, guild, watch.channel, locale, blocks
            FROM watch_post JOIN watch ON watch.id = watch_post.watch
            LEFT JOIN recipient ON recipient.channel = watch.channel
            WHERE found_at >= ?1 AND coalesce(failures, 0) < ?4
            AND watch.channel NOT IN (SELECT CAST(value AS bigint) FROM {elements})
            ORDER BY row_number() OVER (
                PARTITION BY watch.channel ORDER BY watch.id, more > 0, watch_post.id
            ), watch.id LIMIT ?3""",  # noqa: S608
            (self._oldest(), json.dumps([*without]), limit or POSTS_AT_ONCE, MAX_FAILURES),
        )
        return [
            PendingPost(nonce, watch_id, guild or None, channel, locale, tuple(json.loads(blocks)))
            for nonce, watch_id, guild, channel, locale, blocks in rows
        ]

    async def is_waiting(self, pending: PendingPost) -> bool:
        """Return whether a post is still to be sent; asked right before it is.

        Raises:
            NotLeaderError: another process looks after the watches by now.
        """
        await self._database.check_leads()
        waiting = "SELECT 1 FROM watch_post WHERE nonce = ?"
        return await self._database.row(waiting, (pending.nonce,)) is not None

    async def mark_posted(self, pending: PendingPost) -> None:
        """Note that a post was sent."""
        await self._database.write(
            _forgetting(pending),
            (
                "UPDATE watch SET posted_at = ? WHERE id = ?",
                (self._database.now(), pending.watch_id),
            ),
            (
                "UPDATE recipient SET failures = 0 WHERE channel = ? AND failures > 0",
                (pending.channel_id,),
            ),
        )

    async def give_up(self, pending: PendingPost) -> None:
        """Drop a post that Discord will never accept."""
        await self._database.write(_forgetting(pending))

    async def drop_posts_with(self, markdown: str) -> None:
        """Drop the waiting posts that hold this text."""
        text = json.dumps(markdown, ensure_ascii=False)[1:-1]
        await self._database.write(
            ("DELETE FROM watch_post WHERE replace(blocks, ?1, '') <> blocks", (text,))
        )

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


def _dropping(kind: DigestKind, day: str) -> Statement:
    return (
        """DELETE FROM watch_post WHERE watch IN
        (SELECT id FROM watch WHERE kind = ? AND period < ?)""",
        (kind, day),
    )


def _lower(question: str) -> str:
    """Return what the databases' lower() does: letters of ASCII only."""
    return question.encode().lower().decode()


def _watch(row: Sequence[Any]) -> Watch:
    id_, guild, channel, name, question, source, author, tag, kind, locale, failures, *rest = row
    return Watch(
        id_,
        WatchTarget(guild or None, channel, name),
        "" if kind else question,
        Filters(source=source, author=author, tag=tag),
        DigestKind(kind) if kind else None,
        locale,
        failures >= MAX_FAILURES,
        *rest,
    )

"""The data behind the buttons under an answer, for 30 days."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from bot.state.database import Database
from bot.state.questions import LIFE
from corpus import Filters


@dataclass(frozen=True, slots=True)
class PassageKey:
    """Identifies a passage in every index generation."""

    path: str
    """Of its article."""
    ordinal: int
    content: int | None = None
    """The hash of its text, see `corpus.Hit`; ``None``: stored by an earlier version."""


@dataclass(frozen=True, slots=True)
class AskRequest:
    """A question with its conditions, as an answer needs it again."""

    question: str
    """As typed; for more like a passage, that passage's title."""
    filters: Filters
    private: bool
    """Whether only the asker sees the answer."""
    like: PassageKey | None = None
    """The passage to find more like."""
    suggestions: tuple[str, ...] = ()
    """Questions suggested when nothing was found."""
    synonyms: str = ""
    """The line that an admin tries on the question, as typed."""
    added: tuple[str, ...] = ()
    """Terms of an earlier question that this one goes on from."""

    def to_json(self) -> str:
        """Return what :meth:`from_json` reads."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what :meth:`to_json` wrote."""
        fields: dict[str, Any] = json.loads(text, object_hook=_with_tuples)
        fields["filters"] = Filters(**fields["filters"])
        if fields["like"] is not None:
            fields["like"] = PassageKey(**fields["like"])
        return cls(**fields)


def _with_tuples(fields: dict[str, Any]) -> dict[str, Any]:
    """Return ``fields`` with their lists as the tuples that JSON does not know."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
    }


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A passage that an answer has shown."""

    key: PassageKey
    duplicates: tuple[str, ...] = ()
    """Paths of other articles that carry it."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as one user sees it."""

    key: str
    request: AskRequest
    is_own: bool
    """Whether this user asked."""
    shared: bool
    """Whether its asker has posted it to the channel."""
    vote: bool | None
    """Whether this user found it helpful; ``None``: they did not say."""


class Answers:
    """The answers given. Users are stored as keyed hashes only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, request: AskRequest, user_id: int) -> StoredAnswer:
        """Store an answer just given to ``user_id``."""
        key = secrets.token_urlsafe(9)
        await self._database.write(
            (
                'INSERT INTO answer (key, at, "user", asked) VALUES (?, ?, ?, ?)',
                (key, self._database.now(), self._database.user_hash(user_id), request.to_json()),
            ),
        )
        return StoredAnswer(key, request, is_own=True, shared=False, vote=None)

    async def get(self, key: str, user_id: int) -> StoredAnswer | None:
        """Return the answer as ``user_id`` sees it, or ``None`` if it has expired."""
        user = self._database.user_hash(user_id)
        row = await self._database.row(
            """SELECT asked, answer."user" = ?1, shared, helpful FROM answer
            LEFT JOIN vote ON vote.answer = key AND vote."user" = ?1
            WHERE key = ?2 AND at >= ?3""",
            (user, key, self._oldest()),
        )
        if row is None:
            return None
        asked, is_own, shared, helpful = row
        vote = None if helpful is None else bool(helpful)
        return StoredAnswer(key, AskRequest.from_json(asked), bool(is_own), bool(shared), vote)

    async def number(self, key: str, shown: Sequence[ShownPassage]) -> list[int]:
        """Return the number of each passage in the answer; a new one gets the next number."""
        await self._database.write(
            *(
                (
                    """INSERT INTO answer_passage
                    (answer, number, path, ordinal, content, duplicates)
                    SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5
                    FROM answer_passage WHERE answer = ?1 ON CONFLICT DO NOTHING""",
                    (key, *_columns(passage.key), json.dumps(passage.duplicates)),
                )
                for passage in shown
            )
        )
        rows = await self._database.rows(
            "SELECT path, ordinal, content, number FROM answer_passage WHERE answer = ?", (key,)
        )
        numbers = {_key(*place): number for *place, number in rows}
        return [numbers[passage.key] for passage in shown]

    async def passage(self, key: str, number: int) -> ShownPassage | None:
        """Return the passage with ``number`` in the answer, if there is one."""
        row = await self._database.row(
            """SELECT path, ordinal, content, duplicates FROM answer_passage
            WHERE answer = ? AND number = ?""",
            (key, number),
        )
        if row is None:
            return None
        *place, duplicates = row
        return ShownPassage(_key(*place), tuple(json.loads(duplicates)))

    async def vote(self, key: str, user_id: int, *, helpful: bool) -> None:
        """Store or replace the vote of ``user_id`` on the answer."""
        await self._database.write(
            (
                """INSERT INTO vote (answer, "user", helpful) VALUES (?, ?, ?)
                ON CONFLICT (answer, "user") DO UPDATE SET helpful = excluded.helpful""",
                (key, self._database.user_hash(user_id), helpful),
            )
        )

    async def unhelpful(self, *, limit: int) -> list[tuple[str, int]]:
        """Return the questions whose answers were voted down, and how often, most often first."""
        field = self._database.dialect.field
        return [
            (question, times)
            for question, times in await self._database.rows(
                f"""SELECT {field.format("asked", "question")} AS question, count(*) AS times
                FROM vote JOIN answer ON key = vote.answer
                WHERE NOT helpful AND at >= ? AND {field.format("asked", "like")} IS NULL
                GROUP BY question ORDER BY times DESC, max(at) DESC LIMIT ?""",  # noqa: S608
                (self._oldest(), limit),
            )
        ]

    async def set_shared(self, key: str, *, shared: bool) -> bool:
        """Set whether the answer has been posted, and return whether that changed.

        Of two concurrent calls, one gets ``True``.
        """
        [changed] = await self._database.write(
            ("UPDATE answer SET shared = ?1 WHERE key = ?2 AND shared <> ?1", (shared, key))
        )
        return changed > 0

    async def continue_in(self, channels: Sequence[int], key: str) -> None:
        """Store that a question in one of ``channels`` goes on from the answer."""
        await self._database.write(
            *(
                (
                    """INSERT INTO conversation (channel, answer) VALUES (?, ?)
                    ON CONFLICT (channel) DO UPDATE SET answer = excluded.answer""",
                    (channel, key),
                )
                for channel in channels
            )
        )

    async def last_in(self, channel: int, user_id: int) -> StoredAnswer | None:
        """Return the answer that a question in ``channel`` goes on from, as ``user_id`` sees it."""
        row = await self._database.row(
            "SELECT answer FROM conversation WHERE channel = ?", (channel,)
        )
        return None if row is None else await self.get(row[0], user_id)

    def _oldest(self) -> float:
        return self._database.now() - LIFE


def _columns(key: PassageKey) -> tuple[str, int, bytes]:
    """Return what :func:`_key` reads; SQLite's integers hold no 64 bits without a sign."""
    return key.path, key.ordinal, b"" if key.content is None else key.content.to_bytes(8)


def _key(path: str, ordinal: int, content: bytes) -> PassageKey:
    return PassageKey(path, ordinal, int.from_bytes(content) if content else None)

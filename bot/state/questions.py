"""The question log: 30 days, without names."""

import json
import math
import sys
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import Any

from bot.state.database import Database

LIFE = 30 * 86_400  # seconds that questions, answers and waiting posts are kept
MAX_CHARS = 500  # of a question's text
MAX_RECENT = 500  # questions of a user that are looked through
MAX_RECENT_OF_GUILD = 5_000  # and of a server
COUNTED_AT_ONCE = 20_000  # questions


@dataclass(frozen=True, slots=True)
class Question:
    """A question and how it was answered."""

    text: str
    user_id: int
    guild_id: int | None
    locale: str
    hits: int
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """The number of questions in a span of time, and how they were answered."""

    total: int
    unanswered: int
    """Those without any hit."""
    p50_ms: float | None
    """``None`` if there was no question."""
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class QuestionCount:
    """A question and how often it was asked; not by whom."""

    text: str
    times: int
    unanswered: int
    """How often without any hit."""
    last_at: float
    """Seconds since 1970."""


_COUNT_BY_TEXT = """
    SELECT text, count(*), count(*) FILTER (WHERE hits = 0), max(at)
    FROM question INDEXED BY question_text
    WHERE at >= ?1 AND text >= ?2 AND text < ?3 GROUP BY text
    HAVING (count(*), max(at)) > (?4, ?5)
    OR (count(*) FILTER (WHERE hits = 0), max(at)) > (?6, ?7)"""
_LAST_TEXT = chr(sys.maxunicode) * (MAX_CHARS + 1)
"""Comes after every text, by code points as by the bytes of UTF-8."""


_Counted = tuple[Any, ...]
"""The fields of a QuestionCount."""
_NEVER = ("", 0, 0, 0.0)
_BY_TIMES, _BY_MISSES = itemgetter(1, 3), itemgetter(2, 3)


class Questions:
    """The question log. Users are stored as keyed hashes only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def log(self, question: Question) -> None:
        """Store ``question`` for 30 days."""
        await self._database.write(
            (
                """INSERT INTO question (at, text, "user", guild, locale, hits, elapsed_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?)""",
                (
                    self._database.now(),
                    question.text[:MAX_CHARS],
                    self._database.user_hash(question.user_id),
                    question.guild_id,
                    question.locale,
                    question.hits,
                    question.elapsed_ms,
                ),
            ),
        )

    async def recent(self, user_id: int, *, limit: int) -> list[str]:
        """Return the user's last questions, each once, latest first; of the last 500."""
        rows = await self._database.rows(
            """SELECT text FROM (
                SELECT text, at FROM question INDEXED BY question_user
                WHERE "user" = ? AND at >= ? ORDER BY at DESC LIMIT ?
            ) AS latest GROUP BY text ORDER BY max(at) DESC LIMIT ?""",
            (self._database.user_hash(user_id), self._database.now() - LIFE, MAX_RECENT, limit),
        )
        return [text for (text,) in rows]

    async def popular(self, guild_id: int, *, limit: int) -> list[str]:
        """Return the questions with hits that two members of a server or more have asked.

        One person's question is theirs, and not shown to others. Of the server's last 5,000: to
        count all of 250,000 takes a second.
        """
        rows = await self._database.rows(
            """SELECT text FROM (
                SELECT text, "user", at, hits FROM question INDEXED BY question_guild
                WHERE guild = ? AND at >= ? ORDER BY at DESC LIMIT ?
            ) AS latest WHERE hits > 0 GROUP BY text HAVING count(DISTINCT "user") >= 2
            ORDER BY count(DISTINCT "user") DESC, max(at) DESC LIMIT ?""",
            (guild_id, self._database.now() - LIFE, MAX_RECENT_OF_GUILD, limit),
        )
        return [text for (text,) in rows]

    async def figures(self, *, seconds: float) -> QuestionFigures:
        """Return the figures of the last ``seconds``; percentiles by nearest rank."""
        since = self._database.now() - seconds
        [(total, unanswered)] = await self._database.rows(
            "SELECT count(*), count(*) FILTER (WHERE hits = 0) FROM question WHERE at >= ?",
            (since,),
        )
        return QuestionFigures(
            total=total,
            unanswered=unanswered,
            p50_ms=await self._percentile(0.50, since, total),
            p95_ms=await self._percentile(0.95, since, total),
        )

    async def most_frequent(
        self, *, seconds: float, limit: int, unanswered_limit: int
    ) -> tuple[list[QuestionCount], list[QuestionCount]]:
        """Return the most frequent questions of the last ``seconds``, and of those without a hit.

        A log of many is counted in parts, between which other reads and writes come.
        """
        since = self._database.now() - seconds
        asked: list[_Counted] = []
        unanswered: list[_Counted] = []
        for start, end in pairwise(await self._bounds()):
            # What is rarer than the last of both lists so far need not be read.
            least = asked[-1] if len(asked) == limit else _NEVER
            missed = unanswered[-1] if len(unanswered) == unanswered_limit else _NEVER
            limits = (*_BY_TIMES(least), *_BY_MISSES(missed))
            rows = await self._database.rows(_COUNT_BY_TEXT, (since, start, end, *limits))
            asked = sorted(asked + rows, key=_BY_TIMES, reverse=True)[:limit]
            misses = [row for row in rows if row[2]]
            unanswered = sorted(unanswered + misses, key=_BY_MISSES, reverse=True)
            unanswered = unanswered[:unanswered_limit]
        return [QuestionCount(*row) for row in asked], [QuestionCount(*row) for row in unanswered]

    async def _bounds(self) -> list[Any]:
        """Return texts between which about equally many questions stand, with both ends."""
        [(first, last)] = await self._database.rows("SELECT min(id), max(id) FROM question", ())
        if first is None:
            return []
        step = max(1, (last - first) // math.ceil((last - first) / COUNTED_AT_ONCE or 1))
        ids = range(first + step, last, step)
        elements = self._database.dialect.elements.format("?")
        rows = await self._database.rows(
            f"""SELECT DISTINCT text FROM question
            WHERE id IN (SELECT CAST(value AS bigint) FROM {elements}) ORDER BY text""",  # noqa: S608
            (json.dumps([*ids]),),
        )
        return ["", *(text for (text,) in rows), _LAST_TEXT]

    async def _percentile(self, share: float, since: float, count: int) -> float | None:
        row = await self._database.row(
            "SELECT elapsed_ms FROM question WHERE at >= ? ORDER BY elapsed_ms LIMIT 1 OFFSET ?",
            (since, max(math.ceil(share * count) - 1, 0)),
        )
        return row[0] if row else None

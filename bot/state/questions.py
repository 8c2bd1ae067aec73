"""The question log: 30 days, without names."""

import math
from dataclasses import dataclass

from bot.state.database import Database, Statement

LIFE = 30 * 86_400  # seconds
MAX_CHARS = 500  # of a question's text


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


class Questions:
    """The question log. Users are stored as keyed hashes only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def log(self, question: Question) -> None:
        """Store ``question`` for 30 days."""
        await self._database.write(
            self._forget_old(),
            (
                """INSERT INTO question (at, text, user, guild, locale, hits, elapsed_ms)
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
        """Return the user's last questions, each once, latest first."""
        rows = await self._database.rows(
            "SELECT text FROM question WHERE user = ? GROUP BY text ORDER BY max(at) DESC LIMIT ?",
            (self._database.user_hash(user_id), limit),
        )
        return [text for (text,) in rows]

    async def popular(self, guild_id: int, *, limit: int) -> list[str]:
        """Return the questions with hits that two members of a server or more have asked.

        One person's question is theirs, and not shown to others.
        """
        rows = await self._database.rows(
            """SELECT text FROM question WHERE guild = ? AND hits > 0 AND at >= ?
            GROUP BY text HAVING count(DISTINCT user) >= 2
            ORDER BY count(DISTINCT user) DESC, max(at) DESC LIMIT ?""",
            (guild_id, self._database.now() - LIFE, limit),
        )
        return [text for (text,) in rows]

    async def figures(self, *, seconds: float) -> QuestionFigures:
        """Return the figures of the last ``seconds``; percentiles by nearest rank."""
        since = self._database.now() - seconds
        [(total, unanswered)] = await self._database.rows(
            "SELECT count(*), coalesce(sum(hits = 0), 0) FROM question WHERE at >= ?", (since,)
        )
        return QuestionFigures(
            total=total,
            unanswered=unanswered,
            p50_ms=await self._percentile(0.50, since, total),
            p95_ms=await self._percentile(0.95, since, total),
        )

    async def counts(
        self, *, seconds: float, limit: int, unanswered: bool = False
    ) -> list[QuestionCount]:
        """Return the most frequent questions of the last ``seconds``.

        ``unanswered``: only those without a hit, by how often they had none.
        """
        by = "sum(hits = 0)" if unanswered else "count(*)"
        rows = await self._database.rows(
            "SELECT text, count(*), sum(hits = 0), max(at) FROM question WHERE at >= ?"  # noqa: S608
            f" GROUP BY text HAVING {by} > 0 ORDER BY {by} DESC, max(at) DESC LIMIT ?",
            (self._database.now() - seconds, limit),
        )
        return [QuestionCount(*row) for row in rows]

    async def forget_old(self) -> None:
        """Delete what is older than 30 days."""
        await self._database.write(self._forget_old())

    def _forget_old(self) -> Statement:
        return "DELETE FROM question WHERE at < ?", (self._database.now() - LIFE,)

    async def _percentile(self, share: float, since: float, count: int) -> float | None:
        row = await self._database.row(
            "SELECT elapsed_ms FROM question WHERE at >= ?"
            " ORDER BY elapsed_ms LIMIT 1 OFFSET max(?, 0)",
            (since, math.ceil(share * count) - 1),
        )
        return row[0] if row else None

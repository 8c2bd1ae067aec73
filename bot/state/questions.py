"""What was asked, for 30 days and without names."""

import math
from dataclasses import dataclass

from bot.state.database import Database, Statement

LIFE = 30 * 86_400  # seconds
LONGEST = 500  # characters kept


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was answered, or not."""

    text: str
    user_id: int
    guild_id: int | None
    locale: str
    hits: int
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """What was asked in a span of time."""

    asked: int
    unanswered: int
    """Those without any hit."""
    p50_ms: float | None
    """``None`` where nothing was asked."""
    p95_ms: float | None


class Questions:
    """The question log. Users are kept as keyed hashes only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def log(self, question: Question) -> None:
        """Keep ``question`` for 30 days."""
        await self._database.write(
            self._forget_old(),
            (
                """INSERT INTO question (at, text, user, guild, locale, hits, elapsed_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?)""",
                (
                    self._database.now(),
                    question.text[:LONGEST],
                    self._database.user_hash(question.user_id),
                    question.guild_id,
                    question.locale,
                    question.hits,
                    question.elapsed_ms,
                ),
            ),
        )

    async def recent(self, user_id: int, *, most: int) -> list[str]:
        """Return what the user asked last, each question once, latest first."""
        rows = await self._database.rows(
            "SELECT text FROM question WHERE user = ? GROUP BY text ORDER BY max(at) DESC LIMIT ?",
            (self._database.user_hash(user_id), most),
        )
        return [text for (text,) in rows]

    async def figures(self, *, seconds: float) -> QuestionFigures:
        """Return the figures of the last ``seconds``; percentiles by nearest rank."""
        since = self._database.now() - seconds
        [(asked, unanswered)] = await self._database.rows(
            "SELECT count(*), coalesce(sum(hits = 0), 0) FROM question WHERE at >= ?", (since,)
        )
        return QuestionFigures(
            asked=asked,
            unanswered=unanswered,
            p50_ms=await self._percentile(0.50, since, asked),
            p95_ms=await self._percentile(0.95, since, asked),
        )

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

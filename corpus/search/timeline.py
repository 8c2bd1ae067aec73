"""Chooses the days of a question's timeline: the best hit of each, spread over the years."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from corpus.engine import IndexReader
from corpus.model import Filters, Hit, Outcome
from corpus.search.searcher import MAX_CANDIDATES, Search, Searcher

MAX_DAYS = 30
"""How many days a timeline has at most."""
NEAR_BEST = 0.65
"""Share of the best score that a day's hit needs.

Chosen by reading the days of five questions to 1,461 posts: below it most are off topic.
"""

_DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Chosen:
    """The days of a timeline, and the search that found them."""

    search: Search
    hits: tuple[Hit, ...]
    """The best of each chosen day, oldest first."""
    total: int
    """Days with a hit that is near enough to the best, chosen or not."""


def timeline(
    question: str, filters: Filters, reader: IndexReader, searcher: Searcher, *, limit: int
) -> Chosen:
    """Return at most ``limit`` days on which articles tell of ``question``.

    Args:
        question: as typed.
        filters: normalised.
        reader: of the generation.
        searcher: of the same.
        limit: how many days to choose at most.
    """
    search = searcher.search(question, filters, limit=MAX_CANDIDATES)
    if search.outcome not in {Outcome.ANSWER, Outcome.CLOSEST}:
        return Chosen(search, (), 0)
    hits = list(search.hits)
    if search.total >= MAX_CANDIDATES:
        # The rest may be of other years: a busy one fills all places.
        hits += _hits_of_each_year(search, reader, searcher)
    best = _best_of_each_day(hits)
    chosen = spread({day: hit.score for day, hit in best.items()}, limit)
    return Chosen(search, tuple(best[day] for day in chosen), len(best))


def spread(scores: Mapping[str, float], limit: int) -> list[str]:
    """Return at most ``limit`` of the days of ``scores`` (``YYYY-MM-DD``), in order.

    The years take turns; within a year its months do, and within a month its weeks. Each gives its
    best day first. So a week full of articles does not push out another year.
    """
    days = sorted(scores, key=lambda day: (-scores[day], day))
    for period in (_week, _month, _year):
        days = _in_turns(days, period)
    return sorted(days[:limit])


def _hits_of_each_year(search: Search, reader: IndexReader, searcher: Searcher) -> list[Hit]:
    filters = search.filters
    hits: list[Hit] = []
    for year in sorted({day[:4] for day in reader.days(filters).values()}):
        of_year = replace(
            filters,
            after=max(f"{year}-01-01", filters.after or ""),
            before=min(f"{year}-12-31", filters.before or "9999-12-31"),
        )
        # As the whole search has read it: a year may not hold the word that a slip meant.
        hits += searcher.search_as_typed(search.query.typed, of_year, limit=MAX_CANDIDATES).hits
    return hits


def _best_of_each_day(hits: Iterable[Hit]) -> dict[str, Hit]:
    """Return the best hit of each day, without days far below the best of all."""
    ranked = sorted(hits, key=lambda hit: -hit.score)
    best: dict[str, Hit] = {}
    for hit in ranked:
        # A negative score is near itself alone.
        if hit.score < min(NEAR_BEST * ranked[0].score, ranked[0].score):
            break
        if day := hit.article.day:
            best.setdefault(day, hit)
    return best


def _in_turns(days: list[str], period: Callable[[str], str]) -> list[str]:
    """Return ``days`` such that periods take turns, each in the order that its days had."""
    turns: Counter[str] = Counter()
    turn_of: dict[str, int] = {}
    for day in days:
        turn_of[day] = turns[period(day)]
        turns[period(day)] += 1
    return sorted(days, key=turn_of.__getitem__)


def _week(day: str) -> str:
    return f"{day[:8]}{(int(day[8:]) - 1) // _DAYS_A_WEEK}"


def _month(day: str) -> str:
    return day[:7]


def _year(day: str) -> str:
    return day[:4]

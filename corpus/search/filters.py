"""Normalises filters as typed to filters as the index compares them (pure)."""

from dataclasses import replace
from datetime import date

from corpus.analysis.analyzer import Analyzer
from corpus.errors import QueryError, QueryFault
from corpus.model import Filters
from corpus.search.days import days


def normalise(filters: Filters, analyzer: Analyzer, today: date) -> Filters:
    """Return ``filters`` with texts folded and dates as whole days; blank ones become None.

    Args:
        filters: as typed.
        analyzer: that made the index.
        today: in UTC, the base of relative dates.

    Raises:
        QueryError: a date cannot be parsed, or the range ends before it begins.
    """
    after, before = day_range(filters, today)
    without = {_fold(name, analyzer) or "" for name in filters.without_sources}
    return replace(
        filters,
        source=_fold(filters.source, analyzer),
        author=_fold(filters.author, analyzer),
        tag=_fold(filters.tag, analyzer),
        after=after,
        before=before,
        without_sources=tuple(sorted(without - {""})),
    )


def day_range(filters: Filters, today: date) -> tuple[str | None, str | None]:
    """Return the first and the last day (``YYYY-MM-DD``, inclusive) that ``filters`` allow.

    Of a period, ``after`` means the first day and ``before`` the last; None without such a filter.

    Raises:
        QueryError: a date cannot be parsed, or the range ends before it begins.
    """
    after, before = (
        days(text, today) if text is not None and text.strip() else None
        for text in (filters.after, filters.before)
    )
    first = after.first.isoformat() if after else None
    last = before.last.isoformat() if before else None
    if first and last and first > last:
        raise QueryError(
            f"The dates leave nothing: {first} comes after {last}.",
            QueryFault.EMPTY_RANGE,
            first,
            last,
        )
    return first, last


def _fold(text: str | None, analyzer: Analyzer) -> str | None:
    return (analyzer.fold(text).strip() or None) if text else None

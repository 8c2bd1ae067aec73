"""Filters as a person writes them -> filters as the index compares them."""

import calendar
import re
from contextlib import suppress
from dataclasses import replace
from datetime import date

from corpus.analyzer import Analyzer
from corpus.errors import QueryError
from corpus.model import Filters


def normalise(filters: Filters, analyzer: Analyzer) -> Filters:
    """Return ``filters`` with texts folded and dates as whole days; blank ones are dropped.

    Raises:
        QueryError: a date that is none, or a range that ends before it begins.
    """
    after = _day(filters.after, last=False)
    before = _day(filters.before, last=True)
    if after and before and after > before:
        raise QueryError(f"The dates leave nothing: {after} comes after {before}.")
    return replace(
        filters,
        source=_fold(filters.source, analyzer),
        author=_fold(filters.author, analyzer),
        tag=_fold(filters.tag, analyzer),
        after=after,
        before=before,
    )


def _fold(text: str | None, analyzer: Analyzer) -> str | None:
    return (analyzer.fold(text).strip() or None) if text else None


def _day(text: str | None, *, last: bool) -> str | None:
    """Return the first or last day of a year, month or day as written."""
    if text is None or not text.strip():
        return None
    match = re.fullmatch(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?", text.strip(), re.ASCII)
    if match:
        year, month, day = (int(part or 0) for part in match.groups())
        month = month or (12 if last else 1)
        # Out of a calendar's range, these raise as an impossible day does.
        with suppress(ValueError):
            day = day or (calendar.monthrange(year, month)[1] if last else 1)
            return date(year, month, day).isoformat()
    raise QueryError(f"“{text.strip()[:40]}” is not a date: write 2021, 2021-01 or 2021-01-06.")

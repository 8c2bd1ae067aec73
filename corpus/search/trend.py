"""How often terms occur over time, beside how much the archive holds of each time."""

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from corpus.analysis.analyzer import Analyzer
from corpus.engines.local.reader import Index
from corpus.errors import QueryError, QueryFault
from corpus.model import Series, Trend, Unit
from corpus.search.holding import Holding, Mask

MOST_TERMS = 4

_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
_MONTHS_A_YEAR = 12
# The longest range, in months, that is still shown month by month, or quarter by quarter.
_FINEST = ((5 * _MONTHS_A_YEAR, Unit.MONTH), (15 * _MONTHS_A_YEAR, Unit.QUARTER))


def split_terms(text: str) -> tuple[str, ...]:
    """Return the terms that commas separate in ``text``, each once.

    Raises:
        QueryError: there is none, or there are more than four.
    """
    terms = tuple(dict.fromkeys(filter(None, map(str.strip, re.split("[,，、;；\n]", text)))))
    if not terms:
        raise QueryError("There is no term: write one, or up to four.", QueryFault.NO_TERM)
    if len(terms) > MOST_TERMS:
        raise QueryError(
            f"There are {len(terms)} terms: write up to {MOST_TERMS}.", QueryFault.TOO_MANY_TERMS
        )
    return terms


class Counter:
    """Counts terms in one index generation. Blocks: call it from a thread.

    Args:
        index: the generation.
        analyzer: the one it was made with.
        reword: gives for a folded text others that mean the same.
        day_of: the day (``YYYY-MM-DD``) of each article that counts, by its id.
    """

    def __init__(
        self,
        index: Index,
        analyzer: Analyzer,
        reword: Callable[[str], Iterable[str]],
        day_of: dict[int, str],
    ) -> None:
        self._terms = Holding(index, analyzer)
        self._analyzer = analyzer
        self._reword = reword
        self._month_of = np.full(self._terms.articles, -1, np.int64)
        """Months since the year 0 of each article; -1: it does not count."""
        for article, day in day_of.items():
            self._month_of[article] = int(day[:4]) * _MONTHS_A_YEAR + int(day[5:7]) - 1

    def __call__(self, terms: Sequence[str], unit: Unit | None) -> Trend:
        """Return how many articles hold each of ``terms`` in each unit of time.

        Args:
            terms: as typed.
            unit: None: the finest that leaves few enough points.
        """
        dated = self._month_of[self._month_of >= 0]
        if not dated.size:
            return Trend(unit or Unit.MONTH, (), (), tuple(Series(term, ()) for term in terms))
        first, last = int(dated.min()), int(dated.max())
        if unit is None:
            span = last - first + 1
            unit = next((one for most, one in _FINEST if span <= most), Unit.YEAR)
        size = _MONTHS[unit]
        start, count = first // size, last // size - first // size + 1
        buckets = self._month_of // size - start

        def counted(holding: Mask) -> tuple[int, ...]:
            chosen = buckets[holding & (self._month_of >= 0)]
            return tuple(np.bincount(chosen, minlength=count).tolist())

        return Trend(
            unit,
            tuple(_label(start + at, unit) for at in range(count)),
            counted(np.ones(len(buckets), np.bool_)),
            tuple(Series(term, counted(self._holding(term))) for term in terms),
        )

    def _holding(self, term: str) -> Mask:
        """Return which articles hold ``term``, or what means the same."""
        folded = self._analyzer.fold(term).strip()
        holding = np.zeros(len(self._month_of), np.bool_)
        for form in (folded, *self._reword(folded)):
            holding |= self._terms.all_of(form)
        return holding


def _label(bucket: int, unit: Unit) -> str:
    if unit is Unit.YEAR:
        return f"{bucket:04}"
    year, part = divmod(bucket, _MONTHS_A_YEAR // _MONTHS[unit])
    return f"{year:04}-{part + 1:02}" if unit is Unit.MONTH else f"{year:04}-Q{part + 1}"

"""Counts the articles with a term over time, beside the number of all articles."""

import re
import statistics
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from corpus.analysis.analyzer import Analyzer
from corpus.engine import IndexReader
from corpus.errors import QueryError, QueryFault
from corpus.model import Series, Trend, Unit
from corpus.search.query import necessary_terms

MAX_TERMS = 4

_MONTHS_PER_UNIT = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
_MONTHS_PER_YEAR = 12
# Of a unit that is chosen here. With fewer articles in most buckets a share is chance; with more
# buckets the line of a phone-wide picture is noise.
_MIN_MEDIAN_ARTICLES = 20
_MAX_BUCKETS = 60


def split_terms(text: str) -> tuple[str, ...]:
    """Return the distinct terms of ``text``, which commas separate.

    Raises:
        QueryError: there is none, or there are more than four.
    """
    terms = tuple(dict.fromkeys(filter(None, map(str.strip, re.split("[,，、;；\n]", text)))))
    if not terms:
        raise QueryError("There is no term: write one, or up to four.", QueryFault.NO_TERM)
    if len(terms) > MAX_TERMS:
        raise QueryError(
            f"There are {len(terms)} terms: write up to {MAX_TERMS}.", QueryFault.TOO_MANY_TERMS
        )
    return terms


class TrendCounter:
    """Counts terms in one generation. Blocks: call it from a thread.

    Args:
        reader: of the generation.
        analyzer: that made the index.
        expand: returns other wordings of a folded text.
        days: the day (``YYYY-MM-DD``) of each article to count, by its id.
    """

    def __init__(
        self,
        reader: IndexReader,
        analyzer: Analyzer,
        expand: Callable[[str], Iterable[str]],
        days: Mapping[int, str],
    ) -> None:
        self._reader = reader
        self._analyzer = analyzer
        self._expand = expand
        self._months = {
            article: int(day[:4]) * _MONTHS_PER_YEAR + int(day[5:7]) - 1
            for article, day in days.items()
        }
        """Months since the year 0, by the id of each article to count."""

    def count(self, terms: Sequence[str], unit: Unit | None) -> Trend:
        """Return how many articles hold each of ``terms`` in each unit of time.

        Args:
            terms: as typed.
            unit: None: the finest whose median bucket has 20 articles.
        """
        if not self._months:
            return Trend(unit or Unit.MONTH, (), (), tuple(Series(term, ()) for term in terms))
        first, last = min(self._months.values()), max(self._months.values())
        unit = unit or self._finest_unit(first, last)
        size = _MONTHS_PER_UNIT[unit]
        buckets = range(first // size, last // size + 1)

        def counts(articles: Collection[int]) -> tuple[int, ...]:
            by_bucket = Counter(
                self._months[article] // size for article in articles if article in self._months
            )
            return tuple(by_bucket[bucket] for bucket in buckets)

        return Trend(
            unit,
            tuple(_label(bucket, unit) for bucket in buckets),
            counts(self._months),
            tuple(Series(term, counts(self._articles_with(term))) for term in terms),
        )

    def _finest_unit(self, first: int, last: int) -> Unit:
        """Return the finest unit whose buckets are few and well filled, else years.

        Empty buckets are gaps of the line, so they say nothing of how well filled the others are.
        """
        for unit in (Unit.MONTH, Unit.QUARTER):
            size = _MONTHS_PER_UNIT[unit]
            filled = Counter(month // size for month in self._months.values())
            is_short = last // size - first // size < _MAX_BUCKETS
            if is_short and statistics.median(filled.values()) >= _MIN_MEDIAN_ARTICLES:
                return unit
        return Unit.YEAR

    def _articles_with(self, term: str) -> set[int]:
        """Return the ids of the articles that hold ``term`` or another wording of it."""
        folded = self._analyzer.fold(term).strip()
        wordings = (folded, *self._expand(folded))
        return set().union(*(self._articles_with_all(wording) for wording in wordings))

    def _articles_with_all(self, text: str) -> set[int]:
        """Return the ids of the articles that hold every phrase of ``text``, split at spaces."""
        articles = [self._articles_with_phrase(phrase) for phrase in text.split()]
        return set.intersection(*articles) if articles else set()

    def _articles_with_phrase(self, phrase: str) -> set[int]:
        """Return the ids of the articles with a passage that has all terms of ``phrase``.

        This is exact for two Han characters and nearly so for more. A single character is found
        if it is a word by itself.
        """
        terms = necessary_terms(phrase, self._analyzer)
        terms = terms or {token.text for token in self._analyzer.words(phrase)}
        return self._reader.articles_with(terms)


def _label(bucket: int, unit: Unit) -> str:
    if unit is Unit.YEAR:
        return f"{bucket:04}"
    year, part = divmod(bucket, _MONTHS_PER_YEAR // _MONTHS_PER_UNIT[unit])
    return f"{year:04}-{part + 1:02}" if unit is Unit.MONTH else f"{year:04}-Q{part + 1}"

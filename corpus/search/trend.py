"""How often terms occur over time, beside how much the archive holds of each time."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from corpus.analysis.analyzer import Analyzer
from corpus.engine import IndexReader
from corpus.errors import QueryError, QueryFault
from corpus.model import Series, Trend, Unit
from corpus.search.query import necessary_terms

MAX_TERMS = 4

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
    if len(terms) > MAX_TERMS:
        raise QueryError(
            f"There are {len(terms)} terms: write up to {MAX_TERMS}.", QueryFault.TOO_MANY_TERMS
        )
    return terms


class TrendCounter:
    """Counts terms in one generation. Blocks: call it from a thread.

    Args:
        reader: of the generation.
        analyzer: the one it was made with.
        expand: gives for a folded text others that mean the same.
        day_of: the day (``YYYY-MM-DD``) of each article that counts, by its id.
    """

    def __init__(
        self,
        reader: IndexReader,
        analyzer: Analyzer,
        expand: Callable[[str], Iterable[str]],
        day_of: Mapping[int, str],
    ) -> None:
        self._reader = reader
        self._analyzer = analyzer
        self._expand = expand
        self._month_of = {
            article: int(day[:4]) * _MONTHS_A_YEAR + int(day[5:7]) - 1
            for article, day in day_of.items()
        }
        """Months since the year 0 of each article that counts, by its id."""

    def count(self, terms: Sequence[str], unit: Unit | None) -> Trend:
        """Return how many articles hold each of ``terms`` in each unit of time.

        Args:
            terms: as typed.
            unit: None: the finest that leaves few enough points.
        """
        if not self._month_of:
            return Trend(unit or Unit.MONTH, (), (), tuple(Series(term, ()) for term in terms))
        first, last = min(self._month_of.values()), max(self._month_of.values())
        if unit is None:
            span = last - first + 1
            unit = next((fine for longest, fine in _FINEST if span <= longest), Unit.YEAR)
        size = _MONTHS[unit]
        buckets = range(first // size, last // size + 1)

        def counted(articles: Collection[int]) -> tuple[int, ...]:
            counts = Counter(
                self._month_of[article] // size for article in articles if article in self._month_of
            )
            return tuple(counts[bucket] for bucket in buckets)

        return Trend(
            unit,
            tuple(_label(bucket, unit) for bucket in buckets),
            counted(self._month_of),
            tuple(Series(term, counted(self._articles_with(term))) for term in terms),
        )

    def _articles_with(self, term: str) -> set[int]:
        """Return the ids of the articles that hold ``term``, or another wording of it."""
        folded = self._analyzer.fold(term).strip()
        wordings = (folded, *self._expand(folded))
        return set().union(*(self._articles_with_all(wording) for wording in wordings))

    def _articles_with_all(self, text: str) -> set[int]:
        """Return the ids of the articles that hold every piece of ``text``, split at spaces."""
        pieces = [self._articles_with_piece(piece) for piece in text.split()]
        return set.intersection(*pieces) if pieces else set()

    def _articles_with_piece(self, piece: str) -> set[int]:
        """Return the ids of the articles that have a passage with all terms of ``piece``.

        For a word of two Han characters that is exact, for a longer one nearly always. A single
        one is found where it is a word by itself.
        """
        terms = necessary_terms(piece, self._analyzer)
        terms = terms or {token.text for token in self._analyzer.words(piece)}
        return self._reader.articles_with(terms)


def _label(bucket: int, unit: Unit) -> str:
    if unit is Unit.YEAR:
        return f"{bucket:04}"
    year, part = divmod(bucket, _MONTHS_A_YEAR // _MONTHS[unit])
    return f"{year:04}-{part + 1:02}" if unit is Unit.MONTH else f"{year:04}-Q{part + 1}"

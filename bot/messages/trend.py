"""A trend -> its peaks, its chart, and the message around the picture (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from discord import ui

from bot.chart import Chart
from bot.localization import Formatter
from bot.messages.conditions import filter_line
from bot.messages.dates import bucket as bucket_name
from bot.messages.dates import bucket_label
from bot.messages.layout import Attachment, Reply
from bot.messages.markdown import escape, one_line
from corpus import Filters, Series, Trend, Unit

FILE_NAME = "trend.png"
MIN_ARTICLES = 10  # of a time: with fewer a share says little
MIN_PEAK_ARTICLES = 3  # beside the highest peak of each term
MAX_PEAKS = 6  # numbers that a phone-wide picture holds without a crowd
MAX_OPTION_CHARS = 100  # Discord's limit of an option's value and of its label
MAX_TERM_CHARS = 24  # shown
MAX_ALT_CHARS = 500

_VALUE = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<part>Q[1-4]|0[1-9]|1[0-2]))? (?P<term>.+)")
_MONTHS_A_QUARTER = 3
_BUCKETS_PER_YEAR = {Unit.MONTH: 12, Unit.QUARTER: 4, Unit.YEAR: 1}
_YEAR_STARTS = ("-01", "-Q1")
# Of the picture's width and height: two numbers nearer than both may touch.
_CROWD_WIDTH, _CROWD_HEIGHT = 0.08, 0.12


@dataclass(frozen=True, slots=True)
class Peak:
    """A time in which a term occurs more often than before and after it."""

    bucket: str
    """As :class:`corpus.model.Trend` has it."""
    term: str
    articles: int = 0
    share: float = 0.0
    """Of the articles of that time, in per cent."""
    point: tuple[int, int] = (0, 0)
    """The indices of its series and of its bucket in the trend."""

    @property
    def value(self) -> str:
        """The value of its option."""
        return f"{self.bucket} {self.term}"

    @property
    def fits(self) -> bool:
        """Whether an option can hold its value."""
        return len(self.value) <= MAX_OPTION_CHARS and self.parse(self.value) is not None

    @classmethod
    def parse(cls, value: str) -> Self | None:
        """Return the peak of an option's value; ``None``: someone made the value up."""
        if _VALUE.fullmatch(value) is None:
            return None
        bucket, _, term = value.partition(" ")
        return cls(bucket, term)

    def filters(self) -> Filters:
        """Return the filters for the articles of that time."""
        year, _, part = self.bucket.partition("-")
        if not part.startswith("Q"):
            return Filters(after=self.bucket, before=self.bucket)
        last = int(part[1:]) * _MONTHS_A_QUARTER
        return Filters(after=f"{year}-{last - 2:02}", before=f"{year}-{last:02}")


def peaks(trend: Trend) -> list[Peak]:
    """Return the peaks to number, at most six, highest share first.

    They are the highest of each term, then the next highest that do not crowd those. Times with few
    articles have none, unless a term occurs in such times only.
    """
    of_terms = [_local_maxima(trend, i) for i in range(len(trend.series))]
    chosen = [maxima[0] for maxima in of_terms if maxima]
    lower = (peak for maxima in of_terms for peak in maxima[1:])
    rest = sorted((peak for peak in lower if peak.articles >= MIN_PEAK_ARTICLES), key=_rank)
    width = _CROWD_WIDTH * len(trend.buckets)
    height = _CROWD_HEIGHT * max((peak.share for peak in chosen), default=0)
    for peak in rest:
        if len(chosen) >= MAX_PEAKS:
            break
        if all(
            abs(peak.point[1] - other.point[1]) > width or abs(peak.share - other.share) > height
            for other in chosen
        ):
            chosen.append(peak)
    return sorted(chosen, key=_rank)


def _local_maxima(trend: Trend, i: int) -> list[Peak]:
    """Return the peaks of one series, highest share first."""
    series = trend.series[i]
    faded = _faded(trend)
    if not any(n for n, few in zip(series.articles, faded, strict=True) if not few):
        faded = (False,) * len(faded)
    shares = [
        -1.0 if few or share is None else share
        for share, few in zip(_shares(trend, series), faded, strict=True)
    ]
    before, after = [-1.0, *shares], [*shares[1:], -1.0]
    maxima = [
        Peak(trend.buckets[j], series.term, series.articles[j], share, (i, j))
        for j, share in enumerate(shares)
        if share > 0 and share > before[j] and share >= after[j]
    ]
    return sorted((peak for peak in maxima if peak.fits), key=_rank)


def _rank(peak: Peak) -> tuple[float, int, str]:
    return -peak.share, -peak.articles, peak.bucket


def chart(trend: Trend, found: Sequence[Peak], t: Formatter) -> Chart:
    """Return the chart: for each time, the share of its articles that have each term.

    Args:
        trend: of which one term occurs at least.
        found: its peaks, numbered in this order.
        t: the texts of the reader's language.
    """
    present = _present(trend)
    line_of = {series.term: line for line, series in enumerate(present)}
    starts = (i for i, bucket in enumerate(trend.buckets) if bucket.endswith(_YEAR_STARTS))
    return Chart(
        tuple(bucket_label(bucket, t) for bucket in trend.buckets),
        tuple((_name(series), _shares(trend, series)) for series in present),
        t("trend-axis"),
        _faded(trend),
        tuple((line_of[peak.term], peak.point[1]) for peak in found),
        _BUCKETS_PER_YEAR[trend.unit],
        next(starts, 0),
    )


def is_empty(trend: Trend) -> bool:
    """Whether no term occurs."""
    return not _present(trend)


def option_label(peak: Peak, number: int, t: Formatter) -> str:
    """Return a peak as the select names it, with its number in the picture."""
    label = t(
        "trend-peak",
        number=number,
        bucket=bucket_name(peak.bucket, t),
        term=_shown(peak.term),
        articles=peak.articles,
        share=_percentage(peak.share),
    )
    return one_line(label, MAX_OPTION_CHARS)


def message(
    trend: Trend,
    filters: Filters,
    picture: bytes | None,
    t: Formatter,
    rows: Sequence[ui.ActionRow[Any]] = (),
) -> Reply:
    """Return the message for a trend that is not empty, with ``rows`` below it.

    ``picture`` is a PNG, or ``None`` where it could not be drawn.
    """
    present = _present(trend)
    absent = [series for series in trend.series if series not in present]
    head = [f"### {t('trend-title', terms=_names(trend.series, t))}"]
    first, last = (bucket_name(bucket, t) for bucket in (trend.buckets[0], trend.buckets[-1]))
    span = t("trend-range", first=first, last=last) if first != last else first
    # The span stands for the days of the filters.
    terms = filter_line(replace(filters, after=None, before=None), t)
    head.append("-# " + " · ".join([span, *terms]))
    body = [_total(trend, i, t) for i, series in enumerate(trend.series) if series in present]
    body.append("-# " + t("trend-share"))
    if any(_faded(trend)):
        body.append("-# " + t("trend-faded", articles=MIN_ARTICLES))
    if absent:
        body.append("-# " + t("trend-absent", terms=_names(absent, t)))
    pictures: list[Attachment] = []
    if picture is None:
        body.append("-# " + t("trend-no-picture"))
    else:
        pictures.append(
            Attachment(FILE_NAME, picture, one_line(_alt_text(trend, t), MAX_ALT_CHARS))
        )
    return Reply(["\n".join(head), "\n".join(body)], rows, pictures)


def _total(trend: Trend, i: int, t: Formatter) -> str:
    """Return the line of one term: in how many articles it is, and when most."""
    series = trend.series[i]
    total = t("trend-total", term=f"**{_escaped(series)}**", articles=sum(series.articles))
    maxima = _local_maxima(trend, i)
    if not maxima or len(trend.buckets) == 1:
        return total
    bucket, share = bucket_name(maxima[0].bucket, t), _percentage(maxima[0].share)
    return total + " · " + t("trend-highest", bucket=bucket, share=share)


def _present(trend: Trend) -> tuple[Series, ...]:
    return tuple(series for series in trend.series if any(series.articles))


def _faded(trend: Trend) -> tuple[bool, ...]:
    return tuple(articles < MIN_ARTICLES for articles in trend.articles)


def _shares(trend: Trend, series: Series) -> tuple[float | None, ...]:
    """Return the percentage of each bucket's articles; ``None`` where it has no article."""
    return tuple(
        round(100 * articles / total, 2) if total else None
        for articles, total in zip(series.articles, trend.articles, strict=True)
    )


def _percentage(share: float) -> str:
    return f"{share:.0f}" if share >= 10 else f"{share:.1f}"  # noqa: PLR2004 (two digits say enough)


def _alt_text(trend: Trend, t: Formatter) -> str:
    """Return the picture in words."""
    terms = t("comma").join(map(_name, _present(trend)))
    first, last = (bucket_name(bucket, t) for bucket in (trend.buckets[0], trend.buckets[-1]))
    numbered = peaks(trend)
    if not numbered:  # every term is too long for an option
        return t("trend-alt-plain", terms=terms, first=first, last=last)
    highest = numbered[0]
    return t(
        "trend-alt",
        terms=terms,
        first=first,
        last=last,
        term=_shown(highest.term),
        bucket=bucket_name(highest.bucket, t),
    )


def _names(series: tuple[Series, ...] | list[Series], t: Formatter) -> str:
    return t("comma").join(map(_escaped, series))


def _escaped(series: Series) -> str:
    return escape(_name(series), line_start=False)


def _name(series: Series) -> str:
    return _shown(series.term)


def _shown(term: str) -> str:
    return one_line(term, MAX_TERM_CHARS)

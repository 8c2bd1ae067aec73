"""A trend -> its chart, and the message around the picture (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from discord import ui

from bot.chart import Chart
from bot.localization import Formatter
from bot.messages.conditions import filter_line
from bot.messages.layout import Attachment, Reply
from bot.messages.markdown import escape, one_line
from corpus import Filters, Series, Trend

FILE_NAME = "trend.png"
MAX_TERM_CHARS = 24  # shown
MAX_ALT_CHARS = 500


def chart(trend: Trend, t: Formatter) -> Chart:
    """Return the chart: for each time, the share of its articles that have each term."""
    lines = tuple((_name(series), tuple(_shares(trend, series))) for series in _present(trend))
    return Chart(trend.buckets, lines, t("trend-axis"))


def is_empty(trend: Trend) -> bool:
    """Whether no term occurs."""
    return not _present(trend)


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
    span = t("trend-range", first=trend.buckets[0], last=trend.buckets[-1])
    # The span stands for the days of the filters.
    terms = filter_line(replace(filters, after=None, before=None), t)
    head.append("-# " + " · ".join([span, *terms]))
    body = [
        t("trend-total", term=f"**{_escaped(series)}**", articles=sum(series.articles))
        for series in present
    ]
    body.append("-# " + t("trend-share"))
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


def _present(trend: Trend) -> tuple[Series, ...]:
    return tuple(series for series in trend.series if any(series.articles))


def _shares(trend: Trend, series: Series) -> Iterator[float | None]:
    for articles, total in zip(series.articles, trend.articles, strict=True):
        yield round(100 * articles / total, 2) if total else None


def _alt_text(trend: Trend, t: Formatter) -> str:
    """Return the picture in words."""
    highest, i = max(
        ((series, i) for series in _present(trend) for i in range(len(trend.buckets))),
        key=lambda point: point[0].articles[point[1]] / (trend.articles[point[1]] or 1),
    )
    return t(
        "trend-alt",
        terms=t("comma").join(map(_name, _present(trend))),
        first=trend.buckets[0],
        last=trend.buckets[-1],
        term=_name(highest),
        bucket=trend.buckets[i],
    )


def _names(series: tuple[Series, ...] | list[Series], t: Formatter) -> str:
    return t("comma").join(map(_escaped, series))


def _escaped(series: Series) -> str:
    return escape(_name(series), line_start=False)


def _name(series: Series) -> str:
    return one_line(series.term, MAX_TERM_CHARS)

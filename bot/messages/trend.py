"""A trend -> its picture, and the message around it (pure)."""

from collections.abc import Iterator
from dataclasses import replace

from bot.chart import Chart
from bot.localization import Formatter
from bot.messages.answer import conditions
from bot.messages.layout import Attachment, Reply
from bot.messages.markdown import escape, one_line
from bot.views.trend import Peak, peak_row
from corpus import Filters, Series, Trend

FILE_NAME = "trend.png"
LONGEST_TERM = 24  # characters shown
LONGEST_ALT = 500
MOST_PEAKS = 25  # Discord's limit of a select


def chart(trend: Trend, t: Formatter) -> Chart:
    """Return what to draw: of the articles of each time, the share that has each term."""
    lines = tuple((_name(one), tuple(_shares(trend, one))) for one in _present(trend))
    return Chart(trend.buckets, lines, t("trend-axis"))


def has_something(trend: Trend) -> bool:
    """Whether any term occurs."""
    return bool(_present(trend))


def message(trend: Trend, filters: Filters, picture: bytes | None, t: Formatter) -> Reply:
    """Return the message for a trend that has something.

    ``picture`` is a PNG, or ``None`` where it could not be drawn.
    """
    present = _present(trend)
    absent = [one for one in trend.series if one not in present]
    head = [f"### {t('trend-title', terms=_names(trend.series, t))}"]
    span = t("trend-range", first=trend.buckets[0], last=trend.buckets[-1])
    # The span is what there is between the days that were asked for.
    narrowed = conditions(replace(filters, after=None, before=None), t)
    head.append("-# " + " · ".join([span, *narrowed]))
    body = [
        t("trend-total", term=f"**{_escaped(one)}**", articles=sum(one.articles)) for one in present
    ]
    body.append("-# " + t("trend-share"))
    if absent:
        body.append("-# " + t("trend-absent", terms=_names(absent, t)))
    pictures: list[Attachment] = []
    if picture is None:
        body.append("-# " + t("trend-no-picture"))
    else:
        pictures.append(Attachment(FILE_NAME, picture, one_line(_said(trend, t), LONGEST_ALT)))
    found = peaks(trend)
    rows = [peak_row(found, t)] if found else []
    return Reply(["\n".join(head), "\n".join(body)], rows, pictures)


def peaks(trend: Trend) -> list[Peak]:
    """Return when the terms occur most: most articles first, of equals the greater share."""
    found = [
        (-articles, -articles / of, Peak(bucket, one.term, articles))
        for one in trend.series
        for bucket, articles, of in zip(trend.buckets, one.articles, trend.articles, strict=True)
        if articles
    ]
    found.sort(key=lambda one: one[:2])
    return [peak for _, _, peak in found if peak.fits][:MOST_PEAKS]


def _present(trend: Trend) -> tuple[Series, ...]:
    return tuple(one for one in trend.series if any(one.articles))


def _shares(trend: Trend, series: Series) -> Iterator[float | None]:
    for articles, of in zip(series.articles, trend.articles, strict=True):
        yield round(100 * articles / of, 2) if of else None


def _said(trend: Trend, t: Formatter) -> str:
    """Return the picture in words, for who cannot see it."""
    highest = max(
        ((one, at) for one in _present(trend) for at in range(len(trend.buckets))),
        key=lambda place: place[0].articles[place[1]] / (trend.articles[place[1]] or 1),
    )
    return t(
        "trend-alt",
        terms=t("comma").join(map(_name, _present(trend))),
        first=trend.buckets[0],
        last=trend.buckets[-1],
        term=_name(highest[0]),
        bucket=trend.buckets[highest[1]],
    )


def _names(series: tuple[Series, ...] | list[Series], t: Formatter) -> str:
    return t("comma").join(map(_escaped, series))


def _escaped(series: Series) -> str:
    return escape(_name(series), line_start=False)


def _name(series: Series) -> str:
    return one_line(series.term, LONGEST_TERM)

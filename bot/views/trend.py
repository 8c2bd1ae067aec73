"""The select under a trend: the times in which the terms occur most."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import discord
from discord import ui

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages.markdown import one_line
from bot.state.answers import AskRequest
from bot.views.answer import ask
from bot.views.component import Component, Row, row
from corpus import Filters, Trend

MAX_OPTION_CHARS = 100  # Discord's limit of an option's value and of its label
MAX_PEAKS = 25  # Discord's limit of a select

_CUSTOM_ID = "trend:peak"
_VALUE = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<part>Q[1-4]|0[1-9]|1[0-2]))? (?P<term>.+)")
_MONTHS_A_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Peak:
    """A time in which a term occurs often."""

    bucket: str
    """As :class:`corpus.model.Trend` has it."""
    term: str
    articles: int = 0

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


class PeakSelect(Component, template=_CUSTOM_ID):
    """Asks the archive about the chosen time."""

    async def check(self, interaction: Interaction) -> None:
        """Let everyone choose: the question itself is counted."""

    async def respond(self, interaction: Interaction) -> None:
        """Answer with the term's articles of that time, to the user alone."""
        values = self.item.values if isinstance(self.item, ui.Select) else []
        value = values[0] if values else ""
        peak = Peak.parse(value)
        if peak is None or len(value) > MAX_OPTION_CHARS:
            command = interaction.client.private_text(interaction).command("ask")
            raise responses.PermissionDenied("error-button", command=command)
        await ask(interaction, AskRequest(peak.term, peak.filters(), private=True))


def peaks(trend: Trend) -> list[Peak]:
    """Return the peaks of a trend: most articles first, of equals the greater share."""
    ranked = [
        (-articles, -articles / total, Peak(bucket, series.term, articles))
        for series in trend.series
        for bucket, articles, total in zip(
            trend.buckets, series.articles, trend.articles, strict=True
        )
        if articles
    ]
    ranked.sort(key=lambda entry: entry[:2])
    return [peak for _, _, peak in ranked if peak.fits][:MAX_PEAKS]


def peak_rows(chosen: Sequence[Peak], t: Formatter) -> list[Row]:
    """Return a row with a select of the peaks, at most 25; no row where there is none."""
    if not chosen:
        return []
    options = [
        discord.SelectOption(
            label=one_line(
                t("trend-peak", bucket=peak.bucket, term=peak.term, articles=peak.articles),
                MAX_OPTION_CHARS,
            ),
            value=peak.value,
        )
        for peak in chosen
    ]
    select = ui.Select[Any](
        custom_id=_CUSTOM_ID, placeholder=t("placeholder-trend"), options=options
    )
    return [row(PeakSelect(select))]

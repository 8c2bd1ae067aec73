"""The select under a trend: when the terms occur most. It says all it needs itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import discord
from discord import ui

from bot.interactions import responses
from bot.localization import Formatter
from bot.messages.markdown import one_line
from bot.services import answers
from bot.state.answers import AskRequest
from corpus import Filters

LONGEST_VALUE = 100  # characters, Discord's limit of an option's value and of its label

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
        """What the option carries."""
        return f"{self.bucket} {self.term}"

    @property
    def fits(self) -> bool:
        """Whether an option can carry it."""
        return len(self.value) <= LONGEST_VALUE and self.parse(self.value) is not None

    @classmethod
    def parse(cls, value: str) -> Self | None:
        """Return the peak that an option's value names; ``None``: it names none."""
        match = _VALUE.fullmatch(value)
        if match is None:
            return None
        bucket, _, term = value.partition(" ")
        return cls(bucket, term)

    def filters(self) -> Filters:
        """Return what lets through the articles of that time only."""
        year, _, part = self.bucket.partition("-")
        if not part.startswith("Q"):
            return Filters(after=self.bucket, before=self.bucket)
        last = int(part[1:]) * _MONTHS_A_QUARTER
        return Filters(after=f"{year}-{last - 2:02}", before=f"{year}-{last:02}")


class PeakSelect(ui.DynamicItem[ui.Select[Any]], template=_CUSTOM_ID):
    """Asks the archive about the time that is chosen."""

    def __init__(self, select: ui.Select[Any]) -> None:
        super().__init__(select)

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 (the base class's)
        item: ui.Item[Any],
        match: re.Match[str],  # noqa: ARG003
        /,
    ) -> Self:
        """Return the select in which something was chosen."""
        assert isinstance(item, ui.Select)
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the term's articles of that time, to who chose it alone."""
        await interaction.client.attempt(interaction, lambda: self._ask(interaction))

    async def _ask(self, interaction: discord.Interaction[Any]) -> None:
        value = self.item.values[0] if self.item.values else ""
        peak = Peak.parse(value)
        if peak is None or len(value) > LONGEST_VALUE:
            command = interaction.client.private_text(interaction).command("ask")
            raise responses.PermissionDenied("error-button", command=command)
        await answers.ask(interaction, AskRequest(peak.term, peak.filters(), private=True))


def peak_row(peaks: Sequence[Peak], t: Formatter) -> ui.ActionRow[Any]:
    """Return the row with a select of ``peaks``, 25 at most."""
    options = [
        discord.SelectOption(
            label=one_line(
                t("trend-peak", bucket=one.bucket, term=one.term, articles=one.articles),
                LONGEST_VALUE,
            ),
            value=one.value,
        )
        for one in peaks
    ]
    row: ui.ActionRow[Any] = ui.ActionRow()
    row.add_item(
        PeakSelect(
            ui.Select(custom_id=_CUSTOM_ID, placeholder=t("placeholder-trend"), options=options)
        )
    )
    return row

"""/sources: what the archive holds, source by source."""

from typing import Any

from discord import app_commands

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages.conditions import list_names
from bot.messages.dates import day
from bot.messages.layout import Reply
from bot.views.component import Component, pager
from corpus import SourceCount, Stats

PAGE_SIZE = 20  # sources


class SourcesPageButton(Component, template=r"sources:(?P<offset>[0-9]{1,6})"):
    """Leads to another page of the sources."""

    async def respond(self, interaction: Interaction) -> None:
        """Show the page."""
        await responses.acknowledge(interaction)
        stats = await interaction.client.library.stats()
        t = interaction.client.private_text(interaction)
        await responses.edit_original(
            interaction, sources_page(stats, int(self.fields["offset"]), t)
        )


def sources_command() -> app_commands.Command[Any, ..., Any]:
    """Return the command."""

    @app_commands.command(name="sources")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def sources(interaction: Interaction) -> None:
        await responses.defer(interaction, private=True)
        stats = await interaction.client.library.stats()
        t = interaction.client.private_text(interaction)
        await responses.edit_original(interaction, sources_page(stats, 0, t))

    return sources


def sources_page(stats: Stats, offset: int, t: Formatter) -> Reply:
    """Return the page of the sources that begins at ``offset``, below the sums of all."""
    if offset >= len(stats.sources):
        offset = 0  # there are fewer than there were
    page = stats.sources[offset : offset + PAGE_SIZE]
    head = [f"### {t('sources-title')}"]
    head.append(t("sources-whole", articles=stats.articles, sources=len(stats.sources)))
    if stats.first_date and stats.last_date:
        head.append(f"-# {_span(stats.first_date, stats.last_date, t)}")
    lines = [_line(source, t) for source in page]
    if len(page) < len(stats.sources):
        first, last = offset + 1, offset + len(page)
        lines.append("-# " + t("sources-part", first=first, last=last, total=len(stats.sources)))
    rows = pager(SourcesPageButton, "sources:", offset, PAGE_SIZE, len(stats.sources))
    return Reply(["\n".join(head), "\n".join(lines)], tuple(rows))


def _line(source: SourceCount, t: Formatter) -> str:
    name = list_names([source.name], t) if source.name.strip() else t("sources-unnamed")
    count = t("sources-count", articles=source.articles)
    if source.first_date is None or source.last_date is None:
        return f"**{name}** {count}"
    return f"**{name}** {count}\n-# {_span(source.first_date, source.last_date, t)}"


def _span(first: str, last: str, t: Formatter) -> str:
    if first == last:
        return day(first, t)
    return t("sources-span", first=day(first, t), last=day(last, t))

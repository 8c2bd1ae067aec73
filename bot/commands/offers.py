"""What is offered while an option of /ask is typed."""

from discord import app_commands

from bot.client import Interaction
from corpus.errors import IndexUnusableError

MOST_CHOICES = 25  # Discord's limits of an autocomplete
LONGEST_CHOICE = 100  # characters


async def sources(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Return the sources that hold what is typed, largest first."""
    try:
        stats = await interaction.client.library.stats()
    except IndexUnusableError:
        return []
    typed = current.casefold().strip()
    choices = [
        app_commands.Choice(name=_labelled(one.name, one.articles), value=one.name)
        for one in stats.sources
        if typed in one.name.casefold() and 0 < len(one.name) <= LONGEST_CHOICE
    ]
    return choices[:MOST_CHOICES]


def _labelled(name: str, articles: int) -> str:
    label = f"{name} ({articles:,})"
    return label if len(label) <= LONGEST_CHOICE else name

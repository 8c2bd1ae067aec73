"""What the bot knows of an interaction while it works on it."""

from dataclasses import dataclass
from typing import Any

import discord

from bot.state.guilds import GuildSettings

_KEY = "footnote"


@dataclass(slots=True)
class InteractionContext:
    """Travels with one interaction, in its ``extras``."""

    arrived_at: float | None = None
    """When it arrived, on the event loop's clock."""
    is_claimed: bool = False
    """Whether a component or a modal of ours handles it."""
    is_deferred_privately: bool | None = None
    """Whether only the user sees the deferred response; ``None``: nothing is deferred."""
    is_acknowledged: bool = False
    """Whether there is an original response, or message of a component, that can be edited."""
    is_counted: bool = False
    """Whether it has been counted as a question of its user."""
    guild_settings: GuildSettings | None = None
    """Read once, at first use."""


def context_of(interaction: discord.Interaction[Any]) -> InteractionContext:
    """Return the context of ``interaction``, the same each time."""
    return interaction.extras.setdefault(_KEY, InteractionContext())

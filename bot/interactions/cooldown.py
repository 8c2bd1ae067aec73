"""How often each user may do something."""

import math
from typing import Any

import discord
from discord import app_commands

from bot.interactions.responses import UserError
from bot.settings import Rate

_MOST_KEPT = 1_000  # users, before those who have all their turns again are forgotten


class UserLimit:
    """Counts what each user does; ``None``: without a limit."""

    def __init__(self, rate: Rate | None) -> None:
        self._rate = rate
        self._users: dict[int, app_commands.Cooldown] = {}

    def take(self, interaction: discord.Interaction[Any]) -> None:
        """Count one more.

        Raises:
            UserError: it is one too many; in how many seconds there is another turn.
        """
        if self._rate is None:
            return
        now = interaction.created_at.timestamp()
        if len(self._users) >= _MOST_KEPT:
            self._users = {
                user: turns
                for user, turns in self._users.items()
                if turns.get_tokens(now) < turns.rate
            }
        fresh = app_commands.Cooldown(self._rate.count, self._rate.seconds)
        retry_after = self._users.setdefault(interaction.user.id, fresh).update_rate_limit(now)
        if retry_after is not None:
            raise UserError("error-cooldown", seconds=max(1, math.ceil(retry_after)))

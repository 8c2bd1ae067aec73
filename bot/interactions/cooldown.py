"""How often may each user do something?"""

import math

from discord import app_commands

from bot.interactions.responses import UserError
from bot.settings import Rate

_MAX_USERS = 1_000  # before those with a full cooldown again are forgotten


class UserLimit:
    """One :class:`discord.app_commands.Cooldown` a user; a rate of ``None`` disables it.

    The mapping of ``discord.ext.commands`` would take 2.5 MB more of memory.
    """

    def __init__(self, rate: Rate | None) -> None:
        self._rate = rate
        self._cooldowns: dict[int, app_commands.Cooldown] = {}

    def take(self, user_id: int, now: float) -> None:
        """Count one use by a user, at ``now`` in seconds by Discord's clock.

        Raises:
            UserError: it is one too many; names the seconds to wait.
        """
        if self._rate is None:
            return
        if len(self._cooldowns) >= _MAX_USERS:
            self._cooldowns = {
                user_id: cooldown
                for user_id, cooldown in self._cooldowns.items()
                if cooldown.get_tokens(now) < cooldown.rate
            }
        cooldown = self._cooldowns.setdefault(
            user_id, app_commands.Cooldown(self._rate.count, self._rate.seconds)
        )
        if retry_after := cooldown.update_rate_limit(now):
            raise UserError("error-cooldown", seconds=max(1, math.ceil(retry_after)))

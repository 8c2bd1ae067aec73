"""commands: what has the bot synced, globally and for each guild?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.e2e.loopback.command_limits import check_commands
from tests.e2e.loopback.rules import APPLICATION_ID

if TYPE_CHECKING:
    from tests.e2e.loopback.journal import Journal
    from tests.e2e.loopback.payloads import Snowflakes

Json = dict[str, Any]


class Commands:
    """The application's commands; a synced list replaces the one before it."""

    def __init__(self, journal: Journal, snowflakes: Snowflakes) -> None:
        self._journal = journal
        self._snowflakes = snowflakes
        self._scopes: dict[str | None, list[Json]] = {}

    def list(self, guild_id: str | None) -> list[Json]:
        """Return the commands of a guild, or the global ones for None."""
        return self._scopes.get(guild_id, [])

    def replace(self, guild_id: str | None, wanted: list[Json]) -> list[Json]:
        """Put `wanted` in the place of what was there; a command of the same name keeps its id.

        Raises:
            ApiError: Discord would not take them.
        """
        check_commands(wanted)
        ids = {(old["type"], old["name"]): old["id"] for old in self.list(guild_id)}
        synced: list[Json] = []
        for command in wanted:
            kind = command.get("type", 1)
            synced.append(
                {
                    "default_member_permissions": None,
                    "nsfw": False,
                    "contexts": None,
                    "integration_types": [0],
                    "description": "",
                    **command,
                    "id": ids.get((kind, command["name"])) or self._snowflakes.next(),
                    "application_id": str(APPLICATION_ID),
                    "version": self._snowflakes.next(),
                    "type": kind,
                    **({"guild_id": guild_id} if guild_id else {}),
                }
            )
        self._scopes[guild_id] = synced
        self._journal.note("commands", guild=guild_id, commands=synced)
        return synced

"""Which commands Discord was last given."""

from bot.state.database import Database


class SyncedCommands:
    """The hashes of the commands that Discord has, for each server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, application_id: int) -> dict[int | None, str]:
        """Return what Discord was last given, as a hash for each server; ``None``: everywhere."""
        rows = await self._database.rows(
            "SELECT guild, hash FROM command_sync WHERE application = ?", (application_id,)
        )
        return {guild or None: digest for guild, digest in rows}

    async def set(self, application_id: int, guild_id: int | None, digest: str | None) -> None:
        """Keep the hash of what Discord was given for a server; ``None`` forgets it."""
        forget = "DELETE FROM command_sync WHERE application = ? AND guild = ?"
        key = (application_id, guild_id or 0)
        if digest is None:
            await self._database.write((forget, key))
        else:
            await self._database.write(
                (forget, key), ("INSERT INTO command_sync VALUES (?, ?, ?)", (*key, digest))
            )

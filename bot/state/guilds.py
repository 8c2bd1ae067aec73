"""What each server has: its moderators' choices, and the commands it was given."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from bot.state.database import Database
from bot.state.peers import Topic

MAX_CACHED = 10_000  # servers whose settings stay in memory


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """A server's choices; ``None`` and empty: it made none."""

    locale: str | None = None
    """The language of public answers."""
    private: bool | None = None
    """Whether only the asker sees an answer, where they do not say."""
    page_size: int | None = None
    """Hits a page."""
    channels: frozenset[int] = frozenset()
    """The only ones where questions may be asked."""
    without_sources: frozenset[str] = frozenset()
    """What is left out of answers."""


class Guilds:
    """The settings of every server."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changing = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._known: dict[int, GuildSettings] = {}
        self._changes = 0
        database.notifications.listen(Topic.GUILD, self._changed)

    async def get(self, guild_id: int) -> GuildSettings:
        """Return the server's choices, from memory where it was read before."""
        async with self._reading:
            if guild_id in self._known:
                return self._known[guild_id]
            changes = self._changes
            settings = await self._read(guild_id)
            if changes == self._changes:
                if len(self._known) >= MAX_CACHED:
                    self._known.clear()
                self._known[guild_id] = settings
            return settings

    def _changed(self, guild_id: str | None) -> None:
        """Forget what another process has changed; ``None``: it may be any of them."""
        self._changes += 1
        if guild_id is None:
            self._known.clear()
        else:
            self._known.pop(int(guild_id), None)

    async def _read(self, guild_id: int) -> GuildSettings:
        # One statement: a change falls before it, or after it and so is not remembered.
        rows = await self._database.rows(
            """SELECT 'guild', locale, private, page_size, NULL, NULL FROM guild WHERE id = ?1
            UNION ALL SELECT 'channel', NULL, NULL, NULL, channel, NULL FROM guild_channel
            WHERE guild = ?1
            UNION ALL SELECT 'source', NULL, NULL, NULL, NULL, source FROM guild_without_source
            WHERE guild = ?1""",
            (guild_id,),
        )
        locale, private, page_size = next(
            (row[1:4] for row in rows if row[0] == "guild"), (None,) * 3
        )
        return GuildSettings(
            locale,
            None if private is None else bool(private),
            page_size,
            frozenset(row[4] for row in rows if row[0] == "channel"),
            frozenset(row[5] for row in rows if row[0] == "source"),
        )

    async def set(self, guild_id: int, settings: GuildSettings) -> None:
        """Replace the server's choices."""
        try:
            await self._database.write(
                (
                    """INSERT INTO guild (id, locale, private, page_size) VALUES (?, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET locale = excluded.locale,
                    private = excluded.private, page_size = excluded.page_size""",
                    (guild_id, settings.locale, settings.private, settings.page_size),
                ),
                ("DELETE FROM guild_channel WHERE guild = ?", (guild_id,)),
                ("DELETE FROM guild_without_source WHERE guild = ?", (guild_id,)),
                *(
                    ("INSERT INTO guild_channel VALUES (?, ?)", (guild_id, channel))
                    for channel in settings.channels
                ),
                *(
                    ("INSERT INTO guild_without_source VALUES (?, ?)", (guild_id, source))
                    for source in settings.without_sources
                ),
                *self._database.notifications.about(Topic.GUILD, str(guild_id)),
            )
        finally:
            self._changed(str(guild_id))

    async def change(
        self, guild_id: int, change: Callable[[GuildSettings], GuildSettings]
    ) -> GuildSettings:
        """Apply ``change`` to the server's choices, and return the result.

        Of two concurrent changes, neither undoes the other.
        """
        async with self._changing:
            settings = change(await self._read(guild_id))
            await self.set(guild_id, settings)
            return settings


class SyncedCommands:
    """The hashes of the commands that Discord was given, for each server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def changing(self) -> AbstractAsyncContextManager[bool]:
        """Return a block in which no other process gives Discord the commands.

        It gives whether that came true: another may take too long.

        Raises:
            DatabaseError: the database cannot be asked.
        """
        return self._database.alone()

    async def get(self, application_id: int) -> dict[int | None, str]:
        """Return the hash of the commands of each server; ``None`` stands for the global ones."""
        rows = await self._database.rows(
            "SELECT guild, hash FROM command_sync WHERE application = ?", (application_id,)
        )
        return {guild or None: digest for guild, digest in rows}

    async def set(self, application_id: int, guild_id: int | None, digest: str | None) -> None:
        """Store the hash of a server's commands; ``None`` forgets it."""
        forget = "DELETE FROM command_sync WHERE application = ? AND guild = ?"
        key = (application_id, guild_id or 0)
        if digest is None:
            await self._database.write((forget, key))
        else:
            await self._database.write(
                (forget, key), ("INSERT INTO command_sync VALUES (?, ?, ?)", (*key, digest))
            )

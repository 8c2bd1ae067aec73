"""What the moderators of a server chose for it."""

from dataclasses import dataclass

from bot.state.database import Database


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

    async def get(self, guild_id: int) -> GuildSettings:
        """Return what the server chose."""
        row = await self._database.row(
            "SELECT locale, private, page_size FROM guild WHERE id = ?", (guild_id,)
        )
        locale, private, page_size = row or (None, None, None)
        channels = await self._database.rows(
            "SELECT channel FROM guild_channel WHERE guild = ?", (guild_id,)
        )
        sources = await self._database.rows(
            "SELECT source FROM guild_without_source WHERE guild = ?", (guild_id,)
        )
        return GuildSettings(
            locale,
            None if private is None else bool(private),
            page_size,
            frozenset(channel for (channel,) in channels),
            frozenset(source for (source,) in sources),
        )

    async def set(self, guild_id: int, settings: GuildSettings) -> None:
        """Keep what the server chose, in place of what it chose before."""
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
        )

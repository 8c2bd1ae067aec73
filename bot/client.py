"""The bot on Discord: makes its commands known, knows its admins, answers every error."""

import hashlib
import json
import logging
import math
import secrets
import time

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot import replies
from bot.indexing import Indexing
from bot.settings import Settings
from bot.state import State
from bot.texts import CommandTranslator, Formatter, Texts
from corpus.errors import CorpusError, IndexUnusableError
from corpus.library import Library

# Discord wants the first word within 3 s: later it shows a failure whatever the bot does.
LATEST_START = 2.5  # seconds

_log = logging.getLogger(__name__)


class Footnote(discord.AutoShardedClient):
    """The client. Holds what the commands need; the composition root adds the commands."""

    def __init__(self, settings: Settings, library: Library, state: State, texts: Texts) -> None:
        # Slash commands need no intent, and nothing of the servers is kept in memory.
        super().__init__(
            intents=discord.Intents.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            enable_debug_events=False,
        )
        self.settings = settings
        self.library = library
        self.state = state
        self.texts = texts
        self.indexing = Indexing(library)
        self.started_at = int(time.time())
        self.tree = Tree(self)

    async def setup_hook(self) -> None:
        """Make the commands known to Discord, then build the index if there is none."""
        if self.settings.api_url is not None:
            await self._use_gateway_of_proxy()
        await self.tree.set_translator(CommandTranslator(self.texts))
        await self._sync_commands()
        try:
            await self.library.open()
        except IndexUnusableError as error:
            _log.warning("%s Building it.", error)
            self.indexing.start()

    async def close(self) -> None:
        """End a running reindex and the connection."""
        await self.indexing.close()
        await super().close()

    def is_admin(self, user: discord.abc.Snowflake) -> bool:
        """Whether ``user`` may look after the archive: it is one for all servers.

        These are the application's owner, or those of its team who may change it, and
        ``ADMIN_IDS``.
        """
        if user.id in self.settings.admin_ids:
            return True
        application = self.application
        if application is None:
            return False
        if application.team is None:
            return user.id == application.owner.id
        return any(
            member.id == user.id
            and member.membership_state is discord.TeamMembershipState.accepted
            and member.role is not discord.TeamMemberRole.read_only
            for member in application.team.members
        )

    def private_text(self, interaction: "Interaction") -> Formatter:
        """Return the texts for what only the user sees: their own language."""
        return self.texts.get(interaction.locale.value)

    async def public_text(self, interaction: "Interaction") -> Formatter:
        """Return the texts for what a channel sees: the server's language."""
        if interaction.guild_id is None:
            return self.private_text(interaction)
        chosen = (await self.state.guilds.get(interaction.guild_id)).locale
        return self.texts.get(chosen or self.settings.default_locale)

    async def _use_gateway_of_proxy(self) -> None:
        # The library asks for the gateway's address once at most, and after an invalid session
        # goes back to the built-in one, which would give the real gateway a token meant for the
        # proxy. With a shard count given it only ever uses the built-in one: so replace that.
        self.shard_count, url, _ = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)

    async def _sync_commands(self) -> None:
        """Give Discord the commands where they differ from what it was last given."""
        application_id = self.application_id
        if application_id is None:
            raise app_commands.MissingApplicationID
        synced = await self.state.synced_commands.get(application_id)
        for guild_id in {None, self.settings.admin_guild, *synced}:
            guild = discord.Object(guild_id) if guild_id is not None else None
            digest = await self.tree.digest(guild)
            if synced.get(guild_id) == digest:
                continue
            try:
                commands = await self.tree.sync(guild=guild)
            except discord.Forbidden:
                if guild_id == self.settings.admin_guild:
                    _log.error("ADMIN_GUILD is a server this bot is not in: no /archive there.")
                await self.state.synced_commands.set(application_id, guild_id, None)
                continue
            _log.info("Gave Discord %d commands (server: %s).", len(commands), guild_id or "all")
            # A server that no longer has any is not looked at again.
            kept = digest if commands or guild_id is None else None
            await self.state.synced_commands.set(application_id, guild_id, kept)


Interaction = discord.Interaction[Footnote]


class Tree(app_commands.CommandTree[Footnote]):
    """The commands, with an answer to every error."""

    _clock_ahead = math.inf

    async def digest(self, guild: discord.abc.Snowflake | None) -> str:
        """Return a hash of what Discord would be given, translations and all."""
        translator = self.translator
        payload = [
            await command.get_translated_payload(self, translator)
            if translator
            else command.to_dict(self)
            for command in self.get_commands(guild=guild)
        ]
        return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Whether to start on ``interaction``: not if Discord has surely given it up already."""
        age = (discord.utils.utcnow() - interaction.created_at).total_seconds()
        # The youngest seen tells how far this clock is off: none can arrive before it was made.
        # The first ones are taken as they come; one that is too old answers with 10062.
        self._clock_ahead = min(self._clock_ahead, age)
        if age - self._clock_ahead > LATEST_START:
            _log.warning(
                "Left an interaction that was %.1f s old on arrival (is the clock right?).", age
            )
            return False
        return True

    async def on_error(
        self, interaction: Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Answer with one sentence that only the user sees."""
        t = interaction.client.private_text(interaction)
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        match cause:
            case discord.NotFound(code=10062) | discord.HTTPException(code=40060):
                # Answered too late, or by someone else: there is nobody left to tell.
                _log.warning("Discord no longer takes an answer to an interaction: %s", cause)
                return
            case replies.Refusal():
                text = t(cause.message_id, **cause.arguments)
            case app_commands.CommandOnCooldown():
                text = t("error-cooldown", seconds=max(1, math.ceil(cause.retry_after)))
            case app_commands.CheckFailure():
                _log.warning("Refused a command to user %d: not an admin.", interaction.user.id)
                text = t("error-not-admin")
            case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
                text = t("error-outdated")
            case CorpusError():
                _log.warning("A command failed: %s", cause)
                text = t("error-archive", sentence=replies.plain(str(cause)))
            case _:
                number = secrets.token_hex(4)
                _log.error("Error %s in %s.", number, _name(interaction), exc_info=cause)
                text = t("error-unexpected", id=number)
        try:
            await replies.whisper(interaction, replies.sentence(text))
        except discord.HTTPException as unsent:
            _log.warning("An error could not be told to its user: %s", unsent)


def use_api(url: str) -> None:
    """Send every request of discord.py to ``url`` instead of Discord; for the whole process."""
    Route.BASE = url


def _name(interaction: Interaction) -> str:
    command = interaction.command
    return f"/{command.qualified_name}" if command else "an unknown command"

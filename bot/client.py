"""The bot on Discord: makes its commands known, knows its admins, answers every error."""

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Awaitable, Callable

import discord
from discord import app_commands

from bot.gateway.connection import GatewayClient
from bot.interactions import delivery, failures, responses
from bot.interactions.cooldown import UserLimit
from bot.interactions.deduplicator import MAX_AGE, InteractionDeduplicator
from bot.interactions.in_flight import InFlight
from bot.interactions.work_queue import WorkQueue
from bot.localization import CommandTranslator, Formatter, Texts
from bot.messages.layout import Reply
from bot.monitoring.metrics import Metrics
from bot.services.reindexing import Indexing
from bot.services.watch_notifications import Watching
from bot.settings import Rate, Settings
from bot.state import State
from corpus import IndexUnusableError, Library

LONGEST_FINISH = 0.5  # seconds for what is being answered when the bot ends
PRESSES = Rate(30, 60)  # of a user on controls: as fast as one can read, not as a machine can press

# What discord.py gives to a view or a modal, and whether one of ours has taken it.
_TAKEN_BY_ATTEMPT = {discord.InteractionType.component, discord.InteractionType.modal_submit}
_TAKEN = "taken"

_log = logging.getLogger(__name__)


class Footnote(GatewayClient):
    """The client. Holds what the commands need; the composition root adds the commands."""

    def __init__(
        self,
        settings: Settings,
        library: Library,
        state: State,
        texts: Texts,
        on_press: Callable[["Interaction"], Awaitable[None]],
    ) -> None:
        """Make a client that is not yet connected.

        ``on_press`` does what a control of an answer says, which only it knows.
        """
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
        self.metrics = Metrics()
        self.in_flight = InFlight()
        self.indexing = Indexing(library, self.metrics.reindexed)
        library.on_damaged(self._rebuild)
        self.watching = Watching(library, state, self.guild_text, self.post)
        self.started_at = int(time.time())
        self.tree = Tree(self)
        self.ask_limit = UserLimit(settings.ask_cooldown)
        """For questions."""
        self.press_limit = UserLimit(PRESSES)
        """For turning pages and the like."""
        self.on_press = on_press
        self.deduplicator = InteractionDeduplicator(lambda: asyncio.get_running_loop().time())
        # One at a time: two would share one interpreter, and the event loop would wait for both.
        self.searches = WorkQueue("search", concurrency=1, max_waiting=256, max_wait=30)
        # One at a time: a child takes some 75 MB, and a small host has few of them.
        self.drawings = WorkQueue("draw", concurrency=1, max_waiting=8, max_wait=30)
        self.completions = WorkQueue(
            "offer while one types", concurrency=1, max_waiting=16, max_wait=1
        )

    async def setup_hook(self) -> None:
        """Make the commands known to Discord, then build the index if there is none.

        What asks Discord comes first: where that fails, all of this is done again.
        """
        await self.tree.set_translator(CommandTranslator(self.texts))
        await self._sync_commands()
        try:
            await self.library.open()
        except IndexUnusableError as error:
            _log.warning("%s Building it.", error)
            self.indexing.start()
        self.watching.start()

    async def on_disconnect(self) -> None:
        """Count a lost connection."""
        self.metrics.disconnected()

    async def close(self) -> None:
        """End a running reindex, what is being answered, the watches' work and the connection."""
        await self.indexing.close()
        await self.in_flight.end(LONGEST_FINISH)
        await self.watching.close()
        await super().close()

    async def on_interaction(self, interaction: "Interaction") -> None:
        """Refuse what nothing takes: it is of an earlier version, or someone made it up."""
        # Whatever takes a press or a form was started before this, and has called `attempt`.
        if interaction.type not in _TAKEN_BY_ATTEMPT or interaction.extras.get(_TAKEN):
            return

        async def refuse() -> None:
            if interaction.type is discord.InteractionType.modal_submit:
                raise responses.PermissionDenied("error-form")
            t = self.private_text(interaction)
            raise responses.PermissionDenied("error-button", command=t.command("ask"))

        await self.attempt(interaction, refuse)

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
        return await self.guild_text(interaction.guild_id)

    async def guild_text(self, guild_id: int) -> Formatter:
        """Return the texts of a server's language."""
        chosen = (await self.state.guilds.get(guild_id)).locale
        return self.texts.get(chosen or self.settings.default_locale)

    async def post(self, channel_id: int, reply: Reply, nonce: str) -> None:
        """Post a message to a channel, only once in some minutes with the same ``nonce``."""
        await self.get_partial_messageable(channel_id).send(view=reply, nonce=nonce)

    def is_timely(self, interaction: "Interaction") -> bool:
        """Whether to start on ``interaction``: not again, nor if Discord has surely given it up."""
        if not self.deduplicator.is_new(interaction):
            _log.warning("Left an interaction that had arrived before.")
            return False
        age = self.deduplicator.age(interaction)
        if age > MAX_AGE:
            _log.warning("Left an interaction that was %.1f s old on arrival.", age)
            return False
        delivery.start_clock(interaction)
        return True

    async def attempt(
        self, interaction: "Interaction", work: Callable[[], Awaitable[None]]
    ) -> None:
        """Do what a button, a select or a modal asks for, as the tree does for commands.

        An interaction that is too old is left, an error becomes one sentence for the user.
        """
        interaction.extras[_TAKEN] = True
        if not self.is_timely(interaction) or not self.in_flight.enter():
            return
        try:
            await work()
        except Exception as error:  # noqa: BLE001 (all end in a sentence, the unknown in the log)
            await self.tell(interaction, error)

    async def tell(self, interaction: "Interaction", error: Exception) -> None:
        """Answer ``error`` with one sentence that only the user sees."""
        place = interaction.guild_id or "a direct message"
        where = f"{_name(interaction)} of user {interaction.user.id} in {place}"
        if self.is_closed():
            # What it stands on is being closed too, so the error says nothing.
            _log.info("%s was not answered: the bot is stopping.", where)
            return
        reply = failures.error_reply(error, where, self.indexing, self.private_text(interaction))
        if reply is None:
            return
        try:
            if interaction.type is discord.InteractionType.autocomplete:
                await responses.send_choices(interaction, [])
            else:
                await responses.respond_ephemeral(interaction, reply)
        except (discord.HTTPException, delivery.UndeliveredError) as unsent:
            _log.warning("An error could not be told to its user: %s", unsent)

    def _rebuild(self) -> None:
        _log.error("The index was damaged while it was in use. Building it anew.")
        self.indexing.start()

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
        """Whether to start on ``interaction``, see :meth:`Footnote.is_timely`."""
        return self.client.is_timely(interaction) and self.client.in_flight.enter()

    async def on_error(
        self, interaction: Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Answer with one sentence that only the user sees."""
        await self.client.tell(interaction, error)


def _name(interaction: Interaction) -> str:
    if interaction.command is not None:
        return f"/{interaction.command.qualified_name}"
    data = interaction.data or {}
    if "custom_id" in data:
        return f"the component {data['custom_id']!r}"
    return f"the unknown command {data.get('name')!r}"

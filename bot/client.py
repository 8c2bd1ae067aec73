"""The Discord client: syncs the commands, knows the admins, accepts interactions, tells errors."""

import asyncio
import contextlib
import hashlib
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord import app_commands

from bot import host
from bot.gateway.connection import GatewayClient
from bot.gateway.shards import FixedShards
from bot.interactions import delivery, failures, responses
from bot.interactions.context import context_of
from bot.interactions.cooldown import UserLimit
from bot.interactions.deduplicator import MAX_AGE, InteractionDeduplicator
from bot.interactions.in_flight import InFlight
from bot.interactions.work_queue import WorkQueue
from bot.localization import CommandTranslator, Formatter, Texts
from bot.messages.layout import Reply
from bot.monitoring.metrics import Metrics
from bot.services.answers import AnswerService
from bot.services.application_owners import ApplicationOwners
from bot.services.discord_clock import DiscordClock
from bot.services.reindexing import Reindexer
from bot.services.synonyms import Synonyms
from bot.services.threads import Threads
from bot.services.timelines import TimelineService
from bot.services.watch_notifications import WatchNotifier
from bot.settings import Rate, Settings
from bot.state import DATABASE_ERRORS, State
from bot.state.guilds import GuildSettings
from corpus import EngineError, IndexUnusableError, Library

if TYPE_CHECKING:
    from bot.services.leased_shards import LeasedShards

MAX_FINISH_SECONDS = 0.5  # for the interactions in flight when the bot stops
MAX_SETTINGS_WAIT = 2.0  # seconds: Discord gives three to acknowledge an interaction
NOTICE_COOLDOWN = Rate(1, 60)  # of a user: what a channel sees of one who asks too fast
PRESS_COOLDOWN = Rate(30, 60)  # of a user: as fast as one can read, not as a machine can press

_OF_COMPONENTS = {discord.InteractionType.component, discord.InteractionType.modal_submit}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """What the bot does, opened and handed down by :mod:`bot.app`."""

    answers: AnswerService
    timelines: TimelineService
    reindexer: Reindexer
    watch_notifier: WatchNotifier
    synonyms: Synonyms
    leased_shards: "LeasedShards | None" = None
    """Shares the shards with other processes; ``None``: this one shares none."""


class Footnote(GatewayClient):
    """The client: it hands what commands and components need to them, and answers every error."""

    def __init__(
        self,
        settings: Settings,
        *,
        texts: Texts,
        library: Library,
        state: State,
        metrics: Metrics,
        services: Services,
    ) -> None:
        """Make a client that is not yet connected, without commands."""
        # Slash commands need no intent, mentions and direct messages these two; none is privileged.
        # No member or message is cached.
        super().__init__(
            intents=discord.Intents(guild_messages=True, dm_messages=True),
            assignment=services.leased_shards or FixedShards(settings.shards),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            enable_debug_events=False,
            http_trace=self._trace(),
        )
        self.settings = settings
        self.texts = texts
        self.library = library
        self.state = state
        self.metrics = metrics
        self.answers = services.answers
        self.timelines = services.timelines
        self.reindexer = services.reindexer
        self.watch_notifier = services.watch_notifier
        self.synonyms = services.synonyms
        self.leased_shards = services.leased_shards
        self.discord_clock = DiscordClock()
        self.owners = ApplicationOwners(self.application_info)
        self.started_at = int(time.time())
        self.tree = Tree(self)
        self.in_flight = InFlight()
        self.deduplicator = InteractionDeduplicator(lambda: asyncio.get_running_loop().time())
        self.ask_limit = UserLimit(settings.ask_cooldown)
        """For questions."""
        self.press_limit = UserLimit(PRESS_COOLDOWN)
        """For turning pages and the like."""
        self.notice_limit = UserLimit(NOTICE_COOLDOWN)
        """For answering messages of which there are too many."""
        self.threads = Threads(self)
        self.answer_message: Callable[[discord.Message], Awaitable[None]] | None = None
        """Answers a message that is for the bot."""
        self.forms: list[Form] = []
        """The forms that outlive the process: a template of their ids, and what takes them."""
        # One at a time: a child takes some 75 MB, and a small host has few of them.
        self.drawings = WorkQueue("draw", concurrency=1, max_waiting=8, max_wait=30)
        self.completions = WorkQueue(
            "offer while one types", concurrency=1, max_waiting=16, max_wait=1
        )

    async def setup_hook(self) -> None:
        """Give Discord the commands, then build the index if there is none.

        The requests to Discord come first: where they fail, all of this is done again.

        Raises:
            ClockError: this machine's clock is far from Discord's.
        """
        if self.discord_clock.told.is_set():
            now = datetime.fromtimestamp(self.discord_clock.now(), UTC)
            host.check_clock(datetime.now(UTC), now)
        if self.application is not None:
            self.owners.note(self.application)
        await self.tree.set_translator(CommandTranslator(self.texts))
        async with self.state.synced_commands.changing() as is_alone:
            await self._sync_commands(may_change=is_alone)
        self.state.leadership.stand()
        try:
            await self.library.open()
        except IndexUnusableError as error:
            _log.warning("%s Building it.", error)
            self.reindexer.start()
        except EngineError as error:
            # Each question asks the cluster again: it needs no start of its own.
            _log.warning("%s Questions will be answered once it does.", error)
        self.watch_notifier.start(self, self.discord_clock)

    async def on_disconnect(self) -> None:
        """Count a lost connection."""
        self.metrics.disconnected()

    async def close(self) -> None:
        """Stop the connection, the reindex, the interactions in flight and the watches."""
        # First, so that nothing more comes that would not be answered: other workers take it.
        await self.leave_gateway()
        await self.reindexer.close()
        await self.in_flight.end(MAX_FINISH_SECONDS)
        await self.watch_notifier.close()
        await super().close()

    async def on_interaction(self, interaction: "Interaction") -> None:
        """Take a form, and decline what nothing takes: an earlier version's, or made up."""
        # A component or a modal of ours was started before this, and has claimed its interaction.
        if interaction.type not in _OF_COMPONENTS or not self.accept(interaction):
            return
        if interaction.type is discord.InteractionType.modal_submit:
            custom_id = str((interaction.data or {}).get("custom_id"))
            for template, submit in self.forms:
                if match := template.fullmatch(custom_id):
                    await self.guard(interaction, submit(interaction, match))
                    return
            error = responses.PermissionDenied("error-form")
        else:
            command = self.private_text(interaction).command("ask")
            error = responses.PermissionDenied("error-button", command=command)
        await self.tell(interaction, error)

    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that is for the bot, see :mod:`bot.gateway.mentions`, once."""
        if self.answer_message is None or not self.deduplicator.is_new(message.id):
            return
        if not self.in_flight.enter():
            return
        self.discord_clock.observe(message.created_at.timestamp())
        await self.answer_message(message)

    def is_admin(self, user: discord.abc.Snowflake) -> bool:
        """Whether ``user`` may look after the archive: it is one for all servers.

        These are the application's owner, or those of its team who may change it, and
        ``ADMIN_IDS``.
        """
        return user.id in self.settings.admin_ids or user.id in self.owners

    async def is_admin_now(self, user: discord.abc.Snowflake) -> bool:
        """Whether ``user`` may look after the archive, by what Discord says before a refusal."""
        if not self.is_admin(user):
            await self.owners.ask_again()
        return self.is_admin(user)

    def private_text(self, interaction: "Interaction") -> Formatter:
        """Return the texts for what only the user sees: their own language."""
        return self.texts.get(interaction.locale.value)

    async def public_text(self, interaction: "Interaction") -> Formatter:
        """Return the texts for what a channel sees: the server's language."""
        if interaction.guild_id is None:
            return self.private_text(interaction)
        return self.texts.get((await self.guild_settings(interaction)).locale)

    def count_question(self, interaction: "Interaction") -> None:
        """Count a question of the user, once an interaction and before any work on it.

        Raises:
            UserError: it is one too many.
        """
        context = context_of(interaction)
        if not context.is_counted:
            self.ask_limit.take(interaction.user.id, interaction.created_at.timestamp())
            context.is_counted = True

    def count_press(self, interaction: "Interaction") -> None:
        """Count a press of the user that is no question.

        Raises:
            UserError: it is one too many.
        """
        self.press_limit.take(interaction.user.id, interaction.created_at.timestamp())

    async def guild_settings(self, interaction: "Interaction") -> GuildSettings:
        """Return the settings of the server for an answer, read once; the defaults without one."""
        context = context_of(interaction)
        if context.guild_settings is None:
            guild_id = interaction.guild_id
            context.guild_settings = (
                GuildSettings() if guild_id is None else await self.readable_settings(guild_id)
            )
        return context.guild_settings

    async def readable_settings(self, guild_id: int) -> GuildSettings:
        """Return the settings of a server; the defaults while they cannot be read.

        A database may be away, and SQLite reads nothing while half a write cannot be undone, as on
        a full disk that takes no block in the place of another. A question is answered all the
        same.
        """
        try:
            async with asyncio.timeout(MAX_SETTINGS_WAIT):
                return await self.state.guilds.get(guild_id)
        except (TimeoutError, *DATABASE_ERRORS) as error:
            said = str(error) or "no answer in time"
            _log.error("The settings of server %d cannot be read: %s.", guild_id, said)
            return GuildSettings()

    async def post(self, channel_id: int, message: Reply, nonce: str) -> None:
        """Post a message to a channel, only once in some minutes with the same ``nonce``."""
        await self.get_partial_messageable(channel_id).send(view=message, nonce=nonce)

    def accept(self, interaction: "Interaction") -> bool:
        """Return whether to work on ``interaction``, and count it as in flight if so.

        Not again on one that is known already, nor when Discord has surely given it up, nor while
        the bot stops.
        """
        context = context_of(interaction)
        if context.is_claimed:
            return False
        context.is_claimed = True
        if not self.deduplicator.is_new(interaction.id):
            _log.warning("Ignored a duplicate interaction.")
            return False
        age = self.deduplicator.age(interaction)
        if age > MAX_AGE:
            _log.warning("Ignored an interaction that was %.1f s old on arrival.", age)
            return False
        self.discord_clock.observe(interaction.created_at.timestamp())
        delivery.start_clock(interaction)
        return self.in_flight.enter()

    async def guard(self, interaction: "Interaction", work: Awaitable[object]) -> bool:
        """Await the work of a component; return whether it succeeded.

        The user is told its error, as the tree does for commands.
        """
        try:
            await work
        except Exception as error:  # noqa: BLE001 (each becomes a sentence; the unknown are logged)
            await self.tell(interaction, error)
            return False
        return True

    async def tell(self, interaction: "Interaction", error: Exception) -> None:
        """Answer ``error`` with one sentence that only the user sees."""
        guild = interaction.guild_id or "a direct message"
        where = f"{_name(interaction)} of user {interaction.user.id} in {guild}"
        if self.is_closed():
            # Everything is being closed, so the error says nothing.
            _log.info("%s was not answered: the bot is stopping.", where)
            return
        t = self.private_text(interaction)
        reply = failures.error_reply(error, where, self.reindexer.running_progress, t)
        if reply is None:
            if isinstance(failures.cause_of(error), delivery.ExpiredError):
                await self._tell_by_message(interaction, t)
            return
        try:
            if interaction.type is discord.InteractionType.autocomplete:
                await responses.send_choices(interaction, [])
            else:
                await responses.respond_ephemeral(interaction, reply)
        except (discord.HTTPException, delivery.UndeliveredError) as unsent:
            _log.warning("An error could not be told to its user: %s", unsent)
            if isinstance(unsent, delivery.ExpiredError):
                await self._tell_by_message(interaction, t)

    async def _tell_by_message(self, interaction: "Interaction", t: Formatter) -> None:
        """Tell a user whose interaction has expired, which would say "is thinking" for ever."""
        try:
            await interaction.user.send(view=responses.sentence(t("error-expired-token")))
        except (discord.DiscordException, aiohttp.ClientError, OSError) as unsent:
            _log.warning("Nor could its user be told by a message: %s", unsent)

    def _trace(self) -> aiohttp.TraceConfig:
        """Return what reads Discord's clock off each of its responses."""

        async def read_clock(
            _: aiohttp.ClientSession, __: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
        ) -> None:
            response = ended.response
            if response.ok and (written := response.headers.get("Date")):
                with contextlib.suppress(ValueError):
                    self.discord_clock.observe(parsedate_to_datetime(written).timestamp())

        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(read_clock)
        return trace

    async def _sync_commands(self, *, may_change: bool) -> None:
        """Give Discord the commands where they differ from the last ones it was given.

        Of processes that share a database one does so; the others learn the ids. So does this one
        unless it ``may_change`` them.
        """
        application_id = self.application_id
        if application_id is None:
            raise app_commands.MissingApplicationID
        synced = await self.state.synced_commands.get(application_id)
        for guild_id in {None, self.settings.admin_guild, *synced}:
            guild = discord.Object(guild_id) if guild_id is not None else None
            digest = await self.tree.digest(guild)
            if synced.get(guild_id) == digest or not may_change:
                await self._learn_command_ids(guild)
                continue
            try:
                commands = await self.tree.sync(guild=guild)
                self._note_command_ids(commands)
            except discord.Forbidden:
                if guild_id == self.settings.admin_guild:
                    _log.error("ADMIN_GUILD is a server this bot is not in: no /archive there.")
                await self.state.synced_commands.set(application_id, guild_id, None)
                continue
            _log.info("Gave Discord %d commands (server: %s).", len(commands), guild_id or "all")
            # A server without commands is not looked at again.
            last_digest = digest if commands or guild_id is None else None
            await self.state.synced_commands.set(application_id, guild_id, last_digest)

    async def _learn_command_ids(self, guild: discord.abc.Snowflake | None) -> None:
        """Ask Discord for the ids of commands that it has from an earlier start."""
        try:
            self._note_command_ids(await self.tree.fetch_commands(guild=guild))
        except discord.HTTPException as error:
            # Texts then name the commands without a mention.
            _log.warning("The ids of the commands are not known: %s", error)

    def _note_command_ids(self, commands: Sequence[app_commands.AppCommand]) -> None:
        slash = discord.AppCommandType.chat_input
        self.texts.set_command_ids(
            {command.name: command.id for command in commands if command.type is slash}
        )


Interaction = discord.Interaction[Footnote]
Form = tuple[re.Pattern[str], Callable[[Interaction, re.Match[str]], Awaitable[object]]]


class Tree(app_commands.CommandTree[Footnote]):
    """The commands, with an answer to every error."""

    async def digest(self, guild: discord.abc.Snowflake | None) -> str:
        """Return a hash of the commands as Discord is given them, with their translations."""
        translator = self.translator
        payload = [
            await command.get_translated_payload(self, translator)
            if translator
            else command.to_dict(self)
            for command in self.get_commands(guild=guild)
        ]
        return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Whether to work on ``interaction``, see :meth:`Footnote.accept`."""
        return self.client.accept(interaction)

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

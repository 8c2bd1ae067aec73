"""The composition root of the running bot: opens every resource, connects, stops within 2 s."""

import asyncio
import contextlib
import gc
import logging
import secrets
import signal
import socket
from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot import __version__, host
from bot.client import Footnote, Services
from bot.commands.archive import archive_commands
from bot.commands.ask import ask_command, ask_menu
from bot.commands.forget import ForgetButton, forget_command
from bot.commands.help import ExampleButton, HelpButton, help_command
from bot.commands.settings import SettingSelect, settings_command
from bot.commands.sources import SourcesPageButton, sources_command
from bot.commands.timeline import timeline_command
from bot.commands.trend import trend_command
from bot.commands.watch import watch_commands
from bot.errors import DiscordError, SettingsError, StateError
from bot.gateway import patches
from bot.gateway.connection import UNREACHABLE
from bot.localization import CommandTranslator, Texts
from bot.monitoring import logs
from bot.monitoring.error_reports import sending_errors
from bot.monitoring.metrics import Metrics
from bot.services.answers import AnswerService
from bot.services.maintenance import Maintenance
from bot.services.reindexing import Reindexer, Schedule, reindex_interval
from bot.services.shared_reindexing import OwnIndexReindexer, SharedIndexReindexer
from bot.services.synonyms import Synonyms
from bot.services.timelines import TimelineService
from bot.services.watch_notifications import WatchNotifier
from bot.settings import Settings
from bot.single_instance import single_instance
from bot.state import FILE_NAME, DatabaseError, State
from bot.state.library import opened_library
from bot.views import archive, follow_up, mention
from bot.views.answer import PageButton, VoteButton
from bot.views.ask_again import (
    AllButton,
    AloneButton,
    DropFilterButton,
    IgnoreConditionButton,
    RelatedButton,
    SourceButton,
    SuggestionButton,
    WithoutSelect,
)
from bot.views.follow_up import FollowUpButton
from bot.views.menu import MenuSelect
from bot.views.paragraph import ContextButton
from bot.views.share import ShareButton
from bot.views.synonym_trial import SynonymTrialButton, TrySynonymsSelect
from bot.views.timeline import TimelineExportButton, TimelinePageButton
from bot.views.trend import PeakSelect
from bot.views.watch import CancelWatchButton, ResumeWatchesButton
from corpus import Library, Remote

if TYPE_CHECKING:
    from bot.services.leased_shards import LeasedShards

TOKEN_PAGE = "https://discord.com/developers/applications"  # noqa: S105 (where to get one)
MAX_GOODBYE = 1.5  # seconds for the gateway to close before it is left behind

_END_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# Close codes of the gateway.
_WRONG_TOKEN = 4004
_WRONG_SHARD = 4010
_TOO_FEW_SHARDS = 4011
_WRONG_INTENTS = 4014

_log = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Run the bot until SIGTERM or SIGINT.

    Raises:
        SettingsError: there is no token.
        ClockError: this machine's clock is far off.
        DataFolderError: the data folder cannot be used, or another bot has it.
        StateError: the state cannot be used.
        DiscordError: Discord refuses the token or the connection. While it cannot be reached,
            the bot tries again.
        CorpusError: the user dictionary or the synonyms cannot be read.
        OSError: the data folder cannot be used.
    """
    token = settings.token
    if token is None:
        sentence = (
            f"DISCORD_TOKEN is not set: get a token at {TOKEN_PAGE} (your application, Bot,"
            " Reset Token) and put it into .env."
        )
        raise SettingsError((sentence, *settings.unknown_variables))
    logs.configure(settings.log_level, settings.log_format, secrets=settings.secrets)
    # The bot uses no voice channel, so it needs none of the libraries for it.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    host.check_clock(datetime.now(UTC))
    if settings.unknown_variables:
        _log.warning("%s", " ".join(settings.unknown_variables))
    if settings.database_url is None and (loss := host.data_loss(settings.data_dir)):
        _log.warning(
            "What servers set and watch will be lost with %s: %s.", settings.data_dir, loss
        )
    if settings.api_url is not None:
        patches.use_api(settings.api_url)
    ended = asyncio.Event()
    # From before the first file is opened until after the last is closed.
    with _set_by_signals(ended), single_instance(settings.data_dir):
        async with sending_errors(settings.sentry_dsn, settings.secrets):
            await _run_until(ended, settings, token)


async def _run_until(ended: asyncio.Event, settings: Settings, token: str) -> None:
    async with open_client(settings) as footnote, contextlib.AsyncExitStack() as serving:
        if settings.port is not None:
            from bot.monitoring import health  # noqa: PLC0415 (a web server that few bots need)

            await serving.enter_async_context(
                health.serving(footnote, settings.health_host, settings.port)
            )
        # Or every full collection goes through all that was imported. Held by the row "event loop
        # late by at most 100 ms, 99 %" of docs/reliability.md, which falls to 98.6 % without.
        gc.freeze()
        schedule = asyncio.create_task(_keep_up_to_date(footnote), name="schedule")
        maintenance = asyncio.create_task(
            Maintenance(footnote.state, footnote.discord_clock).run(), name="maintenance"
        )
        owners = asyncio.create_task(footnote.owners.run(), name="owners")
        connection = asyncio.create_task(footnote.start(token), name="discord")
        connection.add_done_callback(lambda _: ended.set())
        try:
            await ended.wait()
            if connection.done():
                _raise_error_of(connection)
            _log.info("Stopping.")
        finally:
            schedule.cancel()
            maintenance.cancel()
            owners.cancel()
            await _leave(footnote, connection)


async def _keep_up_to_date(footnote: Footnote) -> None:
    settings = footnote.settings
    poll = settings.git_poll if isinstance(settings.archive, Remote) else None
    interval = reindex_interval(settings.reindex_every, poll)
    if interval is not None:
        leadership = footnote.state.leadership

        def is_on_duty() -> bool:
            return leadership.is_leader or not settings.shares_index

        await Schedule(footnote.reindexer, interval, is_on_duty=is_on_duty).run()


@contextlib.asynccontextmanager
async def open_client(settings: Settings) -> AsyncGenerator[Footnote]:
    """Open every resource, and yield a client with its services and commands.

    The caller closes the client.
    """
    async with (
        State.open(settings.data_dir / FILE_NAME, database_url=settings.database_url) as state,
        opened_library(settings, state) as library,
    ):
        texts = Texts(settings.default_locale, settings.archive_name)
        metrics = Metrics()
        reindexer = _reindexer(settings, library, state, metrics)
        library.on_damaged(reindexer.rebuild)
        answers = AnswerService(library, state, metrics, settings.archive_examples)
        services = Services(
            answers,
            TimelineService(library, answers),
            reindexer,
            WatchNotifier(library, state, texts),
            Synonyms(settings, library, state),
            _leased_shards(settings),
        )
        footnote = Footnote(
            settings,
            texts=texts,
            library=library,
            state=state,
            metrics=metrics,
            services=services,
        )
        add_commands(footnote)
        yield footnote


def _leased_shards(settings: Settings) -> "LeasedShards | None":
    """Return this process's share of the gateway, where a database is shared with others."""
    if settings.database_url is None:
        return None
    from bot.services.leased_shards import LeasedShards  # noqa: PLC0415 (few bots need it)
    from bot.state.postgres.leases import Identity, Leases  # noqa: PLC0415 (an extra)

    by_hand = settings.shards
    pinned = tuple(by_hand.ids) if by_hand is not None else None
    place = host.place(settings.data_dir)
    identity = Identity(secrets.token_hex(4), socket.gethostname(), __version__, place, pinned)
    return LeasedShards(Leases(settings.database_url, identity), identity.id, by_hand)


def _reindexer(settings: Settings, library: Library, state: State, metrics: Metrics) -> Reindexer:
    if settings.database_url is None:
        return Reindexer(library, metrics.reindexed)
    kind = SharedIndexReindexer if settings.shares_index else OwnIndexReindexer
    return kind(library, state, metrics.reindexed)


def add_commands(footnote: Footnote) -> None:
    """Give the client every command and every component."""
    footnote.add_dynamic_items(
        *archive.COMPONENTS,
        AllButton,
        AloneButton,
        CancelWatchButton,
        ContextButton,
        DropFilterButton,
        ExampleButton,
        FollowUpButton,
        ForgetButton,
        HelpButton,
        IgnoreConditionButton,
        MenuSelect,
        PageButton,
        PeakSelect,
        RelatedButton,
        ResumeWatchesButton,
        SettingSelect,
        ShareButton,
        SourceButton,
        SourcesPageButton,
        SuggestionButton,
        TimelineExportButton,
        TimelinePageButton,
        SynonymTrialButton,
        TrySynonymsSelect,
        VoteButton,
        WithoutSelect,
    )
    footnote.answer_message = partial(mention.answer, footnote)
    footnote.forms.append((follow_up.FollowUpForm.template, follow_up.submit))
    translator = CommandTranslator(footnote.texts)
    for_admins = archive_commands()
    commands = (
        ask_command(),
        timeline_command(),
        trend_command(),
        watch_commands(),
        sources_command(),
        help_command(),
        settings_command(),
        forget_command(),
        ask_menu(),
        for_admins,
    )
    admin_guild = footnote.settings.admin_guild
    for command in commands:
        translator.describe(command)
        if command is for_admins and admin_guild is not None:
            footnote.tree.add_command(command, guild=discord.Object(admin_guild))
        else:
            footnote.tree.add_command(command)


@contextlib.contextmanager
def _set_by_signals(ended: asyncio.Event) -> Generator[None]:
    loop = asyncio.get_running_loop()
    for number in _END_SIGNALS:
        loop.add_signal_handler(number, ended.set)
    try:
        yield
    finally:
        for number in _END_SIGNALS:
            loop.remove_signal_handler(number)


async def _leave(footnote: Footnote, connection: asyncio.Task[None]) -> None:
    """Close the gateway, without waiting long: it may be gone."""
    closing = asyncio.create_task(footnote.close(), name="goodbye")
    await asyncio.wait([closing], timeout=MAX_GOODBYE)
    closing.cancel()
    connection.cancel()
    await asyncio.wait([closing, connection])
    await footnote.http.close()


def _raise_error_of(connection: asyncio.Task[None]) -> None:
    """Raise the error that ended the connection, as a sentence where its cause is known."""
    try:
        connection.result()
    except discord.LoginFailure as error:
        raise DiscordError(
            f"Discord does not know this DISCORD_TOKEN: reset it at {TOKEN_PAGE} and copy it again."
        ) from error
    except discord.ConnectionClosed as error:
        if error.code == _WRONG_TOKEN:
            sentence = f"Discord no longer takes this DISCORD_TOKEN: reset it at {TOKEN_PAGE}."
        elif error.code == _WRONG_INTENTS:
            sentence = f"Discord wants an intent to be switched on at {TOKEN_PAGE}, under Bot."
        elif error.code == _WRONG_SHARD:
            sentence = "Discord has no such shards as SHARDS names: leave it empty."
        elif error.code == _TOO_FEW_SHARDS:
            sentence = (
                "Discord wants more shards: leave SHARDS empty, or stop all processes of this"
                " DATABASE_URL, and start again."
            )
        else:
            sentence = f"Discord closed the connection for good, with code {error.code}."
        raise DiscordError(sentence) from error
    except DatabaseError as error:
        raise StateError(f"{error}.") from error
    except UNREACHABLE as error:
        raise DiscordError(f"Discord cannot be reached: {error}.") from error

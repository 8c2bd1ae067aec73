"""Posts new articles that match a watch, and regular lists: none is lost, none is posted twice.

The matches of a reindex are stored in one transaction with the articles that need no second look.
Then they are posted one by one, and each is deleted once Discord has it. If the process ends
between the two, the message is sent again with its nonce, which Discord remembers for minutes.

Of processes that share a database the leader does all of this. A former leader that does not know
yet that it is none sends nothing that was not asked for a moment before, and stores nothing.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

import aiohttp
import discord

from bot.localization import Formatter, Texts
from bot.messages import watch as watch_message
from bot.messages.layout import Reply
from bot.messages.passages import links_to
from bot.services.digests import DigestMaker
from bot.services.discord_clock import DiscordClock
from bot.state import DATABASE_ERRORS, DatabaseError, State
from bot.state.guilds import GuildSettings
from bot.state.peers import Topic
from bot.state.watches import NewPost, PendingPost, Watch
from corpus import CorpusError, Filters, Hit, IndexUnusableError, Library

MAX_POSTS = 10  # of a watch at a time; the others are only counted
POLL_INTERVAL = 300.0  # seconds between two looks for an index that another process has made
MIN_RETRY_DELAY = 60.0  # seconds
MAX_RETRY_DELAY = 3600.0
DATABASE_RETRY_DELAY = 5.0  # seconds: while its database is away, this process does not lead

_UNKNOWN_CHANNEL = 10003  # an error code of Discord
_TEMPORARY = (401, 408, 429)  # HTTP statuses
_SERVER_ERROR = 500
_EXPECTED = (discord.DiscordException, aiohttp.ClientError, OSError, CorpusError, *DATABASE_ERRORS)

_log = logging.getLogger(__name__)


class Poster(Protocol):
    """Posts to Discord."""

    async def post(self, channel_id: int, message: Reply, nonce: str) -> None:
        """Post a message; the same ``nonce`` posts it once.

        Raises what discord.py raises.
        """
        ...


class WatchNotifier:
    """Matches the new articles of each index generation with the watches, in the background."""

    def __init__(self, library: Library, state: State, texts: Texts) -> None:
        self._library = library
        self._state = state
        self._texts = texts
        self._digests = DigestMaker(library, state, texts)
        self._poster: Poster | None = None
        self._clock = DiscordClock()
        self._is_due = False
        self._has_posts = False
        self._work: asyncio.Task[None] | None = None
        self._polling: asyncio.Task[None] | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._retry_delay = MIN_RETRY_DELAY
        self._refused: set[int] = set()
        """Channels that take no message, until another generation is opened."""

    def start(self, poster: Poster, clock: DiscordClock) -> None:
        """Look for new articles now, and whenever another generation is opened.

        Args:
            poster: posts what is found.
            clock: says when a list is due.
        """
        self._poster = poster
        self._clock = clock
        self._library.on_opened(self._generation_opened)
        self._state.leadership.on_elected(self._generation_opened)
        self._state.notifications.listen(Topic.CHANNEL, self._channel_opened)
        self._polling = asyncio.create_task(self._poll(), name="poll for an index")
        self._generation_opened()

    async def close(self) -> None:
        """Stop at once. The remaining messages are posted after the next start."""
        if self._retry is not None:
            self._retry.cancel()
        tasks = [task for task in (self._polling, self._work) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def try_again(self, channel_id: int) -> None:
        """Post what waits for a channel that took no message before."""
        self._refused.discard(channel_id)
        self._start_work()

    def _channel_opened(self, channel_id: str | None) -> None:
        """Post what waits for a channel of which another process has heard."""
        if channel_id is None:
            self._refused.clear()
            self._start_work()
        else:
            self.try_again(int(channel_id))

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_INTERVAL)
            try:
                await self._library.open()
            except CorpusError as error:
                _log.debug("There is no other index to answer from: %s", error)
            if self._retry is None:
                self._start_work()  # a list may be due

    def _generation_opened(self) -> None:
        self._is_due = True
        self._refused.clear()
        self._start_work()

    def _start_work(self) -> None:
        if not self._state.leadership.is_leader:
            return
        self._has_posts = True
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._work_off(), name="watches")

    async def _work_off(self) -> None:
        """Match, make lists and post until nothing is due; after a failure, try again later."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        try:
            while self._is_due or self._has_posts:
                if self._is_due:
                    self._is_due = False
                    await self._match()
                await self._make_lists()
                # Some at a time: a reindex meanwhile need not wait for the others.
                self._has_posts = False
                if await self._post_some():
                    self._has_posts = True
        except Exception as error:  # noqa: BLE001 (no error may end the watches)
            expected, is_away = isinstance(error, _EXPECTED), isinstance(error, DatabaseError)
            delay = DATABASE_RETRY_DELAY if is_away else self._retry_delay
            _log.warning(
                "Watches go on in %.0f s: %s: %s",
                delay,
                type(error).__name__,
                error,
                exc_info=None if expected else error,
            )
            self._is_due = True
            loop = asyncio.get_running_loop()
            self._retry = loop.call_later(delay, self._start_work)
            if not is_away:
                self._retry_delay = min(2 * self._retry_delay, MAX_RETRY_DELAY)
        else:
            self._retry_delay = MIN_RETRY_DELAY

    async def _make_lists(self) -> None:
        if not self._clock.told.is_set():
            return
        try:
            await self._digests.make_due(self._clock.now())
        except _EXPECTED:
            raise
        except Exception:  # noqa: BLE001
            # A fault of ours in the lists must not hold up the watches for ever.
            _log.exception("The regular lists cannot be made.")

    async def _match(self) -> None:
        """Match the articles that are not known yet with all watches, and store the matches."""
        try:
            paths = await self._library.paths()
        except IndexUnusableError:
            return  # the next generation starts the work again
        names = set(paths.values())
        new = await self._state.watches.unknown(names)
        if not new:
            return
        matches: list[NewPost] = []
        came_at = None
        # In an archive that is seen for the first time, no article is new.
        if len(new) < len(names):
            came_at = self._clock.now() if self._clock.told.is_set() else time.time()
            within = [path for path, name in paths.items() if name in new]
            matches = await self._matches(within)
            _log.info("%d articles are new; watches post %d messages.", len(new), len(matches))
        await self._state.watches.keep(new, matches, came_at=came_at)

    async def _matches(self, within: Collection[str]) -> list[NewPost]:
        """Return what all watches post of the articles at ``within``."""
        matches: list[NewPost] = []
        hits: dict[tuple[str, Filters], Sequence[Hit]] = {}  # many watch the same
        for watch in await self._state.watches.all():
            if watch.digest is not None or watch.is_paused:
                continue
            guild_id = watch.target.guild_id
            settings = GuildSettings()
            if guild_id is not None:
                settings = await self._state.guilds.get(guild_id)
            without = tuple(sorted(settings.without_sources))
            key = watch.question, replace(watch.filters, without_sources=without)
            try:
                if key not in hits:
                    hits[key] = (await self._library.matches(*key, within=within)).hits
                t = self._texts.get(watch.locale or settings.locale)
                matches += _posts(watch, hits[key], t)
            except _EXPECTED:
                raise
            except Exception:  # noqa: BLE001
                # A fault of ours in one watch must not hold up the others for ever.
                _log.exception("Watch %d cannot be matched.", watch.id)
        return matches

    async def _post_some(self) -> bool:
        """Post some of what waits; return whether there may be more."""
        waiting = await self._state.watches.pending(self._refused)
        for pending in waiting:
            if pending.channel_id in self._refused:
                continue
            # Hidden after it was found, perhaps by hand, or before a restore that brought it back.
            if links_to(pending.blocks, await self._library.hidden_addresses()):
                _log.info("Watch %d does not post an article that is hidden.", pending.watch_id)
                await self._state.watches.give_up(pending)
            else:
                await self._post(pending)
        return bool(waiting)

    async def _post(self, pending: PendingPost) -> None:
        watches = self._state.watches
        assert self._poster is not None
        if not await watches.is_waiting(pending):
            return  # its watch was removed meanwhile
        locale = pending.locale
        if pending.guild_id is not None:
            locale = (await self._state.guilds.get(pending.guild_id)).locale
        cancel = watch_message.cancel_row(pending.watch_id, self._texts.get(locale))
        message = Reply(pending.blocks, [cancel])
        try:
            await self._poster.post(pending.channel_id, message, pending.nonce)
        except discord.HTTPException as error:
            if error.status >= _SERVER_ERROR or error.status in _TEMPORARY:
                raise
            is_own = pending.guild_id is None
            channel = "a member's direct messages" if is_own else f"channel {pending.channel_id}"
            match error:
                case discord.NotFound(code=code) if code == _UNKNOWN_CHANNEL:
                    _log.info("Removed the watches of %s, which is gone.", channel)
                    self._refused.add(pending.channel_id)
                    await watches.remove_channel(pending.channel_id)
                case discord.Forbidden() if is_own:
                    _log.info("A watch may not post to %s: %s", channel, error)
                    self._refused.add(pending.channel_id)
                    await self._state.recipients.count_failure(pending.channel_id)
                case discord.Forbidden():
                    _log.warning("A watch may not post to %s until it is let: %s", channel, error)
                    self._refused.add(pending.channel_id)
                case _:
                    _log.error(
                        "Discord will never take a watch's message to %s: %s", channel, error
                    )
                    await watches.give_up(pending)
        else:
            await watches.mark_posted(pending)


def _posts(watch: Watch, hits: Sequence[Hit], t: Formatter) -> list[NewPost]:
    """Return what a watch posts of its hits: the first ones, and the number of the others."""
    to_post = hits[: max(0, MAX_POSTS - watch.waiting)]
    posts = [NewPost(watch.id, watch_message.article(watch, hit, t)) for hit in to_post]
    if rest := len(hits) - len(to_post):
        more = rest + watch.waiting_more
        posts.append(NewPost(watch.id, watch_message.more(watch, more, t), more))
    return posts

"""The work after a reindex: what is new and matches a watch is posted, none lost, none twice.

What was found is written down together with the articles that need not be looked at again, then
posted one by one, each forgotten once Discord has it. Whatever ends the process between the two,
the message is sent again with its nonce, by which Discord knows it for minutes.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace

import aiohttp
import discord

from bot.localization import Formatter
from bot.messages import watch as watch_message
from bot.messages.layout import Reply
from bot.state import State
from bot.state.watches import NewPost, PendingPost, Watch
from corpus import CorpusError, IndexUnusableError, Library

MOST_POSTS = 10  # of a watch at a time; of the rest only the number
LOOK_EVERY = 300.0  # seconds, for an index that another process has made
FIRST_RETRY = 60.0  # seconds
LAST_RETRY = 3600.0

Post = Callable[[int, Reply, str], Awaitable[None]]
"""Posts to a channel's id, with a nonce."""

_UNKNOWN_CHANNEL = 10003  # an error code of Discord
_TRY_LATER = (401, 408, 429)  # HTTP statuses
_SERVER_ERROR = 500
_EXPECTED = (discord.DiscordException, aiohttp.ClientError, OSError, CorpusError, sqlite3.Error)

_log = logging.getLogger(__name__)


class Watching:
    """Looks at each index generation once, beside everything else the bot does."""

    def __init__(
        self,
        library: Library,
        state: State,
        text_of: Callable[[int], Awaitable[Formatter]],
        post: Post,
    ) -> None:
        """Make what does nothing until :meth:`start`.

        Args:
            library: where articles are looked for.
            state: where watches are kept.
            text_of: gives the texts of a server's language.
            post: raises what discord.py does.
        """
        self._library = library
        self._state = state
        self._text_of = text_of
        self._post = post
        self._is_due = False
        self._working: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._retry_after = FIRST_RETRY
        self._refused: set[int] = set()
        """Watches whose channel takes nothing, until another generation is opened."""

    def start(self) -> None:
        """Look for news now, and whenever another generation is opened."""
        self._library.on_opened(self._opened)
        self._looking = asyncio.create_task(self._look(), name="look for an index")
        self._opened()

    async def close(self) -> None:
        """End at once. What is not posted yet is posted after the next start."""
        if self._retry is not None:
            self._retry.cancel()
        tasks = [task for task in (self._looking, self._working) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self._library.open()
            except CorpusError as error:
                _log.debug("There is no other index to answer from: %s", error)

    def _opened(self) -> None:
        self._is_due = True
        self._refused.clear()
        self._work()

    def _work(self) -> None:
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work_off(), name="watches")

    async def _work_off(self) -> None:
        """Do all that is due; where that fails, go on later."""
        try:
            while self._is_due:
                self._is_due = False
                await self._find()
                await self._post_pending()
        except Exception as error:  # noqa: BLE001 (whatever it is, it must not end the watches)
            expected = isinstance(error, _EXPECTED)
            _log.warning(
                "Watches go on in %.0f s: %s: %s",
                self._retry_after,
                type(error).__name__,
                error,
                exc_info=None if expected else error,
            )
            self._is_due = True
            if self._retry is not None:
                self._retry.cancel()
            loop = asyncio.get_running_loop()
            self._retry = loop.call_later(self._retry_after, self._work)
            self._retry_after = min(2 * self._retry_after, LAST_RETRY)
        else:
            self._retry_after = FIRST_RETRY

    async def _find(self) -> None:
        """Write down what the watches find among the articles that are not known yet."""
        try:
            paths = await self._library.paths()
        except IndexUnusableError:
            # It is looked at when it is there.
            return
        names = set(paths.values())
        new = await self._state.watches.unknown(names)
        if not new:
            return
        found: list[NewPost] = []
        # Of an archive that is seen for the first time, nothing is news.
        if len(new) < len(names):
            within = {name: path for path, name in paths.items() if name in new}.values()
            for watch in await self._state.watches.all():
                try:
                    found += await self._found_by(watch, within)
                except _EXPECTED:
                    raise
                except Exception:  # noqa: BLE001
                    # A fault of ours in one question must not hold up the others for ever.
                    _log.exception("What watch %d asks cannot be looked for.", watch.id)
            _log.info("%d articles are new; watches post %d messages.", len(new), len(found))
        await self._state.watches.keep(new, found)

    async def _found_by(self, watch: Watch, within: Collection[str]) -> list[NewPost]:
        guild = watch.target.guild_id
        without = (await self._state.guilds.get(guild)).without_sources
        filters = replace(watch.filters, without_sources=tuple(sorted(without)))
        hits = (await self._library.matches(watch.question, filters, within=within)).hits
        if not hits:
            return []
        t = await self._text_of(guild)
        posted = hits[: max(0, MOST_POSTS - watch.waiting)]
        found = [NewPost(watch.id, watch_message.article(watch, hit, t)) for hit in posted]
        if rest := len(hits) - len(posted):
            more = rest + watch.waiting_more
            found.append(NewPost(watch.id, watch_message.more(watch, more, t), more))
        return found

    async def _post_pending(self) -> None:
        for pending in await self._state.watches.pending():
            if pending.watch_id not in self._refused:
                await self._post_one(pending)

    async def _post_one(self, pending: PendingPost) -> None:
        watches = self._state.watches
        try:
            await self._post(pending.channel_id, Reply(pending.blocks), pending.nonce)
        except discord.HTTPException as error:
            if error.status >= _SERVER_ERROR or error.status in _TRY_LATER:
                raise
            where = f"channel {pending.channel_id}"
            match error:
                case discord.NotFound(code=code) if code == _UNKNOWN_CHANNEL:
                    _log.info("Removed the watches of %s, which is gone.", where)
                    self._refused.add(pending.watch_id)
                    await watches.remove_channel(pending.channel_id)
                case discord.Forbidden():
                    _log.warning("A watch may not post to %s until it is let: %s", where, error)
                    self._refused.add(pending.watch_id)
                case _:
                    _log.error("Discord will never take a watch's message to %s: %s", where, error)
                    await watches.give_up(pending)
        else:
            await watches.mark_posted(pending)

"""Tells channels of new articles that match their watches: nothing twice, nothing lost.

What a watch finds goes into an outbox in the state, in the same transaction that marks its articles
as looked at; then each is posted and marked as posted. Killed between the two, it is posted once
more, with the same nonce, by which Discord recognises it and makes no second message.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping

import discord

from bot import render
from bot.state import State
from bot.state.watches import Post, Watch
from bot.texts import Formatter, Texts
from corpus.errors import CorpusError
from corpus.library import Library

MOST_POSTS = 10  # of a watch in one run; then one message says how many more there are
LOOK_EVERY = 60.0  # seconds: another process may have built the index
LONGEST_BACK_OFF = 3_600.0  # seconds

_UNKNOWN_CHANNEL = 10003  # an error code of Discord
_SERVER_ERROR = 500  # HTTP

_log = logging.getLogger(__name__)


class Watching:
    """Looks for new articles and posts them, one look at a time."""

    def __init__(
        self, client: discord.Client, library: Library, state: State, texts: Texts, locale: str
    ) -> None:
        """Watch ``library`` for the channels that ``client`` reaches.

        ``locale`` is what a server hears that has set no language.
        """
        self._client = client
        self._library = library
        self._state = state
        self._texts = texts
        self._locale = locale
        self._looking = asyncio.Lock()
        self._seen: str | None = None
        self._unreachable: set[int] = set()

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        delay = LOOK_EVERY
        while True:
            try:
                delivered = await self.look()
            except (CorpusError, discord.DiscordException, OSError) as error:
                _log.warning("New articles could not be looked for: %s", error)
                delivered = False
            # What Discord did not take is not forced on it.
            delay = LOOK_EVERY if delivered else min(2 * delay, LONGEST_BACK_OFF)
            await asyncio.sleep(delay)

    async def look(self) -> bool:
        """Find what is new and post it; return whether nothing is left that could be posted."""
        async with self._looking:
            if not self._library.is_open:
                return True
            built_at = (await self._library.stats()).built_at
            if built_at != self._seen:
                await self._find()
                self._seen = built_at
                self._unreachable.clear()
            return await self._post_all()

    async def _find(self) -> None:
        watches = self._state.watches
        named = await self._library.paths()
        known = await watches.known_articles()
        new = {path: name for path, name in named.items() if name not in known}
        if not new:
            return
        found: list[Post] = []
        if known:  # else the archive itself is new: nobody wants all of it posted
            for watch in await watches.all():
                found += await self._matches(watch, new)
        await watches.note(found, new.values())

    async def _matches(self, watch: Watch, new: Mapping[str, str]) -> list[Post]:
        try:
            found = await self._library.matches(watch.question, watch.filters, within=new)
        except CorpusError as error:
            _log.warning("Watch %d found nothing: %s", watch.id, error)
            return []
        posts = [
            Post(watch.id, new[hit.article.path], hit.article.path)
            for hit in found.hits[:MOST_POSTS]
        ]
        if more := len(found.hits) - len(posts):
            # Named after what it follows, so that it is the same after a restart.
            posts.append(Post(watch.id, f"after {posts[-1].article}", "", more))
        return posts

    async def _post_all(self) -> bool:
        waiting: dict[int, list[tuple[Watch, Post]]] = defaultdict(list)
        for watch, post in await self._state.watches.outbox():
            waiting[watch.channel_id].append((watch, post))
        delivered = True
        for channel_id, posts in waiting.items():
            if channel_id not in self._unreachable:
                delivered &= await self._post_to(channel_id, posts)
        return delivered

    async def _post_to(self, channel_id: int, posts: list[tuple[Watch, Post]]) -> bool:
        """Post to one channel; return whether it is not worth trying again soon."""
        try:
            for watch, post in posts:
                await self._post(watch, post)
        except discord.HTTPException as error:
            if error.code == _UNKNOWN_CHANNEL:
                _log.info("Channel %d is gone, and its watches with it.", channel_id)
                await self._state.watches.remove_channel(channel_id)
                return True
            if error.status >= _SERVER_ERROR:
                _log.warning("Discord did not take a post to channel %d: %s", channel_id, error)
                return False
            # Kept until the next index: by then someone may have let the bot in again.
            _log.warning("The bot may not post to channel %d: %s", channel_id, error)
            self._unreachable.add(channel_id)
        return True

    async def _post(self, watch: Watch, post: Post) -> None:
        settings = await self._state.guilds.get(watch.guild_id)
        t = self._texts.get(settings.locale or self._locale)
        if reply := await self._message(watch, post, t):
            channel = self._client.get_partial_messageable(watch.channel_id)
            await channel.send(view=reply, nonce=post.nonce)
        await self._state.watches.set_posted(post)

    async def _message(self, watch: Watch, post: Post, t: Formatter) -> render.Reply | None:
        """Return what to post; ``None`` where the article is gone again."""
        if post.more:
            return render.watch_summary(watch.question, post.more, t)
        found = await self._library.matches(watch.question, watch.filters, within=[post.path])
        if not found.hits:
            return None
        return render.watched(watch.question, watch.filters, found.hits[0], t)

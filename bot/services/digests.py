"""Makes the regular lists of channels when their time has come: each once, never a late one.

A day begins, for them, at midnight in :data:`ZONE`, and its lists are made from :data:`HOUR` on. If
the bot was away then, they are made once it is back, but only those of the day or week that still
runs.
"""

import logging
from collections.abc import Collection
from datetime import date, datetime, time, timedelta, timezone

from bot.localization import Texts
from bot.messages import digest as digest_message
from bot.state import State
from bot.state.watches import DigestKind, NewPost, Watch
from corpus import Filters, IndexUnusableError, Library, Listing

ZONE = timezone(timedelta(hours=8))
"""That of Taipei, Hong Kong and Beijing; it has no summer time."""
HOUR = 9
WEEK = timedelta(days=7)

_log = logging.getLogger(__name__)


def period_at(kind: DigestKind, now: float) -> date:
    """Return the first day of the day or week that ``now`` is in, in seconds since 1970."""
    today = datetime.fromtimestamp(now, ZONE).date()
    return today if kind is DigestKind.ON_THIS_DAY else today - timedelta(days=today.weekday())


def is_time(kind: DigestKind, now: float) -> bool:
    """Return whether the lists of the day or week that ``now`` is in may be made."""
    return now >= _start_of(period_at(kind, now)) + HOUR * 3600


def last_made(kind: DigestKind, now: float) -> date:
    """Return the period whose list a channel that asks for them ``now`` does not get any more."""
    period = period_at(kind, now)
    if is_time(kind, now):
        return period
    return period - (WEEK if kind is DigestKind.WEEKLY else timedelta(days=1))


def _start_of(day: date) -> float:
    return datetime.combine(day, time(), ZONE).timestamp()


class DigestMaker:
    """Makes the lists that are due, and stores them to be posted."""

    def __init__(self, library: Library, state: State, texts: Texts) -> None:
        self._library = library
        self._state = state
        self._texts = texts

    async def make_due(self, now: float) -> None:
        """Make each list whose time has come, and drop what still waits of an earlier period.

        Args:
            now: by Discord's clock, since this machine's may be wrong.
        """
        for kind in DigestKind:
            period = period_at(kind, now)
            await self._state.watches.drop_late(kind, period)
            if is_time(kind, now) and (due := await self._state.watches.due(kind, period)):
                try:
                    posts = await self._make(kind, period, due)
                except IndexUnusableError:
                    return  # the next generation starts the work again
                await self._state.watches.keep_digests(kind, period, posts)
                _log.info("Made %d of %d lists %s for %s.", len(posts), len(due), kind, period)

    async def _make(self, kind: DigestKind, period: date, due: Collection[Watch]) -> list[NewPost]:
        """Return the posts of the lists that hold anything."""
        paths = await self._arrived(period) if kind is DigestKind.WEEKLY else ()
        listings: dict[tuple[str, ...], Listing] = {}
        posts: list[NewPost] = []
        for watch in due:
            assert watch.target.guild_id is not None
            settings = await self._state.guilds.get(watch.target.guild_id)
            without = tuple(sorted(settings.without_sources))
            if without not in listings:
                filters = Filters(without_sources=without)
                listings[without] = await self._list(kind, period, paths, filters)
            if listings[without].articles:
                t = self._texts.get(settings.locale)
                blocks = digest_message.blocks(kind, period, listings[without], t)
                posts.append(NewPost(watch.id, blocks))
        return posts

    async def _list(
        self, kind: DigestKind, period: date, paths: Collection[str], filters: Filters
    ) -> Listing:
        limit = digest_message.MAX_ARTICLES[kind]
        if kind is DigestKind.WEEKLY:
            return await self._library.newest(paths, filters, limit=limit)
        return await self._library.on_this_day(period, filters, limit=limit)

    async def _arrived(self, period: date) -> list[str]:
        """Return the paths of the articles that came in the week before ``period``."""
        end = _start_of(period)
        names = await self._state.watches.arrived(end - WEEK.total_seconds(), end)
        paths = await self._library.paths()
        return [path for path, name in paths.items() if name in names]

"""Questions are answered here, whether a command, a button or a message asks them."""

import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.interactions.work_queue import WorkQueue
from bot.monitoring.metrics import Metrics
from bot.state import State
from bot.state.answers import AskRequest, PassageKey, ShownPassage, StoredAnswer
from bot.state.guilds import GuildSettings
from bot.state.questions import Question
from corpus import Article, Filters, Hit, Library, SearchResult, Sort, day_range

MAX_PAGE_SIZE = 5  # hits whose passages can be read in one message
_MAX_SUGGESTIONS = 5  # a row of buttons
_MAX_DUPLICATES = 3  # stored to be linked

Acknowledge = Callable[[], Awaitable[None]]
"""Tells Discord that the answer is being worked on; called as soon as the question is queued."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of an answer."""

    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    """Hits before it."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and where."""

    user_id: int
    guild_id: int | None
    locale: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of an answer, with all that its message and its components need."""

    request: AskRequest
    record: StoredAnswer | None
    """What its components refer to; ``None``: it could not be stored, so there are none."""
    result: SearchResult
    page: Page
    page_size: int
    numbers: Sequence[int]
    """Of the page's hits in the record; empty: they could not be stored."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article, whole."""

    article: Article
    ordinal: int
    duplicates: tuple[Article, ...]
    """Other articles that carry it."""


class AnswerService:
    """Searches the library, and stores what the components of an answer need."""

    def __init__(self, library: Library, state: State, metrics: Metrics) -> None:
        self._library = library
        self._state = state
        self._metrics = metrics
        # One at a time: two would share one interpreter, and the event loop would wait for both.
        self.searches = WorkQueue("search", concurrency=1, max_waiting=256, max_wait=30)
        """Every search of the library waits here for its turn."""

    async def ask(
        self,
        request: AskRequest,
        page: Page,
        asker: Asker,
        settings: GuildSettings,
        acknowledge: Acknowledge,
    ) -> Answer:
        """Answer a question, and store the answer for its components.

        Raises:
            QueueFull: too many ask.
            IndexUnusableError: there is no index yet.
            QueryError: a filter cannot be understood.
        """
        request = replace(request, filters=resolve_filters(request.filters, settings))
        size = page_size(settings)
        async with self.searches.slot(asker.user_id, acknowledge):
            result, page = await self._search(request, page, size)
        suggestions = result.suggestions[:_MAX_SUGGESTIONS]
        record = await self._store(replace(request, suggestions=suggestions), asker)
        numbers = await self._numbers(record, result.hits)
        return Answer(request, record, result, page, size, numbers)

    async def turn(
        self,
        record: StoredAnswer,
        page: Page,
        asker: Asker,
        settings: GuildSettings,
        acknowledge: Acknowledge | None = None,
    ) -> Answer:
        """Return another page of an answer.

        Raises:
            QueueFull: too many ask; nothing was acknowledged.
            IndexUnusableError: there is no index.
        """
        size = page_size(settings)
        async with self.searches.slot(asker.user_id, acknowledge):
            result, page = await self._search(record.request, page, size)
        numbers = await self._numbers(record, result.hits)
        return Answer(record.request, record, result, page, size, numbers)

    async def paragraph(self, shown: ShownPassage, ordinal: int | None = None) -> Paragraph | None:
        """Return a paragraph near a passage that an answer has shown.

        Args:
            shown: the passage.
            ordinal: of the paragraph in the article; ``None``: the passage itself.

        Returns:
            ``None`` where the archive no longer has it.

        Raises:
            IndexUnusableError: there is no index.
        """
        article = await self._library.article(shown.key.path)
        if ordinal is None:
            ordinal = shown.key.ordinal
        if article is None or ordinal >= len(article.paragraphs):
            return None
        paths = shown.duplicates if ordinal == shown.key.ordinal else ()
        duplicates = [await self._library.article(path) for path in paths]
        return Paragraph(article, ordinal, tuple(filter(None, duplicates)))

    async def record_question(self, answer: Answer, asker: Asker) -> None:
        """Count a question and write it to the log; passages like another one are no question."""
        if answer.request.like is not None:
            return
        result = answer.result
        self._metrics.answered(result)
        try:
            await self._state.questions.log(
                Question(
                    text=result.question,
                    user_id=asker.user_id,
                    guild_id=asker.guild_id,
                    locale=asker.locale,
                    hits=result.total,
                    elapsed_ms=result.elapsed_ms,
                )
            )
        except sqlite3.Error as error:
            # The answer is there: a full disk takes only its figures away.
            _log.error("A question could not be logged: %s.", error)

    async def _search(
        self, request: AskRequest, page: Page, size: int
    ) -> tuple[SearchResult, Page]:
        """Return the result for a page, and the page: the first one where there is no such page."""
        filters, like = request.filters, request.like
        if like is None:
            result = await self._library.search(
                request.question, filters, limit=size, offset=page.offset, sort=page.sort
            )
        else:
            result = await self._library.related(
                like.path, like.ordinal, filters, limit=size, offset=page.offset
            )
        if not result.hits and page.offset:
            return await self._search(request, replace(page, offset=0), size)
        return result, page

    async def _store(self, request: AskRequest, asker: Asker) -> StoredAnswer | None:
        try:
            return await self._state.answers.add(request, asker.user_id)
        except sqlite3.Error as error:
            # The answer is there: a full disk takes only its buttons away.
            _log.error("An answer could not be kept, so it has no buttons: %s.", error)
            return None

    async def _numbers(self, record: StoredAnswer | None, hits: Sequence[Hit]) -> Sequence[int]:
        if record is None or not hits:
            return ()
        shown = [
            ShownPassage(
                PassageKey(hit.article.path, hit.passage.ordinal),
                tuple(article.path for article in hit.duplicates[:_MAX_DUPLICATES]),
            )
            for hit in hits
        ]
        try:
            return await self._state.answers.number(record.key, shown)
        except sqlite3.Error as error:
            _log.error("A page could not be kept, so it has no buttons: %s.", error)
            return ()


def page_size(settings: GuildSettings) -> int:
    """Return how many hits a page has in a server."""
    size = settings.page_size
    return MAX_PAGE_SIZE if size is None else min(max(size, 1), MAX_PAGE_SIZE)


def resolve_filters(filters: Filters, settings: GuildSettings) -> Filters:
    """Return ``filters`` with the sources that a server leaves out, and days as ISO dates.

    Words like "last year" so mean the same on later pages.

    Raises:
        QueryError: a date cannot be understood.
    """
    after, before = day_range(filters, datetime.now(UTC).date())
    without = tuple(sorted({*filters.without_sources, *settings.without_sources}))
    return replace(filters, after=after, before=before, without_sources=without)

"""Questions are answered here, whether a command, a button or a message asks them."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.interactions.work_queue import WorkQueue
from bot.localization import nearest
from bot.messages.answer import MAX_PAGE_SIZE
from bot.messages.blocks import MAX_LINES, fit_screen
from bot.messages.examples import MAX_EXAMPLES, examples
from bot.messages.passages import ArticleHits, group_by_article, near_best
from bot.monitoring.metrics import Metrics
from bot.state import DATABASE_ERRORS, State
from bot.state.answers import AskRequest, PassageKey, ShownPassage, StoredAnswer
from bot.state.guilds import GuildSettings
from bot.state.questions import Question
from corpus import (
    MAX_CANDIDATES,
    Article,
    Filters,
    Hit,
    IndexUnusableError,
    Library,
    Match,
    Outcome,
    SearchResult,
    Sort,
    day_range,
)

_FIRST_HITS = 20  # read for the first page, which shows few articles: each costs 0.2 ms
_MAX_TITLES = 25  # to choose examples from: short ones in the reader's script
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
    """Articles before it."""


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
    """With the best hits, of this page and others."""
    page: Page
    previous: int
    """The offset of the page before."""
    groups: Sequence[ArticleHits]
    """The page's articles; none where nothing was found."""
    has_more: bool
    """Whether there are articles after them."""
    numbers: Mapping[PassageKey, int]
    """Of the passages shown in the record; empty: they could not be stored."""

    def number(self, hit: Hit) -> int | None:
        """Return the number of a hit's passage in the record, if it has one."""
        return self.numbers.get(key_of(hit))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article, whole."""

    article: Article
    key: PassageKey
    """Where it stands now."""
    duplicates: tuple[Article, ...]
    """Other articles that carry it."""
    number: int
    """Of the passage in the answer that it was reached from, as that stands now."""
    match: Match | None = None
    """Why it was found; ``None`` of a neighbour, and of what no question asked for."""


class AnswerService:
    """Searches the library, and stores what the components of an answer need."""

    def __init__(
        self,
        library: Library,
        state: State,
        metrics: Metrics,
        archive_examples: Sequence[str] = (),
    ) -> None:
        """Create the service; ``archive_examples`` are the keeper's."""
        self._archive_examples = archive_examples
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
            found = await self._page(request, page, size)
        suggestions = tuple(await self._suggestions(found.result, asker))
        record = await self.store(replace(request, suggestions=suggestions), asker)
        numbers = await self._numbers(record, found.groups)
        return found.answer(request, record, numbers)

    async def follow_up(
        self,
        question: str,
        earlier: AskRequest,
        asker: Asker,
        acknowledge: Acknowledge,
        *,
        private: bool,
    ) -> AskRequest:
        """Return a question as it goes on from an earlier one.

        Where it is a full question by itself, it is asked without any of the earlier one's terms
        and filters.

        Raises:
            QueueFull: too many ask.
            IndexUnusableError: there is no index.
        """
        before = " ".join((*earlier.added, earlier.question))
        async with self.searches.slot(asker.user_id, acknowledge):
            added = await self._library.added_terms(question, before)
        filters = earlier.filters if added else Filters()
        return AskRequest(question, filters, private, added=added)

    async def continue_in(self, record: StoredAnswer | None, channels: Sequence[int]) -> None:
        """Store that a question in one of some threads or channels goes on from an answer."""
        if record is None or not channels:
            return
        try:
            await self._state.answers.continue_in(channels, record.key)
        except DATABASE_ERRORS as error:
            _log.error("A thread could not be kept, so it cannot be gone on with: %s.", error)

    async def turn(
        self,
        record: StoredAnswer,
        page: Page,
        asker: Asker,
        settings: GuildSettings,
        acknowledge: Acknowledge | None = None,
        *,
        whole: bool = False,
    ) -> Answer:
        """Return another page of an answer; ``whole``: with all hits in its result.

        Raises:
            QueueFull: too many ask; nothing was acknowledged.
            IndexUnusableError: there is no index.
        """
        size = page_size(settings)
        request = record.request
        async with self.searches.slot(asker.user_id, acknowledge):
            found = await self._page(request, page, size, whole=whole)
        numbers = await self._numbers(record, found.groups)
        return found.answer(request, record, numbers)

    async def public_copy(self, answer: Answer, group: ArticleHits, asker: Asker) -> Answer:
        """Return an answer of its own with one article of ``answer``, for everyone to see."""
        request = replace(answer.request, private=False)
        record = await self.store(request, asker)
        numbers = await self._numbers(record, [group])
        return replace(answer, request=request, record=record, groups=[group], numbers=numbers)

    async def paragraph(
        self,
        record: StoredAnswer,
        number: int,
        ordinal: int | None = None,
        *,
        is_explained: bool = False,
    ) -> Paragraph | None:
        """Return a paragraph near a passage that an answer has shown, where it stands now.

        Args:
            record: the answer.
            number: of the passage in it.
            ordinal: of the paragraph in the article as it was; ``None``: the passage itself.
            is_explained: with why it was found, if it is the passage itself.

        Returns:
            ``None`` where the archive no longer has it, or the answer has never shown it.

        Raises:
            IndexUnusableError: there is no index.
        """
        shown = await self._state.answers.passage(record.key, number)
        if shown is None:
            return None
        key = shown.key
        step = 0 if ordinal is None else ordinal - key.ordinal
        found = await self._library.passage(key.path, key.ordinal, key.content, step=step)
        if found is None:
            return None
        path = found.article.path
        now = PassageKey(path, found.ordinal - step, key.content)
        if now != key:
            # The buttons beside it are to count from here.
            number, *_ = await self._state.answers.number(record.key, [replace(shown, key=now)])
        paths = [other for other in shown.duplicates if other != path] if step == 0 else []
        duplicates = [await self._library.article(other) for other in paths]
        request, match = record.request, None
        if is_explained and step == 0 and request.like is None:
            match = await self._library.match(
                request.question, path, found.ordinal, request.filters, added=request.added
            )
        return Paragraph(
            found.article,
            PassageKey(path, found.ordinal, found.content_hash),
            tuple(filter(None, duplicates)),
            number,
            match,
        )

    async def article_of(self, record: StoredAnswer, number: int) -> Article | None:
        """Return the article of a passage that an answer has shown, if the archive has it.

        Raises:
            IndexUnusableError: there is no index.
        """
        shown = await self._state.answers.passage(record.key, number)
        if shown is None:
            return None
        key = shown.key
        found = await self._library.passage(key.path, key.ordinal, key.content)
        return found.article if found else None

    async def record_question(self, result: SearchResult, asker: Asker) -> None:
        """Count a question and write it to the log; talk is none."""
        if result.outcome is Outcome.TALK:
            return
        self._metrics.answered(result)
        try:
            await self._state.questions.log(
                Question(
                    # So that it says what it asks where it is listed or offered again.
                    text=" ".join((*result.added, result.question)),
                    user_id=asker.user_id,
                    guild_id=asker.guild_id,
                    locale=asker.locale,
                    # The closest passages are no sure answer, so that admins see what lacks one.
                    hits=0 if result.outcome is Outcome.CLOSEST else result.total,
                    elapsed_ms=result.elapsed_ms,
                )
            )
        except DATABASE_ERRORS as error:
            # The answer is there: a full disk takes only its figures away.
            _log.error("A question could not be logged: %s.", error)

    async def _page(
        self, request: AskRequest, page: Page, size: int, *, whole: bool = False
    ) -> "_Found":
        """Return the articles of a page; of the first one where there is no such page.

        ``whole``: with all hits in the result, not only as many as the page needs.
        """
        limit = MAX_CANDIDATES if page.offset or whole else _FIRST_HITS
        result = await self._search(request, page.sort, limit)
        groups = group_by_article(result.hits)
        if len(groups) <= page.offset + size and len(result.hits) < result.total:
            # All the rest may be of the same articles.
            result = await self._search(request, page.sort, MAX_CANDIDATES)
            groups = group_by_article(result.hits)
        if page.offset and page.offset >= len(groups):
            return await self._page(request, replace(page, offset=0), size, whole=whole)
        start = previous = 0
        while start < page.offset:
            # Pages are of different lengths.
            previous, start = start, start + len(_shown(groups, replace(page, offset=start), size))
        shown = _shown(groups, page, size)
        return _Found(result, page, previous, shown, page.offset + len(shown) < len(groups))

    async def examples(self, guild_id: int | None, locale: str) -> list[str]:
        """Return questions to try, in the reader's script; none where there is no index.

        They are the keeper's, else those that several members of the server asked, then titles.
        """
        candidates = list(self._archive_examples)
        if not candidates:
            if guild_id is not None:
                candidates += await self._state.questions.popular(guild_id, limit=MAX_EXAMPLES)
            with suppress(IndexUnusableError):
                for ending in ("？", ""):
                    candidates += await self._library.titles(ending, _MAX_TITLES)
        return examples(candidates, nearest(locale))

    async def _suggestions(self, result: SearchResult, asker: Asker) -> Sequence[str]:
        """Return what to ask instead; where somebody only talks, an example."""
        if result.outcome is not Outcome.TALK:
            return result.suggestions[:_MAX_SUGGESTIONS]
        return (await self.examples(asker.guild_id, asker.locale))[:1]

    async def _search(self, request: AskRequest, sort: Sort, limit: int) -> SearchResult:
        filters, like = request.filters, request.like
        if like is None:
            return await self._library.search(
                request.question, filters, limit=limit, sort=sort, added=request.added
            )
        return await self._library.related(
            like.path, like.ordinal, filters, content_hash=like.content, limit=limit
        )

    async def store(self, request: AskRequest, asker: Asker) -> StoredAnswer | None:
        """Store a question for the components of its answer; ``None``: it could not be stored."""
        try:
            return await self._state.answers.add(request, asker.user_id)
        except DATABASE_ERRORS as error:
            # The answer is there: a full disk takes only its buttons away.
            _log.error("An answer could not be kept, so it has no buttons: %s.", error)
            return None

    async def _numbers(
        self, record: StoredAnswer | None, groups: Sequence[ArticleHits]
    ) -> Mapping[PassageKey, int]:
        """Number the passages shown of each article."""
        hits = [hit for group in groups for hit in group.hits[: 1 + MAX_LINES]]
        if record is None or not hits:
            return {}
        shown = [
            ShownPassage(
                key_of(hit), tuple(article.path for article in hit.duplicates[:_MAX_DUPLICATES])
            )
            for hit in hits
        ]
        try:
            numbers = await self._state.answers.number(record.key, shown)
        except DATABASE_ERRORS as error:
            _log.error("A page could not be kept, so it has no buttons: %s.", error)
            return {}
        return {passage.key: number for passage, number in zip(shown, numbers, strict=True)}


@dataclass(frozen=True, slots=True)
class _Found:
    """The articles of a page, and the search they are of."""

    result: SearchResult
    page: Page
    previous: int
    groups: Sequence[ArticleHits]
    has_more: bool

    def answer(
        self,
        request: AskRequest,
        record: StoredAnswer | None,
        numbers: Mapping[PassageKey, int],
    ) -> Answer:
        return Answer(
            request,
            record,
            self.result,
            self.page,
            self.previous,
            self.groups,
            self.has_more,
            numbers,
        )


def _shown(groups: Sequence[ArticleHits], page: Page, size: int) -> Sequence[ArticleHits]:
    """Return those of all articles that a page shows."""
    shown = groups[page.offset : page.offset + size]
    if not page.offset and page.sort is Sort.RELEVANCE:
        shown = near_best(shown)
    return fit_screen(shown) if shown else shown


def key_of(hit: Hit) -> PassageKey:
    """Return what identifies a hit's passage."""
    return PassageKey(hit.article.path, hit.passage.ordinal, hit.content_hash)


def page_size(settings: GuildSettings) -> int:
    """Return how many articles a page has in a server."""
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

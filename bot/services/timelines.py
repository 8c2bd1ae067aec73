"""Timelines: the days on which articles tell of a question, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.messages.timeline import PAGE_DAYS
from bot.services.answers import Acknowledge, AnswerService, Asker, resolve_filters
from bot.state.answers import AskRequest, StoredAnswer
from bot.state.guilds import GuildSettings
from corpus import Hit, Library, Timeline


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """One page of a timeline, with all that its message and its components need."""

    request: AskRequest
    record: StoredAnswer | None
    """What its components refer to; ``None``: it could not be stored, so there are none."""
    timeline: Timeline
    offset: int
    """Days before it."""

    @property
    def hits(self) -> Sequence[Hit]:
        """The best of each day of the page."""
        return self.timeline.result.hits[self.offset : self.offset + PAGE_DAYS]


class TimelineService:
    """Finds timelines, and stores their questions as those of answers."""

    def __init__(self, library: Library, answers: AnswerService) -> None:
        self._library = library
        self._answers = answers

    async def ask(
        self,
        request: AskRequest,
        asker: Asker,
        settings: GuildSettings,
        acknowledge: Acknowledge,
    ) -> TimelinePage:
        """Return the first page of a question's timeline, and store the question.

        Raises:
            QueueFull: too many ask.
            IndexUnusableError: there is no index yet.
            QueryError: a filter cannot be understood.
        """
        request = replace(request, filters=resolve_filters(request.filters, settings))
        timeline = await self._find(request, asker, acknowledge)
        return TimelinePage(request, await self._answers.store(request, asker), timeline, 0)

    async def turn(
        self, record: StoredAnswer, offset: int, asker: Asker, acknowledge: Acknowledge
    ) -> TimelinePage:
        """Return the page after ``offset`` days; the first one where there is no such page.

        Raises:
            QueueFull: too many ask; nothing was acknowledged.
            IndexUnusableError: there is no index.
        """
        timeline = await self._find(record.request, asker, acknowledge)
        offset = offset if offset < len(timeline.result.hits) else 0
        return TimelinePage(record.request, record, timeline, offset)

    async def _find(self, request: AskRequest, asker: Asker, acknowledge: Acknowledge) -> Timeline:
        async with self._answers.searches.slot(asker.user_id, acknowledge):
            return await self._library.timeline(request.question, request.filters)

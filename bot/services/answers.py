"""How a question is answered, whether a command, a button or a message asks it."""

import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from bot.client import Footnote, Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import answer
from bot.messages.layout import Reply
from bot.messages.markdown import escape, one_line
from bot.state.answers import AskRequest, PassageKey, ShownPassage, StoredAnswer
from bot.state.guilds import GuildSettings
from bot.state.questions import Question
from bot.views.answer_controls import AnswerControls, Page, suggestion_rows
from corpus import Filters, Hit, SearchResult, day_range

PAGE_SIZE = 5  # hits, the most whose passages can be read in one message
_MOST_SUGGESTIONS = 5  # a row of buttons
_MOST_CHANNELS = 5  # named where one may not ask
_MOST_DUPLICATES = 3  # kept to be linked

_log = logging.getLogger(__name__)


async def ask(
    interaction: Interaction, asked: AskRequest, page: Page | None = None, *, in_place: bool = False
) -> None:
    """Answer ``asked``; ``in_place``: in the message whose button was pressed, which is private.

    Raises:
        UserError: not here, not so soon, or too many ask.
        IndexUnusableError: there is no index yet.
        QueryError: a filter that cannot be understood.
    """
    footnote = interaction.client
    page = page or Page()
    settings = await guild_settings(interaction)
    check_channel(interaction, settings)
    asked = replace(asked, filters=resolved(asked.filters, settings))

    async def acknowledge() -> None:
        footnote.ask_limit.take(interaction)
        if in_place:
            await responses.acknowledge(interaction)
        else:
            await responses.defer(interaction, private=asked.private)

    async with footnote.searches.slot(acknowledge):
        result, page = await _search(interaction, asked, page)
    public = bool(result.hits) and not asked.private
    kept = await _keep(interaction, replace(asked, suggestions=_suggestions(result)))
    if result.hits:
        reply = await _page(interaction, asked, kept, result, page, public=public)
    else:
        # A channel need not see that nothing was found.
        own = footnote.private_text(interaction)
        reply = answer.nothing(result, asked.filters, page.sort, own, suggestion_rows(kept))
    if in_place or public:
        await responses.edit_original(interaction, reply)
    else:
        await responses.respond_ephemeral(interaction, reply)
    if asked.like is None:
        footnote.metrics.answered(result)
        await _log_question(interaction, result)


async def page_of(
    interaction: Interaction,
    kept: StoredAnswer,
    page: Page,
    *,
    public: bool,
    acknowledge: Callable[[], Awaitable[None]] | None = None,
) -> Reply:
    """Return the message that shows ``page`` of an answer; ``public``: to the channel.

    Raises:
        UserError: too many ask; nothing was acknowledged.
        IndexUnusableError: there is no index.
    """
    async with interaction.client.searches.slot(acknowledge):
        result, page = await _search(interaction, kept.request, page)
    if result.hits:
        return await _page(interaction, kept.request, kept, result, page, public=public)
    # The archive has changed since.
    t = await _text(interaction, public=public)
    return answer.nothing(result, kept.request.filters, page.sort, t)


async def turn(interaction: Interaction, kept: StoredAnswer, page: Page) -> None:
    """Show ``page`` of an answer in the message whose control was pressed.

    Raises:
        UserError: too many ask.
        IndexUnusableError: there is no index.
    """
    public = not is_private(interaction)
    acknowledge = partial(responses.acknowledge, interaction)
    reply = await page_of(interaction, kept, page, public=public, acknowledge=acknowledge)
    await responses.edit_original(interaction, reply)


def is_private(interaction: Interaction) -> bool:
    """Whether only the user sees the message whose control they pressed."""
    return interaction.message is not None and interaction.message.flags.ephemeral


async def is_private_by_default(interaction: Interaction) -> bool:
    """Whether only the user sees an answer where they do not say."""
    chosen = (await guild_settings(interaction)).private
    return True if chosen is None else chosen


async def guild_settings(interaction: Interaction) -> GuildSettings:
    """Return what the server chose; nothing in a direct message."""
    if interaction.guild_id is None:
        return GuildSettings()
    return await interaction.client.state.guilds.get(interaction.guild_id)


def check_channel(interaction: Interaction, settings: GuildSettings) -> None:
    """Make sure that questions may be asked here.

    Raises:
        UserError: the server's moderators want them elsewhere.
    """
    allowed = settings.channels
    # A thread counts as its channel.
    here = {interaction.channel_id, getattr(interaction.channel, "parent_id", None)}
    if allowed and allowed.isdisjoint(here):
        t = interaction.client.private_text(interaction)
        names = t("comma").join(f"<#{one}>" for one in sorted(allowed)[:_MOST_CHANNELS])
        raise responses.UserError("error-channels", channels=names)


def resolved(filters: Filters, settings: GuildSettings) -> Filters:
    """Return ``filters`` with the server's own, and days that stay the same on later pages."""
    after, before = day_range(filters, datetime.now(UTC).date())
    without = tuple(sorted({*filters.without_sources, *settings.without_sources}))
    return replace(filters, after=after, before=before, without_sources=without)


async def _search(
    interaction: Interaction, asked: AskRequest, page: Page
) -> tuple[SearchResult, Page]:
    """Return what is on ``page``, and the page it turned out to be."""
    library, filters, like = interaction.client.library, asked.filters, asked.like
    limit, offset = await _page_size(interaction), page.offset
    if like is None:
        result = await library.search(
            asked.question, filters, limit=limit, offset=offset, sort=page.sort
        )
    else:
        result = await library.related(like.path, like.ordinal, filters, limit=limit, offset=offset)
    if not result.hits and page.offset:
        # There are fewer than there were.
        return await _search(interaction, asked, replace(page, offset=0))
    return result, page


async def _page_size(interaction: Interaction) -> int:
    chosen = (await guild_settings(interaction)).page_size
    return PAGE_SIZE if chosen is None else min(max(chosen, 1), PAGE_SIZE)


def _suggestions(result: SearchResult) -> tuple[str, ...]:
    return result.suggestions[:_MOST_SUGGESTIONS]


async def _keep(interaction: Interaction, asked: AskRequest) -> StoredAnswer | None:
    try:
        return await interaction.client.state.answers.add(asked, interaction.user.id)
    except sqlite3.Error as error:
        # The answer is there: a full disk takes only its buttons away.
        _log.error("An answer could not be kept, so it has no buttons: %s.", error)
        return None


async def _page(
    interaction: Interaction,
    asked: AskRequest,
    kept: StoredAnswer | None,
    result: SearchResult,
    page: Page,
    *,
    public: bool,
) -> Reply:
    t = await _text(interaction, public=public)
    controls = None
    if kept is not None and (numbers := await _numbers(interaction.client, kept, result.hits)):
        controls = AnswerControls(
            kept=kept,
            page=page,
            size=await _page_size(interaction),
            numbers=numbers,
            can_share=not public and not interaction.context.dm_channel,
            can_sort=asked.like is None,
        )
    return answer.answer(
        result,
        asked.filters,
        page,
        t,
        controls=controls,
        title=_title(interaction, asked, t, public=public),
    )


def _title(
    interaction: Interaction, asked: AskRequest, t: Formatter, *, public: bool
) -> str | None:
    """Return what stands above a page where the question alone would not do."""
    lines: list[str] = []
    if public and asked.private:
        name = escape(
            one_line(interaction.user.display_name, answer.LONGEST_NAME), line_start=False
        )
        lines.append("-# " + t("answer-shared-by", name=name))
    if asked.like is not None:
        title = escape(one_line(asked.question, answer.LONGEST_TITLE), line_start=False)
        lines.append(f"**{t('answer-related', title=title)}**")
    elif lines:
        lines.append(answer.question_line(asked.question))
    return "\n".join(lines) or None


async def _text(interaction: Interaction, *, public: bool) -> Formatter:
    footnote = interaction.client
    return await footnote.public_text(interaction) if public else footnote.private_text(interaction)


async def _numbers(footnote: Footnote, kept: StoredAnswer, hits: Sequence[Hit]) -> list[int]:
    shown = [
        ShownPassage(
            PassageKey(hit.article.path, hit.passage.ordinal),
            tuple(one.path for one in hit.duplicates[:_MOST_DUPLICATES]),
        )
        for hit in hits
    ]
    try:
        return await footnote.state.answers.number(kept.key, shown)
    except sqlite3.Error as error:
        _log.error("A page could not be kept, so it has no buttons: %s.", error)
        return []


async def _log_question(interaction: Interaction, result: SearchResult) -> None:
    try:
        await interaction.client.state.questions.log(
            Question(
                text=result.question,
                user_id=interaction.user.id,
                guild_id=interaction.guild_id,
                locale=interaction.locale.value,
                hits=result.total,
                elapsed_ms=result.elapsed_ms,
            )
        )
    except sqlite3.Error as error:
        # The answer is there: a full disk takes only its figures away.
        _log.error("A question could not be logged: %s.", error)

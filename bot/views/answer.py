"""Asking, and the pages of an answer that its asker sees."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial

import discord

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import answer as answer_message
from bot.messages.conditions import MAX_NAME_CHARS
from bot.messages.layout import Reply
from bot.messages.markdown import escape, one_line
from bot.messages.passages import MAX_TITLE_CHARS
from bot.services.answers import Answer, Asker, Page
from bot.state.answers import AskRequest, StoredAnswer
from bot.state.guilds import GuildSettings
from bot.views.controls import (
    added_row,
    condition_row,
    nothing_rows,
    offered_sources,
    page_rows,
    post_row,
)
from bot.views.stored import KEY, PAGE, AnswerComponent, is_private, may_open_thread, page_of

_MAX_CHANNELS = 5  # named where one may not ask


class PageButton(AnswerComponent, template=rf"{KEY}:page:{PAGE}"):
    """Turns to a page of the answer."""

    for_asker_alone = True

    async def respond(self, interaction: Interaction) -> None:
        """Show the page in the message."""
        await turn(interaction, self.record, page_of(self.fields))


class VoteButton(AnswerComponent, template=rf"{KEY}:(?P<vote>up|down):{PAGE}"):
    """Says whether the answer was helpful."""

    async def respond(self, interaction: Interaction) -> None:
        """Store the vote, and show it where only its user sees the message."""
        is_helpful = self.fields["vote"] == "up"
        answers = interaction.client.state.answers
        await responses.acknowledge(interaction)
        await answers.vote(self.record.key, interaction.user.id, helpful=is_helpful)
        if is_private(interaction):
            record = await answers.get(self.record.key, interaction.user.id)
            await turn(interaction, record or self.record, page_of(self.fields))
        else:
            t = interaction.client.private_text(interaction)
            await responses.respond_ephemeral(interaction, responses.sentence(t("vote-noted")))


async def ask(
    interaction: Interaction,
    request: AskRequest,
    page: Page | None = None,
    *,
    in_message: bool = False,
) -> None:
    """Answer a question.

    Args:
        interaction: of a command, or of a component that asks.
        request: the question.
        page: the page to show; ``None``: the first by relevance.
        in_message: whether to answer in the message of the component, which is private.

    Raises:
        UserError: not in this channel, not so soon, or too many ask.
        IndexUnusableError: there is no index yet.
        QueryError: a filter cannot be understood.
    """
    client = interaction.client
    settings = await client.guild_settings(interaction)
    check_channel(interaction, settings)
    if interaction.context.dm_channel:  # there is nobody else to post it for
        request = replace(request, private=True)

    private = None if in_message else request.private
    acknowledge = partial(defer_question, interaction, private=private)
    asker = asker_of(interaction)
    answer = await client.answers.ask(request, page or Page(), asker, settings, acknowledge)
    if answer.groups and not request.private:
        post = await post_message(interaction, answer)
        message = await responses.edit_original(interaction, post.reply)
        await continue_in(interaction, post.record, message)
    elif in_message and request.private:
        await responses.edit_original(interaction, page_message(interaction, answer))
    else:
        # A channel need not see that nothing was found.
        await responses.respond_ephemeral(interaction, page_message(interaction, answer))
    if answer.groups and interaction.context.dm_channel and interaction.channel_id:
        await client.answers.continue_in(answer.record, [interaction.channel_id])
    if request.like is None:  # passages like another one are no question
        await client.answers.record_question(answer.result, asker)


async def defer_question(interaction: Interaction, *, private: bool | None) -> None:
    """Count a question and acknowledge it; ``private``: its answer, ``None``: in the message.

    Raises:
        UserError: it is one too many.
    """
    interaction.client.count_question(interaction)
    if private is None:
        await responses.acknowledge(interaction)
    else:
        await responses.defer(interaction, private=private)


def asker_of(interaction: Interaction) -> Asker:
    """Return who asks, as the answers know them."""
    return Asker(interaction.user.id, interaction.guild_id, interaction.locale.value)


def check_channel(interaction: Interaction, settings: GuildSettings) -> None:
    """See that questions may be asked here.

    Raises:
        UserError: the server's moderators want them elsewhere.
    """
    # A thread counts as its channel.
    here = {interaction.channel_id, getattr(interaction.channel, "parent_id", None)}
    check_allowed(settings, here, interaction.client.private_text(interaction))


def check_allowed(settings: GuildSettings, here: Collection[int | None], t: Formatter) -> None:
    """See that a server has questions asked in one of the channels ``here``.

    Raises:
        UserError: its moderators want them elsewhere.
    """
    allowed = settings.channels
    if allowed and allowed.isdisjoint(here):
        names = t("comma").join(
            f"<#{channel_id}>" for channel_id in sorted(allowed)[:_MAX_CHANNELS]
        )
        raise responses.UserError("error-channels", channels=names)


async def turn(interaction: Interaction, record: StoredAnswer, page: Page) -> None:
    """Show a page of an answer in the message of the component.

    Raises:
        UserError: too many ask.
        IndexUnusableError: there is no index.
    """
    client = interaction.client
    settings = await client.guild_settings(interaction)
    acknowledge = partial(responses.acknowledge, interaction)
    answer = await client.answers.turn(record, page, asker_of(interaction), settings, acknowledge)
    await responses.edit_original(interaction, page_message(interaction, answer))


def page_message(interaction: Interaction, answer: Answer) -> Reply:
    """Return the message of a page of an answer, in its asker's language."""
    return answer_page(
        answer,
        interaction.client.private_text(interaction),
        can_share=not interaction.context.dm_channel,
        can_open_thread=may_open_thread(interaction),
    )


def answer_page(
    answer: Answer, t: Formatter, *, can_share: bool = False, can_open_thread: bool = False
) -> Reply:
    """Return the message of a page of an answer.

    Args:
        answer: with the page.
        t: the texts of the reader's language.
        can_share: whether the asker may post what it shows.
        can_open_thread: whether a thread can be opened on the post.
    """
    result, filters, page = answer.result, answer.request.filters, answer.page
    if not answer.groups:
        return answer_message.nothing(
            result,
            filters,
            page.sort,
            t,
            nothing_rows(answer, t),
            has_suggestions=answer.record is not None and bool(answer.record.request.suggestions),
            offered_sources=offered_sources(answer),
        )
    return answer_message.page(
        result,
        answer.groups,
        filters,
        t,
        sort=page.sort,
        offset=page.offset,
        title=_title(answer.request, t),
        condition_row=condition_row(answer, t),
        rows=page_rows(answer, t, can_share=can_share, can_open_thread=can_open_thread),
    )


@dataclass(frozen=True, slots=True)
class Post:
    """One article for a channel to see, with the answer that its buttons belong to."""

    reply: Reply
    record: StoredAnswer | None


async def post_message(interaction: Interaction, answer: Answer) -> Post:
    """Return the message that shows the best article of an answer to a channel."""
    client = interaction.client
    t = await client.public_text(interaction)
    public = answer
    if answer.request.private:
        asker = asker_of(interaction)
        public = await client.answers.public_copy(answer, answer.groups[0], asker)
    return Post(answer_post(public, t, interaction.user.display_name), public.record)


def answer_post(answer: Answer, t: Formatter, asker: str) -> Reply:
    """Return the message that shows the best article of a public answer to a channel.

    Args:
        answer: the answer, whose buttons everyone may press.
        t: the texts of the channel's language.
        asker: the name of who asked.
    """
    return answer_message.post(
        answer.result,
        answer.groups[0],
        answer.request.filters,
        t,
        asker=one_line(asker, MAX_NAME_CHARS),
        sort=answer.page.sort,
        title=_title(answer.request, t),
        condition_row=added_row(answer, t),
        rows=post_row(answer, t),
    )


async def continue_in(
    interaction: Interaction, record: StoredAnswer | None, post: discord.Message
) -> None:
    """Store that questions go on from a post: in the thread it stands in, and one opened on it."""
    # A thread has the id of the message that it was opened on.
    places = [post.id]
    if isinstance(interaction.channel, discord.Thread):
        places.append(interaction.channel.id)
    await interaction.client.answers.continue_in(record, places)


def _title(request: AskRequest, t: Formatter) -> str | None:
    """Return the line above a page where the question does not do."""
    if request.like is None:
        return None
    title = one_line(request.question, MAX_TITLE_CHARS)
    return f"**{t('answer-related', title=escape(title, line_start=False))}**"

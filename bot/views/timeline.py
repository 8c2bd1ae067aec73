"""A timeline's pages, and the controls below them."""

from dataclasses import replace
from functools import partial

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import answer as answer_message
from bot.messages import export
from bot.messages import timeline as timeline_message
from bot.messages.layout import Reply
from bot.services.timelines import TimelinePage
from bot.state.answers import AskRequest
from bot.views.answer import asker_of, check_channel, defer_question
from bot.views.component import Row, row
from bot.views.export import send_file
from bot.views.stored import KEY, AnswerComponent, button, is_private
from corpus import Outcome, Sort


class TimelinePageButton(AnswerComponent, template=rf"{KEY}:days:(?P<offset>[0-9]{{1,3}})"):
    """Turns to a page of the timeline."""

    for_asker_alone = True

    async def respond(self, interaction: Interaction) -> None:
        """Show the page in the message."""
        page = await turn(interaction, self, int(self.fields["offset"]))
        t = await _texts(interaction, private=is_private(interaction))
        await responses.edit_original(interaction, _message(page, t))


class TimelineExportButton(AnswerComponent, template=rf"{KEY}:export:days"):
    """Gives the whole timeline as a file."""

    async def respond(self, interaction: Interaction) -> None:
        """Send it to the presser alone."""
        page = await turn(interaction, self, 0)
        found, filters = page.timeline, page.request.filters
        await send_file(
            interaction, lambda t, today: export.timeline(found, filters, t, today=today)
        )


async def turn(interaction: Interaction, component: AnswerComponent, offset: int) -> TimelinePage:
    """Acknowledge a press, and return the page of its timeline after ``offset`` days.

    Raises:
        UserError: the archive no longer has any of it, or too many ask.
        IndexUnusableError: there is no index.
    """
    client = interaction.client
    acknowledge = partial(responses.acknowledge, interaction)
    page = await client.timelines.turn(component.record, offset, asker_of(interaction), acknowledge)
    if not page.hits:
        command = client.private_text(interaction).command("timeline")
        raise responses.UserError("error-gone", command=command)
    return page


async def show(interaction: Interaction, request: AskRequest) -> None:
    """Answer a command with the first page of a timeline.

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

    acknowledge = partial(defer_question, interaction, private=request.private)

    asker = asker_of(interaction)
    page = await client.timelines.ask(request, asker, settings, acknowledge)
    t = await _texts(interaction, private=request.private or not page.hits)
    if page.hits:
        await responses.edit_original(interaction, _message(page, t))
    else:
        # A channel need not see that nothing was found.
        await responses.respond_ephemeral(interaction, _nothing(page, t))
    await client.answers.record_question(page.timeline.result, asker)


async def _texts(interaction: Interaction, *, private: bool) -> Formatter:
    client = interaction.client
    return client.private_text(interaction) if private else await client.public_text(interaction)


def _message(page: TimelinePage, t: Formatter) -> Reply:
    return timeline_message.page(
        page.timeline, page.hits, page.request.filters, t, offset=page.offset, rows=_rows(page, t)
    )


def _nothing(page: TimelinePage, t: Formatter) -> Reply:
    result = page.timeline.result
    if result.outcome in {Outcome.ANSWER, Outcome.CLOSEST}:
        return timeline_message.nothing(t)
    return answer_message.nothing(result, page.request.filters, Sort.RELEVANCE, t)


def _rows(page: TimelinePage, t: Formatter) -> list[Row]:
    record, offset = page.record, page.offset
    if record is None:
        return []
    buttons = [button(record, "export", "days", t("button-export"))]
    if (after := offset + len(page.hits)) < len(page.timeline.result.hits):
        buttons.insert(0, button(record, "days", str(after), "▶"))
    if offset:
        before = max(0, offset - timeline_message.PAGE_DAYS)
        buttons.insert(0, button(record, "days", str(before), "◀"))
    return [row(*buttons)]

"""A paragraph between its neighbours, reached from a passage of an answer."""

from dataclasses import replace
from functools import partial

from bot.client import Interaction
from bot.interactions import responses
from bot.messages.layout import Reply
from bot.messages.paragraph import context
from bot.services.answers import Paragraph
from bot.state.answers import StoredAnswer
from bot.views.controls import context_row
from bot.views.stored import FOCUS, KEY, AnswerComponent, Focus, is_private, made_up


class ContextButton(AnswerComponent, template=rf"{KEY}:context:{FOCUS}"):
    """Shows a paragraph between its neighbours."""

    async def respond(self, interaction: Interaction) -> None:
        """Show it in the private message, or beside the public one."""
        await show(interaction, self.record, Focus.of(self.fields))


async def show(interaction: Interaction, record: StoredAnswer, focus: Focus) -> None:
    """Show a paragraph in the private message, or beside the public one.

    Raises:
        PermissionDenied: the answer has not shown its article.
        UserError: the archive no longer has it.
        IndexUnusableError: there is no index.
    """
    if is_private(interaction):
        acknowledge = partial(responses.acknowledge, interaction)
    else:
        acknowledge = partial(responses.defer, interaction, private=True)
        # The public message stays as it is: there is nothing to go back to.
        focus = replace(focus, back=None)
    searches = interaction.client.answers.searches
    async with searches.slot(interaction.user.id, acknowledge):
        paragraph = await find(interaction, record, focus, is_explained=True)
    t = interaction.client.private_text(interaction)
    article, ordinal = paragraph.article, paragraph.key.ordinal
    focus = replace(focus, number=paragraph.number)
    blocks = context(article, ordinal, paragraph.duplicates, t, paragraph.match)
    rows = [context_row(record, focus, ordinal, len(article.paragraphs), t)]
    await responses.edit_original(interaction, Reply(blocks, rows))


async def find(
    interaction: Interaction, record: StoredAnswer, focus: Focus, *, is_explained: bool = False
) -> Paragraph:
    """Return the paragraph in focus; ``is_explained``: with why it was found.

    Raises:
        PermissionDenied: the answer has not shown its article.
        UserError: the archive no longer has it.
        IndexUnusableError: there is no index.
    """
    client = interaction.client
    shown = await client.state.answers.passage(record.key, focus.number)
    if shown is None or focus.ordinal == -1:
        raise made_up(interaction)
    paragraph = await client.answers.paragraph(
        record, focus.number, focus.ordinal, is_explained=is_explained
    )
    if paragraph is None:
        command = client.private_text(interaction).command("ask")
        raise responses.UserError("error-gone", command=command)
    return paragraph

"""Giving an answer or a timeline as a file, to the presser alone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import export
from bot.messages.layout import Attachment, Reply
from bot.messages.passages import group_by_article
from bot.services.answers import Page
from bot.state.answers import StoredAnswer
from bot.views.answer import asker_of, page_message


async def export_answer(interaction: Interaction, record: StoredAnswer, page: Page) -> None:
    """Send the articles of an answer, in the order of its page, as a file.

    Raises:
        UserError: the archive no longer has any of them, or too many ask.
        IndexUnusableError: there is no index.
    """
    client = interaction.client
    settings = await client.guild_settings(interaction)
    acknowledge = partial(responses.acknowledge, interaction)
    answer = await client.answers.turn(
        record, page, asker_of(interaction), settings, acknowledge, whole=True
    )
    # Or what was chosen stays, and cannot be chosen again.
    await responses.edit_original(interaction, page_message(interaction, answer))
    groups = group_by_article(answer.result.hits)
    if not groups:
        command = client.private_text(interaction).command("ask")
        raise responses.UserError("error-gone", command=command)
    filters, sort = record.request.filters, answer.page.sort
    await send_file(
        interaction,
        lambda t, today: export.answer(answer.result, groups, filters, t, sort=sort, today=today),
    )


async def send_file(
    interaction: Interaction, write: Callable[[Formatter, date], Attachment]
) -> None:
    """Send a file in the presser's language beside the message of the component.

    Args:
        interaction: already acknowledged.
        write: returns the file.
    """
    t = interaction.client.private_text(interaction)
    file = write(t, datetime.now(UTC).date())
    reply = Reply([t("export-done")], attachments=[file])
    await responses.follow_up(interaction, reply, private=True)

"""Posting one article of a private answer to its channel."""

from dataclasses import replace

import discord

from bot.client import Interaction
from bot.interactions import responses
from bot.messages.passages import group_by_article
from bot.services.answers import Answer, Page
from bot.state.answers import StoredAnswer
from bot.views.answer import asker_of, continue_in, page_message, post_message
from bot.views.stored import KEY, PAGE, AnswerComponent, may_post, page_of


class ShareButton(AnswerComponent, template=rf"{KEY}:share:{PAGE}"):
    """Posts the best article of a private answer to the channel, once."""

    for_asker_alone = True

    async def respond(self, interaction: Interaction) -> None:
        """Post it with the asker's name."""
        check_may_post(interaction)
        await share_best(interaction, self.record, page_of(self.fields))


async def share_best(interaction: Interaction, record: StoredAnswer, page: Page) -> discord.Message:
    """Post the best article of an answer, once, and return the post.

    Raises:
        UserError: it was posted before, the bot may not post here, or the archive no longer has it.
    """
    answers = interaction.client.state.answers
    await responses.acknowledge(interaction)
    if not await answers.set_shared(record.key, shared=True):
        raise responses.UserError("error-already-shared")
    try:
        answer, message = await post(interaction, record, page)
    except BaseException:
        await answers.set_shared(record.key, shared=False)
        raise
    answer = replace(answer, record=replace(record, shared=True))
    await responses.edit_original(interaction, page_message(interaction, answer))
    return message


async def share_passage(
    interaction: Interaction, record: StoredAnswer, page: Page, number: int
) -> None:
    """Post the article of passage ``number``, which a page of an answer shows.

    Raises:
        UserError: the user or the bot may not post here, or the archive no longer has it.
    """
    check_may_post(interaction)
    await responses.acknowledge(interaction)
    answer, _ = await post(interaction, record, page, number)
    await responses.edit_original(interaction, page_message(interaction, answer))


def check_may_post(interaction: Interaction) -> None:
    """See that the channel takes a post.

    Raises:
        UserError: the user or the bot may not post here.
    """
    if not may_post(interaction):
        raise responses.UserError("error-share")


async def post(
    interaction: Interaction, record: StoredAnswer, page: Page, number: int | None = None
) -> tuple[Answer, discord.Message]:
    """Post one article of a page to the channel; return the page and the post.

    Args:
        interaction: already acknowledged.
        record: the answer.
        page: of it.
        number: of the article's passage in the answer; ``None``: the page's first article.

    Raises:
        UserError: the bot may not post here, or the archive no longer has the article.
    """
    client = interaction.client
    settings = await client.guild_settings(interaction)
    answer = await client.answers.turn(
        record, page, asker_of(interaction), settings, whole=number is not None
    )
    groups = answer.groups
    if number is not None:
        # It may stand elsewhere on the page by now, or on another one.
        article = await client.answers.article_of(record, number)
        groups = [
            group
            for group in group_by_article(answer.result.hits)
            if article is not None and group.article.path == article.path
        ]
    if not groups:
        command = client.private_text(interaction).command("ask")
        raise responses.UserError("error-gone", command=command)
    shared = await post_message(interaction, replace(answer, groups=groups[:1]))
    try:
        message = await responses.follow_up(interaction, shared.reply, private=False)
    except discord.Forbidden as error:
        raise responses.UserError("error-share") from error
    if message.flags.ephemeral:
        # Discord lets this app speak to its user alone here.
        raise responses.UserError("error-share")
    await continue_in(interaction, shared.record, message)
    return answer, message

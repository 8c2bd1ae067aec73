"""Posting the best article of an answer and opening a thread on it."""

import logging

import discord

from bot.client import Interaction
from bot.interactions import responses
from bot.messages.markdown import one_line
from bot.services.answers import Page
from bot.state.answers import StoredAnswer
from bot.views.share import share_best
from bot.views.stored import may_open_thread

MAX_NAME_CHARS = 100  # Discord's limit

_log = logging.getLogger(__name__)


async def open_thread(interaction: Interaction, record: StoredAnswer, page: Page) -> None:
    """Post the best article with the asker's name, and open a public thread on the post.

    Raises:
        UserError: the user or the bot may not; if Discord refuses the thread alone, the post stays.
    """
    client = interaction.client
    channel = interaction.channel
    if not isinstance(channel, discord.TextChannel) or not may_open_thread(interaction):
        raise responses.UserError("error-thread")
    post = await share_best(interaction, record, page)
    t = await client.public_text(interaction)
    name = one_line(record.request.question, MAX_NAME_CHARS)
    try:
        thread = await channel.get_partial_message(post.id).create_thread(name=name)
    except discord.HTTPException as error:
        _log.info("Discord opened no thread: %s", error)
        raise responses.UserError("error-thread-refused") from error
    bot = client.user.mention if client.user else ""
    try:
        await thread.send(view=responses.sentence(f"-# {t('thread-hint', bot=bot)}"))
    except discord.HTTPException as error:
        # The thread is there without it.
        _log.info("A thread could not be written to: %s", error)

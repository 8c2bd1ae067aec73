"""/ask, and the same about a message: a question -> the best passages of the archive."""

from functools import partial
from typing import Any
from urllib.parse import unquote

import discord
from discord import app_commands

from bot.client import Interaction
from bot.commands import options
from bot.interactions import responses
from bot.localization import Formatter
from bot.services.answers import Page
from bot.state.answers import AskRequest
from bot.views import answer
from corpus import MAX_QUESTION_CHARS, Filters, Library, Sort


def ask_command() -> app_commands.Command[Any, ..., Any]:
    """Return the command."""

    @app_commands.command(name="ask")
    @app_commands.choices(sort=[app_commands.Choice(name=sort, value=sort) for sort in Sort])
    @app_commands.autocomplete(
        question=options.complete_question,
        source=options.complete_source,
        author=options.complete_author,
        tag=options.complete_tag,
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def ask(  # noqa: PLR0913, PLR0917 (Discord's options)
        interaction: Interaction,
        question: app_commands.Range[str, 1, MAX_QUESTION_CHARS],
        source: str | None = None,
        author: str | None = None,
        tag: str | None = None,
        after: str | None = None,
        before: str | None = None,
        sort: str = Sort.RELEVANCE.value,
        private: bool | None = None,  # noqa: FBT001 (an option of Discord's)
    ) -> None:
        t = interaction.client.private_text(interaction)
        question = options.clean(question, "question", t) or ""
        filters = options.filters(
            t, source=source, author=author, tag=tag, after=after, before=before
        )
        page = Page(_sort(sort, t))
        if private is None:
            private = (await interaction.client.guild_settings(interaction)).private is not False
        await answer.ask(interaction, AskRequest(question, filters, private), page)

    return ask


def ask_menu() -> app_commands.ContextMenu:
    """Return the command that asks about a message."""

    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def about(interaction: Interaction, message: discord.Message) -> None:
        client = interaction.client
        embedded = [
            part
            for embed in message.embeds
            for part in (embed.url, embed.title, embed.description)
            if part
        ]
        text = "\n".join([message.content, *embedded]).encode("utf-8", "replace").decode()

        acknowledge = partial(answer.defer_question, interaction, private=True)

        async with client.answers.searches.slot(interaction.user.id, acknowledge):
            question = await _question_about(client.library, text)
        if not question:
            command = client.private_text(interaction).command("ask")
            raise responses.UserError("error-no-terms", command=command)
        await answer.ask(interaction, AskRequest(question, Filters(), private=True))

    return app_commands.ContextMenu(name=about.__name__, callback=about)


async def _question_about(library: Library, text: str) -> str:
    """Return what to ask about a text; empty where there is nothing.

    That is the address of an archived article if it holds one, else its key terms, with an address
    that is not archived before them: the answer says that it is not.
    """
    addresses = await library.addresses(text)
    archived = [condition.text for condition in addresses if condition.value]
    if archived:
        return _short_address(archived[0])
    terms = await library.key_terms(text)
    missing = [_short_address(condition.text) for condition in addresses[:1]]
    return " ".join((*missing, *terms))


def _short_address(address: str) -> str:
    """Return an address that fits a question: percent-encoding makes Chinese nine times as long."""
    return address if len(address) <= MAX_QUESTION_CHARS else unquote(address)


def _sort(value: str, t: Formatter) -> Sort:
    """Return the order called ``value``; Discord's limits hold for its own clients only.

    Raises:
        UserError: there is no such order.
    """
    try:
        return Sort(value)
    except ValueError as error:
        raise responses.UserError("error-sort", example=t("choice-newest")) from error

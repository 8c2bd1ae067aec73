"""/ask and its like on a message: a question -> the best passages of the archive."""

from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from bot.client import Interaction
from bot.commands import autocomplete
from bot.interactions import responses
from bot.localization import Formatter
from bot.services import answers
from bot.state.answers import AskRequest
from bot.views.answer_controls import Page
from corpus import MAX_QUESTION_CHARS, Filters, Sort

LONGEST_OPTION = 300  # characters


def ask_command() -> app_commands.Command[Any, ..., Any]:
    """Return the command."""

    @app_commands.command(name="ask")
    @app_commands.choices(sort=[app_commands.Choice(name=sort, value=sort) for sort in Sort])
    @app_commands.autocomplete(
        question=autocomplete.questions,
        source=autocomplete.sources,
        author=autocomplete.authors,
        tag=autocomplete.tags,
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
        options = {
            t("param-question-name"): question,
            t("param-source-name"): source,
            t("param-author-name"): author,
            t("param-tag-name"): tag,
            t("param-after-name"): after,
            t("param-before-name"): before,
        }
        order = _checked(t, sort, options)
        if private is None:
            private = await answers.is_private_by_default(interaction)
        filters = Filters(
            source=_clean(source),
            author=_clean(author),
            tag=_clean(tag),
            after=_clean(after),
            before=_clean(before),
        )
        asked = AskRequest(_clean(question) or "", filters, private)
        await answers.ask(interaction, asked, Page(order))

    return ask


def ask_menu() -> app_commands.ContextMenu:
    """Return the command that asks about a message."""

    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def about(interaction: Interaction, message: discord.Message) -> None:
        embedded = [text for one in message.embeds for text in (one.title, one.description) if text]
        said = _clean("\n".join([message.content, *embedded]))
        async with interaction.client.searches.slot(
            lambda: responses.defer(interaction, private=True)
        ):
            terms = await interaction.client.library.key_terms(said or "")
        if not terms:
            command = interaction.client.private_text(interaction).command("ask")
            raise responses.UserError("error-no-terms", command=command)
        await answers.ask(interaction, AskRequest(" ".join(terms), Filters(), private=True))

    return app_commands.ContextMenu(name=about.__name__, callback=about)


def _checked(t: Formatter, sort: str, options: Mapping[str, str | None]) -> Sort:
    """Return the order asked for; Discord's checks are only its clients' word.

    Raises:
        UserError: there is no such order, or an option is too long.
    """
    for name, text in options.items():
        if text is not None and len(text) > LONGEST_OPTION:
            raise responses.UserError("error-too-long", option=name, most=LONGEST_OPTION)
    try:
        return Sort(sort)
    except ValueError as error:
        example = t("choice-newest")
        raise responses.UserError("error-sort", example=example) from error


def _clean(text: str | None) -> str | None:
    """Return ``text`` without the half surrogate pairs that Discord passes on.

    No file and no database can hold them.
    """
    return text.encode("utf-8", "replace").decode() if text else None

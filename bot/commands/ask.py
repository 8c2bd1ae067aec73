"""/ask: a question -> the best passages of the archive."""

import logging
import sqlite3
from typing import Any

from discord import app_commands

from bot import render, replies, reports
from bot.client import Footnote, Interaction
from bot.layout import Reply
from bot.settings import Rate
from bot.state.questions import Question
from bot.texts import Formatter, Texts
from corpus.errors import IndexUnusableError, QueryError
from corpus.model import Filters, SearchResult, Sort
from corpus.search import LONGEST_QUESTION

SHOWN = 5  # hits
MOST_CHOICES = 25  # Discord's limits of an autocomplete
LONGEST_CHOICE = 100

_log = logging.getLogger(__name__)


def ask_command(texts: Texts, cooldown: Rate | None) -> app_commands.Command[Any, ..., Any]:
    """Return the command; ``cooldown`` is what each user may ask."""

    def limit(_: Interaction) -> app_commands.Cooldown | None:
        return app_commands.Cooldown(cooldown.count, cooldown.seconds) if cooldown else None

    @app_commands.command(
        name=texts.command("cmd-ask-name"), description=texts.command("cmd-ask-description")
    )
    @app_commands.rename(
        question=texts.command("cmd-ask-question-name"),
        source=texts.command("cmd-ask-source-name"),
        author=texts.command("cmd-ask-author-name"),
        tag=texts.command("cmd-ask-tag-name"),
        after=texts.command("cmd-ask-after-name"),
        before=texts.command("cmd-ask-before-name"),
        sort=texts.command("cmd-ask-sort-name"),
        private=texts.command("cmd-ask-private-name"),
    )
    @app_commands.describe(
        question=texts.command("cmd-ask-question-description"),
        source=texts.command("cmd-ask-source-description"),
        author=texts.command("cmd-ask-author-description"),
        tag=texts.command("cmd-ask-tag-description"),
        after=texts.command("cmd-ask-after-description"),
        before=texts.command("cmd-ask-before-description"),
        sort=texts.command("cmd-ask-sort-description"),
        private=texts.command("cmd-ask-private-description"),
    )
    @app_commands.choices(
        sort=[
            app_commands.Choice(
                name=texts.command("cmd-ask-sort-relevance"), value=Sort.RELEVANCE.value
            ),
            app_commands.Choice(name=texts.command("cmd-ask-sort-newest"), value=Sort.NEWEST.value),
            app_commands.Choice(name=texts.command("cmd-ask-sort-oldest"), value=Sort.OLDEST.value),
        ]
    )
    @app_commands.autocomplete(source=_sources)
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.checks.dynamic_cooldown(limit, key=lambda interaction: interaction.user.id)
    async def ask(  # noqa: PLR0913, PLR0917 (Discord's options)
        interaction: Interaction,
        question: app_commands.Range[str, 1, LONGEST_QUESTION],
        source: str | None = None,
        author: str | None = None,
        tag: str | None = None,
        after: str | None = None,
        before: str | None = None,
        sort: str = Sort.RELEVANCE.value,
        private: bool = True,  # noqa: FBT001, FBT002 (an option of Discord's)
    ) -> None:
        await replies.defer(interaction, private=private)
        filters = Filters(source=source, author=author, tag=tag, after=after, before=before)
        await _answer(interaction, question, filters, Sort(sort), private=private)

    return ask


async def _answer(
    interaction: Interaction, question: str, filters: Filters, sort: Sort, *, private: bool
) -> None:
    footnote = interaction.client
    own = footnote.private_text(interaction)
    try:
        # Discord passes on half surrogate pairs, which no file and no database can hold.
        question = question.encode("utf-8", "replace").decode()
        result = await footnote.library.search(question, filters, limit=SHOWN, sort=sort)
    except IndexUnusableError:
        await replies.whisper(interaction, _not_yet(footnote, own))
        return
    except QueryError as error:
        raise replies.Refusal("error-dates") from error
    if result.hits and not private:
        t = await footnote.public_text(interaction)
        await replies.show(interaction, render.answer(result, filters, sort, t))
    else:
        # A channel need not see that nothing was found.
        await replies.whisper(interaction, render.answer(result, filters, sort, own))
    try:
        await _log_question(interaction, result)
    except sqlite3.Error:
        # The answer is there: a full disk takes only its figures away.
        _log.exception("A question could not be logged.")


def _not_yet(footnote: Footnote, t: Formatter) -> Reply:
    if footnote.indexing.is_running:
        return reports.building(footnote.indexing.progress, t)
    return replies.sentence(t("build-failed"))


async def _log_question(interaction: Interaction, result: SearchResult) -> None:
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


async def _sources(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Return the sources that hold what is typed, largest first."""
    try:
        stats = await interaction.client.library.stats()
    except IndexUnusableError:
        return []
    typed = current.casefold().strip()
    choices = [
        app_commands.Choice(name=_labelled(one.name, one.articles), value=one.name)
        for one in stats.sources
        if typed in one.name.casefold() and 0 < len(one.name) <= LONGEST_CHOICE
    ]
    return choices[:MOST_CHOICES]


def _labelled(name: str, articles: int) -> str:
    label = f"{name} ({articles:,})"
    return label if len(label) <= LONGEST_CHOICE else name

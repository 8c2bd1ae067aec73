"""What is typed into the options of commands: completed while typing, cleaned and checked after."""

import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

import discord
from discord import app_commands

from bot.client import Interaction
from bot.interactions import responses, typed
from bot.interactions.delivery import UndeliveredError
from bot.interactions.work_queue import QueueFull
from bot.localization import Formatter
from bot.monitoring import logs
from corpus import CorpusError, Filters, NameField

MAX_CHARS = 300  # of an option
MAX_CHOICES = 25  # Discord's limit
MAX_CHOICE_CHARS = 100  # Discord's limit

Choices = list[app_commands.Choice[str]]
Completion = Callable[[Interaction, str], Coroutine[Any, Any, Choices]]

_log = logging.getLogger(__name__)


def clean(text: str | None, name: str, t: Formatter, *, max_chars: int = MAX_CHARS) -> str | None:
    """Return the text of an option, see :func:`bot.interactions.typed.clean`.

    ``name``: of the option, as in the code.

    Raises:
        UserError: it is too long.
    """
    return typed.clean(text, t.option(name), max_chars=max_chars)


def filters(t: Formatter, *, max_chars: int = MAX_CHARS, **options: str | None) -> Filters:
    """Return the filters of ``options``, which are called as the fields of ``Filters``.

    Raises:
        UserError: one is too long.
    """
    cleaned = {name: clean(text, name, t, max_chars=max_chars) for name, text in options.items()}
    return replace(Filters(), **cleaned)


def completion(complete: Completion) -> Completion:
    """Return ``complete`` within Discord's limits; an error is logged, and offers nothing."""

    async def completed(interaction: Interaction, typed: str) -> Choices:
        choices: Choices = []
        try:
            # Half a surrogate pair can be typed, but no text holds one.
            async with interaction.client.completions.slot(interaction.user.id):
                offered = await complete(interaction, typed.encode("utf-8", "replace").decode())
            choices = [
                choice
                for choice in offered
                if 0 < len(choice.value.strip()) <= len(choice.value) <= MAX_CHOICE_CHARS
            ]
        except QueueFull:
            choices = []  # the next character typed asks again
        except CorpusError as error:
            _log.warning("Nothing is offered: %s", error)
        except Exception as error:  # noqa: BLE001 (the user cannot mend it, and can go on)
            logs.log_unexpected(error, f"what user {interaction.user.id} is offered")
        try:
            await responses.send_choices(interaction, choices[:MAX_CHOICES])
        except (discord.HTTPException, UndeliveredError) as error:
            _log.warning("What was offered came too late: %s", error)
        return choices

    return completed


async def _questions(interaction: Interaction, typed: str) -> Choices:
    """Return the user's last questions that contain the typed text, then such titles."""
    client = interaction.client
    recent = await client.state.questions.recent(interaction.user.id, limit=MAX_CHOICES)
    wanted = typed.casefold().strip()
    own = [question for question in recent if wanted in question.casefold()]
    titles = await client.library.titles(typed, MAX_CHOICES)
    return [app_commands.Choice(name=text, value=text) for text in dict.fromkeys([*own, *titles])]


async def _names(field: NameField, interaction: Interaction, typed: str) -> Choices:
    """Return the names that contain the typed text, each with its number of articles."""
    names = await interaction.client.library.names(field, typed, MAX_CHOICES)
    return [
        app_commands.Choice(name=_label(count.name, count.articles), value=count.name)
        for count in names
    ]


def _label(name: str, articles: int) -> str:
    label = f"{name} ({articles:,})"
    return label if len(label) <= MAX_CHOICE_CHARS else name


complete_question = completion(_questions)
complete_source = completion(partial(_names, NameField.SOURCE))
complete_author = completion(partial(_names, NameField.AUTHOR))
complete_tag = completion(partial(_names, NameField.TAG))

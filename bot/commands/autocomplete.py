"""What is offered while an option of /ask is typed: Discord takes 25 of 100 characters at most."""

import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import discord
from discord import app_commands

from bot.client import Interaction
from bot.interactions import responses
from bot.interactions.delivery import UndeliveredError
from bot.interactions.work_queue import QueueFull
from bot.monitoring import logs
from corpus import CorpusError, NameField

MOST_CHOICES = 25
LONGEST_CHOICE = 100  # characters

Choices = list[app_commands.Choice[str]]
_Offer = Callable[[Interaction, str], Coroutine[Any, Any, Choices]]

_log = logging.getLogger(__name__)


async def _questions(interaction: Interaction, typed: str) -> Choices:
    """Return what the user asked last that holds what is typed, then titles that do."""
    footnote = interaction.client
    recent = await footnote.state.questions.recent(interaction.user.id, limit=MOST_CHOICES)
    wanted = typed.casefold().strip()
    own = [question for question in recent if wanted in question.casefold()]
    titles = await footnote.library.titles(typed, MOST_CHOICES)
    return [app_commands.Choice(name=text, value=text) for text in dict.fromkeys([*own, *titles])]


async def _names(field: NameField, interaction: Interaction, typed: str) -> Choices:
    """Return the names that hold what is typed, with how many articles have each."""
    found = await interaction.client.library.names(field, typed, MOST_CHOICES)
    return [
        app_commands.Choice(name=_labelled(one.name, one.articles), value=one.name) for one in found
    ]


def _labelled(name: str, articles: int) -> str:
    label = f"{name} ({articles:,})"
    return label if len(label) <= LONGEST_CHOICE else name


def offered(offer: _Offer) -> _Offer:
    """Return ``offer`` within Discord's limits; where it fails, it offers nothing and logs why."""

    async def offered(interaction: Interaction, typed: str) -> Choices:
        choices: Choices = []
        try:
            # Half a surrogate pair can be typed, but nothing holds one.
            async with interaction.client.completions.slot():
                found = await offer(interaction, typed.encode("utf-8", "replace").decode())
            choices = [
                one
                for one in found
                if 0 < len(one.value.strip()) <= len(one.value) <= LONGEST_CHOICE
            ]
        except QueueFull:
            choices = []  # whoever types goes on typing, and is offered something then
        except CorpusError as error:
            _log.warning("Nothing is offered: %s", error)
        except Exception as error:  # noqa: BLE001 (who types cannot mend it, and can go on)
            logs.log_unexpected(error, f"what user {interaction.user.id} is offered")
        try:
            await responses.send_choices(interaction, choices[:MOST_CHOICES])
        except (discord.HTTPException, UndeliveredError) as error:
            _log.warning("What was offered came too late: %s", error)
        return choices

    return offered


questions = offered(_questions)
sources = offered(partial(_names, NameField.SOURCE))
authors = offered(partial(_names, NameField.AUTHOR))
tags = offered(partial(_names, NameField.TAG))

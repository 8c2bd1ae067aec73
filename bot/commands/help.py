"""/help: what the bot does, how to ask it, and examples to press."""

from collections.abc import Sequence
from typing import Any

from discord import app_commands, ui

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages.examples import example
from bot.messages.layout import Reply
from bot.state.answers import AskRequest
from bot.views.answer import ask
from bot.views.component import Component, row
from corpus import Filters, IndexUnusableError

MAX_EXAMPLES = 4


class HelpButton(Component, template=r"help:(?P<screen>[12])"):
    """Leads to the other screen."""

    async def respond(self, interaction: Interaction) -> None:
        """Show the screen."""
        await responses.acknowledge(interaction)
        await responses.edit_original(
            interaction, await _screen(interaction, int(self.fields["screen"]))
        )


class ExampleButton(Component, template=r"help:ask:(?P<question>.+)"):
    """Asks an example. It holds the question: anyone may ask anything."""

    async def respond(self, interaction: Interaction) -> None:
        """Answer to the presser alone."""
        await ask(interaction, AskRequest(self.fields["question"], Filters(), private=True))


def help_command() -> app_commands.Command[Any, ..., Any]:
    """Return the command."""

    @app_commands.command(name="help")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def help_(interaction: Interaction) -> None:
        await responses.defer(interaction, private=True)
        await responses.edit_original(interaction, await _screen(interaction, 1))

    return help_


async def _screen(interaction: Interaction, number: int) -> Reply:
    t = interaction.client.private_text(interaction)
    if number != 1:
        return details(t)
    try:
        titles = await interaction.client.library.titles("", limit=MAX_EXAMPLES)
    except IndexUnusableError:
        titles = ()
    return introduction(titles, t)


def introduction(titles: Sequence[str], t: Formatter) -> Reply:
    """Return the first screen; ``titles`` of articles become the examples."""
    command = t.command("ask")
    blocks = [f"### {t('help-title')}\n{t('help-what')}", t("help-ask", command=command)]
    trend, timeline = t.command("trend"), t.command("timeline")
    watch, sources = t.command("watch"), t.command("sources")
    more = t("help-more", trend=trend, timeline=timeline, watch=watch, sources=sources)
    blocks.append(f"-# {more}")
    examples = list(dict.fromkeys(filter(None, map(example, titles))))
    if examples:
        blocks.append(t("help-examples"))
    rows = [
        row(ExampleButton(ui.Button(label=question, custom_id=f"help:ask:{question}")))
        for question in examples
    ]
    more = HelpButton(ui.Button(label=t("button-help-more"), custom_id="help:2"))
    return Reply(blocks, [*rows, row(more)])


def details(t: Formatter) -> Reply:
    """Return the second screen."""
    blocks = [
        f"**{t('help-operators-title')}**\n{t('help-operators')}",
        f"**{t('help-filters-title')}**\n{t('help-filters')}",
        f"**{t('help-share-title')}**\n{t('help-share')}",
        f"**{t('help-privacy-title')}**\n"
        + t("help-privacy", command=t.command("forget"), file="PRIVACY.md"),
    ]
    back = HelpButton(ui.Button(label=t("button-help-back"), custom_id="help:1"))
    return Reply(blocks, [row(back)])

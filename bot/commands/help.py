"""/help: what the bot does, how to ask it, and examples to press."""

from collections.abc import Sequence
from typing import Any

from discord import app_commands, ui

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages.layout import Reply
from bot.state.answers import AskRequest
from bot.views.answer import ask
from bot.views.component import Component, Row, row
from corpus import Filters


class HelpButton(Component, template=r"help:(?P<screen>[123])"):
    """Leads to another screen."""

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
    match number:
        case 2:
            return details(t)
        case 3:
            return privacy(t)
        case _:
            answers = interaction.client.answers
            return introduction(await answers.examples(interaction.guild_id, t.locale), t)


def introduction(questions: Sequence[str], t: Formatter) -> Reply:
    """Return the first screen, which begins with ``questions`` to press."""
    blocks: list[str | Row] = [f"### {t('help-title')}"]
    if questions:
        blocks[0] = f"### {t('help-title')}\n{t('help-examples')}"
        blocks += [
            row(ExampleButton(ui.Button(label=question, custom_id=f"help:ask:{question}")))
            for question in questions
        ]
    blocks += [t("help-what"), t("help-ask", command=t.command("ask"))]
    trend, timeline = t.command("trend"), t.command("timeline")
    watch, sources = t.command("watch", "add"), t.command("sources")
    more = t("help-more", trend=trend, timeline=timeline, watch=watch, sources=sources)
    blocks.append(f"-# {more}")
    more = HelpButton(ui.Button(label=t("button-help-more"), custom_id="help:2"))
    return Reply(blocks, [row(more, _privacy_button(t))])


def details(t: Formatter) -> Reply:
    """Return the second screen."""
    blocks = [
        f"**{t('help-operators-title')}**\n{t('help-operators')}",
        f"**{t('help-filters-title')}**\n{t('help-filters')}",
        f"**{t('help-share-title')}**\n{t('help-share')}",
    ]
    return Reply(blocks, [row(_back_button(t), _privacy_button(t))])


def privacy(t: Formatter) -> Reply:
    """Return the third screen: the table of PRIVACY.md, a line for each of its rows."""
    kept = (
        t("privacy-questions"),
        t("privacy-answers"),
        t("privacy-votes"),
        t("privacy-settings"),
        t("privacy-watches"),
        t("privacy-watches-own"),
        t("privacy-commands"),
    )
    blocks = [
        f"**{t('help-privacy-title')}**\n" + "\n".join(f"- {line}" for line in kept),
        t("help-privacy", command=t.command("forget"), file="PRIVACY.md"),
    ]
    return Reply(blocks, [row(_back_button(t))])


def _back_button(t: Formatter) -> HelpButton:
    return HelpButton(ui.Button(label=t("button-help-back"), custom_id="help:1"))


def _privacy_button(t: Formatter) -> HelpButton:
    return HelpButton(ui.Button(label=t("button-help-privacy"), custom_id="help:3"))

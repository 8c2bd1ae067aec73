"""/help: what the bot does, how to ask it, and examples that can be tried at a press."""

from collections.abc import Sequence
from typing import Any

from discord import app_commands, ui

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages.layout import Reply
from bot.messages.markdown import one_line
from bot.services import answers
from bot.state.answers import AskRequest
from bot.views.pressable import Pressable, row
from corpus import Filters, IndexUnusableError, split_operators

EXAMPLES = 4
_LONGEST_EXAMPLE = 60  # characters: fits a button's label, and its custom_id behind the prefix
_SCREENS = 2


class TurnHelp(Pressable, template=r"help:(?P<argument>[12])"):
    """The button to the other screen."""

    async def press(self, interaction: Interaction) -> None:
        """Show that screen."""
        await responses.acknowledge(interaction)
        await responses.edit_original(interaction, await _screen(interaction, int(self.argument)))


class Example(Pressable, template=r"help:ask:(?P<argument>.+)"):
    """The button that asks an example. It holds the question: anyone may ask anything."""

    async def press(self, interaction: Interaction) -> None:
        """Answer it to who pressed alone."""
        await answers.ask(interaction, AskRequest(self.argument, Filters(), private=True))


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
        titles = await interaction.client.library.titles("", limit=EXAMPLES)
    except IndexUnusableError:
        titles = ()
    return introduction(titles, t)


def introduction(titles: Sequence[str], t: Formatter) -> Reply:
    """Return the first screen; ``titles`` of articles become the examples."""
    command = t.command("ask")
    blocks = [f"### {t('help-title')}\n{t('help-what')}", t("help-ask", command=command)]
    trend, watch = t.command("trend"), t.command("watch")
    sources = t.command("sources")
    blocks.append("-# " + t("help-more", trend=trend, watch=watch, sources=sources))
    examples = list(dict.fromkeys(filter(None, map(example, titles))))
    if examples:
        blocks.append(t("help-examples"))
    rows = [row(Example(ui.Button(label=one, custom_id=f"help:ask:{one}"))) for one in examples]
    turn = TurnHelp(ui.Button(label=t("button-help-more"), custom_id="help:2"))
    return Reply(blocks, [*rows, row(turn)])


def details(t: Formatter) -> Reply:
    """Return the second screen."""
    blocks = [
        f"**{t('help-operators-title')}**\n{t('help-operators')}",
        f"**{t('help-filters-title')}**\n{t('help-filters')}",
        f"**{t('help-share-title')}**\n{t('help-share')}",
        f"**{t('help-privacy-title')}**\n"
        + t("help-privacy", command=t.command("forget"), file="PRIVACY.md"),
    ]
    turn = TurnHelp(ui.Button(label=t("button-help-back"), custom_id="help:1"))
    return Reply(blocks, [row(turn)])


def example(title: str) -> str:
    """Return a question made of an article's title, without what would be an operator."""
    plain = one_line(split_operators(one_line(title, 200)).text, 200)[:_LONGEST_EXAMPLE].strip()
    # Discord may count a character beyond the first 65,536 as two.
    return plain if len(plain.encode("utf-16-le")) // 2 <= _LONGEST_EXAMPLE + 20 else ""

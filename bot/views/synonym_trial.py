"""Trying a line of synonyms on a question that was answered badly, before it is saved."""

import logging
from typing import Any

import discord
from discord import ui

from bot.client import Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import synonym_trial as message
from bot.state.answers import AskRequest, StoredAnswer
from bot.views.answer import asker_of
from bot.views.archive import MODAL_LIFE, AdminComponent, require_admin, synonyms_message
from bot.views.component import Row, row
from bot.views.stored import KEY, AnswerComponent, button
from corpus import Filters, SynonymsError, parse_synonyms

MAX_OPTION_CHARS = 100  # Discord's limit of an option's value, which holds the question
MAX_OPTIONS = 25  # Discord's limit
_HITS = 20
_CUSTOM_ID = "questions:synonyms"

_log = logging.getLogger(__name__)


class TrySynonymsSelect(AdminComponent, template=_CUSTOM_ID):
    """Opens the form for the chosen question."""

    async def respond(self, interaction: Interaction) -> None:
        """Open it empty."""
        values = self.item.values if isinstance(self.item, ui.Select) else []
        if len(values) != 1 or not 0 < len(values[0].strip()) <= MAX_OPTION_CHARS:
            raise responses.PermissionDenied("error-form")
        t = interaction.client.private_text(interaction)
        await responses.open_editor(interaction, SynonymForm(values[0], "", t, in_message=False))


class SynonymTrialButton(
    AnswerComponent, template=rf"{KEY}:synonyms:(?P<action>save|change|cancel)"
):
    """Saves the line, changes it, or leaves it."""

    for_asker_alone = True

    async def check(self, interaction: Interaction) -> None:
        """See also that the user is an admin.

        Raises:
            CheckFailure: they are none.
        """
        await require_admin(interaction)
        await super().check(interaction)

    async def respond(self, interaction: Interaction) -> None:
        """Do it in the message."""
        client, asked = interaction.client, self.record.request
        t = client.private_text(interaction)
        if self.fields["action"] == "change":
            form = SynonymForm(asked.question, asked.synonyms, t, in_message=True)
            await responses.open_editor(interaction, form)
            return
        await responses.acknowledge(interaction)
        if self.fields["action"] == "cancel":
            await responses.edit_original(interaction, responses.sentence(t("trial-cancelled")))
            return
        saved = await client.synonyms.add(asked.synonyms)
        _log.info("User %d added a line of synonyms.", interaction.user.id)
        headline = t("trial-saved", line=responses.plain(asked.synonyms))
        await responses.edit_original(
            interaction, synonyms_message(client, saved, t, headline=headline)
        )


class SynonymForm(ui.Modal):
    """The form: one line of words that mean the same, for a question."""

    def __init__(self, question: str, line: str, t: Formatter, *, in_message: bool) -> None:
        """Make the form; ``in_message``: its result replaces the message it was opened from."""
        super().__init__(title=t("modal-synonyms"), timeout=MODAL_LIFE)
        self.question = question
        self.in_message = in_message
        self.field: ui.TextInput[SynonymForm] = ui.TextInput(
            custom_id="line", default=line or None, max_length=message.MAX_LINE_CHARS
        )
        label = ui.Label(
            text=t("input-synonym-line"), description=question[:100], component=self.field
        )
        self.add_item(label)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Accept the interaction."""
        return interaction.client.accept(interaction)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Show what the line would change, or what is wrong with it."""
        await interaction.client.guard(interaction, self._try(interaction))

    async def _try(self, interaction: Interaction) -> None:
        await require_admin(interaction)
        client = interaction.client
        t = client.private_text(interaction)
        line = " ".join(self.field.value.encode("utf-8", "replace").decode().split())
        if self.in_message:
            await responses.acknowledge(interaction)
        else:
            await responses.defer(interaction, private=True)
        request = AskRequest(self.question, Filters(), private=True, synonyms=line)
        record = await client.answers.store(request, asker_of(interaction))
        try:
            added = parse_synonyms(line[: message.MAX_LINE_CHARS])
        except SynonymsError:
            added = []
        if not added:
            reply = message.faulty(line, t, _row(record, t, can_save=False))
            await responses.edit_original(interaction, reply)
            return
        groups = [*parse_synonyms(await client.synonyms.read()), *added]
        async with client.answers.searches.slot(interaction.user.id):
            before = await client.library.search(self.question, limit=_HITS)
            after = await client.library.search(self.question, limit=_HITS, synonyms=groups)
        reply = message.trial(line, before, after, t, _row(record, t, can_save=True))
        await responses.edit_original(interaction, reply)


def try_row(questions: list[str], t: Formatter) -> list[Row]:
    """Return the row that chooses a question to try synonyms on; none where there is none."""
    fitting = [
        text for text in dict.fromkeys(questions) if 0 < len(text.strip()) <= MAX_OPTION_CHARS
    ]
    if not fitting:
        return []
    options = [discord.SelectOption(label=text, value=text) for text in fitting[:MAX_OPTIONS]]
    select = ui.Select[Any](
        custom_id=_CUSTOM_ID, placeholder=t("placeholder-try-synonyms"), options=options
    )
    return [row(TrySynonymsSelect(select))]


def _row(record: StoredAnswer | None, t: Formatter, *, can_save: bool) -> Row | None:
    """Return the buttons of a trial; none where it could not be stored."""
    if record is None:
        return None
    buttons = [
        button(record, "synonyms", "change", t("button-change")),
        button(record, "synonyms", "cancel", t("button-cancel")),
    ]
    if can_save:
        style = discord.ButtonStyle.success
        buttons.insert(0, button(record, "synonyms", "save", t("button-save"), style=style))
    return row(*buttons)

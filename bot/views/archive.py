"""What the archive's admins see and press: the running reindex, and the editor of synonyms."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands, ui

from bot.client import Footnote, Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages import archive
from bot.messages.layout import Attachment, Reply
from bot.services.synonyms import MAX_TEXT_CHARS
from bot.views.component import Component, Row, row
from corpus import IndexReport, ReindexCancelledError, SynonymsError, parse_synonyms

EDIT_INTERVAL = 2.0  # seconds between two edits of the progress
MAX_FOLLOW = 13 * 60  # seconds: the token of an interaction lives 15 minutes
MODAL_LIFE = 3_600  # seconds

_log = logging.getLogger(__name__)


class AdminComponent(Component, template=r"(?!)"):
    """A component for the archive's admins only."""

    async def check(self, interaction: Interaction) -> None:
        """See that the user is an admin.

        Raises:
            UserError: they press too often.
            CheckFailure: they are no admin.
        """
        await super().check(interaction)
        await require_admin(interaction)


class CancelReindexButton(AdminComponent, template=r"reindex:cancel"):
    """Cancels the running reindex, whoever started it."""

    async def respond(self, interaction: Interaction) -> None:
        """Cancel it, and say so in the message."""
        await responses.acknowledge(interaction)
        if not await interaction.client.reindexer.cancel():
            raise responses.UserError("error-no-reindex")
        _log.warning("User %d cancelled the reindex.", interaction.user.id)
        t = interaction.client.private_text(interaction)
        await responses.edit_original(interaction, responses.sentence(t("reindex-cancelled")))


class EditSynonymsButton(AdminComponent, template=r"synonyms:edit"):
    """Opens the editor of synonyms."""

    async def respond(self, interaction: Interaction) -> None:
        """Open it on the synonyms in force."""
        text = await interaction.client.synonyms.read()
        t = interaction.client.private_text(interaction)
        if not interaction.client.synonyms.is_editable(text):
            raise responses.UserError("error-synonyms-elsewhere")
        await responses.open_editor(interaction, SynonymsEditor(text, t))


COMPONENTS = (CancelReindexButton, EditSynonymsButton)


async def require_admin(interaction: Interaction) -> None:
    """See that the user is an admin of the archive, as for the commands.

    Raises:
        CheckFailure: they are not.
    """
    if not await interaction.client.is_admin_now(interaction.user):
        raise app_commands.CheckFailure


async def follow(
    interaction: Interaction, task: asyncio.Task[IndexReport], *, joined: bool
) -> None:
    """Show the progress of a reindex until its end.

    When the message can no longer be edited, the end is announced where the command was given.
    """
    t = interaction.client.private_text(interaction)
    reindexer = interaction.client.reindexer
    loop = asyncio.get_running_loop()
    deadline = loop.time() + MAX_FOLLOW
    shown = None
    while loop.time() < deadline:
        if reindexer.progress != shown:
            shown = reindexer.progress
            reply = archive.reindexing(shown, t, joined=joined, rows=[_cancel_row(t)])
            await responses.edit_original(interaction, reply)
        # Only waits: several may follow the same reindex, and leaving must not end it.
        done, _ = await asyncio.wait([task], timeout=EDIT_INTERVAL)
        if done:
            await responses.edit_original(interaction, _outcome(task, t))
            return
    text = t("reindex-unfollowed", command=t.command("archive", "status"))
    await responses.edit_original(interaction, Reply([text], [_cancel_row(t)]))
    await _announce(interaction, task)


def _cancel_row(t: Formatter) -> Row:
    button = ui.Button[Any](label=t("button-cancel"), custom_id="reindex:cancel")
    return row(CancelReindexButton(button))


def _outcome(task: asyncio.Task[IndexReport], t: Formatter) -> Reply:
    """Return the outcome of a reindex.

    Raises:
        CorpusError: it failed.
    """
    try:
        return archive.reindexed(task.result(), t)
    except ReindexCancelledError:
        return responses.sentence(t("reindex-cancelled"))


async def _announce(interaction: Interaction, task: asyncio.Task[IndexReport]) -> None:
    """Announce the end of a reindex in the channel, else to the user, else in the log."""
    await asyncio.wait([task])
    if task.cancelled():
        return  # the bot is stopping
    t = await interaction.client.public_text(interaction)
    error = task.exception()
    if isinstance(error, ReindexCancelledError):
        reply = responses.sentence(t("reindex-cancelled"))
    elif error is not None:
        sentence = responses.plain(interaction.client.reindexer.failure or str(error))
        reply = responses.sentence(t("error-archive", sentence=sentence))
    else:
        # Only admins may see the names of files.
        reply = archive.reindexed(replace(task.result(), skipped=(), noted=()), t)
    for destination in (interaction.channel, interaction.user):
        if not isinstance(destination, discord.abc.Messageable):
            continue
        try:
            await destination.send(view=reply)
        except discord.HTTPException as unsent:
            _log.info("The end of a reindex could not be told in %s: %s", destination, unsent)
        else:
            return
    _log.warning("The end of a reindex could not be told to user %d.", interaction.user.id)


class SynonymsEditor(ui.Modal):
    """The editor: one text, a group of words a line."""

    def __init__(self, text: str, t: Formatter) -> None:
        super().__init__(title=t("modal-synonyms"), timeout=MODAL_LIFE)
        self.base = text
        self.field: ui.TextInput[SynonymsEditor] = ui.TextInput(
            custom_id="synonyms",
            style=discord.TextStyle.paragraph,
            default=text or None,
            required=False,
            max_length=MAX_TEXT_CHARS,
        )
        self.add_item(
            ui.Label(
                text=t("input-synonyms"),
                description=t("input-hint-synonyms"),
                component=self.field,
            )
        )

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Accept the interaction."""
        return interaction.client.accept(interaction)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Save the text and put it in force, or name the faulty line."""
        await interaction.client.guard(
            interaction, _save_synonyms(interaction, self.base, self.field.value)
        )


async def show_synonyms(interaction: Interaction) -> None:
    """Show the synonyms in force, with a button to edit them where that is allowed."""
    text = await interaction.client.synonyms.read()
    t = interaction.client.private_text(interaction)
    await responses.edit_original(interaction, synonyms_message(interaction.client, text, t))


async def _save_synonyms(interaction: Interaction, base: str, submitted: str) -> None:
    await require_admin(interaction)
    client = interaction.client
    t = client.private_text(interaction)
    # Discord passes on half surrogate pairs, which no file can hold.
    text = submitted.encode("utf-8", "replace").decode()
    await responses.acknowledge(interaction)
    try:
        saved = await client.synonyms.save(base, text)
    except SynonymsError as error:
        fault = t("synonyms-faulty", line=error.line, text=responses.plain(error.text))
        draft = Attachment("synonyms-not-saved.txt", text.encode())
        await responses.edit_original(interaction, Reply([fault], [_edit_row(t)], [draft]))
        return
    _log.info("User %d changed the synonyms.", interaction.user.id)
    await responses.edit_original(
        interaction, synonyms_message(client, saved, t, headline=t("synonyms-saved"))
    )


def synonyms_message(client: Footnote, text: str, t: Formatter, *, headline: str = "") -> Reply:
    """Return the message about the synonyms in force, below a headline."""
    try:
        groups = parse_synonyms(text)
        pairs = sum(len(words) * (len(words) - 1) // 2 for words in groups)
        summary = t("synonyms-count", lines=len(groups), pairs=pairs)
    except SynonymsError as error:
        # Someone else has written into the file since it was read.
        summary = t("synonyms-faulty", line=error.line, text=responses.plain(error.text))
    lines = [f"### {t('synonyms-title')}"]
    if headline:
        lines.append(headline)
    lines.append(summary)
    if client.synonyms.are_the_keepers:
        lines.append("-# " + t("synonyms-keepers"))
    elif len(text) > MAX_TEXT_CHARS:
        lines.append("-# " + t("synonyms-too-long", most=MAX_TEXT_CHARS))
    rows = [_edit_row(t)] if client.synonyms.is_editable(text) else []
    files = [Attachment("synonyms.txt", text.encode())] if text.strip() else []
    return Reply(["\n".join(lines)], rows, files)


def _edit_row(t: Formatter) -> Row:
    return row(EditSynonymsButton(ui.Button(label=t("button-edit"), custom_id="synonyms:edit")))

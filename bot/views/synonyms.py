"""/archive synonyms: the words that mean the same, shown and edited."""

import asyncio
import logging
import os
from pathlib import Path
from typing import Any

import discord
from discord import ui

from bot.client import Footnote, Interaction
from bot.interactions import responses
from bot.localization import Formatter
from bot.messages.layout import Attachment, Reply
from bot.views.pressable import Pressable, row
from bot.views.reindexing import check_admin
from corpus import CorpusError, SynonymsError, parse_synonyms

LONGEST_TEXT = 4_000  # characters, Discord's limit of an input
MODAL_LIVES = 3_600  # seconds

_log = logging.getLogger(__name__)


class EditSynonyms(Pressable, template=r"synonyms:edit"):
    """The button that opens the editor."""

    async def press(self, interaction: Interaction) -> None:
        """Open the editor on what is in force."""
        check_admin(interaction)
        text = await _read(interaction.client)
        t = interaction.client.private_text(interaction)
        if not _is_editable(interaction.client, text):
            raise responses.UserError("error-synonyms-elsewhere")
        await responses.open_editor(interaction, SynonymsEditor(text, t))


class SynonymsEditor(ui.Modal):
    """The editor: one text, a group of words a line."""

    def __init__(self, text: str, t: Formatter) -> None:
        super().__init__(title=t("modal-synonyms"), timeout=MODAL_LIVES)
        self.field: ui.TextInput[SynonymsEditor] = ui.TextInput(
            custom_id="synonyms",
            style=discord.TextStyle.paragraph,
            default=text or None,
            required=False,
            max_length=LONGEST_TEXT,
        )
        self.add_item(
            ui.Label(
                text=t("input-synonyms"),
                description=t("input-hint-synonyms"),
                component=self.field,
            )
        )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Save the text and put it in force, or name the line that is wrong."""
        await interaction.client.attempt(interaction, lambda: _save(interaction, self.field.value))


async def show_synonyms(interaction: Interaction) -> None:
    """Show what is in force, with a button to edit it where that may be."""
    text = await _read(interaction.client)
    t = interaction.client.private_text(interaction)
    await responses.edit_original(interaction, _message(interaction.client, text, t))


async def _save(interaction: Interaction, typed: str) -> None:
    check_admin(interaction)
    footnote = interaction.client
    t = footnote.private_text(interaction)
    # Discord passes on half surrogate pairs, which no file can hold.
    text = typed.encode("utf-8", "replace").decode()
    await responses.acknowledge(interaction)
    if not _is_editable(footnote, await _read(footnote)):
        raise responses.UserError("error-synonyms-elsewhere")
    try:
        groups = parse_synonyms(text)
    except SynonymsError as error:
        fault = t("synonyms-faulty", line=error.line, text=responses.plain(error.text))
        kept = Attachment("synonyms-not-saved.txt", text.encode())
        await responses.edit_original(interaction, Reply([fault], [_edit(t)], [kept]))
        return
    await asyncio.to_thread(_write, footnote.settings.own_synonyms, text)
    await footnote.library.set_synonyms(groups)
    _log.info("User %d changed the synonyms: %d lines.", interaction.user.id, len(groups))
    await responses.edit_original(interaction, _message(footnote, text, t, saved=True))


def _message(footnote: Footnote, text: str, t: Formatter, *, saved: bool = False) -> Reply:
    try:
        groups = parse_synonyms(text)
        pairs = sum(len(words) * (len(words) - 1) // 2 for words in groups)
        counted = t("synonyms-count", lines=len(groups), pairs=pairs)
    except SynonymsError as error:
        # Someone else has written into the file since it was read.
        counted = t("synonyms-faulty", line=error.line, text=responses.plain(error.text))
    lines = [f"### {t('synonyms-title')}", t("synonyms-saved")] if saved else []
    lines = lines or [f"### {t('synonyms-title')}"]
    lines.append(counted)
    if footnote.settings.synonyms is not None:
        lines.append("-# " + t("synonyms-keepers"))
    elif len(text) > LONGEST_TEXT:
        lines.append("-# " + t("synonyms-too-long", most=LONGEST_TEXT))
    rows = [_edit(t)] if _is_editable(footnote, text) else []
    files = [Attachment("synonyms.txt", text.encode())] if text.strip() else []
    return Reply(["\n".join(lines)], rows, files)


def _is_editable(footnote: Footnote, text: str) -> bool:
    """Whether the text may be changed here: not the keeper's own file, nor more than fits."""
    return footnote.settings.synonyms is None and len(text) <= LONGEST_TEXT


def _edit(t: Formatter) -> ui.ActionRow[Any]:
    return row(EditSynonyms(ui.Button(label=t("button-edit"), custom_id="synonyms:edit")))


async def _read(footnote: Footnote) -> str:
    """Return the text of the file; none where there is no file yet.

    Raises:
        CorpusError: it cannot be read.
    """
    path = footnote.settings.synonyms or footnote.settings.own_synonyms

    def read() -> str:
        try:
            return path.read_text("utf-8-sig")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise CorpusError(f"The synonyms {path.name} cannot be read: {error}") from error

    return await asyncio.to_thread(read)


def _write(path: Path, text: str) -> None:
    """Put ``text`` in place of the file, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CorpusError(f"The synonyms cannot be saved: {error.strerror or error}") from error

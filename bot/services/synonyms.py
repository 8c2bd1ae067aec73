"""The words that mean the same, edited on Discord and kept in one file; no edit is lost."""

import asyncio
from pathlib import Path

from bot.interactions.responses import UserError
from bot.settings import Settings
from bot.state.copies import replace_file
from corpus import CorpusError, Library, parse_synonyms

MAX_TEXT_CHARS = 4_000  # Discord's limit of a text input


class Synonyms:
    """The synonyms in force. Every method may be awaited concurrently."""

    def __init__(self, settings: Settings, library: Library) -> None:
        self._own = settings.own_synonyms
        self._keepers = settings.synonyms
        self._library = library
        self._lock = asyncio.Lock()

    @property
    def are_the_keepers(self) -> bool:
        """Whether they come from the file that SYNONYMS names, which is not the bot's to write."""
        return self._keepers is not None

    def is_editable(self, text: str) -> bool:
        """Whether the text may be changed here: not the keeper's own file, nor more than fits."""
        return not self.are_the_keepers and len(text) <= MAX_TEXT_CHARS

    async def read(self) -> str:
        """Return the text of the file; empty where there is none yet.

        Raises:
            CorpusError: it cannot be read.
        """
        return await asyncio.to_thread(_read, self._keepers or self._own)

    async def save(self, base: str, text: str) -> str:
        """Put the text in force, with what others have changed since ``base`` was read.

        Returns:
            the saved text.

        Raises:
            UserError: they are not edited here, or there are too many.
            SynonymsError: a line cannot be understood.
            CorpusError: the file cannot be read or written.
        """
        async with self._lock:
            current = await self.read()
            if not self.is_editable(current):
                raise UserError("error-synonyms-elsewhere")
            merged = text if current == base else merge(base, text, current)
            if len(merged) > MAX_TEXT_CHARS:
                raise UserError("synonyms-too-long", most=MAX_TEXT_CHARS)
            groups = parse_synonyms(merged)
            await asyncio.to_thread(_write, self._own, merged)
            await self._library.set_synonyms(groups)
            return merged

    async def add(self, line: str) -> str:
        """Put a line more in force; raises and returns what :meth:`save` does."""
        return await self.save("", f"{line}\n")


def merge(base: str, text: str, current: str) -> str:
    """Return ``current`` with the lines that ``text`` has added to ``base`` or taken off it.

    A line that both have changed is there in both its forms.
    """
    old, new = base.splitlines(), text.splitlines()
    removed = set(old) - set(new)
    lines = [line for line in current.splitlines() if line not in removed]
    known = {*old, *lines}
    lines += [line for line in dict.fromkeys(new) if line not in known]
    return "".join(f"{line}\n" for line in lines)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"The synonyms {path.name} cannot be read: {error}") from error


def _write(path: Path, text: str) -> None:
    try:
        replace_file(path, text.encode())
    except OSError as error:
        raise CorpusError(f"The synonyms cannot be saved: {error.strerror or error}") from error

"""The words that mean the same, as admins edit them: one text, in a file or in a table."""

import asyncio
from pathlib import Path
from typing import Protocol

from bot.state.copies import replace_file
from bot.state.database import Database
from bot.state.peers import Topic
from corpus import CorpusError


class SynonymsText(Protocol):
    """The text, a group of words a line."""

    async def read(self) -> str:
        """Return it; empty where nobody has written any yet.

        Raises:
            CorpusError, DatabaseError: it cannot be read.
        """
        ...

    async def replace(self, current: str, text: str) -> bool:
        """Write ``text``, unless it is not ``current`` any more; return whether it was written.

        Raises:
            CorpusError, DatabaseError: it cannot be written.
        """
        ...


class SynonymsFile:
    """The text in a file, which one process writes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def read(self) -> str:
        """Return the text; empty where there is no file."""
        return await asyncio.to_thread(read_text, self.path)

    async def replace(self, current: str, text: str) -> bool:
        """Write ``text``, unless the file is not ``current`` any more."""
        if await self.read() != current:
            return False
        try:
            await asyncio.to_thread(replace_file, self.path, text.encode())
        except OSError as error:
            raise CorpusError(f"The synonyms cannot be saved: {error.strerror or error}") from error
        return True


class SynonymsTable:
    """The text in a table of one row, which several processes write."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> str:
        """Return the text."""
        row = await self._database.row("SELECT text FROM synonyms", ())
        return row[0] if row else ""

    async def replace(self, current: str, text: str) -> bool:
        """Write ``text``, unless the row is not ``current`` any more."""
        written, *_ = await self._database.write(
            ("UPDATE synonyms SET text = ? WHERE text = ?", (text, current)),
            *self._database.notifications.about(Topic.SYNONYMS),
        )
        return bool(written)


def read_text(path: Path) -> str:
    """Return the text of a file; empty where there is none.

    Raises:
        CorpusError: it cannot be read.
    """
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"The synonyms {path.name} cannot be read: {error}") from error

"""The words that mean the same, edited on Discord and kept in the state; no edit is lost."""

import asyncio

from bot.interactions.responses import UserError
from bot.settings import Settings
from bot.state import DatabaseError, State
from bot.state.peers import Refresh, Topic
from bot.state.synonyms import read_text
from corpus import CorpusError, Library, parse_synonyms

MAX_TEXT_CHARS = 4_000  # Discord's limit of a text input


class Synonyms:
    """The synonyms in force. Every method may be awaited concurrently."""

    def __init__(self, settings: Settings, library: Library, state: State) -> None:
        self._keepers = settings.synonyms
        self._text = state.synonyms
        self._library = library
        self._lock = asyncio.Lock()
        if self._keepers is None:
            refresh = Refresh(self._put_in_force, "The synonyms", CorpusError, DatabaseError)
            state.notifications.listen(Topic.SYNONYMS, refresh.ask)
            if settings.database_url is not None:
                refresh.ask()  # they may have been changed since they were read

    @property
    def are_the_keepers(self) -> bool:
        """Whether they come from the file that SYNONYMS names, which is not the bot's to write."""
        return self._keepers is not None

    def is_editable(self, text: str) -> bool:
        """Whether the text may be changed here: not the keeper's own file, nor more than fits."""
        return not self.are_the_keepers and len(text) <= MAX_TEXT_CHARS

    async def read(self) -> str:
        """Return the text; empty where there is none yet.

        Raises:
            CorpusError, DatabaseError: it cannot be read.
        """
        if self._keepers is not None:
            return await asyncio.to_thread(read_text, self._keepers)
        return await self._text.read()

    async def _put_in_force(self) -> None:
        """Put in force what another process has saved."""
        async with self._lock:
            await self._library.set_synonyms(parse_synonyms(await self.read()))

    async def save(self, base: str, text: str) -> str:
        """Put the text in force, with what others have changed since ``base`` was read.

        Returns:
            the saved text.

        Raises:
            UserError: they are not edited here, or there are too many.
            SynonymsError: a line cannot be understood.
            CorpusError, DatabaseError: they cannot be read or written.
        """
        async with self._lock:
            while True:
                current = await self.read()
                if not self.is_editable(current):
                    raise UserError("error-synonyms-elsewhere")
                merged = text if current == base else merge(base, text, current)
                if len(merged) > MAX_TEXT_CHARS:
                    raise UserError("synonyms-too-long", most=MAX_TEXT_CHARS)
                groups = parse_synonyms(merged)
                if await self._text.replace(current, merged):
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

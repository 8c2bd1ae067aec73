"""Which generation answers: the newest that fits, kept open until nobody reads it any more."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from corpus.engines.local.damage import is_damage
from corpus.engines.local.generation import Fingerprint
from corpus.engines.local.reader import Index
from corpus.errors import DamagedError, IndexUnusableError


class NewestIndex:
    """Opens generations as they are installed, and closes those that were replaced."""

    def __init__(self, path: Path, fingerprint: Fingerprint) -> None:
        """Name what to open; nothing is read yet.

        Args:
            path: the file that is replaced when a generation takes over.
            fingerprint: what a generation must have been made from.
        """
        self.listeners: list[Callable[[], None]] = []
        """Called when another generation begins to answer."""
        self.damage_listeners: list[Callable[[], None]] = []
        """Called when the one that answered was found damaged: there is none now."""
        self._path = path
        self._fingerprint = fingerprint
        self._index: Index | None = None
        self._opened: tuple[int, int] | None = None
        self._opening = asyncio.Lock()
        self._leases: dict[Index, int] = {}

    @property
    def is_open(self) -> bool:
        """Whether there is one to read."""
        return self._index is not None

    async def open(self) -> None:
        """Switch to the generation on disk unless it is the one already open.

        Raises:
            IndexUnusableError: there is none that fits; its message says why.
        """
        async with self._opening:
            try:
                status = self._path.stat()
                found = (status.st_ino, status.st_mtime_ns)
            except FileNotFoundError:
                found = None
            if found == self._opened and self._index is not None:
                return
            index = await Index.open(self._path, self._fingerprint)
            retired, self._index, self._opened = self._index, index, found
        if retired is not None and retired not in self._leases:
            await retired.close()
        for listener in self.listeners:
            listener()

    async def close(self) -> None:
        """Close what is open."""
        if self._index is not None:
            index, self._index, self._opened = self._index, None, None
            await index.close()

    @asynccontextmanager
    async def lease(self) -> AsyncGenerator[Index]:
        """Give the newest usable generation and keep it open until it is given back.

        One that turns out to be damaged is put aside.

        Raises:
            IndexUnusableError: there is none, or it was damaged while it was in use.
        """
        try:
            await self.open()
        except IndexUnusableError:
            # What another process put there is of no use here; what is open goes on serving.
            if self._index is None:
                raise
        index = self._index
        assert index is not None
        self._leases[index] = self._leases.get(index, 0) + 1
        try:
            index.check_sizes()
            yield index
        except DamagedError:
            await self._give_up(index)
            raise
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            await self._give_up(index)
            raise DamagedError(f"The index is damaged: {error}.") from error
        finally:
            self._leases[index] -= 1
            if not self._leases[index]:
                del self._leases[index]
                if index is not self._index:
                    await index.close()

    async def _give_up(self, index: Index) -> None:
        if index is self._index:
            self._index, self._opened = None, None
            await index.put_aside()
            for listener in self.damage_listeners:
                listener()

"""The hidden articles in a table: every process has them in memory, and hears of each change."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, Self, TypeVar

from bot.state.database import Database, DatabaseError, Statement
from bot.state.peers import Refresh, Topic
from corpus import CorpusError

_Result = TypeVar("_Result")


class HiddenTableError(DatabaseError, CorpusError):
    """The table cannot be read or changed: an error of the library, told as the database's."""


class HiddenTable:
    """The articles of the table, as `corpus.Hidden`: the library calls it from its threads."""

    def __init__(self, database: Database, loop: asyncio.AbstractEventLoop) -> None:
        self._database = database
        self._loop = loop
        self._addresses: Mapping[str, str] = {}
        self._reading = asyncio.Lock()
        self._refresh = Refresh(self.read, "Which articles are hidden", DatabaseError)

    @classmethod
    async def open(cls, database: Database) -> Self:
        """Read the table, and again whenever another process has changed it.

        Raises:
            DatabaseError: it cannot be read.
        """
        opened = cls(database, asyncio.get_running_loop())
        database.notifications.listen(Topic.HIDDEN, opened._refresh.ask)
        await opened.read()
        return opened

    async def close(self) -> None:
        """Read it no more."""
        await self._refresh.close()

    async def read(self) -> None:
        """Read the table, once at a time, so that what was read last counts."""
        async with self._reading:
            rows = await self._database.rows("SELECT path, address FROM hidden_article", ())
            self._addresses = dict(rows)

    def addresses(self) -> Mapping[str, str]:
        """Return the address of each hidden article, by path."""
        return self._addresses

    def add(self, addresses: Mapping[str, str]) -> None:
        """Hide these articles, too.

        Raises:
            HiddenTableError: it cannot be saved; nothing has changed.
        """
        self._wait(self._add(addresses))

    def remove(self, name: str) -> tuple[str, ...]:
        """Show the articles again that have this path or address; return their paths.

        Raises:
            HiddenTableError: it cannot be saved; nothing has changed.
        """
        return self._wait(self._remove(name))

    def _wait(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Wait, in a thread, for what the event loop does."""
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except DatabaseError as error:
            raise HiddenTableError(*error.args) from error

    async def _add(self, addresses: Mapping[str, str]) -> None:
        await self._write(
            *(
                (
                    """INSERT INTO hidden_article VALUES (?, ?)
                    ON CONFLICT (path) DO UPDATE SET address = excluded.address""",
                    entry,
                )
                for entry in addresses.items()
            ),
        )
        self._addresses = {**self._addresses, **addresses}

    async def _remove(self, name: str) -> tuple[str, ...]:
        await self.read()  # a notification may be on its way
        named = [path for path, address in self._addresses.items() if name in {path, address}]
        if named:
            await self._write(
                *(("DELETE FROM hidden_article WHERE path = ?", (path,)) for path in named)
            )
            self._addresses = {p: a for p, a in self._addresses.items() if p not in named}
        return tuple(named)

    async def _write(self, *statements: Statement) -> None:
        """Change the table, and tell the others."""
        try:
            await self._database.write(
                *statements, *self._database.notifications.about(Topic.HIDDEN)
            )
        finally:
            # Of a write that failed it may be unknown whether it was done, and another one's
            # change may have come meanwhile.
            self._refresh.ask()

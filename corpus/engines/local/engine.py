"""Hands out the newest index reader and closes replaced ones once unused.

After Lucene's ``SearcherManager``.
"""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from corpus.engine import Fingerprint
from corpus.engines.local import generation
from corpus.engines.local.damage import is_damage
from corpus.engines.local.reader import LocalReader
from corpus.errors import DamagedError, IndexUnusableError


class LocalEngine:
    """The local engine's `SearchEngine`: generations as folders of files."""

    keeps_index = True

    def __init__(self, data_dir: Path, fingerprint: Fingerprint) -> None:
        """Name what to open; nothing is read yet.

        Args:
            data_dir: where generations are.
            fingerprint: what a generation must have been made from.
        """
        self._data_dir = data_dir
        self._fingerprint = fingerprint
        self._reader: LocalReader | None = None
        self._opened: tuple[int, int] | None = None
        self._is_closed = False
        self._opening = Lock()  # one thread opens a generation at a time
        self._lock = Lock()  # of the reader and its borrowers
        self._borrowers: dict[LocalReader, int] = {}
        self._refreshed: list[Callable[[], None]] = []
        self._damaged: list[Callable[[], None]] = []

    @property
    def is_open(self) -> bool:
        """Whether there is a generation to read."""
        return self._reader is not None

    @property
    def index_dir(self) -> Path:
        """The folder in which this engine's writer leaves the next generation."""
        return self._data_dir

    def on_refresh(self, callback: Callable[[], None]) -> None:
        """Call ``callback``, from any thread, whenever another generation begins to answer."""
        self._refreshed.append(callback)

    def on_damaged(self, callback: Callable[[], None]) -> None:
        """Call ``callback``, from any thread, when the open generation was found damaged."""
        self._damaged.append(callback)

    def refresh(self) -> None:
        """Switch to the newest generation unless it is open already.

        Raises:
            IndexUnusableError: there is none that fits; the message says why.
        """
        with self._opening:
            if self._is_closed:
                raise IndexUnusableError("The index is closed.")
            installed = generation.installed(self._data_dir)
            if installed == self._opened and self._reader is not None:
                return
            reader = LocalReader.open(self._data_dir, self._fingerprint)
            self._replace(reader, installed)
        for callback in self._refreshed:
            callback()

    def close(self) -> None:
        """Close the reader once nobody uses it any more; no generation is opened after this."""
        with self._opening:
            self._is_closed = True
            self._replace(None, None)

    @contextmanager
    def acquire(self) -> Generator[LocalReader]:
        """Refresh, and lend the newest reader; it stays open until the block ends.

        Raises:
            IndexUnusableError: there is none.
            DamagedError: it was found damaged while it was in use, and is quarantined.
        """
        try:
            self.refresh()
        except IndexUnusableError:
            # What another process left there is of no use here; what is open goes on answering.
            if self._reader is None:
                raise
        with self._lock:
            reader = self._reader
            if reader is None:
                raise IndexUnusableError("The index is closed.")
            self._borrowers[reader] = self._borrowers.get(reader, 0) + 1
        try:
            reader.check_sizes()
            yield reader
        except DamagedError:
            self._give_up(reader)
            raise
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self._give_up(reader)
            raise DamagedError(f"The index is damaged: {error}.") from error
        finally:
            self._return(reader)

    def _replace(self, reader: LocalReader | None, installed: tuple[int, int] | None) -> None:
        with self._lock:
            replaced, self._reader, self._opened = self._reader, reader, installed
            unused = replaced is not None and replaced not in self._borrowers
        if replaced is not None and unused:
            replaced.close()

    def _return(self, reader: LocalReader) -> None:
        with self._lock:
            self._borrowers[reader] -= 1
            unused = not self._borrowers[reader]
            if unused:
                del self._borrowers[reader]
            is_replaced = reader is not self._reader
        if unused and is_replaced:
            reader.close()

    def _give_up(self, reader: LocalReader) -> None:
        """Quarantine a reader's generation, unless another thread has done so."""
        with self._lock:
            if reader is not self._reader:
                return
            self._reader, self._opened = None, None
        reader.quarantine()
        for callback in self._damaged:
            callback()

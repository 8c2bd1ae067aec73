"""Hands out the newest index reader and closes replaced ones once unused.

After Lucene's ``SearcherManager``.
"""

import logging
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from corpus.engine import Fingerprint
from corpus.engines.local import generation
from corpus.engines.local.postings import Postings
from corpus.engines.local.reader import LocalReader
from corpus.errors import DamagedError, IndexUnusableError, is_sqlite_corruption

_log = logging.getLogger(__name__)


class LocalEngine:
    """The local engine's `SearchEngine`: generations as folders of files."""

    keeps_index = True

    def __init__(self, data_dir: Path, fingerprint: Fingerprint, *, compiled: bool = False) -> None:
        """Create the engine; it reads nothing yet.

        Args:
            data_dir: the folder of the generations.
            fingerprint: that a generation must have.
            compiled: whether to search by a compiled loop, which needs numba.
        """
        self._is_compiled = compiled
        self._data_dir = data_dir
        self._fingerprint = fingerprint
        self._postings_class: type[Postings] | None = None
        self._reader: LocalReader | None = None
        self._version: generation.Version | None = None
        self._is_closed = False
        self._refresh_lock = Lock()  # held while a generation is opened
        self._lock = Lock()  # for the reader and its borrowers
        self._borrowers: dict[LocalReader, int] = {}
        self._refresh_callbacks: list[Callable[[], None]] = []
        self._damage_callbacks: list[Callable[[], None]] = []

    @property
    def is_open(self) -> bool:
        """Whether a generation is open."""
        return self._reader is not None

    @property
    def index_dir(self) -> Path:
        """The folder in which this engine's writer leaves the next generation."""
        return self._data_dir

    def on_refresh(self, callback: Callable[[], None]) -> None:
        """Call ``callback``, from any thread, each time a generation is opened."""
        self._refresh_callbacks.append(callback)

    def on_damaged(self, callback: Callable[[], None]) -> None:
        """Call ``callback``, from any thread, when the open generation proves damaged."""
        self._damage_callbacks.append(callback)

    def refresh(self) -> None:
        """Open the newest generation unless it is open already.

        Raises:
            IndexUnusableError: no generation fits; the message says why.
        """
        if self._postings_class is None:
            # Outside of the lock that closing waits for, since it may take long.
            self._postings_class = postings_class(compiled=self._is_compiled)
        with self._refresh_lock:
            if self._is_closed:
                raise IndexUnusableError("The index is closed.")
            version = generation.current_version(self._data_dir)
            if version == self._version and self._reader is not None:
                return
            reader = LocalReader.open(self._data_dir, self._fingerprint, self._postings_class)
            self._replace(reader, version)
        for callback in self._refresh_callbacks:
            callback()

    def close(self) -> None:
        """Close the reader once it is unused; no generation is opened after this."""
        with self._refresh_lock:
            self._is_closed = True
            self._replace(None, None)

    @contextmanager
    def acquire(self) -> Generator[LocalReader]:
        """Refresh, and lend the newest reader; it stays open until the block ends.

        Raises:
            IndexUnusableError: no generation is open.
            DamagedError: the generation proved damaged in use, and is quarantined.
        """
        try:
            self.refresh()
        except IndexUnusableError:
            # Another process installed an unusable generation: the open one stays in use.
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
            self._quarantine(reader)
            raise
        except sqlite3.DatabaseError as error:
            if not is_sqlite_corruption(error):
                raise
            self._quarantine(reader)
            raise DamagedError(f"The index is damaged: {error}.") from error
        finally:
            self._return(reader)

    def _replace(self, reader: LocalReader | None, version: generation.Version | None) -> None:
        with self._lock:
            old, self._reader, self._version = self._reader, reader, version
            is_unused = old not in self._borrowers
        if old is not None and is_unused:
            old.close()

    def _return(self, reader: LocalReader) -> None:
        with self._lock:
            self._borrowers[reader] -= 1
            is_unused = not self._borrowers[reader]
            if is_unused:
                del self._borrowers[reader]
            is_replaced = reader is not self._reader
        if is_unused and is_replaced:
            reader.close()

    def _quarantine(self, reader: LocalReader) -> None:
        """Quarantine the generation of ``reader`` unless another thread has done so."""
        with self._lock:
            if reader is not self._reader:
                return
            self._reader, self._version = None, None
        reader.quarantine()
        for callback in self._damage_callbacks:
            callback()


def postings_class(*, compiled: bool) -> type[Postings]:
    """Return what searches posting files.

    Args:
        compiled: whether it is to be the compiled one; where that cannot be had, a warning says so,
            since the other finds the same.
    """
    if not compiled:
        return Postings
    try:
        from corpus.engines.local.compiled import (  # noqa: PLC0415 (an extra)
            CompiledPostings,
            compile_all,
        )

        compile_all()
    except Exception as error:  # noqa: BLE001 (numba has many reasons, such as the numpy here)
        _log.warning("The search is not compiled: %s", error)
        return Postings
    return CompiledPostings

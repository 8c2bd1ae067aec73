"""The articles that an admin has hidden, in a file of the data folder unless they are elsewhere.

A line of the file is the path of an article. Its address may follow after a tab, to find the line
by.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Protocol

from corpus.errors import CorpusError

FILE_NAME = "hidden.txt"
REASON = "is hidden by an admin"
"""Why a hidden article is skipped."""


class Hidden(Protocol):
    """The hidden articles. Thread-safe; each method may block."""

    def addresses(self) -> Mapping[str, str]:
        """Return the address of each hidden article, by path; empty if it has none.

        Raises:
            CorpusError: they cannot be read; nothing may be shown, since it may be hidden.
        """
        ...

    def add(self, addresses: Mapping[str, str]) -> None:
        """Hide these articles, too; they are given as `addresses` returns them.

        Raises:
            CorpusError: it cannot be saved; nothing has changed.
        """
        ...

    def remove(self, name: str) -> tuple[str, ...]:
        """Show the articles again that have this path or address; return their paths.

        Raises:
            CorpusError: it cannot be saved; nothing has changed.
        """
        ...


class HiddenArticles:
    """The paths of the file, read again whenever it has changed. Thread-safe."""

    def __init__(self, data_dir: Path) -> None:
        """Name the file; it need not exist."""
        self.file = data_dir / FILE_NAME
        self._lock = Lock()
        self._cached: tuple[tuple[int, int, int] | None, Mapping[str, str]] | None = None

    def addresses(self) -> Mapping[str, str]:
        """Return the address of each hidden article, by path; empty if it has none.

        Raises:
            CorpusError: the file cannot be read; nothing may be shown, since it may be hidden.
        """
        with self._lock:
            return self._read()

    def paths(self) -> frozenset[str]:
        """Return the paths of the hidden articles.

        Raises:
            CorpusError: the file cannot be read.
        """
        return frozenset(self.addresses())

    def add(self, addresses: Mapping[str, str]) -> None:
        """Hide these articles, too.

        Args:
            addresses: of the articles, by path; empty if there is none.

        Raises:
            CorpusError: the file cannot be read or written, or a line cannot hold a path; nothing
                has changed.
        """
        if unfit := [path for path in addresses if path != path.strip() or set(path) & {*"\t\n"}]:
            raise CorpusError(f"Its file has a name that no line can hold: rename {unfit[0]!r}.")
        with self._lock:
            self._write({**self._read(), **addresses})

    def remove(self, name: str) -> tuple[str, ...]:
        """Show the articles again that have this path or address; return their paths.

        Raises:
            CorpusError: the file cannot be read or written; nothing has changed.
        """
        with self._lock:
            addresses = self._read()
            removed = [path for path, address in addresses.items() if name in {path, address}]
            if removed:
                self._write({k: v for k, v in addresses.items() if k not in removed})
            return tuple(removed)

    def merged(self, content: bytes) -> bytes:
        """Return the content of a file that hides these articles and those of an earlier file.

        Raises:
            CorpusError: this file or the earlier one cannot be read.
        """
        try:
            earlier = _parsed(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise CorpusError(f"The earlier {FILE_NAME} cannot be read: {error}") from error
        now = self.addresses()
        paths = earlier.keys() | now.keys()
        return _written({path: now.get(path) or earlier.get(path, "") for path in paths})

    def _read(self) -> Mapping[str, str]:
        try:
            version = self._version()
            if self._cached is None or self._cached[0] != version:
                text = "" if version is None else self.file.read_text("utf-8-sig")
                self._cached = version, _parsed(text)
        except (OSError, UnicodeDecodeError) as error:
            raise CorpusError(f"{FILE_NAME} cannot be read: {error}") from error
        return self._cached[1]

    def _write(self, addresses: Mapping[str, str]) -> None:
        """Replace the file, whole or not at all."""
        draft = self.file.with_name(f"{FILE_NAME}.new")
        try:
            with draft.open("wb") as file:
                file.write(_written(addresses))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.file)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise CorpusError(f"{FILE_NAME} cannot be saved: {error.strerror or error}") from error

    def _version(self) -> tuple[int, int, int] | None:
        try:
            stat = self.file.stat()
        except FileNotFoundError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _written(addresses: Mapping[str, str]) -> bytes:
    """Return the content of a file with these articles."""
    lines = [f"{path}\t{address}".rstrip("\t") for path, address in sorted(addresses.items())]
    return "".join(f"{line}\n" for line in lines).encode()


def _parsed(text: str) -> dict[str, str]:
    # A path may hold characters at which str.splitlines splits.
    lines = (line.strip().partition("\t") for line in text.split("\n"))
    return {path: address for path, _, address in lines if path}

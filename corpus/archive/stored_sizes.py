"""Reads the sizes of stored git objects from their headers, without loading any of them.

A clone of our own holds only what :mod:`corpus.archive.pack` let in; a repository on this machine's
disk may hold anything.
"""

import os
import zlib
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Self

from dulwich.object_store import DiskObjectStore
from dulwich.objects import ObjectID, RawObjectID
from dulwich.pack import Pack

from corpus.archive.pack import (
    FIRST_READ,
    MAX_CHAIN_BYTES,
    MAX_FILE_BYTES,
    MAX_INTEGER_BYTES,
    TOO_TIGHT,
    delta_size,
    read_header,
)
from corpus.errors import TooLargeError

_MAX_CHAIN_LENGTH = 4095  # git makes no longer ones
_MAX_LOOSE_HEADER = 32  # of an object that is a file of its own


class StoredSizes:
    """The sizes of the objects of a store; a context manager."""

    def __init__(self, store: DiskObjectStore, archive: str) -> None:
        """Look into ``store``, and call the repository ``archive`` in errors."""
        self._archive = archive
        stores = [store, *(s for s in store.alternates if isinstance(s, DiskObjectStore))]
        self._packs = [pack for each in stores for pack in each.packs]
        self._folders = [Path(each.path) for each in stores]
        self._files: dict[str, IO[bytes]] = {}
        self._closers = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closers.close()

    def size(self, object_id: ObjectID) -> int:
        """Return the bytes of an object.

        Raises:
            TooLargeError: it is made of deltas that take too much to be applied.
            KeyError: it is not stored.
            ValueError: it is malformed.
        """
        for pack in self._packs:
            with suppress(KeyError):
                return self._packed_size(pack, pack.index.object_offset(object_id))
        name = object_id.decode()
        for folder in self._folders:
            with suppress(FileNotFoundError), (folder / name[:2] / name[2:]).open("rb") as file:
                start = zlib.decompressobj().decompress(file.read(FIRST_READ), _MAX_LOOSE_HEADER)
                return int(start.split(b"\0")[0].split(b" ")[1])
        raise KeyError(object_id)

    def _packed_size(self, pack: Pack, offset: int) -> int:
        """Return the size of what is at ``offset``; raise TooLargeError if making it takes much."""
        file = self._open(os.fspath(pack.data.path))
        sizes: list[int] = []
        deltas = 0
        for _ in range(_MAX_CHAIN_LENGTH):
            header = read_header(file, offset)
            if header.base is None:
                sizes.append(header.size)
                break
            start = zlib.decompressobj().decompress(file.read(FIRST_READ), 2 * MAX_INTEGER_BYTES)
            sizes.append(delta_size(start))
            deltas += header.size
            if isinstance(header.base, int):
                offset -= header.base
            else:
                offset = pack.index.object_offset(RawObjectID(header.base))
        else:
            raise ValueError("a chain of deltas has no end")
        if deltas > MAX_CHAIN_BYTES or max(sizes[1:], default=0) > MAX_FILE_BYTES:
            raise TooLargeError(f"{self._archive} {TOO_TIGHT}")
        return sizes[0]

    def _open(self, path: str) -> IO[bytes]:
        if path not in self._files:
            file = open(path, "rb")  # noqa: PTH123, SIM115
            self._files[path] = self._closers.enter_context(file)
        return self._files[path]

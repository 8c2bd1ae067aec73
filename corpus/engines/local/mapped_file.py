"""One posting file: mapped for single look-ups, read for whole lists.

A mapped page counts as this process's memory and, once returned, costs a page fault; bytes that are
read into one reused buffer do neither.
"""

import mmap
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import DamagedError

_CUT_OFF = "The index is damaged: a file was cut off while it was in use."
_INITIAL_ENTRIES = 2**16  # of the buffer


class Column:
    """The entries of one file. The result of :meth:`gather` is valid until its next call."""

    def __init__(self, path: Path, kind: Any) -> None:  # noqa: ANN401 (a dtype)
        """Map the file.

        Raises:
            OSError: it cannot be read.
        """
        self._dtype = np.dtype(kind)
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._mapped: mmap.mmap | None = None
        self.entries: NDArray[Any] = np.zeros(0, self._dtype)
        """All of them, mapped."""
        if os.fstat(self._descriptor).st_size:
            self._mapped = mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ)
            self.entries = np.frombuffer(self._mapped, self._dtype)
        self.entries.flags.writeable = False
        self._allocate(_INITIAL_ENTRIES)

    def __del__(self) -> None:
        """Close the file; the mapping goes with the last array that uses it."""
        with suppress(AttributeError):  # if it could not be opened
            os.close(self._descriptor)

    def _allocate(self, count: int) -> None:
        self._buffer = np.empty(count, self._dtype)
        self._bytes = self._buffer.data.cast("B")

    def gather(self, spans: list[tuple[int, int]]) -> NDArray[Any]:
        """Return the entries of ``spans`` (start, end), one after another.

        Raises:
            DamagedError: the file has been cut off.
        """
        total = sum(end - start for start, end in spans)
        if total > len(self._buffer):
            self._allocate(2 * total)
        size = self._dtype.itemsize
        offset = 0
        for start, end in spans:
            count = (end - start) * size
            target = self._bytes[offset : offset + count]
            if os.preadv(self._descriptor, [target], start * size) != count:
                raise DamagedError(_CUT_OFF)
            offset += count
        return self._buffer[:total]

    def check_size(self) -> None:
        """Check that the mapped file is still whole: reading beyond its end would be fatal.

        Raises:
            DamagedError: the file has been cut off.
        """
        if os.fstat(self._descriptor).st_size < self.entries.nbytes:
            raise DamagedError(_CUT_OFF)

    def trim(self) -> None:
        """Return the memory of the mapped pages to the system."""
        # On a platform without this advice the kernel reclaims the pages by itself.
        with suppress(AttributeError, OSError):
            if self._mapped is not None:
                self._mapped.madvise(mmap.MADV_DONTNEED)

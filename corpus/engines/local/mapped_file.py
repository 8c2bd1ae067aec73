"""One posting file: mapped for looking into a list here and there, read for taking lists whole.

A mapped page counts as this process's memory and costs a page fault after it was given back; bytes
that are read into the same buffer question after question do neither.
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
_BUFFERED = 2**16  # entries at first


class Column:
    """The entries of one file. What :meth:`gather` returns is valid until its next call."""

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
        self._allocate(_BUFFERED)

    def __del__(self) -> None:
        """Close the file; the mapping goes with the last array that uses it."""
        with suppress(AttributeError):  # it could not be opened
            os.close(self._descriptor)

    def _allocate(self, count: int) -> None:
        self._buffer = np.empty(count, self._dtype)
        self._bytes = self._buffer.data.cast("B")

    def gather(self, spans: list[tuple[int, int]]) -> NDArray[Any]:
        """Return the entries of some spans, first and before-last each, one after another.

        Raises:
            DamagedError: the file has been cut off.
        """
        total = sum(last - first for first, last in spans)
        if total > len(self._buffer):
            self._allocate(2 * total)
        size = self._dtype.itemsize
        at = 0
        for first, last in spans:
            end = at + (last - first) * size
            if os.preadv(self._descriptor, [self._bytes[at:end]], first * size) != end - at:
                raise DamagedError(_CUT_OFF)
            at = end
        return self._buffer[:total]

    def check_size(self) -> None:
        """Make sure that the mapped file is there to its end: reading beyond it is fatal.

        Raises:
            DamagedError: the file has been cut off.
        """
        if os.fstat(self._descriptor).st_size < self.entries.nbytes:
            raise DamagedError(_CUT_OFF)

    def trim(self) -> None:
        """Give back the memory that looking into the mapped file has taken."""
        # Where the platform has no such advice, the kernel reclaims the pages by itself.
        with suppress(AttributeError, OSError):
            if self._mapped is not None:
                self._mapped.madvise(mmap.MADV_DONTNEED)

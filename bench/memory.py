"""The memory that a process and its children hold together."""

import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

import psutil

_SAMPLE_INTERVAL = 0.05  # seconds


class Peak:
    """Measures, inside its ``with`` block, the peak memory of a process and its children.

    Pages that several of them share count once.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.megabytes = 0
        """The maximum so far."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.is_set():
            self.megabytes = max(self.megabytes, total_megabytes(self._pid))
            time.sleep(_SAMPLE_INTERVAL)


def total_megabytes(pid: int) -> int:
    """Return the memory that a process and its children hold now."""
    family: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    return round(sum(map(_proportional_bytes, family)) / 2**20)


def _proportional_bytes(process: psutil.Process) -> int:
    """Return the process's share of memory: shared pages are divided among their processes."""
    with suppress(psutil.Error):  # it has just ended
        return process.memory_full_info().pss
    return 0

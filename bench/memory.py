"""The memory that a process and its children hold together.

PSS divides pages that several of them share among these: it is what the machine is short of. RSS
summed counts shared pages once for each: it is what ``ps`` and most hosts' figures show.
"""

import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

import psutil

_SAMPLE_INTERVAL = 0.05  # seconds


class Peak:
    """Measures, inside its ``with`` block, the peak memory of a process and its children."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.megabytes = 0
        """The maximum of PSS so far."""
        self.rss_megabytes = 0
        """The maximum of RSS summed so far."""

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
            pss, rss = _total_bytes(self._pid)
            self.megabytes = max(self.megabytes, round(pss / 2**20))
            self.rss_megabytes = max(self.rss_megabytes, round(rss / 2**20))
            time.sleep(_SAMPLE_INTERVAL)


def total_megabytes(pid: int) -> int:
    """Return the PSS of a process and its children now."""
    return round(_total_bytes(pid)[0] / 2**20)


def _total_bytes(pid: int) -> tuple[int, int]:
    """Return the PSS and the RSS of a process and its children, each summed."""
    family: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    pss = rss = 0
    for process in family:
        with suppress(psutil.Error):  # it has just ended
            memory = process.memory_full_info()
            pss += memory.pss
            rss += memory.rss
    return pss, rss

"""How much memory does a process hold, together with those that it has started?"""

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_SAMPLE_EVERY = 0.05  # seconds


class Peak:
    """Watches, inside its ``with`` block, the most that a process and its children hold together.

    Pages that several of them share count once.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.megabytes = 0
        """The most so far."""

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
            self.megabytes = max(self.megabytes, held_megabytes(self._pid))
            time.sleep(_SAMPLE_EVERY)


def held_megabytes(pid: int) -> int:
    """Return what a process and its children hold now."""
    return round(sum(map(_proportional_bytes, _family(pid))) / 2**20)


def _family(pid: int) -> list[int]:
    children: list[str] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children += task.read_text("ascii").split()
        except OSError:  # it has just ended
            continue
    return [pid, *(one for child in children for one in _family(int(child)))]


def _proportional_bytes(pid: int) -> int:
    """Return the process's share of memory: what several have in common is divided among them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))

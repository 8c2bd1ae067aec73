"""Available memory of the machine or its container, and limits on what this process takes."""

import ctypes
import resource
from contextlib import suppress
from pathlib import Path

import psutil

_CGROUP = Path("/sys/fs/cgroup")
_M_TRIM_THRESHOLD = -1  # see mallopt(3)
_MAX_UNUSED_BYTES = 4 * 2**20  # at the top of the heap before they are returned to the system


def available_memory(cgroup: Path = _CGROUP) -> int:
    """Return the bytes that can be used without swapping, by the machine and its container.

    Args:
        cgroup: the folder of the container's limits, version 2 or 1; psutil does not read them.
    """
    return min(psutil.virtual_memory().available, _of_container(cgroup))


def _of_container(cgroup: Path) -> int:
    pairs = (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    )
    for limit, usage in pairs:
        # Without a limit the file holds "max", which is not a number.
        with suppress(OSError, ValueError):
            allowed = int((cgroup / limit).read_text("ascii"))
            return allowed - int((cgroup / usage).read_text("ascii"))
    return 2**63 - 1


def give_back_freed() -> None:
    """Make this process return the memory of large arrays as soon as they are freed.

    The GNU C library raises its thresholds with every large array that is freed, and so retains
    tens of megabytes that are seldom used. With another C library nothing changes.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_TRIM_THRESHOLD, _MAX_UNUSED_BYTES)


def limit_growth(max_bytes: int) -> None:
    """Make allocations fail once this process has grown by ``max_bytes``; only on Linux.

    Files that it maps do not count.
    """
    with suppress(AttributeError, OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        limit = psutil.Process().memory_info().data + max_bytes
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))

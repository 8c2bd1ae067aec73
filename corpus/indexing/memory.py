"""How much memory is free, of the machine or its container; how to take and keep little."""

import ctypes
import os
import re
import resource
from contextlib import suppress
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_UNKNOWN = 512 * 2**20  # the smallest machine that is meant to do
_TRIM_THRESHOLD = -1  # of mallopt(3): this much may lie unused at the end before it is given back
_KEPT = 4 * 2**20


def available_memory(cgroup: Path = _CGROUP, meminfo: Path = Path("/proc/meminfo")) -> int:
    """Return the bytes that can be used without swapping, as far as the platform tells.

    Args:
        cgroup: where the container's limits are, version 2 or 1.
        meminfo: where Linux describes the machine's memory.
    """
    return min(_of_machine(meminfo), _of_container(cgroup))


def _of_machine(meminfo: Path) -> int:
    with suppress(OSError, ValueError, IndexError):
        for line in meminfo.read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    with suppress(AttributeError, ValueError, OSError):
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return _UNKNOWN


def _of_container(cgroup: Path) -> int:
    pairs = (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    )
    for limit, usage in pairs:
        # "max" is no number: there is no limit.
        with suppress(OSError, ValueError):
            allowed = int((cgroup / limit).read_text("ascii"))
            return allowed - int((cgroup / usage).read_text("ascii"))
    return 2**63 - 1


def give_back_freed() -> None:
    """Have this process give the memory of large arrays back as soon as they are gone.

    By itself the GNU C library raises its thresholds with every large array that is freed, and so
    keeps tens of megabytes that are only used now and then. Other libraries are left as they are.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_TRIM_THRESHOLD, _KEPT)


def limit_growth(most: int, status: Path = Path("/proc/self/status")) -> None:
    """Let this process fail to get memory once it holds ``most`` bytes more; only on Linux.

    Args:
        most: bytes of its own, not of files it has mapped.
        status: where Linux describes the process.
    """
    with suppress(OSError, ValueError):
        held = re.search(r"^VmData:\s*(\d+) kB$", status.read_text("ascii"), re.MULTILINE)
        if held:
            _, hard = resource.getrlimit(resource.RLIMIT_DATA)
            resource.setrlimit(resource.RLIMIT_DATA, (int(held[1]) * 1024 + most, hard))

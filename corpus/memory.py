"""How much memory is free for more processes: of the machine, or of the container it is."""

import os
from contextlib import suppress
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_UNKNOWN = 512 * 2**20  # the smallest machine that is meant to do


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

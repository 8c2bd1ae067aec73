"""What the machine says of itself: its clock, its disks and this process's memory."""

import hashlib
import os
import socket
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import NamedTuple

import psutil

from bot.errors import ClockError

EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
"""This program is younger: a clock that says less was never set."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_IN_A_CONTAINER = frozenset({"overlay", "aufs", "fuse-overlayfs"})


class Mount(NamedTuple):
    """A mounted file system."""

    point: str
    kind: str


MAX_CLOCK_ERROR = timedelta(days=1)
"""Further from Discord's a clock is refused: what is kept for 30 days goes by it."""


def check_clock(now: datetime, discord: datetime | None = None) -> None:
    """Check that ``now`` is possible; every certificate looks invalid to a clock never set.

    Args:
        now: the time by this machine's clock.
        discord: by Discord's, if known.

    Raises:
        ClockError: it is before this program was written, or far from Discord's.
    """
    if now < EARLIEST:
        raise ClockError(
            f"This machine's clock says {now:%Y-%m-%d}, which is over: set it, best by NTP."
        )
    if discord is not None and abs(now - discord) > MAX_CLOCK_ERROR:
        raise ClockError(
            f"This machine's clock says {now:%Y-%m-%d}, but Discord's says {discord:%Y-%m-%d}: set"
            " it, best by NTP."
        )


def resident_memory() -> int:
    """Return this process's resident memory in bytes."""
    return psutil.Process().memory_info().rss


def data_loss(folder: Path) -> str | None:
    """Return why ``folder`` would be lost on this machine, see :func:`loss_on`."""
    mounts = [Mount(disk.mountpoint, disk.fstype) for disk in psutil.disk_partitions(all=True)]
    return loss_on(folder, os.environ, mounts)


def loss_on(folder: PurePath, environ: Mapping[str, str], mounts: Sequence[Mount]) -> str | None:
    """Return, as the end of a sentence, why a restart would empty a folder; None: it would not.

    Args:
        folder: absolute; need not exist.
        environ: the environment, in which hosts name themselves.
        mounts: all mounted file systems, in the order of mounting; may be empty.
    """
    if "DYNO" in environ:
        return "Heroku empties a dyno's disk at each restart"
    if "RAILWAY_ENVIRONMENT" in environ or "RAILWAY_ENVIRONMENT_NAME" in environ:
        volume = environ.get("RAILWAY_VOLUME_MOUNT_PATH")
        is_on_volume = volume and folder.is_relative_to(volume)
        return None if is_on_volume else "it is on no volume of this Railway service"
    # The innermost mount counts; of two on the same point, the later hides the earlier.
    around = [mount for mount in mounts if folder.is_relative_to(mount.point)]
    point, kind = max(
        reversed(around), key=lambda mount: len(PurePath(mount.point).parts), default=Mount("/", "")
    )
    if kind in _IN_MEMORY:
        return f"{point} is kept in memory only"
    if kind in _IN_A_CONTAINER:
        return "it is inside the container, on no volume"
    if "FLY_APP_NAME" in environ and point == "/":
        return "it is on no volume of this Fly machine"
    return None


def place(folder: Path) -> str:
    """Return a name for a folder of this machine, or container, that no other one has."""
    try:
        boot = _BOOT_ID.read_text("ascii").strip()
    except OSError:
        boot = str(uuid.getnode())
    written = f"{boot} {socket.gethostname()} {folder}"
    return hashlib.sha256(written.encode("utf-8", "surrogateescape")).hexdigest()[:32]

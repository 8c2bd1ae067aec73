"""Does what is written to a folder outlast a restart, as far as the host tells?"""

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePath

_MOUNTS = Path("/proc/self/mounts")
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_OF_A_CONTAINER = frozenset({"overlay", "aufs", "fuse-overlayfs"})


def loss(folder: Path) -> str | None:
    """Return why ``folder`` would be lost on this machine, see :func:`loss_on`."""
    try:
        mounts = _MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:  # not Linux
        mounts = ""
    return loss_on(folder, os.environ, mounts)


def loss_on(folder: PurePath, environ: Mapping[str, str], mounts: str) -> str | None:
    """Return, as the end of a sentence, why a folder looks lost after a restart; None: it is not.

    Args:
        folder: absolute; need not exist.
        environ: the environment, in which hosts name themselves.
        mounts: the text of Linux's ``/proc/mounts``; empty where there is none.
    """
    if "DYNO" in environ:
        return "Heroku empties a dyno's disk at each restart"
    if "RAILWAY_ENVIRONMENT" in environ or "RAILWAY_ENVIRONMENT_NAME" in environ:
        volume = environ.get("RAILWAY_VOLUME_MOUNT_PATH")
        is_kept = volume and folder.is_relative_to(volume)
        return None if is_kept else "it is on no volume of this Railway service"
    point, kind = _mount(folder, mounts)
    if kind in _IN_MEMORY:
        return f"{point} is kept in memory only"
    if kind in _OF_A_CONTAINER:
        return "it is inside the container, on no volume"
    if "FLY_APP_NAME" in environ and point == PurePath("/"):
        return "it is on no volume of this Fly machine"
    return None


def _mount(folder: PurePath, mounts: str) -> tuple[PurePath, str]:
    """Return the mount point that ``folder`` is on, and its file system."""
    found, kind = PurePath("/"), ""
    for line in mounts.splitlines():
        _, where, what, *_ = line.split(" ")
        # Spaces and the like are written as octal numbers.
        point = PurePath(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), where))
        # Of two on the same point the later hides the earlier.
        if folder.is_relative_to(point) and len(point.parts) >= len(found.parts):
            found, kind = point, what
    return found, kind

"""Temporary folders that do not outlive their process: the next one removes what a kill left.

A folder is locked as long as it is in use, by flock(2) on the folder itself, which ends with the
process however that ends. So neither a process ID that is used again nor a slow reindex misleads
:func:`remove_stale`.
"""

import fcntl
import logging
import os
import re
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_PREFIX = "footnote-tmp-"  # short: the path of a socket in it has 108 bytes
_NAME = re.compile(re.escape(_PREFIX) + r"[a-z0-9_]{8}")  # as the module tempfile completes it

_log = logging.getLogger(__name__)


class ScratchFolder:
    """A temporary folder, removed by :meth:`close`, with its object or at the process's end."""

    def __init__(self) -> None:
        """Make the folder.

        Raises:
            OSError: no folder for temporary files accepts it.
        """
        self.path, lock = _locked_folder()
        self._remove = weakref.finalize(self, _remove, self.path, lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the folder with all that is in it; idempotent."""
        self._remove()


def remove_stale() -> None:
    """Remove the temporary folders of this user's processes that were killed.

    Whoever else may write into the system's temporary folder gains nothing: links are not followed,
    and other users' folders are left alone.
    """
    with suppress(OSError):
        parent = Path(tempfile.gettempdir())
        for name in filter(_NAME.fullmatch, os.listdir(parent)):  # noqa: PTH208 (names)
            _remove_unless_in_use(parent / name)


def _locked_folder() -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        try:
            lock = _open(path)
        except FileNotFoundError:
            continue  # taken for one that is left over, before it was locked
        with suppress(OSError):  # a file system without locks: then none is ever removed
            fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            return path, lock
        os.close(lock)


def _remove(path: Path, lock: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)


def _remove_unless_in_use(path: Path) -> None:
    try:
        lock = _open(path)
    except OSError:
        return  # removed meanwhile, a file, a link, or another user's
    try:
        if os.fstat(lock).st_uid == os.getuid() and _is_unused(lock):
            shutil.rmtree(path)
            _log.info("Removed %s, left by a process that was killed.", path)
    except OSError as error:
        _log.warning("%s, left by a process that was killed, stays: %s", path, error)
    finally:
        os.close(lock)


def _is_unused(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # in use, or nobody can tell
        return False
    return True


def _open(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)

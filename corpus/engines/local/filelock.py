"""A lock that a file in a folder stands for; the kernel unlocks for the dead."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Generator[bool]:
    """Be the only process that holds the lock at ``path``, which is made where it is missing.

    Gives whether the lock is held: always, unless ``wait`` is false.

    Raises:
        OSError: the file cannot be opened, or its disk knows no locks.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)

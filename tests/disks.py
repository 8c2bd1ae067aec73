"""A full disk, for tests that run without root."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest


@contextmanager
def full_disk(max_bytes: int = 0, *, pid: int = 0) -> Iterator[None]:
    """Limit the size of files that a process and the children it starts may write.

    Args:
        max_bytes: of a file.
        pid: the process; 0: this one.
    """
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux lets a test fill a disk of its own")
    limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (max_bytes, limits[1]))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)

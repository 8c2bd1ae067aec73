"""A disk without room, for tests that need not be root."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest


@contextmanager
def a_full_disk(room: int = 0, *, of: int = 0) -> Iterator[None]:
    """Let a process, and the children that it starts, write no file beyond ``room`` bytes.

    Args:
        room: what a file may grow to.
        of: the process; 0: this one.
    """
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux lets a test fill a disk of its own")
    limits = resource.prlimit(of, resource.RLIMIT_FSIZE)
    resource.prlimit(of, resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(of, resource.RLIMIT_FSIZE, limits)

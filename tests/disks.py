"""A full disk, for tests that run without root."""

import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import pytest

from bot.state import State


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


@asynccontextmanager
async def half_written(state: State) -> AsyncIterator[None]:
    """Let a full disk interrupt a write, and keep it from being undone: nothing can be read."""
    await state.watches.keep([f"https://example.org/{number:05}" for number in range(3000)], [])
    # The journal finds room, the pages at the end of the file do not.
    with full_disk(60_000):
        with pytest.raises(sqlite3.OperationalError):
            await state.watches.keep([f"https://example.com/{n}" for n in range(300)], [])
        with pytest.raises(sqlite3.OperationalError):
            await state.guilds.get(0)
        yield

"""Files that a worker has read together, as it hands them to the process that writes the index."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from corpus.engine import FilterKeys
from corpus.model import Article

MAX_SECONDS = 4
"""For a batch, and then for each of its files alone; an honest file takes milliseconds."""


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """One file, read."""

    path: str
    digest: bytes | None
    """Of its bytes; None if they cannot be read, or if it ended the worker."""
    article: Article | None
    """Its id is 0; None if it is not to be indexed."""
    keys: FilterKeys | None
    reason: str = ""
    """Why it is not to be indexed."""
    ended_worker: bool = False
    """Whether it crashed or stalled the worker."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The files of one request to a worker."""

    files: list[PreparedFile]
    inverted: Any
    """The terms of the passages of all articles, in order, as the engine's writer takes them; None
    where no article was read."""


def file_digest(raw: bytes) -> bytes:
    """Return what a file's content is recognised by."""
    return blake2b(raw, digest_size=16).digest()

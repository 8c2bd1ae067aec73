"""Files that were read together, as a worker hands them to whoever writes the index."""

from dataclasses import dataclass
from hashlib import blake2b

from corpus.engines.local.inverted_batch import Bags
from corpus.model import Article

MOST_SECONDS = 4
"""For a batch, and then for each of its files alone; an honest file takes milliseconds."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What filters compare, folded."""

    author: str
    source: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One file, read."""

    path: str
    digest: bytes | None
    """Of its bytes; None if they cannot be read, or the worker died of them."""
    article: Article | None
    """Its id is 0; None if it is not to be indexed."""
    keys: Keys | None
    reason: str = ""
    """Why it is not to be indexed."""
    is_deadly: bool = False
    """Whether the worker died of it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that were prepared together."""

    files: list[Prepared]
    bags: Bags
    """Of the passages of all articles, in order."""


def digest(raw: bytes) -> bytes:
    """Return what a file's content is recognised by."""
    return blake2b(raw, digest_size=16).digest()

"""A commit -> a folder of its posts, written file by file where they differ from the one before.

    FOLDER/posts/         the posts of one commit
    FOLDER/checkout.json  which commit that is, and what each file was written from

Only regular files that may be posts are written; links and submodules are named, not followed.
"""

import json
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Self

from dulwich.object_store import iter_tree_contents
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.repo import Repo

from corpus.archive.files import is_post
from corpus.errors import ArchiveError
from corpus.remote import Remote

_STATE = "checkout.json"
_UNSAFE = frozenset({"", ".", "..", ".git"})


@dataclass(frozen=True, slots=True)
class Checkout:
    """What ``posts`` holds."""

    remote: str
    commit: str
    fetched_at: str
    """ISO 8601, UTC: when this was last known to be the newest commit."""
    files: dict[str, str] = field(default_factory=dict[str, str])
    """Blob id by path."""
    links: list[str] = field(default_factory=list[str])
    """Paths of what may be posts but is a symbolic link."""

    @classmethod
    def read(cls, folder: Path, remote: Remote) -> Self | None:
        """Return what was written last; None where it was nothing, or another repository's."""
        try:
            fields: Any = json.loads((folder / _STATE).read_bytes())
            written = cls(**fields)
        except (OSError, ValueError, TypeError, LookupError):
            return None
        return written if written.remote == remote.name else None

    def write(self, folder: Path) -> None:
        """Keep it, whole or not at all."""
        _write(folder / _STATE, json.dumps(asdict(self)).encode())


def posts(folder: Path) -> Path:
    """Return where the posts that ``folder`` keeps are."""
    return folder / "posts"


def check_out(
    repo: Repo,
    commit: ObjectID,
    folder: Path,
    before: Checkout | None,
    remote: Remote,
    now: str,
) -> Checkout:
    """Write the files that differ, delete those that are gone, and remember what there is.

    Killed at any moment, the next call finds each file as it was or as it is to be, and goes on.

    Raises:
        ArchiveError: ``commit`` is none.
        OSError: the disk is full or cannot be written.
    """
    root = posts(folder)
    known = before.files if before else {}
    if before is None or not root.is_dir():
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        known = {}
    head = repo[commit]
    if not isinstance(head, Commit):
        raise ArchiveError(f"{remote.name} has no commit at its branch.")
    files: dict[str, str] = {}
    links: list[str] = []
    for path, mode, blob in _entries(repo, head):
        if stat.S_ISLNK(mode):
            links.append(path)
        elif stat.S_ISREG(mode):
            files[path] = blob.decode()
    # First what is gone: a file may stand where a folder is to be, and the other way round.
    for path in known.keys() - files.keys():
        (root / path).unlink(missing_ok=True)
    _remove_empty_folders(root)
    for path, blob in files.items():
        if known.get(path) != blob:
            content = repo[ObjectID(blob.encode())]
            assert isinstance(content, Blob)
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            _write(root / path, content.data)
    written = Checkout(remote.name, commit.decode(), now, files, links)
    written.write(folder)
    return written


def _entries(repo: Repo, head: Commit) -> Iterator[tuple[str, int, ObjectID]]:
    for entry in iter_tree_contents(repo.object_store, head.tree):
        path = os.fsdecode(entry.path)
        if not is_post(path):
            continue
        if _UNSAFE.isdisjoint(PurePosixPath(path).parts) and not path.startswith("/"):
            yield path, entry.mode, entry.sha


def _remove_empty_folders(root: Path) -> None:
    for folder, _, _ in os.walk(root, topdown=False):
        if folder != str(root) and not any(Path(folder).iterdir()):
            Path(folder).rmdir()


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name[:100]}.new")
    beside.write_bytes(content)
    beside.replace(path)

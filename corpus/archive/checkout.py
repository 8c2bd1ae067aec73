"""Writes the posts of a commit into a folder: the files that changed since the commit before.

    FOLDER/posts/         the posts of one commit
    FOLDER/checkout.json  which commit that is, and the blob that each file was written from

Only regular files that may be posts are written. Symbolic links and submodules that may hold posts
are listed.

dulwich's own checkout does not fit: it stops at the first entry with a bad path, so that the other
posts are lost; its hook for symbolic links has to create a file; it writes the pictures, too; and
it writes in place, so that a kill leaves half a post.
"""

import json
import os
import posixpath
import shutil
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Self

from dulwich.index import validate_path, validate_path_element_default
from dulwich.object_store import iter_tree_contents
from dulwich.objects import S_ISGITLINK, Blob, Commit, ObjectID
from dulwich.repo import Repo

from corpus.archive.files import is_ignored_folder, is_post
from corpus.errors import ArchiveError
from corpus.remote import Remote

_RECORD = "checkout.json"
_MAX_TARGET_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Checkout:
    """Which commit the folder of posts holds."""

    remote: str
    commit: str
    fetched_at: str
    """ISO 8601, UTC: when this was last known to be the newest commit."""
    files: dict[str, str] = field(default_factory=dict[str, str])
    """Blob id by path."""
    links: list[str] = field(default_factory=list[str])
    """Paths of symbolic links that have a post's name, or lead to a folder."""
    submodules: list[str] = field(default_factory=list[str])
    """Paths of submodules, which may hold posts."""

    @classmethod
    def read(cls, folder: Path, remote: Remote) -> Self | None:
        """Return the last checkout in ``folder``; None if there is none of this ``remote``."""
        try:
            fields: Any = json.loads((folder / _RECORD).read_bytes())
            checkout = cls(**fields)
        except (OSError, ValueError, TypeError, LookupError):
            return None
        return checkout if checkout.remote == remote.name else None

    def write(self, folder: Path) -> None:
        """Record this checkout in ``folder``, whole or not at all."""
        _write(folder / _RECORD, json.dumps(asdict(self)).encode())


def posts_folder(folder: Path) -> Path:
    """Return the folder below ``folder`` that holds the posts."""
    return folder / "posts"


def check_out(
    repo: Repo,
    commit: ObjectID,
    folder: Path,
    previous: Checkout | None,
    remote: Remote,
    now: str,
) -> Checkout:
    """Write the posts that differ from ``previous``, delete those that are gone, and record it.

    If the process is killed, every file is as in one of the two commits, and the next call goes on.

    Raises:
        ArchiveError: ``commit`` is not a commit.
        OSError: the disk is full or cannot be written.
    """
    root = posts_folder(folder)
    old_files = previous.files if previous else {}
    if previous is None or not root.is_dir():
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        old_files = {}
    head = repo[commit]
    if not isinstance(head, Commit):
        raise ArchiveError(f"{remote.name} has no commit at its branch.")
    files: dict[str, str] = {}
    links: list[str] = []
    submodules: list[str] = []
    for path, mode, blob_id in _entries(repo, head):
        if stat.S_ISLNK(mode):
            links.append(path)
        elif S_ISGITLINK(mode):
            submodules.append(path)
        elif stat.S_ISREG(mode):
            files[path] = blob_id.decode()
    # Deletions come first: a new folder may take the name of a deleted file, or the reverse.
    for path in old_files.keys() - files.keys():
        (root / path).unlink(missing_ok=True)
    _remove_empty_folders(root)
    for path, blob_id in files.items():
        if old_files.get(path) != blob_id:
            blob = repo[ObjectID(blob_id.encode())]
            assert isinstance(blob, Blob)
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            _write(root / path, blob.data)
    checkout = Checkout(remote.name, commit.decode(), now, files, links, submodules)
    checkout.write(folder)
    return checkout


def _entries(repo: Repo, head: Commit) -> Iterator[tuple[str, int, ObjectID]]:
    """Yield path, mode and id of the entries that may be or hold posts and stay inside the folder.

    A link that leads to a folder follows the posts, since only then all folders are known.
    """
    folders: set[str] = set()
    links: list[tuple[str, int, ObjectID]] = []
    for entry in iter_tree_contents(repo.object_store, head.tree):
        path = os.fsdecode(entry.path)
        folders.update(map(str, PurePosixPath(path).parents))
        if not validate_path(entry.path, validate_path_element_default):
            continue
        if is_post(path) or (S_ISGITLINK(entry.mode) and not is_ignored_folder(path)):
            yield path, entry.mode, entry.sha
        elif stat.S_ISLNK(entry.mode) and not is_ignored_folder(path):
            links.append((path, entry.mode, entry.sha))
    for path, mode, blob_id in links:
        if _target(repo, path, blob_id) in folders:
            yield path, mode, blob_id


def _target(repo: Repo, path: str, blob_id: ObjectID) -> str:
    """Return the path in the repository to which the link at ``path`` leads."""
    blob = repo[blob_id]
    assert isinstance(blob, Blob)
    target = os.fsdecode(blob.data[:_MAX_TARGET_BYTES])
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def _remove_empty_folders(root: Path) -> None:
    for folder, _, _ in os.walk(root, topdown=False):
        if folder != str(root) and not any(Path(folder).iterdir()):
            Path(folder).rmdir()


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name[:100]}.new")
    temporary.write_bytes(content)
    temporary.replace(path)

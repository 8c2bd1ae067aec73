"""Writes the posts of a commit into a folder: the files that changed since the commit before.

    FOLDER/posts/         the posts of one commit
    FOLDER/incoming/      changed posts, until all of them are read
    FOLDER/checkout.json  which commit that is, and the blob that each file was written from

Only regular files that may be posts are written; every other entry with a post's name is listed
with its reason. Nothing is written before all changed posts are read, so a commit that cannot be
read leaves the earlier one whole.

dulwich's own checkout does not fit: it stops at the first entry with a bad path, so that the other
posts are lost; its hook for symbolic links has to create a file; it writes the pictures, too; and
it writes in place, so that a kill leaves half a post.
"""

import errno
import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from dulwich.objects import Blob, Commit, ObjectID
from dulwich.repo import Repo

from corpus.archive.pack import MAX_COMMIT_BYTES
from corpus.archive.stored_sizes import StoredSizes
from corpus.archive.transport import Budget
from corpus.archive.tree import file_key, ignores_case, list_posts
from corpus.errors import ArchiveError
from corpus.remote import Remote

_RECORD = "checkout.json"
_NAME_ERRNOS = frozenset({errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL})
"""How a file system refuses a name: too long, not in its encoding, a character it lacks."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """Which commit the folder of posts holds."""

    remote: str
    commit: str
    fetched_at: str
    """ISO 8601, UTC: when this was last known to be the newest commit."""
    files: dict[str, str] = field(default_factory=dict[str, str])
    """Blob id by path."""
    skipped: dict[str, str] = field(default_factory=dict[str, str])
    """By path of an entry that may be a post or hold posts: the reason why it is left out."""

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
        temporary = folder / f"{_RECORD}.new"
        with temporary.open("w", encoding="ascii") as file:
            # Not dumps: the text of 200,000 paths would be in memory three times.
            json.dump(asdict(self), file)
        temporary.replace(folder / _RECORD)


def posts_folder(folder: Path) -> Path:
    """Return the folder below ``folder`` that holds the posts."""
    return folder / "posts"


def check_out(
    repo: Repo,
    commit: ObjectID,
    folder: Path,
    previous: Checkout | None,
    remote: Remote,
    budget: Budget,
) -> Checkout:
    """Write the posts that differ from ``previous``, delete those that are gone, and record it.

    If the process is killed, every file is as in one of the two commits, and the next call goes on.

    Raises:
        ArchiveError: ``commit`` is not a commit, holds more than an archive may, or takes too long;
            the folder is as before.
        OSError: the disk is full or cannot be written.
    """
    root = posts_folder(folder)
    old_files = previous.files if previous else {}
    if previous is None or not root.is_dir():
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        old_files = {}
    with StoredSizes(repo.object_store, remote.name) as sizes:
        head = repo[commit] if sizes.size(commit) <= MAX_COMMIT_BYTES else None
        if not isinstance(head, Commit):
            raise ArchiveError(f"{remote.name} has no commit at its branch.")
        posts = list_posts(
            repo.object_store, sizes.size, head.tree, remote.name, folds_case=ignores_case(root)
        )
    files, skipped = posts.files, posts.skipped
    incoming = folder / "incoming"
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.mkdir()
    changed = [path for path, blob_id in files.items() if old_files.get(path) != blob_id]
    for i, path in enumerate(changed):
        budget.check()
        blob = repo[ObjectID(files[path].encode())]
        assert isinstance(blob, Blob)
        (incoming / str(i)).write_bytes(blob.data)
    # Deletions come first: a new folder may take the name of a deleted file, or the reverse.
    _remove_all_but(root, files, old_files)
    for i, path in enumerate(changed):
        try:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (incoming / str(i)).replace(root / path)
        except OSError as error:
            if error.errno not in _NAME_ERRNOS:
                raise
            skipped[path] = f"cannot be written: {error.strerror}"
            del files[path]
    shutil.rmtree(incoming)
    _remove_empty_folders(root)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    checkout = Checkout(remote.name, commit.decode(), now, files, skipped)
    checkout.write(folder)
    return checkout


def _remove_all_but(root: Path, files: Iterable[str], old_files: Iterable[str]) -> None:
    """Delete what is not in ``files``: deleted posts, and what a killed checkout left behind."""
    folds_case = ignores_case(root)
    for path in set(old_files).difference(files):
        with suppress(FileNotFoundError, NotADirectoryError):  # a killed checkout put a file there
            (root / path).unlink()
    keys = {file_key(path, folds_case=folds_case) for path in files}
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if file_key(str(path.relative_to(root)), folds_case=folds_case) not in keys:
                path.unlink()
    _remove_empty_folders(root)


def _remove_empty_folders(root: Path) -> None:
    for folder, _, _ in os.walk(root, topdown=False):
        if folder != str(root) and not any(Path(folder).iterdir()):
            Path(folder).rmdir()

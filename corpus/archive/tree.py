"""Lists the posts of a commit from its trees, within limits, and names what is left out.

Trees come from a server that is not trusted. They may name the same tree many times, so that a few
kilobytes hold a billion paths; a name may be longer than any file's, or lead out of the folder.
"""

import os
import posixpath
import stat
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from dulwich.index import validate_path_element_default
from dulwich.object_store import BaseObjectStore
from dulwich.objects import S_ISGITLINK, ObjectID, Tree, parse_tree

from corpus.archive.files import (
    LINK,
    MAX_BYTES,
    NOT_SENT,
    SUBMODULE,
    TOO_LARGE,
    is_ignored_folder,
    is_post,
    unread_markup,
)
from corpus.archive.pack import check_size
from corpus.errors import TooLargeError

MAX_ENTRIES = 200_000
"""Files and folders of a commit, pictures included."""
MAX_POSTS_BYTES = 1024 * 2**20
"""All posts together: a file that has many names is written many times."""
MAX_DEPTH = 64
"""Folders in folders."""
_MAX_NAME_BYTES = 255  # file systems take no more
_MAX_PATH_BYTES = 3_000  # of the 4,096 of Linux; the rest is for the folder of the posts
_MAX_PATHS_BYTES = 16 * 2**20  # all paths together: they are held in memory
_SHOWN_NAME = 80  # characters of a name that is too long
_SHA_BYTES = 20
_MAX_TARGET_BYTES = 4096  # of a symbolic link


@dataclass(frozen=True, slots=True)
class Posts:
    """The posts of a commit."""

    files: dict[str, str] = field(default_factory=dict[str, str])
    """Blob id by path."""
    skipped: dict[str, str] = field(default_factory=dict[str, str])
    """By path of an entry that may be a post or hold posts: the reason why it is left out."""


def ignores_case(folder: Path) -> bool:
    """Return whether the file system of ``folder``, whose name is in lower case, ignores case."""
    try:
        return folder.with_name(folder.name.upper()).samefile(folder)
    except OSError:
        return False


def file_key(path: str, *, folds_case: bool) -> str:
    """Return what two paths share if the file system takes them for the same file."""
    return unicodedata.normalize("NFC", path).casefold() if folds_case else path


def list_posts(
    store: BaseObjectStore,
    size_of: Callable[[ObjectID], int],
    tree_id: ObjectID,
    archive: str,
    *,
    folds_case: bool,
) -> Posts:
    """List the posts in a tree and in the trees below it.

    Args:
        store: holds the trees.
        size_of: returns the bytes of an object without loading it; raises KeyError.
        tree_id: the root.
        archive: what an error calls the repository.
        folds_case: whether names that differ by case only are the same file.

    Raises:
        TooLargeError: there are too many entries, or too many bytes of posts.
        KeyError, ValueError: a tree is missing or malformed.
    """
    walk = _Walk(archive, size_of, folds_case=folds_case)
    folders = [("", tree_id)]
    while folders:
        folder, tree_id = folders.pop()
        check_size(Tree.type_num, size_of(tree_id), archive)
        type_number, tree = store.get_raw(tree_id)
        if type_number != Tree.type_num:
            raise ValueError(f"{tree_id!r} is no tree")
        for name, mode, object_id in parse_tree(tree, _SHA_BYTES):
            path = walk.enter(folder, name, mode, ObjectID(object_id))
            if path is not None:
                folders.append((path, ObjectID(object_id)))
    for path, target in walk.links():
        # Only now all folders are known.
        if size_of(target) <= _MAX_TARGET_BYTES and walk.is_folder(
            _resolved(path, store.get_raw(target)[1])
        ):
            walk.posts.skipped[path] = LINK
    return walk.posts


def _resolved(link: str, target: bytes) -> str:
    """Return the path in the repository to which the link at ``link`` leads."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(link), os.fsdecode(target)))


class _Walk:
    """Sorts the entries of trees into posts, folders and what is left out."""

    def __init__(
        self, archive: str, size_of: Callable[[ObjectID], int], *, folds_case: bool
    ) -> None:
        self.posts = Posts()
        self._size_of = size_of
        self._bytes = 0
        self._archive = archive
        self._folds_case = folds_case
        self._entries = 0
        self._path_bytes = 0
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}
        """By file key: the path that is there."""
        self._links: list[tuple[str, ObjectID]] = []

    def links(self) -> Iterable[tuple[str, ObjectID]]:
        """Return the paths of the links without a post's name, with what holds their targets."""
        return self._links

    def is_folder(self, path: str) -> bool:
        """Return whether a folder of the commit is at ``path``."""
        return path == "." or file_key(path, folds_case=self._folds_case) in self._folders

    def enter(self, folder: str, name: bytes, mode: int, object_id: ObjectID) -> str | None:
        """Take one entry in; return its path if it is a folder to go into."""
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise TooLargeError(
                f"{self._archive} holds more than {MAX_ENTRIES:,} files and folders: too large for"
                " an archive."
            )
        shown = name.decode("utf-8", "backslashreplace")
        if len(name) > _MAX_NAME_BYTES:
            shown = f"{shown[:_SHOWN_NAME]}…{shown[-_SHOWN_NAME:]}"
        path = f"{folder}/{shown}" if folder else shown
        is_folder = stat.S_ISDIR(mode)
        if not self._may_hold_posts(path, mode, object_id):
            return None
        self._path_bytes += len(path.encode())
        if self._path_bytes > _MAX_PATHS_BYTES:
            raise TooLargeError(
                f"{self._archive} holds paths of more than {_MAX_PATHS_BYTES // 2**20} MB: too"
                " large for an archive."
            )
        problem = _name_problem(name) or _problem(path, mode) or self._conflict(path, mode)
        if problem:
            self.posts.skipped[path] = problem
            return None
        taken = self._folders if is_folder else self._files
        taken[file_key(path, folds_case=self._folds_case)] = path
        if is_folder:
            return path
        self._take_file(path, object_id)
        return None

    def _may_hold_posts(self, path: str, mode: int, object_id: ObjectID) -> bool:
        if stat.S_ISDIR(mode) or is_post(path):
            return True
        if is_ignored_folder(path):
            return False
        if unread_markup(path):
            return True
        if stat.S_ISLNK(mode):
            self._links.append((path, object_id))
        return S_ISGITLINK(mode)

    def _take_file(self, path: str, object_id: ObjectID) -> None:
        try:
            size = self._size_of(object_id)
        except KeyError:
            self.posts.skipped[path] = NOT_SENT
            return
        if size > MAX_BYTES:
            self.posts.skipped[path] = TOO_LARGE
            return
        self._bytes += size
        if self._bytes > MAX_POSTS_BYTES:
            raise TooLargeError(
                f"{self._archive} holds posts of more than {MAX_POSTS_BYTES // 2**20:,} MB: too"
                " large for an archive."
            )
        self.posts.files[path] = object_id.decode()

    def _conflict(self, path: str, mode: int) -> str | None:
        """Return the reason if another entry has this name; two folders are one."""
        key = file_key(path, folds_case=self._folds_case)
        other = self._files.get(key) or (not stat.S_ISDIR(mode) and self._folders.get(key))
        if not other:
            return None
        if other == path:
            # git makes no such tree, and the file of that path can have one content only.
            raise ValueError(f"two entries are named {path!r}")
        return f"has the name of {other} where the disk ignores upper and lower case"


def _problem(path: str, mode: int) -> str | None:
    """Return why an entry with a good name is left out; None if it is not."""
    is_folder = stat.S_ISDIR(mode)
    if S_ISGITLINK(mode):
        return SUBMODULE
    if stat.S_ISLNK(mode):
        return LINK
    if not is_folder and not stat.S_ISREG(mode):
        return "is not a regular file"
    if len(path.encode()) > _MAX_PATH_BYTES:
        return f"has a path of more than {_MAX_PATH_BYTES:,} bytes"
    if is_folder and path.count("/") >= MAX_DEPTH:
        return f"lies more than {MAX_DEPTH} folders deep"
    return None if is_folder else unread_markup(path)


def _name_problem(name: bytes) -> str | None:
    """Return why no file gets this name; None if one may."""
    if len(name) > _MAX_NAME_BYTES:
        return f"has a name of more than {_MAX_NAME_BYTES} bytes"
    if b"/" in name or not validate_path_element_default(name):
        return "has a name that leads elsewhere"
    try:
        name.decode()
    except UnicodeDecodeError:
        return "has a name that is not UTF-8"
    return None

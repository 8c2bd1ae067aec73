"""Finds the files of a folder that may be posts, and reads their bytes.

Parses nothing: that is :mod:`corpus.archive.post`, in processes that can be killed.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path, PurePosixPath

from corpus.errors import ArchiveError, ArticleError

MAX_BYTES = 8 * 1024 * 1024
"""Of a post. Real posts, pictures inlined, reach 0.6 MB."""

TOO_LARGE = f"is larger than {MAX_BYTES // 1024 // 1024} MB"
NOT_SENT = f"was not sent by the server, as files of more than {MAX_BYTES // 2**20} MB are not"
LINK = "is a symbolic link, which is not followed"

HTML_SUFFIXES = frozenset({".html", ".htm"})
_MARKDOWN_SUFFIXES = frozenset({".md", ".markdown"})
_FOLDERS_WITHOUT_POSTS = frozenset(
    {"_data", "_drafts", "_includes", "_layouts", "_plugins", "_sass", "_site"}
    | {"node_modules", "vendor"}
)
"""Folders of a Jekyll site that hold templates, output, packages or unpublished drafts."""
_SITE_FILES = frozenset(
    {"404", "changelog", "code_of_conduct", "contributing", "index", "license", "readme"}
)
"""Names of files at the root that describe or list the archive."""


def scan(root: Path) -> list[str]:
    """Return the POSIX paths of all files that may be posts, relative to ``root`` and sorted.

    These are the Markdown and HTML files of all folders, except hidden folders and a Jekyll site's
    own. Symbolic links and folders that cannot be listed are returned, too, so that nothing is left
    out silently: `read_bytes` gives the reason why they cannot be read.

    Raises:
        ArchiveError: ``root`` is not a folder, or cannot be listed.
    """
    paths: list[str] = []
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            entries = list(os.scandir(root / folder))
        except OSError as error:
            if not folder:
                raise ArchiveError(f"cannot list the archive {root}: {error.strerror}") from error
            paths.append(folder)
            continue
        for entry in entries:
            name = os.fsencode(entry.name).decode("utf-8", "backslashreplace")
            path = f"{folder}/{name}" if folder else name
            if name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if name not in _FOLDERS_WITHOUT_POSTS:
                    folders.append(path)
            elif is_post(path) or (entry.is_symlink() and entry.is_dir()):
                paths.append(path)
    return sorted(paths)


def read_bytes(root: Path, path: str) -> bytes:
    """Return the bytes of one regular file of the archive.

    Raises:
        ArticleError: it is a link, a device or a folder, or it is too large, gone or unreadable.
    """
    if any(_is_link(root / parent) for parent in PurePosixPath(path).parents[:-1]):
        raise ArticleError("lies behind a symbolic link")
    try:
        # Non-blocking: a FIFO without a writer must not stop the indexing.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(f"{root}/{path}", flags)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise ArticleError("is not a regular file")
            # One read of MAX_BYTES would allocate 8 MB for each small file.
            raw = b""
            while len(raw) <= MAX_BYTES and (
                more := os.read(descriptor, min(status.st_size, MAX_BYTES) + 1)
            ):
                raw += more
        finally:
            os.close(descriptor)
    except OSError as error:
        if _is_link(root / path):
            raise ArticleError(LINK) from error
        if isinstance(error, FileNotFoundError) and "\\x" in path:  # see scan
            raise ArticleError("has a name that is not UTF-8") from error
        raise ArticleError(f"cannot be read: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise ArticleError(TOO_LARGE)
    return raw


def _is_link(path: Path) -> bool:
    with suppress(OSError):  # the path may be too long
        return path.is_symlink()
    return False


def is_post(path: str) -> bool:
    """Return whether a file with this path, relative to the archive, may be a post."""
    name = PurePosixPath(path)
    return name.suffix.lower() in _MARKDOWN_SUFFIXES | HTML_SUFFIXES and (
        "/" in path or name.stem.lower() not in _SITE_FILES
    )

"""Which files of a folder may be posts, and what bytes do they hold?

Reads nothing of what they say: that is :mod:`corpus.archive.post`, in processes that can be killed.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path, PurePosixPath

from corpus.errors import ArchiveError, ArticleError

LIMIT_BYTES = 8 * 1024 * 1024
"""A larger file is no post. Real ones, pictures inlined, reach 0.6 MB."""

LINK = "is a symbolic link, which is not followed"

HTML = frozenset({".html", ".htm"})
_MARKDOWN = frozenset({".md", ".markdown"})
_NO_POSTS = frozenset(
    {"_data", "_drafts", "_includes", "_layouts", "_plugins", "_sass", "_site"}
    | {"node_modules", "vendor"}
)
"""Folders of a Jekyll site that hold templates, output, packages or unpublished drafts."""
_ABOUT_THE_SITE = frozenset(
    {"404", "changelog", "code_of_conduct", "contributing", "index", "license", "readme"}
)
"""Files at the root that are about the archive, or list it, and are no posts of it."""


def scan(root: Path) -> list[str]:
    """Return the POSIX paths, relative to ``root`` and sorted, of what may be posts.

    Markdown and HTML files of all folders, but for hidden ones and a Jekyll site's own. Symbolic
    links and folders that cannot be listed are among them, so that none is left out unsaid:
    ``read_bytes`` tells why they cannot be read.

    Raises:
        ArchiveError: ``root`` is no folder that can be listed.
    """
    found: list[str] = []
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            entries = list(os.scandir(root / folder))
        except OSError as error:
            if not folder:
                raise ArchiveError(f"cannot list the archive {root}: {error.strerror}") from error
            found.append(folder)
            continue
        for entry in entries:
            name = os.fsencode(entry.name).decode("utf-8", "backslashreplace")
            path = f"{folder}/{name}" if folder else name
            if name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if name not in _NO_POSTS:
                    folders.append(path)
            elif is_post(path) or (entry.is_symlink() and entry.is_dir()):
                found.append(path)
    return sorted(found)


def read_bytes(root: Path, path: str) -> bytes:
    """Return the bytes of one regular file of the archive.

    Raises:
        ArticleError: it is a link, a device or a folder, too large, gone or not readable.
    """
    if any(_is_link(root / parent) for parent in PurePosixPath(path).parents[:-1]):
        raise ArticleError("lies behind a symbolic link")
    try:
        # Non-blocking, so that a FIFO without a writer does not stop the indexing.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(f"{root}/{path}", flags)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise ArticleError("is not a regular file")
            # Not to the limit in one go, which would take that much memory for each small file.
            raw = b""
            while len(raw) <= LIMIT_BYTES and (
                more := os.read(descriptor, min(status.st_size, LIMIT_BYTES) + 1)
            ):
                raw += more
        finally:
            os.close(descriptor)
    except OSError as error:
        if _is_link(root / path):
            raise ArticleError(LINK) from error
        if isinstance(error, FileNotFoundError) and "\\x" in path:  # as scan writes such bytes
            raise ArticleError("has a name that is not UTF-8") from error
        raise ArticleError(f"cannot be read: {error.strerror}") from error
    if len(raw) > LIMIT_BYTES:
        raise ArticleError(f"is larger than {LIMIT_BYTES // 1024 // 1024} MB")
    return raw


def _is_link(path: Path) -> bool:
    with suppress(OSError):  # it may be longer than a path can be
        return path.is_symlink()
    return False


def is_post(path: str) -> bool:
    """Whether a file of this path, relative to the archive, may be a post."""
    name = PurePosixPath(path)
    return name.suffix.lower() in _MARKDOWN | HTML and (
        "/" in path or name.stem.lower() not in _ABOUT_THE_SITE
    )

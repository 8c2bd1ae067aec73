"""Finds the files of a folder that may be posts, and reads their bytes.

Parses nothing: that is :mod:`corpus.archive.post`, in processes that can be killed.
"""

import os
import re
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from corpus.errors import ArchiveError, ArticleError

MAX_BYTES = 8 * 1024 * 1024
"""Of a post. Real posts, pictures inlined, reach 0.6 MB."""

TOO_LARGE = f"is larger than {MAX_BYTES // 1024 // 1024} MB"
NOT_SENT = f"was not sent by the server, as files of more than {MAX_BYTES // 2**20} MB are not"

MEMBER = "#"
"""In the path of an article of a feed: stands between the feed's path and the entry's name."""
FEED_SUFFIXES = frozenset({".xml", ".rss", ".atom", ".rdf"})
TEXT_SUFFIX = ".txt"
MAX_FEED_BYTES = 2 * MAX_BYTES
_FEED_TOO_LARGE = f"is larger than {MAX_FEED_BYTES // 1024 // 1024} MB"

LINK = "is a symbolic link, which is not followed"

SUBMODULE = "is a submodule, which is not fetched"
_SUBMODULE_PATH = re.compile(r"^\s*path\s*=\s*([^\n]+)$", re.MULTILINE)
_MAX_SUBMODULES_CHARS = 64 * 1024

HTML_SUFFIXES = frozenset({".html", ".htm"})
_MARKDOWN_SUFFIXES = frozenset(
    ".md .markdown .mkd .mkdn .mkdown .mdown .mdwn .mdtxt .mdtext".split()
)
"""All that Jekyll, Hexo and Hugo take for Markdown."""
_UNREAD_MARKUPS = {
    ".adoc": "AsciiDoc",
    ".asciidoc": "AsciiDoc",
    ".mdx": "MDX",
    ".org": "Org",
    ".rst": "reStructuredText",
    ".textile": "Textile",
}
"""What generators of sites take for posts, too. They are listed, so that they can be named."""
DRAFTS = "_drafts"
"""The folder of unpublished posts, which are listed, so that they can be named."""
_FOLDERS_WITHOUT_POSTS = frozenset(
    {"_data", "_includes", "_layouts", "_plugins", "_sass", "_site", "node_modules", "vendor"}
)
"""Folders of a Jekyll site that hold templates, output or packages."""
_HUGO_FOLDERS = frozenset(
    "archetypes assets data i18n layouts public resources static themes".split()
)
_HEXO_FOLDERS = frozenset({"public", "scaffolds", "themes"})
_BUNDLE_STEMS = frozenset({"index", "_index"})
"""A post of Hugo may be the index of its own folder, which names it."""
_SITE_FILES = frozenset(
    {"404", "changelog", "code_of_conduct", "contributing", "index", "license", "readme"}
)
"""Names of files at the root that describe or list the archive."""
_OTHER_SITE_FILES = frozenset(
    "ads app-ads browserconfig cmakelists cname crossdomain humans llms opensearch requirements"
    " requirements-dev robots security sitemap version".split()
)
"""The same, of plain text and XML."""


def scan(root: Path) -> list[str]:
    """Return the POSIX paths of all files that may be posts, relative to ``root`` and sorted.

    These are the Markdown, HTML and text files and the feeds of all folders, except hidden folders
    and those in which a site of Jekyll, Hugo or Hexo keeps its templates and output. Symbolic
    links, submodules that are not checked out, folders that cannot be listed and posts in another
    markup are returned, too, so that nothing is left out silently: `read_bytes` gives the reason
    why they cannot be read.

    Raises:
        ArchiveError: ``root`` is not a folder, or cannot be listed.
    """
    paths: list[str] = []
    folders = [""]
    generated = frozenset[str]()
    while folders:
        folder = folders.pop()
        try:
            entries = list(os.scandir(root / folder))
        except OSError as error:
            if not folder:
                raise ArchiveError(f"cannot list the archive {root}: {error.strerror}") from error
            paths.append(folder)
            continue
        if not folder:
            generated = _generator_folders(entries)
            paths += _missing_submodules(root)
        for entry in entries:
            name = os.fsencode(entry.name).decode("utf-8", "backslashreplace")
            path = f"{folder}/{name}" if folder else name
            if name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if name not in _FOLDERS_WITHOUT_POSTS and path not in generated:
                    folders.append(path)
            elif (
                is_post(path)
                or _is_text_or_feed(path)
                or unread_markup(path)
                or (entry.is_symlink() and entry.is_dir())
            ):
                paths.append(path)
    return sorted(paths)


def _missing_submodules(root: Path) -> list[str]:
    """Return the submodules of a clone that were not cloned with it: empty folders."""
    try:
        listed = read_bytes(root, ".gitmodules").decode("utf-8", "replace")[:_MAX_SUBMODULES_CHARS]
    except ArticleError:
        return []
    paths = [match[1].strip() for match in _SUBMODULE_PATH.finditer(listed)]
    return [path for path in paths if not is_ignored_folder(path) and _is_empty(root / path)]


def _is_empty(folder: Path) -> bool:
    try:
        return next(folder.iterdir(), None) is None
    except OSError:
        return False


def _generator_folders(entries: Sequence[os.DirEntry[str]]) -> frozenset[str]:
    """Return the folders at the root of a site that hold what Hugo or Hexo needs or makes."""
    names = {entry.name for entry in entries}
    if "content" in names and names & {"archetypes", "layouts", "hugo.toml", "hugo.yaml"}:
        return _HUGO_FOLDERS
    if "source" in names and names & {"scaffolds", "_config.yml"}:
        return _HEXO_FOLDERS
    return frozenset()


def is_ignored_folder(path: str) -> bool:
    """Return whether a folder lies where no posts are looked for, whatever makes the site."""
    parts = PurePosixPath(path).parts or ("",)
    return any(part.startswith(".") or part in _FOLDERS_WITHOUT_POSTS for part in parts) or (
        parts[0] in _HUGO_FOLDERS | _HEXO_FOLDERS
    )


def file_of(path: str) -> str:
    """Return the path of the file that holds the article at ``path``."""
    file, mark, _ = path.rpartition(MEMBER)
    return file if mark and PurePosixPath(file).suffix.lower() in FEED_SUFFIXES else path


def naming_parts(path: str) -> tuple[str, ...]:
    """Return what of a path decides how its file is read: its name, a bundle's, a draft's folder.

    A file that moves without a change of these is read as before.
    """
    name = PurePosixPath(path)
    drafts = (DRAFTS,) if DRAFTS in name.parts else ()
    return (*drafts, own_name(name), name.name)


def own_name(name: PurePosixPath) -> str:
    """Return the name that a post has: the file's, or its folder's, where Hugo bundles it."""
    is_bundle = name.stem.partition(".")[0] in _BUNDLE_STEMS and name.parent.name
    return name.parent.name if is_bundle else name.stem


def read_bytes(root: Path, path: str) -> bytes:
    """Return the bytes of one regular file of the archive.

    Raises:
        ArticleError: it is a link, a device or a folder, in a markup that is not read, or it is
            too large, gone or unreadable.
    """
    if markup := unread_markup(path):
        raise ArticleError(markup)
    if any(_is_link(root / parent) for parent in PurePosixPath(path).parents[:-1]):
        raise ArticleError("lies behind a symbolic link")
    max_bytes = MAX_FEED_BYTES if is_feed(path) else MAX_BYTES
    try:
        # Non-blocking: a FIFO without a writer must not stop the indexing.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(f"{root}/{path}", flags)
        try:
            status = os.fstat(descriptor)
            if stat.S_ISDIR(status.st_mode) and _is_empty(root / path):
                raise ArticleError(SUBMODULE)
            if not stat.S_ISREG(status.st_mode):
                raise ArticleError("is not a regular file")
            # One read of MAX_BYTES would allocate 8 MB for each small file.
            raw = b""
            while len(raw) <= max_bytes and (
                more := os.read(descriptor, min(status.st_size, max_bytes) + 1)
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
    if len(raw) > max_bytes:
        raise ArticleError(TOO_LARGE if max_bytes == MAX_BYTES else _FEED_TOO_LARGE)
    return raw


def _is_link(path: Path) -> bool:
    with suppress(OSError):  # the path may be too long
        return path.is_symlink()
    return False


def is_feed(path: str) -> bool:
    """Return whether a file may hold several articles."""
    return PurePosixPath(path).suffix.lower() in FEED_SUFFIXES


def _is_text_or_feed(path: str) -> bool:
    name = PurePosixPath(path)
    return (is_feed(path) or name.suffix.lower() == TEXT_SUFFIX) and (
        "/" in path or name.stem.lower() not in _SITE_FILES | _OTHER_SITE_FILES
    )


def unread_markup(path: str) -> str | None:
    """Return why a post of this path is not read, if that is for its markup."""
    name = PurePosixPath(path)
    markup = _UNREAD_MARKUPS.get(name.suffix.lower())
    if markup is None or ("/" not in path and name.stem.lower() in _SITE_FILES):
        return None
    return f"is written in {markup}, which is not read"


def is_post(path: str) -> bool:
    """Return whether a file with this path, relative to the archive, may be a post.

    Of a repository only these are fetched.
    """
    name = PurePosixPath(path)
    return name.suffix.lower() in _MARKDOWN_SUFFIXES | HTML_SUFFIXES and (
        "/" in path or name.stem.lower() not in _SITE_FILES
    )

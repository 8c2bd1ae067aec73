"""Which posts does a folder hold, and what does each of them say?"""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from corpus.cleaning import one_line, without_unseen
from corpus.dates import iso_date
from corpus.errors import ArchiveError, ArticleError
from corpus.frontmatter import split_front_matter, text_of, texts_of
from corpus.markup import first_heading, paragraphs
from corpus.model import Article

LIMIT_BYTES = 8 * 1024 * 1024
"""A larger file is no post. Real ones, pictures inlined, reach 0.6 MB."""

LINK = "is a symbolic link, which is not followed"

_MARKDOWN = frozenset({".md", ".markdown"})
_HTML = frozenset({".html", ".htm"})
_NO_POSTS = frozenset(
    {"_data", "_drafts", "_includes", "_layouts", "_plugins", "_sass", "_site"}
    | {"node_modules", "vendor"}
)
"""Folders of a Jekyll site that hold templates, output, packages or unpublished drafts."""
_ABOUT_THE_SITE = frozenset(
    {"404", "changelog", "code_of_conduct", "contributing", "index", "license", "readme"}
)
"""Files at the root that are about the archive, or list it, and are no posts of it."""

_DATED_NAME = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[-_ ]+")
_EPOCH_COMMENT = re.compile(r"<!--\s*(\d{12,13}|\d{9,10})\s*-->")
_MASTHEAD = 2000
"""Characters of a body in which its epoch comment stands."""


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
    if "/" in path and any(
        (root / parent).is_symlink() for parent in PurePosixPath(path).parents[:-1]
    ):
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
        if (root / path).is_symlink():
            raise ArticleError(LINK) from error
        raise ArticleError(f"cannot be read: {error.strerror}") from error
    if len(raw) > LIMIT_BYTES:
        raise ArticleError(f"is larger than {LIMIT_BYTES // 1024 // 1024} MB")
    return raw


def parse(path: str, raw: bytes, *, article_id: int) -> Article:
    """Read one post.

    Args:
        path: its path in the archive; its name may give the date and the title.
        raw: the file's bytes.
        article_id: its place in the archive's path order.

    Raises:
        ArticleError: it is not UTF-8, its front matter or HTML is unusable, it is marked as
            unpublished, or it holds no text.
    """
    front, body = split_front_matter(_decode(raw))
    if text_of(front.get("published")).lower() == "false":
        raise ArticleError("is marked as not published")
    name = PurePosixPath(path)
    markdown = name.suffix.lower() not in _HTML
    title = (
        one_line(text_of(front.get("title")))
        or one_line(first_heading(body, markdown=markdown) or "")
        or one_line(_DATED_NAME.sub("", name.stem, count=1))
    )
    found = paragraphs(body, title=title, markdown=markdown)
    if not found:
        raise ArticleError("holds no text")
    url = _url(front.get("from"))
    categories = _names(front.get("categories")) or _names(front.get("category"))
    return Article(
        id=article_id,
        path=path,
        title=title,
        date=_date(front, name, body),
        author="、".join(_names(front.get("author"), whole=True)),
        source=categories[0] if categories else _host(url),
        url=url,
        tags=tuple(dict.fromkeys(_names(front.get("tags"), split_on_spaces=True))),
        paragraphs=tuple(found),
    )


def is_post(path: str) -> bool:
    """Whether a file of this path, relative to the archive, may be a post."""
    name = PurePosixPath(path)
    return name.suffix.lower() in _MARKDOWN | _HTML and (
        "/" in path or name.stem.lower() not in _ABOUT_THE_SITE
    )


def _decode(raw: bytes) -> str:
    """Read UTF-8, or UTF-16 that says so; a guess at anything else would be worse than none."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding, errors = "utf-16", "strict"
    else:
        # Surrogates written as if they were characters are cleaned away with the rest.
        encoding, errors = "utf-8", "surrogatepass"
    try:
        text = raw.decode(encoding, errors)
    except UnicodeDecodeError as error:
        raise ArticleError(f"is not UTF-8 text (byte {error.start})") from error
    if encoding == "utf-16" and "\n" not in text:
        # Any bytes can be read as UTF-16: other text then is one endless line of rare characters.
        raise ArticleError("is not the UTF-16 text it says it is")
    return without_unseen(text.replace("\r\n", "\n").replace("\r", "\n"))


def _names(value: object, *, split_on_spaces: bool = False, whole: bool = False) -> list[str]:
    if whole and not isinstance(value, list):
        value = [value]
    names = (one_line(name) for name in texts_of(value, split_on_spaces=split_on_spaces))
    return [name for name in names if name]


def _date(front: Mapping[str, object], name: PurePosixPath, body: str) -> str | None:
    if date := iso_date(one_line(text_of(front.get("date")))):
        return date
    if (dated := _DATED_NAME.match(name.name)) and (date := iso_date(dated[1])):
        return date
    comment = _EPOCH_COMMENT.search(body, 0, _MASTHEAD)
    return iso_date(comment[1]) if comment else None


def _url(value: object) -> str | None:
    url = without_unseen(text_of(value)).strip().replace("&amp;", "&")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    return url if usable and not re.search(r"\s", url) else None


def _host(url: str | None) -> str:
    return (urlsplit(url).hostname or "") if url else ""

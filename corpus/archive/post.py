"""Parses a post into an article: title, date, author, source, address, tags and paragraphs.

Used only in processes that can be killed, because its parsers read untrusted input.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from corpus.archive import liquid
from corpus.archive.cleaning import one_line, without_invisible
from corpus.archive.files import HTML_SUFFIXES
from corpus.archive.front_matter import split_front_matter, text_of, texts_of
from corpus.archive.markup import body_paragraphs, first_heading
from corpus.dates import iso_date
from corpus.errors import ArticleError
from corpus.model import Article

_DATED_NAME = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[-_ ]+")
_EPOCH_COMMENT = re.compile(r"<!--\s*(\d{12,13}|\d{9,10})\s*-->")
_MAX_COMMENT_OFFSET = 2000
"""How far from the start of a body its epoch comment may stand."""


def parse(path: str, raw: bytes, *, article_id: int) -> Article:
    """Parse one post.

    Args:
        path: its path in the archive; the name may give the date and the title.
        raw: the file's bytes.
        article_id: its position in the archive's path order.

    Raises:
        ArticleError: it is not UTF-8, its front matter or HTML is unusable, it is marked as
            unpublished, or it holds no text.
    """
    front, body = split_front_matter(_decode(raw))
    body = liquid.render(body, front)
    if text_of(front.get("published")).lower() == "false":
        raise ArticleError("is marked as not published")
    name = PurePosixPath(path)
    markdown = name.suffix.lower() not in HTML_SUFFIXES
    title = (
        one_line(text_of(front.get("title")))
        or one_line(first_heading(body, markdown=markdown) or "")
        or one_line(_DATED_NAME.sub("", name.stem, count=1))
    )
    paragraphs = body_paragraphs(body, title=title, markdown=markdown)
    if not paragraphs:
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
        paragraphs=tuple(paragraphs),
    )


def _decode(raw: bytes) -> str:
    """Decode UTF-8, or UTF-16 with a byte order mark. Other encodings are not guessed."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding, errors = "utf-16", "strict"
    else:
        # Surrogates encoded as characters are removed with other invisible characters.
        encoding, errors = "utf-8", "surrogatepass"
    try:
        text = raw.decode(encoding, errors)
    except UnicodeDecodeError as error:
        raise ArticleError(f"is not UTF-8 text (byte {error.start})") from error
    if encoding == "utf-16" and "\n" not in text:
        # Any bytes decode as UTF-16: other text becomes one long line of rare characters.
        raise ArticleError("is not the UTF-16 text it says it is")
    return without_invisible(text.replace("\r\n", "\n").replace("\r", "\n"))


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
    comment = _EPOCH_COMMENT.search(body, 0, _MAX_COMMENT_OFFSET)
    return iso_date(comment[1]) if comment else None


def _url(value: object) -> str | None:
    url = without_invisible(text_of(value)).strip().replace("&amp;", "&")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    return url if usable and not re.search(r"\s", url) else None


def _host(url: str | None) -> str:
    return (urlsplit(url).hostname or "") if url else ""

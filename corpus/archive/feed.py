"""Parses a file that holds many articles: an RSS or Atom feed, or an export of WordPress (WXR).

Used only in processes that can be killed, because its parsers read untrusted input.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.sax import SAXException

import feedparser

from corpus.archive import fields
from corpus.archive.cleaning import one_line
from corpus.archive.files import MEMBER
from corpus.archive.markup import html_of, read_body
from corpus.archive.post import Reading
from corpus.archive.publication import check_start
from corpus.dates import iso_date
from corpus.errors import ArticleError
from corpus.model import Article, Skipped

_MAX_NAME_CHARS = 60
_MAX_TITLE_CHARS = 30
_CUT_OFF = "is no well-formed XML: entries at its end may be missing"
_UNSAFE = re.compile(r"[^\w.-]+")
_NO_POSTS = frozenset(
    "attachment nav_menu_item revision custom_css customize_changeset oembed_cache user_request"
    " wp_block wp_template wp_template_part wp_global_styles wp_navigation wp_font_face".split()
)
"""What an export holds beside posts and pages."""
_AUTHOR = re.compile(
    r"<wp:author_login>(?:<!\[CDATA\[)?([^<\]]*)(?:\]\]>)?</wp:author_login>.{0,500}?"
    r"<wp:author_display_name>(?:<!\[CDATA\[)?([^<\]]*)(?:\]\]>)?</wp:author_display_name>",
    re.DOTALL,
)
_MAX_HEAD_BYTES = 200_000
"""Before its first post an export lists authors, categories and tags."""
_CAPTION = re.compile(r"\[caption\b[^\]]*\](.{0,2000}?)\[/caption\]", re.DOTALL)
_IMAGE = re.compile(r"<(?:a|img|/a)\b[^>]*>")
_SHORTCODE = re.compile(
    r"\[/?(?:caption|gallery|embed|video|audio|playlist|vc_\w+|et_pb_\w+|contact-form[\w-]*|su_\w+)"
    r"\b[^\]]{0,2000}\]"
)
_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n\s*")


def entries(path: str, raw: bytes, now: datetime) -> Iterator[Reading | Skipped]:
    """Yield the articles of a feed, and why others are left out.

    Args:
        path: of the file in the archive.
        raw: its bytes.
        now: the moment as of which entries are published.

    Raises:
        ArticleError: it is no feed, or an empty one.
    """
    if b"<!ENTITY" in raw[:_MAX_HEAD_BYTES]:
        raise ArticleError("declares XML entities, which are not read")
    # From memory: given text or bytes, the library might take them for an address or a file.
    parsed: Any = feedparser.parse(
        io.BytesIO(raw), sanitize_html=False, resolve_relative_uris=False
    )
    if not parsed.get("version") and not parsed.entries:
        raise ArticleError("is XML, but neither an RSS or Atom feed nor an export of WordPress")
    head = raw[:_MAX_HEAD_BYTES].decode("utf-8", "replace")
    feed = _Feed(path, one_line(parsed.feed.get("title", "")), dict(_AUTHOR.findall(head)), now)
    own = [e for e in parsed.entries if e.get("wp_post_type", "post") not in _NO_POSTS]
    if not own:
        raise ArticleError("is a feed without entries")
    note = _CUT_OFF if isinstance(parsed.get("bozo_exception"), SAXException) else ""
    for entry in own:
        entry_path = feed.path_of(entry)
        try:
            yield feed.read(entry, entry_path, note)
            note = ""
        except ArticleError as error:
            yield Skipped(entry_path, str(error), error.until)


class _Feed:
    def __init__(self, path: str, title: str, authors: dict[str, str], now: datetime) -> None:
        self._path = path
        self._title = title
        self._authors = authors
        self._now = now
        self._paths = Counter[str]()

    def path_of(self, entry: Any) -> str:  # noqa: ANN401 (feedparser's)
        """Return the path of the next entry's article, the same after every export."""
        try:
            link = urlsplit(entry.get("link", "")).path.rstrip("/")
        except ValueError:  # no closing bracket
            link = ""
        name = unquote(entry.get("wp_post_name") or PurePosixPath(link).stem)
        identity = entry.get("id") or entry.get("link") or entry.get("title", "")
        digest = blake2b(identity.encode("utf-8", "replace"), digest_size=4).hexdigest()
        name = _UNSAFE.sub("-", name)[:_MAX_NAME_CHARS].strip("-.")
        path = f"{self._path}{MEMBER}{name}-{digest}" if name else f"{self._path}{MEMBER}{digest}"
        self._paths[path] += 1
        # After the digest, so that no other entry has this path.
        return f"{path}-{self._paths[path]}" if self._paths[path] > 1 else path

    def read(self, entry: Any, path: str, note: str) -> Reading:  # noqa: ANN401 (feedparser's)
        """Read one entry.

        Raises:
            ArticleError: it is not published, or holds no text.
        """
        status = entry.get("wp_status", "publish")
        if status != "publish":
            raise ArticleError(f"is not published: its status is {one_line(status)[:40]}")
        if entry.get("wp_post_password"):
            raise ArticleError("is protected by a password")
        date = _date(entry)
        check_start(date, self._now)
        title = fields.plain_line(entry.get("title", ""))
        body = read_body(html_of(_body(entry), markdown=False), title=title)
        if not body.paragraphs:
            raise ArticleError("holds no text")
        url = fields.web_address(entry.get("link", ""))
        terms = [
            (tag.get("scheme"), fields.plain_line(tag.get("label") or tag.get("term") or ""))
            for tag in entry.get("tags", [])
        ]
        is_export = "wp_post_type" in entry
        sources = [term for scheme, term in terms if scheme == "category"] if is_export else []
        tags = [term for scheme, term in terms if not (is_export and scheme == "category")]
        article = Article(
            id=0,
            path=path,
            title=title or body.paragraphs[0].text[:_MAX_TITLE_CHARS],
            date=date,
            author="、".join(self._authors_of(entry)),
            source=next(filter(None, sources), "") or self._title or fields.host(url),
            url=url,
            tags=tuple(dict.fromkeys(filter(None, tags))),
            paragraphs=tuple(body.paragraphs),
        )
        return Reading(article, body, note)

    def _authors_of(self, entry: Any) -> list[str]:  # noqa: ANN401 (feedparser's)
        names = [author.get("name", "") for author in entry.get("authors", [])]
        shown = [fields.plain_line(self._authors.get(name) or name) for name in names]
        return list(dict.fromkeys(filter(None, shown)))


def _date(entry: Any) -> str | None:  # noqa: ANN401 (feedparser's)
    local = iso_date(entry.get("wp_post_date", ""))
    utc = iso_date(entry.get("wp_post_date_gmt", ""))
    if local and utc and _is_bare_time(local) and _is_bare_time(utc):
        # The site's own time: an export gives it without its offset, and the same in UTC.
        offset = datetime.fromisoformat(local) - datetime.fromisoformat(utc)
        if abs(offset) < timedelta(days=1):  # else one of them was edited
            zone = timezone(offset // timedelta(minutes=1) * timedelta(minutes=1))
            return datetime.fromisoformat(local).replace(tzinfo=zone).isoformat()
    dates = (iso_date(one_line(entry.get(key, ""))) for key in ("published", "updated"))
    return local or next(filter(None, dates), None)


def _is_bare_time(date: str) -> bool:
    return "T" in date and datetime.fromisoformat(date).tzinfo is None


def _body(entry: Any) -> str:  # noqa: ANN401 (feedparser's)
    """Return the body as HTML."""
    contents = [content.get("value", "") for content in entry.get("content", [])]
    body = max([*contents, ""], key=len) or entry.get("summary", "")
    if "wp_post_type" not in entry:
        return body
    body = _SHORTCODE.sub("", _CAPTION.sub(_figure, body))
    # WordPress makes paragraphs of empty lines when it shows a post.
    return _EMPTY_LINE.sub("\n<br><br>\n", body)


def _figure(match: re.Match[str]) -> str:
    caption = _IMAGE.sub("", match[1]).strip()
    return f"<figure><img><figcaption>{caption}</figcaption></figure>"

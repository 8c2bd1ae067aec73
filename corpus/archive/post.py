"""Parses a post into an article: title, date, author, source, address, tags and paragraphs.

Used only in processes that can be killed, because its parsers read untrusted input.
"""

import codecs
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from corpus.archive import fields, liquid
from corpus.archive.cleaning import one_line, without_invisible
from corpus.archive.files import DRAFTS, HTML_SUFFIXES, TEXT_SUFFIX, is_feed, own_name
from corpus.archive.front_matter import FrontMatter, split_front_matter
from corpus.archive.markup import Body, first_heading, html_of, read_body
from corpus.archive.publication import check_published
from corpus.dates import iso_date
from corpus.errors import ArticleError
from corpus.model import Article, Skipped

_DATED_NAME = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[-_ ]+")
_EPOCH_COMMENT = re.compile(r"<!--\s*(\d{12,13}|\d{9,10})\s*-->")
_MAX_COMMENT_OFFSET = 2000
"""How far from the start of a body its epoch comment may stand."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_MAX_TITLE_CHARS = 40
"""Of the first line of a plain text, if it is the title."""
_MIN_HAN = 10
"""An article with so many Han characters at its beginning is in Chinese."""
_POINTERS = {
    b"version https://git-lfs.github.com/spec/": "Git LFS",
    b"version https://hawser.github.com/spec/": "Git LFS",
    b"/annex/objects/": "git-annex",
}
_ANNEX_LINK = re.compile(rb"(?:\.\./)*\.git/annex/objects/[^\n]{1,1000}\n?")
"""A symbolic link into git-annex that was checked out as a file, where links are unknown."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A post as it was read."""

    article: Article
    body: Body
    """Its paragraphs, and what was left out."""
    note: str = ""
    """What could not be read as it is written."""
    until: str | None = None
    """ISO 8601, UTC: when it is to be read again, because it expires."""


def read_all(path: str, raw: bytes, now: datetime) -> tuple[list[Reading], list[Skipped]]:
    """Read what a file holds: one post, or the entries of a feed; and what of it is left out.

    Args:
        path: its path in the archive.
        raw: its bytes.
        now: the moment as of which posts are published or not.

    Raises:
        ArticleError: nothing of it can be read.
    """
    if not is_feed(path):
        return [read(path, raw, now)], []
    # Imported here because most archives have no feed.
    from corpus.archive import feed  # noqa: PLC0415

    readings: list[Reading] = []
    skipped: list[Skipped] = []
    for entry in feed.entries(path, raw, now):
        if isinstance(entry, Reading):
            readings.append(entry)
        else:
            skipped.append(entry)
    return readings, skipped


def read(path: str, raw: bytes, now: datetime | None = None) -> Reading:
    """Read one post.

    The article has the id 0, until it gets its number in the index.

    Args:
        path: its path in the archive; the name may give the date and the title.
        raw: the file's bytes.
        now: the moment as of which a post is published or not (the present one).

    Raises:
        ArticleError: it is not UTF-8, its HTML is unusable, it is not published, or not yet or no
            longer, or it holds no text.
    """
    name = PurePosixPath(path)
    if DRAFTS in name.parts:
        raise ArticleError(f"is a draft: it lies in {DRAFTS}")
    front = split_front_matter(_decode(raw))
    values = front.values
    is_text = name.suffix.lower() == TEXT_SUFFIX
    if is_text:
        body = _html_of_text(front.body)
    else:
        body = liquid.render(front.body, values, shortcodes_only=_is_of_hugo(front))
    markdown = not is_text and name.suffix.lower() not in HTML_SUFFIXES
    page = html_of(body, markdown=markdown)
    title = (
        fields.title_of(values)
        or one_line(first_heading(page) or "")
        or one_line(_DATED_NAME.sub("", own_name(name), count=1))
    )
    in_chinese = len(_HAN.findall(title + body[:_MAX_COMMENT_OFFSET])) >= _MIN_HAN
    date = _date(values, name, body, in_chinese=in_chinese)
    until = check_published(values, date, now or datetime.now(UTC), in_chinese=in_chinese)
    own = read_body(page, title=title)
    if not own.paragraphs:
        raise ArticleError("holds no text")
    url = fields.source_link_of(values)
    categories = fields.categories_of(values)
    article = Article(
        id=0,
        path=path,
        title=title,
        date=date or fields.first_date(values, fields.LATER_DATE_KEYS, in_chinese=in_chinese),
        author=fields.authors_of(values),
        source=categories[0] if categories else fields.host(url),
        url=url,
        tags=fields.tags_of(values),
        paragraphs=tuple(own.paragraphs),
    )
    return Reading(article, own, front.problem, until)


def _decode(raw: bytes) -> str:
    """Decode UTF-8, or UTF-16 with a byte order mark. Other encodings are not guessed."""
    start = raw.removeprefix(codecs.BOM_UTF8)
    program = next((name for mark, name in _POINTERS.items() if start.startswith(mark)), "")
    if program or _ANNEX_LINK.fullmatch(start):
        raise ArticleError(f"is a {program or 'git-annex'} pointer, not the post itself")
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


def _html_of_text(text: str) -> str:
    """Return plain text as HTML: its paragraphs, and a short line at its head as a heading.

    Paragraphs stand apart by empty lines or by indents, else each line is one.
    """
    text = text.strip("\n")
    first, _, rest = text.partition("\n")
    heading = ""
    is_title = first.strip() and len(first.strip()) <= _MAX_TITLE_CHARS and rest.strip()
    if is_title and not first.strip().endswith(tuple("。！？，、；：.!?,;:")):
        heading, text = f"<h1>{html.escape(first)}</h1>\n", rest
    if _EMPTY_LINE.search(text.strip()):
        paragraphs = re.split(r"\n[ \t]*\n|\n(?=\u3000|[ \t]{2,}\S)", text)
    else:
        paragraphs = text.split("\n")
    return heading + "\n".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)


def _is_of_hugo(front: FrontMatter) -> bool:
    has_shortcodes = "{{<" in front.body and "{%" not in front.body.replace("{{%", "")
    return front.format in {"toml", "json"} or has_shortcodes


def _date(
    front: Mapping[str, object], name: PurePosixPath, body: str, *, in_chinese: bool
) -> str | None:
    if date := fields.first_date(front, fields.DATE_KEYS, in_chinese=in_chinese):
        return date
    dated = _DATED_NAME.match(f"{own_name(name)} ")
    if dated and (date := iso_date(dated[1])):
        return date
    comment = _EPOCH_COMMENT.search(body, 0, _MAX_COMMENT_OFFSET)
    return iso_date(comment[1]) if comment else None

"""Reads the fields of an article, title to tags, from front matter: which key means what."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from corpus.archive.cleaning import one_line, without_invisible
from corpus.archive.front_matter import text_of, texts_of
from corpus.dates import iso_date

SOURCE_LINK_KEYS = tuple(
    "from source_url original_url canonical_url canonical link external_url source original"
    " permalink url".split()
)
"""The first of these that holds a whole web address is the source link."""
DATE_KEYS = tuple("date publishdate pubdate published created created_at".split())
LATER_DATE_KEYS = tuple("lastmod modified updated last_modified_at last_modified".split())
"""Dates of a change, which count where nothing else gives a date."""
PUBLISH_KEYS = tuple("publishdate pubdate published".split())
EXPIRY_KEYS = tuple("expirydate unpublishdate".split())
AUTHOR_KEYS = tuple("author authors".split())
CATEGORY_KEYS = tuple("categories category".split())
TAG_KEYS = tuple("tags tag".split())

_TAG = re.compile(
    r"<!--.*?-->|<(?P<end>/?)(?P<name>br|wbr|p|div|li|h[1-6]|a|abbr|b|big|center|cite|code|del|em"
    r"|font|i|img|ins|mark|nobr|q|rb|rp|rt|ruby|s|small|span|strike|strong|sub|sup|tt|u)"
    r"(?:\s[^<>]*|\s*/)?>",
    re.IGNORECASE,
)
"""Of elements that stand in a title. Others, as in ``List<String>``, are its text."""
_READING = re.compile(r"<(rt|rp)\b[^<>]*>[^<>]*</\1\s*>", re.IGNORECASE)
_BREAKS = frozenset("br p div li h1 h2 h3 h4 h5 h6".split())


def plain_line(text: str) -> str:
    """Return a field as one line without HTML tags, entities and invisible characters."""
    if "<" in text:
        text = _TAG.sub(
            lambda match: " " if (match["name"] or "").lower() in _BREAKS else "",
            _READING.sub("", text),
        )
    return one_line(text)


def first_date(
    front: Mapping[str, object], keys: tuple[str, ...], *, in_chinese: bool
) -> str | None:
    """Return the first date under ``keys`` in ISO 8601; see `iso_date`."""
    dates = (iso_date(one_line(_text(front, key)), in_chinese=in_chinese) for key in keys)
    return next(filter(None, dates), None)


def title_of(front: Mapping[str, object]) -> str:
    """Return the title, or an empty text."""
    return plain_line(text_of(front.get("title")))


def authors_of(front: Mapping[str, object]) -> str:
    """Return the authors, who may be a text, a list, or mappings with a name."""
    for key in AUTHOR_KEYS:
        value = front.get(key)
        values = value if isinstance(value, list) else [text_of(value)]
        if names := _names(values):
            return "、".join(dict.fromkeys(names))
    return ""


def categories_of(front: Mapping[str, object]) -> list[str]:
    """Return the categories; of nested ones, as in Hexo, the outermost."""
    return next((names for key in CATEGORY_KEYS if (names := _names(front.get(key)))), [])


def tags_of(front: Mapping[str, object]) -> tuple[str, ...]:
    """Return the tags, each once."""
    for key in TAG_KEYS:
        if names := _names(front.get(key), split_on_spaces=True):
            return tuple(dict.fromkeys(names))
    return ()


def source_link_of(front: Mapping[str, object]) -> str | None:
    """Return the address of the published article, if there is one."""
    links = (web_address(_text(front, key)) for key in SOURCE_LINK_KEYS)
    return next(filter(None, links), None)


def web_address(text: str) -> str | None:
    """Return ``text`` if it is a whole address of the web; None otherwise."""
    url = without_invisible(text).strip().replace("&amp;", "&")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    return url if usable and not re.search(r"\s", url) else None


def host(url: str | None) -> str:
    """Return the host of an address; nothing for None."""
    return (urlsplit(url).hostname or "") if url else ""


def _text(front: Mapping[str, object], key: str) -> str:
    """Return the text under a key, which may be written without underscores: canonicalURL."""
    return text_of(front.get(key)) or text_of(front.get(key.replace("_", "")))


def _names(value: object, *, split_on_spaces: bool = False) -> list[str]:
    names = (plain_line(name) for name in texts_of(value, split_on_spaces=split_on_spaces))
    return [name for name in names if name]

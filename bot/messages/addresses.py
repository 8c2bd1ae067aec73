"""The address of an article -> the target of a masked link (pure)."""

import re
from urllib.parse import unquote_to_bytes, urlsplit

from bot.messages.characters import INVISIBLE

MAX_URL_CHARS = 512  # Discord's limit of a button's address; none is told of a link's
WAYBACK = "https://web.archive.org/web"
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_ARCHIVES = re.compile(r"(?:.+\.)?archive\.(?:org|today|is|ph|li|md|fo|vn)")


def link_target(url: str | None) -> str | None:
    """Return ``url`` in the form a masked link can hold, or ``None``: only http(s) is linked.

    An address that is too long is written with its letters, as people read it, rather than
    percent-encoded, then without its fragment.
    """
    if url is None:
        return None
    url = INVISIBLE.sub("", url.strip())
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    target = _safe(url)
    if len(target) > MAX_URL_CHARS:
        target = _safe(_ENCODED.sub(lambda match: _decoded(match[0]), url))
    if len(target) > MAX_URL_CHARS:
        target = target.partition("#")[0]
    return target if len(target) <= MAX_URL_CHARS else None


def archived_copy(url: str | None, date: str | None) -> str | None:
    """Return where the Internet Archive shows ``url`` as it was nearest to ``date``.

    Args:
        url: of a page that may be gone by now.
        date: ISO 8601; ``None``: the newest copy.

    Returns:
        ``None`` where ``url`` cannot be linked, or is in an archive of web pages itself.
    """
    target = link_target(url)
    if target is None or _ARCHIVES.fullmatch(urlsplit(target).hostname or ""):
        return None
    day = _DAY.match(date or "")
    return "/".join(filter(None, (WAYBACK, day and "".join(day.groups()), target)))


def _decoded(encoded: str) -> str:
    """Return percent-encoded letters as they are read; other characters stay encoded."""
    try:
        text = unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:  # in the encoding of an old page
        return encoded
    return "".join(char if _is_letter(char) else _percent(char) for char in text)


def _safe(url: str) -> str:
    return "".join(
        char if char in _URL_SAFE or _is_letter(char) else _percent(char) for char in url
    )


def _is_letter(char: str) -> bool:
    return char > "\x7f" and char.isalnum()


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


# Readable Chinese addresses stay readable; what would end the link or mark text does not stay.
_URL_SAFE = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:/?#!$&+,;=%"
)

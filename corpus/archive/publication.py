"""Tells whether a post is published as of a moment, and when that will change."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from corpus.archive import fields
from corpus.archive.front_matter import text_of
from corpus.dates import instant
from corpus.errors import ArticleError

_NO = frozenset("false no off n".split())
_YES = frozenset("true yes on y".split())
_FIRST_ZONE = timedelta(hours=14)
"""How far the earliest time zone is ahead of UTC."""


def check_published(
    front: Mapping[str, object], date: str | None, now: datetime, *, in_chinese: bool
) -> str | None:
    """Return when a post expires, in UTC; None: never.

    Raises:
        ArticleError: it is not published as of ``now``.
    """
    if text_of(front.get("published")).lower() in _NO:
        raise ArticleError("is marked as not published")
    if text_of(front.get("draft")).lower() in _YES:
        raise ArticleError("is marked as a draft")
    check_start(date, now)
    check_start(fields.first_date(front, fields.PUBLISH_KEYS, in_chinese=in_chinese), now)
    expiry = fields.first_date(front, fields.EXPIRY_KEYS, in_chinese=in_chinese)
    if expiry is None:
        return None
    end = _earliest(expiry)
    if end <= now:
        raise ArticleError(f"expired on {expiry}")
    return end.isoformat(timespec="seconds")


def check_start(date: str | None, now: datetime) -> None:
    """Check that a post dated ``date`` is published.

    Raises:
        ArticleError: it is not published before then.
    """
    if date is None:
        return
    start = _earliest(date)
    if start > now:
        until = start.isoformat(timespec="seconds")
        raise ArticleError(f"is not published before {date}", until=until)


def _earliest(date: str) -> datetime:
    """Return the moment of a date; of one without an offset, where on earth it comes first."""
    moment, has_offset = instant(date)
    if has_offset:
        return moment
    return moment - _FIRST_ZONE if moment.year > 1 else moment

"""A regular list of articles -> the blocks of its message (pure)."""

from datetime import date, timedelta

from bot.localization import Formatter
from bot.messages import dates, passages
from bot.messages.conditions import name
from bot.messages.layout import text_room
from bot.messages.markdown import units
from bot.state.watches import DigestKind
from corpus import Article, Listing

MAX_ARTICLES = {DigestKind.ON_THIS_DAY: 5, DigestKind.WEEKLY: 15}
"""How many articles a list shows."""
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


def title(kind: DigestKind, t: Formatter) -> str:
    """Return what a regular list is called."""
    match kind:
        case DigestKind.ON_THIS_DAY:
            return t("digest-on-this-day")
        case DigestKind.WEEKLY:
            return t("digest-weekly")


def blocks(kind: DigestKind, period: date, listing: Listing, t: Formatter) -> tuple[str, ...]:
    """Return the blocks of a list.

    Args:
        kind: of the list.
        period: the day, or the first day of the week after that of the articles.
        listing: its articles.
        t: the texts of the channel's language.
    """
    head = f"### {title(kind, t)}\n-# {_about(kind, period, listing.total, t)}"
    lines: list[str] = []
    room = text_room(head, t("digest-more", count=listing.total))
    for article in listing.articles:
        line = _line(article, t)
        room -= units(line) + 1
        if room < 0:
            break
        lines.append(line)
    if rest := listing.total - len(lines):
        lines.append(f"-# {t('digest-more', count=rest)}")
    return head, "\n".join(lines)


def _about(kind: DigestKind, period: date, total: int, t: Formatter) -> str:
    match kind:
        case DigestKind.ON_THIS_DAY:
            return dates.unbroken(t("date", day=period))
        case DigestKind.WEEKLY:
            first, last = period - _WEEK, period - _DAY
            span = dates.period(first.isoformat(), last.isoformat(), t)
            return f"{span} · {t('digest-count', count=total)}"


def _line(article: Article, t: Formatter) -> str:
    """Return an article's date, linked title and source."""
    parts = [passages.linked_title(article)]
    if article.source.strip():
        parts.append(name(article.source))
    # As it is listed: a reader elsewhere may have another day.
    day = article.day
    when = f"**{dates.unbroken(dates.day(day, t))}** " if day else ""
    return f"- {when}{' · '.join(parts)}"

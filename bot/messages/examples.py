"""Titles of articles -> questions to try (pure)."""

from bot.messages.markdown import one_line
from corpus import split_operators

MAX_CHARS = 60  # fits a button's label, and its custom_id behind a prefix
_MAX_READ_CHARS = 200  # of a title
_MAX_WIDE = 20  # UTF-16 units beside these


def example(title: str) -> str:
    """Return an article's title as a question, without operators; empty where it cannot be one."""
    line = one_line(title, _MAX_READ_CHARS)
    plain = one_line(split_operators(line).text, _MAX_READ_CHARS)[:MAX_CHARS].strip()
    # Discord may count a character beyond the first 65,536 as two.
    return plain if len(plain.encode("utf-16-le")) // 2 <= MAX_CHARS + _MAX_WIDE else ""

"""Finds a word or phrase in a folded text, but not inside a longer Latin word."""

import re
from functools import lru_cache

_LATIN = "[a-z0-9]"


def pattern(phrase: str) -> str:
    """Return a regular expression for a folded phrase that does not match inside a Latin word.

    "us" is not in "virus", nor 13 in 2013.
    """
    left = rf"(?<!{_LATIN})" if re.match(_LATIN, phrase) else ""
    right = rf"(?!{_LATIN})" if re.search(rf"{_LATIN}\Z", phrase) else ""
    return left + re.escape(phrase) + right


def holds(text: str, phrase: str) -> bool:
    """Return whether ``text`` holds ``phrase`` in one piece; both folded."""
    return phrase in text and bool(_compiled(phrase).search(text))


@lru_cache(2**10)
def _compiled(phrase: str) -> re.Pattern[str]:
    return re.compile(pattern(phrase))

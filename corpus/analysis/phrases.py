"""Finds a word or phrase in a folded text, but not inside a longer Latin word."""

import re
from functools import lru_cache

from corpus.analysis.analyzer import HAN

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


def loosened(text: str) -> str:
    """Return ``text``, folded, without what writers put into a phrase or leave out as they like.

    These are spaces beside Han characters, middle dots, and the slant of apostrophes: 使用 Python
    編程 and 使用Python編程, 哈利·波特 and 哈利波特, it’s and it's. Loosen the phrase as well.
    """
    return _SPACE_BESIDE_HAN.sub("", text.translate(_LOOSE))


_LOOSE = str.maketrans("’‘`", "'''", "·・‧•∙")
_SPACE_BESIDE_HAN = re.compile(rf"(?<=[{HAN}])\s+|\s+(?=[{HAN}])")


@lru_cache(2**10)
def _compiled(phrase: str) -> re.Pattern[str]:
    return re.compile(pattern(phrase))

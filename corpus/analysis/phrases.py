"""Does a folded text hold a word or phrase, and not only as part of another Latin word?"""

import re
from functools import lru_cache

_LATIN = "[a-z0-9]"


def pattern(phrase: str) -> str:
    """Return an expression for ``phrase``, folded, that does not fit inside a Latin word.

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

"""Finds a word or phrase in a folded text, but not inside a longer Latin word."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

from corpus.analysis.analyzer import HAN

_LATIN = "[a-z0-9]"
_LATIN_WORD = re.compile(f"{_LATIN}+")
_MIN_PLURAL = 4  # characters: gas and bus are none


def pattern(phrase: str) -> str:
    """Return a regular expression for a folded phrase that does not match inside a Latin word.

    "us" is not in "virus", nor 13 in 2013.
    """
    left = rf"(?<!{_LATIN})" if re.match(_LATIN, phrase) else ""
    right = rf"(?!{_LATIN})" if re.search(rf"{_LATIN}\Z", phrase) else ""
    return left + re.escape(phrase) + right


def holds(text: str, phrase: str) -> bool:
    """Return whether ``text`` holds ``phrase`` in one piece; both folded.

    A Latin word is also found with hyphens, in the plural and apart from its number: wifi in wi-fi,
    tide in tides, iphone11 in iphone 11.
    """
    return _finder(phrase)(text)


class Texts:
    """Folded texts in which many phrases are looked up."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._squeezed: list[str] = []

    def hold(self, phrase: str) -> list[bool]:
        """Return for each text whether it holds ``phrase``, as `holds` tells."""
        if not _LATIN_WORD.fullmatch(phrase):
            return list(map(_finder(phrase), self._texts))
        self._squeezed = self._squeezed or list(map(_squeeze, self._texts))
        singular, search = _singular(phrase), _compiled_word(phrase).search
        return [
            singular in squeezed and bool(search(text))
            for text, squeezed in zip(self._texts, self._squeezed, strict=True)
        ]


def loosened(text: str) -> str:
    """Return ``text``, folded, without what writers put into a phrase or leave out as they like.

    These are spaces beside Han characters, middle dots, and the slant of apostrophes: 使用 Python
    編程 and 使用Python編程, 哈利·波特 and 哈利波特, it’s and it's. Loosen the phrase as well.
    """
    return _SPACE_BESIDE_HAN.sub("", text.translate(_LOOSE))


_LOOSE = str.maketrans("’‘`", "'''", "·・‧•∙")
_SPACE_BESIDE_HAN = re.compile(rf"(?<=[{HAN}])\s+|\s+(?=[{HAN}])")


@lru_cache(2**10)
def _finder(phrase: str) -> Callable[[str], bool]:
    """Return what tells whether a text holds ``phrase``."""
    # The expressions are slow where they match nothing: most texts are ruled out without them.
    if _LATIN_WORD.fullmatch(phrase):
        singular, find = _singular(phrase), _compiled_word(phrase).search
        return lambda text: singular in _squeeze(text) and bool(find(text))
    expression = pattern(phrase)
    if expression == re.escape(phrase):
        return lambda text: phrase in text
    search = re.compile(expression).search
    return lambda text: phrase in text and bool(search(text))


def _squeeze(text: str) -> str:
    return text.replace("-", "").replace(" ", "")


@lru_cache(2**10)
def _compiled_word(word: str) -> re.Pattern[str]:
    singular = _singular(word)
    letters = [singular[0]]
    for before, char in pairwise(singular):
        letters.append(("-?" if before.isdigit() == char.isdigit() else "[- ]?") + char)
    plural = "(?:e?s)?" if word.isalpha() else ""
    return re.compile(rf"(?<!{_LATIN}){''.join(letters)}{plural}(?!{_LATIN})")


def _singular(word: str) -> str:
    is_plural = len(word) >= _MIN_PLURAL and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if is_plural and word.isalpha() else word

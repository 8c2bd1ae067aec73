"""Removes differences of width and case from a text, with one array look-up a character."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_CODE_POINTS = 0x110000
_ENCODING = "utf-32-le"
_UNKNOWN, _OTHER_LENGTH = 0, 1  # entries of the table; all others are a code point + _OFFSET
_OFFSET = 2
_APOSTROPHES = "‘’ʼ′"
_HYPHENS = "\u2010\u2011\u2012\u2013"
"""Those that keep a line from breaking, and dashes that are set for them."""
_LIGATURES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
)
"""Letters without a decomposition, as they are typed on a keyboard that lacks them."""


class Folder:
    """Folds all characters of a text at once, as `fold_character` does. Thread-safe."""

    def __init__(self) -> None:
        # Pages of zeros that are never written take no memory: of the 4 MB, only what the archive's
        # scripts need is used.
        self._table: NDArray[np.uint32] = np.zeros(_CODE_POINTS, np.uint32)
        self._others: dict[int, str] = {}

    def fold(self, text: str) -> str:
        """Return ``text``, each character folded by itself."""
        points = np.frombuffer(text.encode(_ENCODING, "surrogatepass"), np.uint32)
        entries = self._table[points]
        if not entries.all():
            for code in set(points[entries == _UNKNOWN].tolist()):
                self._learn(code)
            entries = self._table[points]
        others = np.flatnonzero(entries == _OTHER_LENGTH).tolist()
        entries -= _OFFSET
        if not others:
            return _text(entries)
        pieces: list[str] = []
        start = 0
        for i in others:
            pieces += (_text(entries[start:i]), self._others[int(points[i])])
            start = i + 1
        return "".join([*pieces, _text(entries[start:])])

    def fold_with_origins(self, text: str) -> tuple[str, Sequence[int]]:
        """Return ``text`` folded, and for each folded character the offset of its original."""
        folded = self.fold(text)
        points = np.frombuffer(text.encode(_ENCODING, "surrogatepass"), np.uint32)
        others = np.flatnonzero(self._table[points] == _OTHER_LENGTH)
        if not others.size:
            return folded, range(len(text))
        lengths = np.ones(len(points), np.intp)
        lengths[others] = [len(self._others[code]) for code in points[others].tolist()]
        return folded, np.repeat(np.arange(len(points)), lengths).tolist()

    def _learn(self, code: int) -> None:
        folded = fold_character(chr(code))
        if len(folded) == 1:
            self._table[code] = ord(folded) + _OFFSET
        else:
            self._others[code] = folded  # first, since other threads look into the table
            self._table[code] = _OTHER_LENGTH


@lru_cache(2**14)
def fold_character(char: str) -> str:
    """Return the NFKC form of ``char`` without case, and a Latin letter without its accents.

    Invisible characters fold to nothing, typographic apostrophes and hyphens to the plain ones.
    """
    if unicodedata.category(char) in {"Cf", "Cs", "Co", "Cn"} or char == "\0":
        return ""
    if char in _APOSTROPHES:
        return "'"
    if char in _HYPHENS:
        return "-"
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
    base, *marks = (unicodedata.normalize("NFD", folded) or " ").translate(_LIGATURES)
    if marks and base.isascii() and all(map(unicodedata.combining, marks)):
        return base
    return folded.translate(_LIGATURES)


def _text(points: NDArray[np.uint32]) -> str:
    return points.tobytes().decode(_ENCODING)

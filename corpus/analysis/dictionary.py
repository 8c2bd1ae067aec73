"""jieba's dictionary in 3 MB and a few milliseconds, where jieba takes 56 MB and 0.7 s.

jieba keeps each of its words, and each beginning of one, in a dict. Here they are the keys of a
trie, and their frequencies an array. Both are written to a file once, and read from it afterwards.
"""

from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import marisa_trie

from corpus.analysis import packed_file

_NUMBER_BYTES = 8


class Frequencies:
    """The frequencies of words, 0 for beginnings of words: a mapping, as jieba uses its dict."""

    def __init__(self, trie: Any, packed: "array[int]") -> None:  # noqa: ANN401 (it ships no stubs)
        """Look words up in ``trie``, a `marisa_trie.Trie`, and in ``packed`` by the trie's ids."""
        self._trie = trie
        self._packed = packed
        self._added: dict[str, int] = {}

    def __contains__(self, word: str) -> bool:
        return word in self._added or word in self._trie

    def __getitem__(self, word: str) -> int:
        frequency = self.get(word)
        if frequency is None:
            raise KeyError(word)
        return frequency

    def __setitem__(self, word: str, frequency: int) -> None:
        self._added[word] = frequency

    def get(self, word: str, default: int | None = None) -> int | None:
        """Return the frequency of ``word``, or ``default`` if it is unknown."""
        added = self._added.get(word)
        if added is not None:
            return added
        key_id = self._trie.get(word)
        return default if key_id is None else self._packed[key_id]


class Dictionary(NamedTuple):
    """The words that jieba knows."""

    frequencies: Frequencies
    total: int
    """The sum of all frequencies."""


def load(
    version: str, folder: Path | None, read_words: Callable[[], tuple[Mapping[str, int], int]]
) -> Dictionary:
    """Return the dictionary, kept in a file by :mod:`corpus.analysis.packed_file`.

    Args:
        version: names the dictionary.
        folder: where the file is kept; None: the system's temporary folder.
        read_words: returns the frequencies of all words and their beginnings, and their sum.
    """
    return _unpacked(packed_file.load(version, folder, lambda: _packed(*read_words())))


def _packed(words: Mapping[str, int], total: int) -> bytes:
    trie = marisa_trie.Trie(words)
    frequencies = array("I", bytes(4 * len(trie)))
    for word, frequency in words.items():
        frequencies[trie.key_id(word)] = frequency
    return b"".join(
        (
            total.to_bytes(_NUMBER_BYTES, "little"),
            len(trie).to_bytes(_NUMBER_BYTES, "little"),
            frequencies.tobytes(),
            trie.tobytes(),
        )
    )


def _unpacked(content: bytes) -> Dictionary:
    total, count = (
        int.from_bytes(content[start : start + _NUMBER_BYTES], "little")
        for start in (0, _NUMBER_BYTES)
    )
    frequencies = array("I")
    end = 2 * _NUMBER_BYTES + frequencies.itemsize * count
    frequencies.frombytes(content[2 * _NUMBER_BYTES : end])
    trie = marisa_trie.Trie().frombytes(content[end:])
    return Dictionary(Frequencies(trie, frequencies), total)

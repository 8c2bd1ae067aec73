"""Query expansion: synonyms from a file, and the words of other regions."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Self

import opencc

from corpus.analysis.analyzer import Analyzer
from corpus.analysis.phrases import pattern
from corpus.errors import CorpusError, SynonymsError
from corpus.search.regional_words import to_region

BUNDLED = Path(__file__).with_name("synonyms.txt")

MAX_VARIANTS = 8
"""Of one question; the words of each cost a look-up."""

# Simplified -> a region's characters -> the words that mainland readers use, and the other way
# round. Each chain is one pair of OpenCC's own configurations.
_REGIONS = (("s2tw", "tw2sp"), ("s2twp", "t2s"), ("s2hk", "hk2sp"), ("s2hkp", "t2s"))


class QueryExpander:
    """Gives other wordings of folded questions. Thread-safe."""

    def __init__(
        self,
        analyzer: Analyzer,
        own: Iterable[Sequence[str]] = (),
        regions: "_Regions | None" = None,
    ) -> None:
        """Take the groups of ``own``, see :func:`parse_synonyms`, beside the bundled ones.

        Raises:
            CorpusError: the library's own file cannot be read.
        """
        self._analyzer = analyzer
        self._regions = regions or _Regions()
        self._groups: dict[str, tuple[str, ...]] = {}
        for words in (*read_synonyms(BUNDLED), *own):
            folded = tuple(dict.fromkeys(filter(None, map(analyzer.fold, words))))
            for word in folded:
                known = self._groups.get(word, ())
                self._groups[word] = tuple(dict.fromkeys((*known, *folded)))
        longest_first = sorted(self._groups, key=len, reverse=True)
        self._known = re.compile("|".join(pattern(word) for word in longest_first) or r"(?!)")

    def load(self) -> None:
        """Load OpenCC's tables now, not at the first question."""
        self._regions.load()

    def with_own(self, own: Iterable[Sequence[str]]) -> Self:
        """Return an expander with other groups beside the bundled ones; they share the tables."""
        return type(self)(self._analyzer, own, self._regions)

    def expand(self, text: str) -> list[str]:
        """Return other ways to say ``text``, folded as it is; the typed one is not among them."""
        wordings = dict.fromkeys([*self._regions.wordings(text), *self._by_file(text)])
        wordings.pop(text, None)
        return list(wordings)[:MAX_VARIANTS]

    def _by_file(self, text: str) -> Iterator[str]:
        for match in self._known.finditer(text):
            for other in self._groups[match[0]]:
                yield text[: match.start()] + other + text[match.end() :]


class _Regions:
    """OpenCC's tables of regional words."""

    def load(self) -> None:
        """Load them now."""
        _ = self._converters, self._to_simplified

    def wordings(self, text: str) -> Iterator[str]:
        """Yield ``text``, folded, in the words of each region."""
        if text.isascii():
            return
        for to_their_characters, to_words in self._converters:
            yield self._to_simplified.convert(to_words.convert(to_their_characters.convert(text)))

    @cached_property
    def _converters(self) -> list[tuple[opencc.OpenCC, opencc.OpenCC]]:
        return [(to_region(first), opencc.OpenCC(second)) for first, second in _REGIONS]

    @cached_property
    def _to_simplified(self) -> opencc.OpenCC:
        return opencc.OpenCC("t2s")


def read_synonyms(path: Path) -> list[tuple[str, ...]]:
    """Return the groups of words in the file at ``path``.

    Raises:
        SynonymsError: a line cannot be understood.
        CorpusError: the file cannot be read.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"The synonyms {path} cannot be read: {error}") from error
    return parse_synonyms(text, f"The synonyms {path}")


def parse_synonyms(text: str, origin: str = "The synonyms") -> list[tuple[str, ...]]:
    """Return the groups of words that mean the same; ``origin`` names the text in an error.

    A line names a group, ``a = b, c``; ``#`` begins a comment.

    Raises:
        SynonymsError: a line holds fewer than two words.
    """
    groups: list[tuple[str, ...]] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = tuple(word.strip() for word in re.split(r"[=,＝，、]", line.partition("#")[0]))
        if words == ("",):
            continue
        if len(words) < len("ab") or not all(words):
            shown = line.strip()[:40]
            raise SynonymsError(
                f"{origin}, line {number}: write words that mean the same as"
                f" “a = b, c”, not {shown!r}",
                line=number,
                text=shown,
            )
        groups.append(words)
    return groups

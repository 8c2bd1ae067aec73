"""Autocompletes the names and titles of an archive."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TypeVar

from corpus.analysis.analyzer import Analyzer
from corpus.engine import ArticleEntry, IndexReader
from corpus.model import NameCount, NameField
from corpus.search.per_generation import PerGeneration

MAX_TYPED_CHARS = 100
"""The rest of a longer text is ignored."""

_Suggestion = TypeVar("_Suggestion", NameCount, str)
_Keyed = Sequence[tuple[str, _Suggestion]]
"""Suggestions, each after its folded key."""


class Suggester:
    """Completes names and titles of the newest generation. Thread-safe.

    Every keystroke is a request, so names and titles are read once per generation.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._completions = PerGeneration(
            lambda reader: Completions(reader.entries(), analyzer.fold_each)
        )

    def names(
        self, reader: IndexReader, field: NameField, typed: str, limit: int
    ) -> tuple[NameCount, ...]:
        """Return names that contain ``typed``: prefixed ones first, then by number of articles."""
        return self._completions.of(reader).names(field, self._key(typed), limit)

    def titles(self, reader: IndexReader, typed: str, limit: int) -> tuple[str, ...]:
        """Return titles with every word of ``typed``: prefixed ones first, then the newest."""
        return self._completions.of(reader).titles(self._key(typed), limit)

    def _key(self, typed: str) -> str:
        return self._analyzer.fold(typed[:MAX_TYPED_CHARS]).strip()


class Completions:
    """The names and titles of one generation."""

    def __init__(
        self, entries: Sequence[ArticleEntry], fold_each: Callable[[list[str]], list[str]]
    ) -> None:
        """Collect names and titles.

        Args:
            entries: of all articles, the newest first.
            fold_each: removes differences of script, width and case from each text.
        """
        titles = [title for title in dict.fromkeys(entry.title for entry in entries) if title]
        self._titles = list(zip(fold_each(titles), titles, strict=True))
        self._names = {
            NameField.SOURCE: _name_counts((entry.source for entry in entries), fold_each),
            NameField.AUTHOR: _name_counts((entry.author for entry in entries), fold_each),
            NameField.TAG: _name_counts(
                (tag for entry in entries for tag in entry.tags), fold_each
            ),
        }

    def names(self, field: NameField, typed: str, limit: int) -> tuple[NameCount, ...]:
        """Return names that contain the folded ``typed``, prefixed ones first."""
        return _prefixed_first(_containing(self._names[field], [typed]), typed, limit)

    def titles(self, typed: str, limit: int) -> tuple[str, ...]:
        """Return titles with every word of the folded ``typed``, prefixed ones first."""
        return _prefixed_first(_containing(self._titles, typed.split()), typed, limit)


def _containing(suggestions: _Keyed[_Suggestion], words: Iterable[str]) -> _Keyed[_Suggestion]:
    """Return the suggestions whose keys contain all of ``words``, in the same order."""
    for word in words:
        suggestions = [suggestion for suggestion in suggestions if word in suggestion[0]]
    return suggestions


def _prefixed_first(
    suggestions: _Keyed[_Suggestion], typed: str, limit: int
) -> tuple[_Suggestion, ...]:
    prefixed = [value for key, value in suggestions if key.startswith(typed)][:limit]
    others = (value for key, value in suggestions if not key.startswith(typed))
    return (*prefixed, *islice(others, limit - len(prefixed)))


def _name_counts(
    names: Iterable[str], fold_each: Callable[[list[str]], list[str]]
) -> _Keyed[NameCount]:
    """Return each name in its most frequent spelling, with its key and count; largest first."""
    counts = Counter(name for name in names if name)
    spellings: dict[str, list[str]] = defaultdict(list)
    for name, key in zip(counts, fold_each(list(counts)), strict=True):
        spellings[key].append(name)
    name_counts = [
        (
            key,
            NameCount(
                max(names_of_key, key=lambda name: (counts[name], name)),
                sum(counts[name] for name in names_of_key),
            ),
        )
        for key, names_of_key in spellings.items()
    ]
    return sorted(name_counts, key=lambda entry: (-entry[1].articles, entry[0]))

"""The names and titles of an archive, found by what was typed of them so far (pure)."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from corpus.analysis.analyzer import Analyzer
from corpus.engines.local.reader import Index
from corpus.model import NameCount, NameField

LONGEST_TYPED = 100
"""Characters that are looked at."""


_Named = TypeVar("_Named", NameCount, str)
_Known = Sequence[tuple[str, _Named]]
"""What can be completed, by its key: folded."""


class Entry(NamedTuple):
    """What of an article can be completed."""

    title: str
    author: str
    source: str
    tags: Sequence[str]


class Completions:
    """The names and titles of one generation, in memory: every keystroke asks for them."""

    def __init__(
        self, entries: Sequence[Entry], fold_each: Callable[[list[str]], list[str]]
    ) -> None:
        """Gather names and titles.

        Args:
            entries: of all articles, the newest first.
            fold_each: removes differences of script, width and case from each of some texts.
        """
        titles = [title for title in dict.fromkeys(one.title for one in entries) if title]
        self._titles = list(zip(fold_each(titles), titles, strict=True))
        self._names = {
            NameField.SOURCE: _counted((one.source for one in entries), fold_each),
            NameField.AUTHOR: _counted((one.author for one in entries), fold_each),
            NameField.TAG: _counted((tag for one in entries for tag in one.tags), fold_each),
        }

    def names(self, field: NameField, typed: str, most: int) -> tuple[NameCount, ...]:
        """Return the names that contain ``typed``, folded: those it begins first, then larger."""
        return _beginning_first(_holding(self._names[field], [typed]), typed, most)

    def titles(self, typed: str, most: int) -> tuple[str, ...]:
        """Return the titles that contain every word of ``typed``, folded.

        Those that ``typed`` begins come first, then the newest.
        """
        return _beginning_first(_holding(self._titles, typed.split()), typed, most)


def _holding(known: _Known[_Named], words: Iterable[str]) -> _Known[_Named]:
    """Return those whose key holds every one of ``words``, in the same order."""
    for word in words:
        known = [one for one in known if word in one[0]]
    return known


def _beginning_first(found: _Known[_Named], typed: str, most: int) -> tuple[_Named, ...]:
    begun = [one for key, one in found if key.startswith(typed)][:most]
    others = (one for key, one in found if not key.startswith(typed))
    return (*begun, *islice(others, most - len(begun)))


def _counted(
    names: Iterable[str], fold_each: Callable[[list[str]], list[str]]
) -> _Known[NameCount]:
    """Return each name, folded and as it is mostly written, with its number; largest first."""
    written = Counter(name for name in names if name)
    spellings: dict[str, list[str]] = defaultdict(list)
    for name, key in zip(written, fold_each(list(written)), strict=True):
        spellings[key].append(name)
    counted = [
        (
            key,
            NameCount(
                max(same, key=lambda name: (written[name], name)),
                sum(written[name] for name in same),
            ),
        )
        for key, same in spellings.items()
    ]
    return sorted(counted, key=lambda one: (-one[1].articles, one[0]))


class CompletionCache:
    """The names and titles of the generation that was asked for last."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._kept: tuple[Index, Completions] | None = None
        self._reading = asyncio.Lock()

    async def completions(self, index: Index) -> Completions:
        """Return those of ``index``, which are read once."""
        async with self._reading:
            if self._kept is None or self._kept[0] is not index:
                self._kept = index, await self._read(index)
            return self._kept[1]

    async def _read(self, index: Index) -> Completions:
        rows = await index.connection.execute_fetchall(
            "SELECT title, author, source, tags FROM article ORDER BY day DESC, path"
        )

        def gather() -> Completions:
            entries = [
                Entry(title, author, source, json.loads(tags))
                for title, author, source, tags in rows
            ]
            return Completions(entries, self._analyzer.fold_each)

        return await asyncio.to_thread(gather)

"""The names and titles of an archive, found by what was typed of them so far (pure)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from corpus.model import NameCount, NameField

LONGEST_TYPED = 100
"""Characters that are looked at."""


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
        found = [(key, name) for key, name in self._names[field] if typed in key]
        found.sort(key=lambda one: not one[0].startswith(typed))
        return tuple(name for _, name in found[:most])

    def titles(self, typed: str, most: int) -> tuple[str, ...]:
        """Return the titles that contain every word of ``typed``, folded.

        Those that ``typed`` begins come first, then the newest.
        """
        words = tuple(dict.fromkeys(typed.split()))
        found = [one for one in self._titles if all(word in one[0] for word in words)]
        found.sort(key=lambda one: not one[0].startswith(typed))
        return tuple(title for _, title in found[:most])


def _counted(
    names: Iterable[str], fold_each: Callable[[list[str]], list[str]]
) -> list[tuple[str, NameCount]]:
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

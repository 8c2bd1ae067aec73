"""One wrong character: what could be meant, by the pairs of characters that do occur (pure)."""

from collections.abc import Callable, Iterable

from corpus.analysis.analyzer import is_han

MOST_CORRECTIONS = 6
"""Each is searched for, and only a question that found nothing has any."""
LONGEST_QUESTION = 40
"""Characters. What is longer has enough right ones, or is no question."""


def corrections(
    text: str, is_known: Callable[[str], bool], similar: Callable[[str], Iterable[str]]
) -> list[str]:
    """Return ``text`` with one character exchanged, the likeliest first.

    Args:
        text: a folded question.
        is_known: whether a pair of characters occurs in the archive.
        similar: pairs that occur and share one character, at its place, with the given one; the
            most frequent first.
    """
    if len(text) > LONGEST_QUESTION:
        return []
    unknown = [
        at
        for at in range(len(text) - 1)
        if is_han(text[at : at + 2]) and not is_known(text[at : at + 2])
    ]
    # A wrong character mostly spoils the pairs on both of its sides: what mends both comes first.
    found: dict[str, int] = {}
    for at in unknown:
        for pair in similar(text[at : at + 2]):
            corrected = text[:at] + pair + text[at + 2 :]
            found[corrected] = found.get(corrected, 0) + 1
    return sorted(found, key=lambda one: -found[one])[:MOST_CORRECTIONS]

"""Is the best candidate about the question at all, or is it only the least unlike (pure)?

A question that is foreign to the archive finds many passages that share a little, and none that
shares much. A linear model over what tells the two apart; `python -m bench quality` counts what it
refuses and keeps.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.analysis.phrases import holds
from corpus.search.rerank import Candidate, Target

WEIGHTS = {
    "score": 1.0,  # share of the score that a passage with every term of the question has
    "characters": 0.7,  # share of the characters of its telling words
    "words": 0.5,  # share of these words themselves, the rare ones weighing more
    "title": 0.6,  # how telling the most telling word is that stands in the title or the heading
    "prominence": 1.2,  # how far the best stands out from the others, as a logarithm
}

CONFIDENT = 1.895
"""Least confidence worth showing."""

_CROWD = slice(10, 50)  # the candidates that a good best one stands out from
_MOST_PROMINENCE = 3.0


@dataclass(frozen=True, slots=True)
class Best:
    """The best candidate's text, folded."""

    title: str
    """Of its article, with the heading it stands under."""
    text: str


def confidence(ranked: Sequence[Candidate], best: Best, targets: Sequence[Target]) -> float:
    """Return how sure it is that the best candidate is about the question.

    Args:
        ranked: by :func:`corpus.search.rerank.second_stage`, best first, at least one.
        best: the first of them.
        targets: of the question; the reading that suits the passage best counts.

    Returns:
        About 0 to 4, to be compared with ``CONFIDENT``.
    """
    return max(
        sum(WEIGHTS[name] * value for name, value in features(ranked, best, target).items())
        for target in targets
    )


def features(ranked: Sequence[Candidate], best: Best, target: Target) -> dict[str, float]:
    """Return what speaks for the best candidate, by the names of ``WEIGHTS``."""
    first = ranked[0]
    first_stage = first.score - sum(first.parts.values())
    text = f"{best.title} {best.text}"
    pieces = target.telling or target.characters or set(target.text.split())
    in_title = (
        weight for word, weight in target.words.items() if len(word) > 1 and holds(best.title, word)
    )
    return {
        "score": first_stage / (target.best_score or 1.0),
        "characters": sum(piece in text for piece in pieces) / (len(pieces) or 1),
        "words": sum(weight for word, weight in target.words.items() if holds(text, word))
        / (sum(target.words.values()) or 1.0),
        "title": max(in_title, default=0.0),
        "prominence": math.log(_prominence(ranked)),
    }


def _prominence(ranked: Sequence[Candidate]) -> float:
    best = ranked[0].score
    crowd = sorted((one.score for one in ranked), reverse=True)[_CROWD]
    # Without a crowd nothing can be said against the best one.
    usual = sum(crowd) / len(crowd) if crowd else 0.0
    if usual <= 0 or best <= 0:
        return _MOST_PROMINENCE
    return min(best / usual, _MOST_PROMINENCE)

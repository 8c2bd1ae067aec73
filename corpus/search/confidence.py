"""Is the best candidate an answer, or only the closest there is (pure)?

A question that is foreign to the archive, or near to it with one fact missing, finds passages that
share a little of it. What tells the two apart is less how much the best passage holds than how much
of the question its article accounts for, and how much the question tells at all: the fewer words it
has, the less it means that they occur. The weights were fitted on more sets than
`python -m bench fit-ranking` takes; it refits the same model on the sets it is given.
"""

import math
from collections.abc import Mapping, Sequence

from corpus.analysis.phrases import holds
from corpus.engine import FoldedPassage
from corpus.model import Outcome
from corpus.search import answer_types
from corpus.search.rerank import Candidate, Target

# A logistic regression, the exponent of the odds that one of the first five answers.
WEIGHTS = {
    "article words": 4.5,  # share of the words, by weight, that the best article holds
    "words": 1.78,  # how much the words tell together, as a multiple of five unknown ones
    "score": 0.87,  # of the best, as a share of what the first stage could give
    "asked": 1.7,  # whether it holds one of the last words, which say what is asked of the subject
    "no type": 0.61,  # asks for nothing that would have to be there, such as a number or a name
}
BIAS = -8.1

ANSWER = -0.75
"""Least confidence to call the best candidate an answer."""

_MANY = 5  # words as telling as one that the archive lacks


def outcome(confidence: float) -> Outcome:
    """Return what can be said of the best candidate of a search of that confidence."""
    if confidence == -math.inf:
        return Outcome.NOTHING
    return Outcome.ANSWER if confidence >= ANSWER else Outcome.CLOSEST


def confidence(found: Mapping[str, float]) -> float:
    """Return the logarithm of the odds that a question with these features is answered.

    Minus infinity where no article holds any of its words.
    """
    if not found.get("article words"):
        return -math.inf
    return BIAS + sum(weight * found[name] for name, weight in WEIGHTS.items())


def features(
    ranked: Sequence[Candidate], texts: Mapping[int, FoldedPassage], targets: Sequence[Target]
) -> dict[str, float]:
    """Return what speaks for the best candidate, by the names of ``WEIGHTS``; empty without one.

    Args:
        ranked: by :func:`corpus.search.rerank.rank`, best first.
        texts: what they say, by passage id.
        targets: one a wording of the question, the one as typed first.
    """
    if not ranked or not targets:
        return {}
    best = ranked[0]
    of_article = [texts[c.passage_id] for c in ranked if c.article_id == best.article_id]
    article = "\n".join([of_article[0].title, *(text.text for text in of_article)])
    passage = f"{of_article[0].title}\n{of_article[0].text}"
    shares = [_share(target.words, article) for target in targets]
    # The wording that suits the article is the one that was answered, if any was.
    suiting = targets[shares.index(max(shares))]
    return {
        "article words": max(shares),
        "words": sum(suiting.words.values()) / _MANY,
        "asked": float(any(holds(passage, word) for word in _asked(list(suiting.words)))),
        "score": best.score / (targets[0].best_score or 1.0),
        "no type": float(answer_types.asked(targets[0].text).kind is answer_types.Kind.THING),
    }


def _asked(words: Sequence[str]) -> Sequence[str]:
    """Return the last two of a question's words; of two, one is the subject."""
    return words[-1:] if len(words) <= 2 else words[-2:]  # noqa: PLR2004 (as said)


def _share(words: Mapping[str, float], text: str) -> float:
    """Return the share of ``words``, by weight, that ``text`` holds."""
    held = sum(weight for word, weight in words.items() if holds(text, word))
    return held / (sum(words.values()) or 1.0)

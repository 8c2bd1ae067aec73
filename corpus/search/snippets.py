"""A passage -> the sentence in it that answers best, and the spans that match (pure)."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.analysis.analyzer import is_han
from corpus.analysis.phrases import holds
from corpus.analysis.sentences import sentence_spans
from corpus.model import Answer, Token
from corpus.search import answer_types

# A linear model over what a sentence offers, the exponent of its odds to hold the answer among the
# sentences of its passage. Fitted by `python -m bench fit-answer`.
WEIGHTS = {
    "words": 3.52,  # share of the question's words, by weight
    "characters": 4.87,  # share of their characters, the rare ones in the passage weighing more
    "kind": 0.54,  # holds something of the kind that is asked for
    "date": 2.17,  # names a date and a time is asked for
    "first": 0.52,  # is the passage's first
    "words before": 0.74,  # what the sentence before shares: an answer may say only "it"
    "words after": 0.86,
    "title": -0.81,  # share of the title: what repeats the subject seldom adds to it
}

GAIN_A_CHARACTER = 0.001
"""A neighbour joins the answer where it adds this much probability for each character it adds."""
MAX_ANSWER_CHARS = 160
"""Characters of two sentences together: more is no mark any more."""
_ANNOUNCING = re.compile(r"[:：]\s*$|(?:如下|以下几[点个种条项]|as follows|the following)\W*$")
MIN_CHARACTER_SHARE = 0.5
"""Of the weightiest word's weight: what a word of one character must weigh to be marked."""
_MIN_NEIGHBOUR_CHARS = 10  # characters: a shorter one costs as much


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sentence is held against; all texts folded."""

    question: str
    words: Mapping[str, float]
    """The question's words and how much each weighs, such as its idf."""
    title: str
    """Of the article."""


def words_to_mark(words: Mapping[str, float]) -> set[str]:
    """Return those of the question's weighted words that tell a reader where to look.

    A character by itself must be among the rare ones: 人 in every other line marks nothing.
    """
    heaviest = max(words.values(), default=0.0)
    least = min(MIN_CHARACTER_SHARE * heaviest, heaviest)
    return {word for word, weight in words.items() if len(word) > 1 or weight >= least}


def highlights(found: Iterable[Token]) -> tuple[tuple[int, int], ...]:
    """Return the spans of ``found``, sorted by their start, with touching ones as one."""
    spans: list[tuple[int, int]] = []
    for token in found:
        if spans and token.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(token.end, spans[-1][1]))
        else:
            spans.append((token.start, token.end))
    return tuple(spans)


def best_answer(text: str, wanted: Wanted, fold_each: Callable[[list[str]], list[str]]) -> Answer:
    """Return the sentence of ``text`` that answers best, with a neighbour where one is not enough.

    Args:
        text: a passage.
        wanted: what it should answer.
        fold_each: removes differences of script, width and case from each of some texts.

    Returns:
        The first sentence where none shares a word with the question, as under a title that does.
    """
    spans = sentence_spans(text)
    sentences = fold_each([text[start:end] for start, end in spans])
    features = sentence_features(sentences, wanted)
    if not features.size or not features[:, :2].any():
        start, end = spans[0] if spans else (0, len(text))
        return Answer(text[start:end], start, end)
    odds = features @ np.fromiter(WEIGHTS.values(), float)
    chance = np.exp(odds - odds.max())
    chance /= chance.sum()
    best = int(np.argmax(chance))
    if best + 1 < len(spans) and _ANNOUNCING.search(sentences[best]):
        first, last = best, _announced(best, spans, text)
    else:
        first, last = _with_neighbour(best, spans, chance)
    start, end = spans[first][0], spans[last][1]
    return Answer(text[start:end], start, end)


def _announced(best: int, spans: list[tuple[int, int]], text: str) -> int:
    """Return the last sentence of what the one at ``best`` announces: the next, or a list."""
    last = best + 1
    while last + 1 < len(spans):
        is_line = "\n" in text[spans[last][1] - 1 : spans[last + 1][0] + 1]
        if not is_line or spans[last + 1][1] - spans[best][0] > MAX_ANSWER_CHARS:
            break
        last += 1
    return last


def _with_neighbour(
    best: int, spans: list[tuple[int, int]], chance: NDArray[np.float64]
) -> tuple[int, int]:
    """Return the first and last sentence to mark: the best, or it and the one beside it."""
    beside = [i for i in (best - 1, best + 1) if 0 <= i < len(spans)]
    if not beside:
        return best, best
    neighbour = max(beside, key=lambda i: chance[i])
    first, last = min(best, neighbour), max(best, neighbour)
    if spans[last][1] - spans[first][0] > MAX_ANSWER_CHARS:
        return best, best
    added = (spans[last][1] - spans[first][0]) - (spans[best][1] - spans[best][0])
    if chance[neighbour] < GAIN_A_CHARACTER * max(added, _MIN_NEIGHBOUR_CHARS):
        return best, best
    return first, last


def sentence_features(sentences: list[str], wanted: Wanted) -> NDArray[np.float64]:
    """Return what each sentence of a passage offers, shape (sentences, ``WEIGHTS``).

    Args:
        sentences: folded, in order.
        wanted: what the passage should answer.
    """
    asked = answer_types.asked(wanted.question)
    whole = sum(wanted.words.values()) or 1.0
    words = [
        sum(weight for word, weight in wanted.words.items() if holds(sentence, word)) / whole
        for sentence in sentences
    ]
    characters = _character_shares(
        sentences, {char for word in wanted.words if is_han(word) for char in word}
    )
    title = set(wanted.title)
    rows = [
        (
            words[i],
            characters[i],
            asked.is_offered(sentence),
            asked.kind is answer_types.Kind.TIME and answer_types.holds_date(sentence),
            i == 0,
            words[i - 1] if i else 0.0,
            words[i + 1] if i + 1 < len(words) else 0.0,
            len(title & set(sentence)) / (len(title) or 1),
        )
        for i, sentence in enumerate(sentences)
    ]
    return np.array(rows, float)


def _character_shares(sentences: list[str], characters: set[str]) -> list[float]:
    weights = {
        character: math.log(1 + len(sentences) / (1 + sum(character in s for s in sentences)))
        for character in characters
    }
    whole = sum(weights.values()) or 1.0
    return [
        sum(weight for character, weight in weights.items() if character in sentence) / whole
        for sentence in sentences
    ]

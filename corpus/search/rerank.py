"""Second stage: candidates -> the order to show them in (pure).

The first stage counts terms. This one reads the best candidates: how much of the question each
holds, character by character and in one piece, and which of them say the same.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

READ = 50
"""Candidates that the second stage reads; those after them keep the first stage's order."""

CHARACTERS = 0.4
RUN = 0.3
"""What holding all of the question adds to a score, as a share of the best possible one."""

LISTING = 0.5
"""What a passage loses that is mostly titles and addresses: it names an answer, and gives none."""
_NAMED = re.compile(r"《[^《》]*》|https?://\S+")

KEPT = 0.4
"""Share of the best score below which a candidate has little to do with the question."""

MOST_OF_ONE_ARTICLE = 2

SAME = 0.7
"""Share of two passages' bigrams in common from which they are the same to a reader."""
_BUCKETS = 2048  # of hashed bigrams: a passage has a few hundred


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may be shown."""

    passage_id: int
    article_id: int
    score: float
    content: int
    """Equal for passages of the same words."""
    parts: dict[str, float] = field(default_factory=dict[str, float])
    """What the second stage added to the score, by name."""
    duplicates: tuple[int, ...] = ()
    """Ids of other articles that carry the same passage, best first."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a reading of the question asks a passage to hold."""

    text: str
    characters: frozenset[str]
    """Of its telling words."""
    words: Mapping[str, float]
    """These words; how much each tells, from 0 to 1 for one that the archive lacks."""
    best_score: float
    """About what a passage scores that holds every term of it once."""
    telling: frozenset[str] = frozenset()
    """The characters of those words that count in full."""


def second_stage(
    candidates: Sequence[Candidate],
    texts: list[str],
    targets: Sequence[Target],
    preferences: Floats | None = None,
) -> list[Candidate]:
    """Return ``candidates`` in their final order, copies folded into one.

    Args:
        candidates: best first.
        texts: of the first of them, folded; the others stay behind these as they are.
        targets: one a reading, the one as typed first; a passage is held against the one that suits
            it best. Without any, the scores stay as they are.
        preferences: what conditions add to the score of each that has a text.
    """
    if not texts:
        return list(candidates)
    characters = np.zeros(len(texts))
    run = np.zeros(len(texts))
    for target in targets:
        held = np.array([[char in text for text in texts] for char in sorted(target.characters)])
        scale = target.best_score
        characters = np.maximum(characters, CHARACTERS * scale * _rarity_share(held, len(texts)))
        run = np.maximum(run, RUN * scale * _run_share(texts, target.text))
    possible = targets[0].best_score if targets else 0.0
    listing = -LISTING * possible * np.array([is_listing(text) for text in texts])
    total = np.array([one.score for one in candidates[: len(texts)]]) + characters + run + listing
    if preferences is not None:
        total += preferences
    order = np.argsort(-total, kind="stable").tolist()
    ranked = [
        replace(
            candidates[at],
            score=float(total[at]),
            parts={
                "characters": float(characters[at]),
                "run": float(run[at]),
                **({"listing": float(listing[at])} if listing[at] else {}),
                **(
                    {"conditions": float(preferences[at])}
                    if preferences is not None and preferences[at]
                    else {}
                ),
            },
        )
        for at in order
    ]
    first_alike = _first_alike([texts[at] for at in order])
    return _distinct([*ranked, *candidates[len(texts) :]], first_alike)


def kept(ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return those of ``ranked`` that have something to do with the question, as the best has.

    Ordered by date, the others would come first as often as not.
    """
    best = ranked[0].score if ranked else 0.0
    return [one for one in ranked if one.score >= min(KEPT * best, best)]


def is_listing(text: str) -> bool:
    """Return whether ``text``, folded, is mostly titles of works and web addresses."""
    return sum(map(len, _NAMED.findall(text))) >= len(text) / 2 > 0


def _rarity_share(held: NDArray[np.bool_], passages: int) -> Floats:
    """Return the share of the characters that each passage holds, rarer ones weighing more.

    Args:
        held: whether a passage holds a character, shape (characters, passages).
        passages: how many there are.
    """
    if not held.size:
        return np.zeros(passages)
    weights = np.log(1 + passages / (1 + held.sum(axis=1)))
    return weights @ held / weights.sum()


def _run_share(texts: Sequence[str], question: str) -> Floats:
    """Return for each text the share of the question that it holds as its longest single piece."""
    return np.array([_longest_run(text, question) for text in texts]) / (len(question) or 1)


def _longest_run(text: str, question: str) -> int:
    longest = 0
    for start in range(len(question)):
        while (end := start + longest + 1) <= len(question) and question[start:end] in text:
            longest += 1
    return longest


def _first_alike(texts: list[str]) -> list[int]:
    """Return for each text the place of the first that is nearly the same, maybe its own."""
    # All at once: a call of numpy for each text would cost more than what it does.
    together = "".join(f"{text}\n" for text in texts)
    points = np.frombuffer(together.encode("utf-32-le", "replace"), np.uint32)
    rows = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])
    is_pair = rows[:-2] == rows[2:]  # and not a character and the line end, or two texts'
    held = np.zeros((len(texts), _BUCKETS), np.bool_)
    held[rows[:-2][is_pair], (points[:-2] * 31 + points[1:-1])[is_pair] % _BUCKETS] = True
    # Bits rather than a matrix product, whose threads cost more than the work.
    bits = np.packbits(held, axis=1).view(np.uint64)
    common = np.bitwise_count(bits[:, None] & bits).sum(axis=2, dtype=np.int32)
    sizes = common.diagonal()
    alike = common >= SAME * np.maximum(sizes[:, None] + sizes - common, 1)
    return np.argmax(alike | np.eye(len(texts), dtype=bool), axis=1).tolist()


def _distinct(ranked: Sequence[Candidate], first_alike: Sequence[int]) -> list[Candidate]:
    """Fold copies into the best of them; let no article crowd out others.

    What an article has beyond its best two passages comes after everything else.
    """
    groups: dict[int, list[Candidate]] = {}
    group_of: dict[int, int] = {}
    for place, candidate in enumerate(ranked):
        first = first_alike[place] if place < len(first_alike) else place
        group = group_of.setdefault(candidate.content, first if first in groups else place)
        groups.setdefault(group, []).append(candidate)
    shown: dict[int, int] = {}
    spread: list[Candidate] = []
    crowding: list[Candidate] = []
    for best, *copies in groups.values():
        others = dict.fromkeys(
            copy.article_id for copy in copies if copy.article_id != best.article_id
        )
        shown[best.article_id] = shown.get(best.article_id, 0) + 1
        crowds = shown[best.article_id] > MOST_OF_ONE_ARTICLE
        shown_once = replace(best, duplicates=tuple(others)) if others else best
        (crowding if crowds else spread).append(shown_once)
    return spread + crowding

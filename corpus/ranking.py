"""Candidates -> what is worth showing: each passage once, no article crowding out others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.bm25 import Floats, Ids

MOST_OF_ONE_ARTICLE = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may be shown."""

    passage_id: int
    article_id: int
    score: float
    duplicates: tuple[int, ...]
    """Ids of other articles that carry the same passage, best first."""


def distinct(
    ids: Ids, scores: Floats, *, article_of: NDArray[np.uint32], content_hash: NDArray[np.uint64]
) -> list[Candidate]:
    """Fold passages of the same words into the best of them; let no article crowd out others.

    What an article has beyond its best two passages comes after everything else.

    Args:
        ids: of the candidates, best first.
        scores: theirs, same shape.
        article_of: article id of every passage of the index.
        content_hash: equal where passages have the same words, for every passage of the index.
    """
    by_content: dict[int, list[int]] = {}
    for position, content in enumerate(content_hash[ids].tolist()):
        by_content.setdefault(content, []).append(position)
    shown: dict[int, int] = {}
    candidates: list[Candidate] = []
    crowding: list[Candidate] = []
    for positions in by_content.values():
        articles = article_of[ids[positions]].tolist()
        first = articles[0]
        others = dict.fromkeys(article for article in articles[1:] if article != first)
        position = positions[0]
        candidate = Candidate(int(ids[position]), first, float(scores[position]), tuple(others))
        shown[first] = shown.get(first, 0) + 1
        (candidates if shown[first] <= MOST_OF_ONE_ARTICLE else crowding).append(candidate)
    return candidates + crowding

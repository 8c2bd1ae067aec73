"""Candidates -> the hits worth showing: each passage once, and no article all over the page (pure)."""

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
    """Fold passages of the same words into the best of them and thin out crowding articles.

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
    for positions in by_content.values():
        articles = article_of[ids[positions]].tolist()
        first = articles[0]
        shown[first] = shown.get(first, 0) + 1
        if shown[first] > MOST_OF_ONE_ARTICLE:
            continue
        others = dict.fromkeys(article for article in articles[1:] if article != first)
        position = positions[0]
        candidates.append(
            Candidate(int(ids[position]), first, float(scores[position]), tuple(others))
        )
    return candidates

"""Grows an archive to any size from the paragraphs of a real one.

A new article combines the first half of one title with the second half of another; each of its
paragraphs combines two of the archive's in the same way. So passages are no copies, and words are
as frequent and passages as long as in the original; only the vocabulary does not grow. Seeded: the
same archive and number give the same articles.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus.model import Article, Paragraph

_SEED = 2026
_BREAK = re.compile(r"(?<=[，。；：、！？,;.!? ])")
_PARAGRAPHS = (10, 66)  # per article; real ones have 38 on average


def grown(articles: Sequence[Article], passages: int) -> Iterator[Article]:
    """Yield ``articles``, then new ones, up to ``passages`` paragraphs in all."""
    rng = random.Random(_SEED)  # noqa: S311 (reproducible, nothing secret)
    left = passages
    for article in articles:
        if left <= 0:
            return
        yield replace(article, paragraphs=article.paragraphs[:left])
        left -= len(article.paragraphs)
    halves = [_halves(paragraph.text) for article in articles for paragraph in article.paragraphs]
    while left > 0:
        first, second = rng.choice(articles), rng.choice(articles)
        count = min(left, rng.randint(*_PARAGRAPHS))
        texts = (rng.choice(halves)[0] + rng.choice(halves)[1] for _ in range(count))
        yield replace(
            first,
            title=_halves(first.title)[0] + _halves(second.title)[1],
            paragraphs=tuple(Paragraph(text) for text in texts if text),
        )
        left -= count


def _halves(text: str) -> tuple[str, str]:
    """Split ``text`` at the break nearest to its middle."""
    middle = len(text) // 2
    ends = [match.start() for match in _BREAK.finditer(text)] or [middle]
    cut = min(ends, key=lambda end: abs(end - middle))
    return text[:cut], text[cut:]

"""Which articles hold a term, whether they answer anything or not."""

import numpy as np
from numpy.typing import NDArray

from corpus.analysis.analyzer import Analyzer
from corpus.engines.local.reader import Index
from corpus.search.query import necessary_terms

Mask = NDArray[np.bool_]


class Holding:
    """Looks terms up in one index generation. Blocks: call it from a thread."""

    def __init__(self, index: Index, analyzer: Analyzer) -> None:
        self._index = index
        self._analyzer = analyzer
        self.articles = int(index.article_of.max(initial=0)) + 1
        """How many the index holds."""

    def all_of(self, text: str) -> Mask:
        """Return which articles hold every piece of ``text``, which spaces separate.

        Args:
            text: folded.

        Returns:
            A truth value an article, in the order of their ids.
        """
        pieces = text.split()
        found = np.full(self.articles, bool(pieces))
        for piece in pieces:
            found &= self._piece(piece)
        return found

    def _piece(self, piece: str) -> Mask:
        """Return which articles have a passage with every term that ``piece`` is made of.

        For a word of two Han characters that is exact, for a longer one nearly always. A single
        one is found where it is a word by itself.
        """
        wanted = necessary_terms(piece, self._analyzer)
        wanted = wanted or {token.text for token in self._analyzer.words(piece)}
        articles = np.zeros(self.articles, np.bool_)
        known = self._index.look_up(wanted)
        if wanted and len(known) == len(wanted):
            passages = np.ones(len(self._index.article_of), np.bool_)
            for one in known.values():
                held = np.zeros_like(passages)
                held[one.posting.passages] = True
                passages &= held
            articles[self._index.article_of[passages]] = True
        return articles

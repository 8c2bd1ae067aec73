"""The baseline: plain ``jieba.lcut`` and ``BM25Okapi`` with its defaults.

The scores equal those of ``BM25Okapi``, but come from an inverted index: its own scan of all
passages would take most of a day for a question set.
"""

from collections import Counter
from collections.abc import Sequence

import jieba
import numpy as np

from corpus import bm25
from corpus.analysis.sentences import sentence_spans

K1 = 1.5
B = 0.75


class DefaultRecipe:
    """Ranks passages and picks the sentence that shares most with the question."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        documents = [jieba.lcut(text) for text in texts]
        self._lengths = np.array([len(document) for document in documents])
        postings: dict[str, list[tuple[int, int]]] = {}
        for number, document in enumerate(documents):
            for term, frequency in Counter(document).items():
                postings.setdefault(term, []).append((number, frequency))
        average = float(self._lengths.mean())
        self._norms = bm25.length_norms(self._lengths, average, b=B)
        self._postings = {term: np.array(pairs).T for term, pairs in postings.items()}
        counts = {term: len(pairs) for term, pairs in postings.items()}
        statistics = bm25.collection_statistics(counts, len(documents), average)
        self._idf = bm25.idfs(counts, statistics)

    def rank(self, question: str, k: int) -> list[int]:
        """Return the numbers of the ``k`` best passages, best first."""
        scores = np.zeros(len(self._texts))
        for term in jieba.lcut(question):
            if term in self._postings:
                ids, frequencies = self._postings[term]
                norms = self._norms[ids]
                scores[ids] += self._idf[term] * frequencies * (K1 + 1) / (frequencies + K1 * norms)
        best = np.argpartition(-scores, k)[:k]
        return best[np.lexsort((best, -scores[best]))].tolist()

    def sentence(self, question: str, passage: str) -> str:
        """Return the sentence of ``passage`` whose words in common with the question weigh most."""
        terms = set(jieba.lcut(question))
        sentences = [passage[start:end] for start, end in sentence_spans(passage)]

        def shared_weight(sentence: str) -> float:
            return sum(self._idf.get(term, 0.0) for term in terms & set(jieba.lcut(sentence)))

        return max(sentences, key=shared_weight, default="")

"""Matches saved searches against new articles.

Stricter than a search, since nobody is waiting for an answer: one passage, with its article's
title, must hold every word of the question.
"""

from collections.abc import Collection

from corpus.analysis.analyzer import Analyzer, is_han
from corpus.analysis.numerals import in_digits
from corpus.analysis.phrases import holds
from corpus.model import Filters, Hit, Matches, QueryVariant
from corpus.search.query import STOP_WORDS
from corpus.search.searcher import MAX_CANDIDATES, Searcher


class Percolator:
    """Matches questions against the articles of one generation."""

    def __init__(self, searcher: Searcher, analyzer: Analyzer) -> None:
        self._searcher = searcher
        self._analyzer = analyzer

    def matches(self, question: str, filters: Filters, paths: Collection[str] | None) -> Matches:
        """Return the articles that match ``question``.

        Args:
            question: as typed, with its operators.
            filters: normalised.
            paths: the articles to match; None: all.
        """
        search = self._searcher.all_candidates(question, filters, paths)
        wordings = [joined_words(variant, self._analyzer) for variant in search.query.variants]
        articles: set[str] = set()
        hits: list[Hit] = []
        for hit in search.hits:
            if not self._holds_any(hit, wordings):
                continue
            if hit.article.path not in articles:
                hits.append(hit)
            articles |= {article.path for article in (hit.article, *hit.duplicates)}
        return Matches(tuple(hits), len(articles), is_all=search.considered < MAX_CANDIDATES)

    def _holds_any(self, hit: Hit, wordings: list[tuple[str, ...]]) -> bool:
        """Return whether ``hit`` holds every word of one of ``wordings``."""
        shown = f"{hit.article.title}\n{hit.passage.heading}\n{hit.passage.text}"
        (text,) = self._analyzer.comparable([shown])
        return any(words and all(self._holds(text, word) for word in words) for words in wordings)

    def _holds(self, text: str, word: str) -> bool:
        # A single character also occurs in unrelated words.
        if len(word) == 1 and word in text:
            return any(token.text == word for token in self._analyzer.words(text))
        return holds(text, word)


def joined_words(variant: QueryVariant, analyzer: Analyzer) -> tuple[str, ...]:
    """Return the words of ``variant``, folded, with adjacent single characters joined.

    Its times and numbers count as well, the latter in digits. The segmenter splits a word missing
    from its dictionary, such as 花唄, into characters.
    """
    tokens = analyzer.words(in_digits(variant.text))
    telling = {token.text for token in tokens} - STOP_WORDS or {token.text for token in tokens}
    words: list[str] = []
    end = -1  # of the preceding single character
    for token in tokens:
        is_single = len(token.text) == 1 and is_han(token.text)
        if token.text not in telling:
            end = -1
        elif is_single and token.start == end:
            words[-1] += token.text
            end = token.end
        else:
            words.append(token.text)
            end = token.end if is_single else -1
    return tuple(dict.fromkeys(words))

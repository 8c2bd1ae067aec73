"""Which articles would someone want to be told of who waits for news on a question?

A search shows the best there is; here nobody has asked just now, so half a match is a nuisance:
one passage, with its article's title, must hold every word of the question. Whatever does is told,
whether or not another article holds more of it.
"""

import asyncio
from collections.abc import Collection

from corpus.analysis.analyzer import Analyzer, is_han
from corpus.analysis.phrases import holds
from corpus.model import Filters, Hit, Matches, Reading
from corpus.search.searcher import MAX_CANDIDATES, Found, Search


class Alerts:
    """Finds what is worth telling in one generation. Calls may be awaited concurrently."""

    def __init__(self, search: Search, analyzer: Analyzer) -> None:
        self._search = search
        self._analyzer = analyzer

    async def __call__(
        self, question: str, filters: Filters, within: Collection[str] | None
    ) -> Matches:
        """Return the articles that match ``question``, among those with paths in ``within``.

        Args:
            question: as typed, with its operators.
            filters: normalised.
            within: ``None``: all articles.
        """
        found = await self._search.candidates(question, filters, within)
        return await asyncio.to_thread(self._matches, found)

    def _matches(self, found: Found) -> Matches:
        readings = [words_in_one_piece(one, self._analyzer) for one in found.query.readings]
        articles: set[str] = set()
        hits: list[Hit] = []
        for hit in found.hits:
            if not self._holds_any(hit, readings):
                continue
            if hit.article.path not in articles:
                hits.append(hit)
            articles |= {one.path for one in (hit.article, *hit.duplicates)}
        return Matches(tuple(hits), len(articles), is_all=found.total < MAX_CANDIDATES)

    def _holds_any(self, hit: Hit, readings: list[tuple[str, ...]]) -> bool:
        """Whether a hit holds every word of one of the readings."""
        told = f"{hit.article.title}\n{hit.passage.heading}\n{hit.passage.text}"
        text = self._analyzer.fold(told)
        return any(words and all(self._holds(text, word) for word in words) for words in readings)

    def _holds(self, text: str, word: str) -> bool:
        # A character is in many words that have nothing to do with it.
        if len(word) == 1 and word in text:
            return any(token.text == word for token in self._analyzer.words(text))
        return holds(text, word)


def words_in_one_piece(reading: Reading, analyzer: Analyzer) -> tuple[str, ...]:
    """Return the telling words of ``reading``, folded, single characters beside each other as one.

    What the dictionary does not know, such as 花唄, falls apart into its characters.
    """
    pieces: list[str] = []
    end = -1  # of a single character before
    for token in analyzer.words(reading.text):
        single = len(token.text) == 1 and is_han(token.text)
        if token.text not in reading.words:
            end = -1
        elif single and token.start == end:
            pieces[-1] += token.text
            end = token.end
        else:
            pieces.append(token.text)
            end = token.end if single else -1
    return tuple(dict.fromkeys(pieces))

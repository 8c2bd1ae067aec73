"""Which articles would someone want to be told of who waits for news on a question?

A search shows the best there is; here nobody has asked just now, so half a match is a nuisance:
one passage, with its article's title, must hold every word of the question.
"""

import asyncio
from collections.abc import Collection

from corpus.analyzer import Analyzer, is_han
from corpus.model import Filters, Hit, Matches, Reading, Sort
from corpus.search import MOST_CANDIDATES, Found, Search


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
        found = await self._search(
            question, filters, limit=MOST_CANDIDATES, sort=Sort.RELEVANCE, within=within
        )
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
        return Matches(tuple(hits), len(articles), is_all=found.total < MOST_CANDIDATES)

    def _holds_any(self, hit: Hit, readings: list[tuple[str, ...]]) -> bool:
        text = self._analyzer.fold(f"{hit.article.title} {hit.passage.heading} {hit.passage.text}")
        tokens = {token.text for token in self._analyzer.words(text)}
        # In a longer Han word another may begin and end anywhere, as 颱風 does in 颱風天.
        return any(
            all(word in tokens or (len(word) > 1 and is_han(word) and word in text) for word in one)
            for one in readings
        )


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

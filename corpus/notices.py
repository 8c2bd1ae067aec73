"""Why has a search nothing to show, and what would find something?"""

import asyncio
import difflib

import opencc

from corpus import query, spelling
from corpus.analyzer import Analyzer
from corpus.index import Index
from corpus.model import Filters, Notice, NoticeKind, Sort
from corpus.search import Found, Search

_SOURCES_NAMED = 5
_MOST_SUGGESTIONS = 3
_MOST_WORDS = 8


class Notices:
    """Explains empty results of one generation."""

    def __init__(self, index: Index, analyzer: Analyzer, search: Search) -> None:
        self._index = index
        self._analyzer = analyzer
        self._search = search

    async def explain(self, found: Found, filters: Filters) -> tuple[Notice, tuple[str, ...]]:
        """Return why ``found`` is empty, and questions that would find something.

        Args:
            found: a search without hits.
            filters: its filters, normalised.
        """
        typed = found.query.typed
        if not found.query.terms:
            return await self._notice(NoticeKind.EMPTY_QUESTION, filters), ()
        if filters != Filters() and await self._finds(typed):
            return await self._notice(NoticeKind.FILTERED_OUT, filters), ()
        loose = query.operators(typed).text
        if found.query.required or found.query.excluded:
            finding = (loose,) if loose and await self._finds(loose) else ()
            return await self._notice(NoticeKind.PHRASE_NOT_FOUND, filters), finding
        words = await asyncio.to_thread(self._occurring, found, loose)
        suggestions = await self._corrected(found.query.readings[0].text, loose)
        return await self._notice(NoticeKind.NO_MATCH, filters, words), suggestions

    def _occurring(self, found: Found, typed: str) -> tuple[str, ...]:
        """Return the words of ``typed`` that occur and say something, the rarest first."""
        idf: dict[str, float] = {}
        for token in self._analyzer.words(typed):
            known = found.indexed.get(token.text)
            if known and len(token.text) > 1 and token.text not in query.FUNCTION_WORDS:
                idf[typed[token.start : token.end]] = known.idf
        return tuple(sorted(idf, key=lambda word: -idf[word])[:_MOST_WORDS])

    async def _finds(self, question: str) -> bool:
        found = await self._search(question, Filters(), limit=1, sort=Sort.RELEVANCE)
        return bool(found.hits)

    async def _corrected(self, folded: str, typed: str) -> tuple[str, ...]:
        """Return ``folded`` with one character mended, in the script it was typed in."""

        def propose() -> list[str]:
            return spelling.corrections(
                folded, lambda pair: bool(self._index.look_up([pair])), self._index.similar_pairs
            )

        proposed = await asyncio.to_thread(propose)
        finding: list[str] = []
        for one in proposed:
            if len(finding) < _MOST_SUGGESTIONS and await self._finds(one):
                finding.append(one)
        if typed.casefold() != folded:
            to_traditional = opencc.OpenCC("s2tw")
            finding = [to_traditional.convert(one) for one in finding]
        return tuple(finding)

    async def _notice(
        self, kind: NoticeKind, filters: Filters, words: tuple[str, ...] = ()
    ) -> Notice:
        stats = await self._index.stats()
        names = {self._analyzer.fold(one.name): one.name for one in stats.sources if one.name}
        closest = difflib.get_close_matches(
            filters.source or "", names, n=_SOURCES_NAMED, cutoff=0.4
        )
        sources = [names[key] for key in closest] or list(names.values())[:_SOURCES_NAMED]
        return Notice(kind, stats.first_date, stats.last_date, tuple(sources), words)

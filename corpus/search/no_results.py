"""Why has a search nothing to show, and what would find something?"""

import asyncio
import difflib
from collections.abc import Collection

from corpus.analysis.analyzer import Analyzer
from corpus.engines.local.reader import Index
from corpus.model import Filters, Notice, NoticeKind, Sort
from corpus.search import query, regional_words, spelling
from corpus.search.searcher import Found, Search

_SOURCES_NAMED = 5
_MOST_SUGGESTIONS = 3
_MOST_WORDS = 8


class Notices:
    """Explains empty results of one generation."""

    def __init__(self, index: Index, analyzer: Analyzer, search: Search) -> None:
        self._index = index
        self._analyzer = analyzer
        self._search = search

    async def explain(
        self, found: Found, filters: Filters, within: Collection[str] | None = None
    ) -> tuple[Notice, tuple[str, ...]]:
        """Return why ``found`` is empty, and questions that would find something.

        Args:
            found: a search without hits.
            filters: its filters, normalised. Sources that are left out are as if they were not
                there: nothing said leads to them.
            within: the paths it was limited to.
        """
        typed = found.query.typed
        if not found.query.terms:
            return await self._notice(NoticeKind.EMPTY_QUESTION, filters), ()
        everything = Filters(without_sources=filters.without_sources)
        is_narrowed = filters != everything or within is not None
        if is_narrowed and await self._finds(typed, everything):
            return await self._notice(NoticeKind.FILTERED_OUT, filters), ()
        loose = query.split_operators(typed).text
        if found.query.required or found.query.excluded:
            finding = (loose,) if loose and await self._finds(loose, everything) else ()
            return await self._notice(NoticeKind.PHRASE_NOT_FOUND, filters), finding
        words = await asyncio.to_thread(self._occurring, found, loose)
        suggestions = await self._corrected(found.query.readings[0].text, loose, everything)
        return await self._notice(NoticeKind.NO_MATCH, filters, words), suggestions

    def _occurring(self, found: Found, typed: str) -> tuple[str, ...]:
        """Return the words of ``typed`` that occur and say something, the rarest first."""
        idf: dict[str, float] = {}
        for token in self._analyzer.words(typed):
            known = found.indexed.get(token.text)
            if known and len(token.text) > 1 and token.text not in query.FUNCTION_WORDS:
                idf[typed[token.start : token.end]] = known.idf
        return tuple(sorted(idf, key=lambda word: -idf[word])[:_MOST_WORDS])

    async def _finds(self, question: str, filters: Filters) -> bool:
        found = await self._search(question, filters, limit=1, sort=Sort.RELEVANCE)
        return bool(found.hits)

    async def _corrected(self, folded: str, typed: str, filters: Filters) -> tuple[str, ...]:
        """Return ``folded`` with one character mended, in the script it was typed in."""

        def propose() -> list[str]:
            return spelling.corrections(
                folded, lambda pair: bool(self._index.look_up([pair])), self._index.similar_pairs
            )

        proposed = await asyncio.to_thread(propose)
        finding: list[str] = []
        for one in proposed:
            if len(finding) < _MOST_SUGGESTIONS and await self._finds(one, filters):
                finding.append(one)
        return tuple([await asyncio.to_thread(_as_typed, one, folded, typed) for one in finding])

    async def _notice(
        self, kind: NoticeKind, filters: Filters, words: tuple[str, ...] = ()
    ) -> Notice:
        counts = {self._analyzer.fold(one.name): one for one in (await self._index.stats()).sources}
        there = {key: one for key, one in counts.items() if key not in filters.without_sources}
        first = min((one.first_date for one in there.values() if one.first_date), default=None)
        last = max((one.last_date for one in there.values() if one.last_date), default=None)
        names = {key: one.name for key, one in there.items() if key}
        closest = difflib.get_close_matches(
            filters.source or "", names, n=_SOURCES_NAMED, cutoff=0.4
        )
        sources = [names[key] for key in closest] or list(names.values())[:_SOURCES_NAMED]
        return Notice(kind, first, last, tuple(sources), words)


def _as_typed(corrected: str, folded: str, typed: str) -> str:
    """Return ``corrected``, a correction of ``folded``, in the script and case of ``typed``."""
    if typed.casefold() == folded:
        return corrected
    converted = regional_words.to_region("s2tw").convert(corrected)
    if not len(converted) == len(corrected) == len(folded) == len(typed):
        return converted
    return "".join(
        own if now == before else other
        for now, before, own, other in zip(corrected, folded, typed, converted, strict=True)
    )

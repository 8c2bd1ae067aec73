"""Why does a search find nothing, and which other questions would find something?"""

import difflib
from collections.abc import Collection

from corpus.analysis.analyzer import Analyzer
from corpus.engine import IndexReader
from corpus.model import Filters, Notice, NoticeKind, Outcome, SourceCount
from corpus.search import query
from corpus.search.searcher import Search, Searcher

_MAX_SOURCES = 5
_MAX_WORDS = 8


class NoResults:
    """Explains empty results of one generation. Blocks: call it from a thread."""

    def __init__(self, reader: IndexReader, analyzer: Analyzer, searcher: Searcher) -> None:
        self._reader = reader
        self._analyzer = analyzer
        self._searcher = searcher

    def explain(self, search: Search) -> tuple[Notice, tuple[str, ...]]:
        """Return why ``search`` has no sure answer, and questions that would find something.

        Sources excluded by its filters are treated as absent and never mentioned.
        """
        filters = search.filters
        if search.outcome is Outcome.TALK:
            return Notice(NoticeKind.TALK), ()
        if search.outcome is Outcome.CLOSEST:
            return Notice(NoticeKind.CLOSEST), ()
        if filters.source and filters.source not in self._sources(filters):
            return self._notice(NoticeKind.UNKNOWN_SOURCE, filters), ()
        return self._explain_question(search)

    def _explain_question(self, search: Search) -> tuple[Notice, tuple[str, ...]]:
        """Return why nothing was found of what ``search`` asks, in sources that exist."""
        typed, filters = search.query.typed, search.filters
        names_article = any(c.kind == "address" and c.value for c in search.query.conditions)
        if not search.query.terms and not names_article:
            return self._notice(NoticeKind.EMPTY_QUESTION, filters), ()
        everything = Filters(without_sources=filters.without_sources, ignored=filters.ignored)
        is_narrowed = filters != everything or search.term_query.paths is not None
        if is_narrowed and self._finds(typed, everything):
            return self._notice(NoticeKind.FILTERED_OUT, filters), ()
        without_operators = query.split_operators(typed).text
        if search.query.required or search.query.excluded:
            finds = without_operators and self._finds(without_operators, everything)
            suggestions = (without_operators,) if finds else ()
            return self._notice(NoticeKind.PHRASE_NOT_FOUND, filters), suggestions
        words = self._occurring_words(search, without_operators)
        return self._notice(NoticeKind.NO_MATCH, filters, words), ()

    def _occurring_words(self, search: Search, typed: str) -> tuple[str, ...]:
        """Return the words of ``typed`` that occur in the index, the rarest first."""
        idf = {
            typed[token.start : token.end]: search.idf[token.text]
            for token in self._analyzer.words(typed)
            if token.text in search.idf
            and len(token.text) > 1
            and token.text not in query.STOP_WORDS
        }
        return tuple(sorted(idf, key=lambda word: -idf[word])[:_MAX_WORDS])

    def _finds(self, question: str, filters: Filters) -> bool:
        return bool(self._searcher.search(question, filters, limit=1).hits)

    def _notice(self, kind: NoticeKind, filters: Filters, words: Collection[str] = ()) -> Notice:
        counts = self._sources(filters)
        first_dates = [count.first_date for count in counts.values() if count.first_date]
        last_dates = [count.last_date for count in counts.values() if count.last_date]
        names = {key: count.name for key, count in counts.items() if key}
        closest = difflib.get_close_matches(filters.source or "", names, n=_MAX_SOURCES, cutoff=0.4)
        sources = [names[key] for key in closest] or list(names.values())[:_MAX_SOURCES]
        return Notice(
            kind,
            min(first_dates, default=None),
            max(last_dates, default=None),
            tuple(sources),
            tuple(words),
        )

    def _sources(self, filters: Filters) -> dict[str, SourceCount]:
        """Return the sources that are not excluded, by their folded names."""
        return {
            key: count
            for count in self._reader.stats().sources
            if (key := self._analyzer.fold(count.name)) not in filters.without_sources
        }

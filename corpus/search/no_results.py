"""Why does a search find nothing, and which other questions would find something?"""

import difflib
from collections.abc import Callable, Collection, Iterable

from corpus.analysis.analyzer import Analyzer, is_han
from corpus.engine import IndexReader
from corpus.model import Filters, Notice, NoticeKind, Outcome
from corpus.search import query
from corpus.search.regional_words import to_region
from corpus.search.searcher import Search, Searcher

_MAX_SOURCES = 5
_MAX_SUGGESTIONS = 3
_MAX_WORDS = 8
_MAX_CORRECTIONS = 6  # each costs a search, but only for a question without results
MAX_CORRECTED_CHARS = 40
"""A longer text has enough right characters, or is not a question."""


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
        typed, filters = search.query.typed, search.filters
        if search.outcome is Outcome.TALK:
            return self._notice(NoticeKind.TALK, filters), ()
        if search.outcome is Outcome.CLOSEST:
            words = self._occurring_words(search, typed)
            return self._notice(NoticeKind.CLOSEST, filters, words), ()
        if not search.query.terms:
            return self._notice(NoticeKind.EMPTY_QUESTION, filters), ()
        everything = Filters(without_sources=filters.without_sources)
        is_narrowed = filters != everything or search.paths is not None
        if is_narrowed and self._finds(typed, everything):
            return self._notice(NoticeKind.FILTERED_OUT, filters), ()
        without_operators = query.split_operators(typed).text
        if search.query.required or search.query.excluded:
            finds = without_operators and self._finds(without_operators, everything)
            suggestions = (without_operators,) if finds else ()
            return self._notice(NoticeKind.PHRASE_NOT_FOUND, filters), suggestions
        words = self._occurring_words(search, without_operators)
        suggestions = self._corrected(search.query.variants[0].text, without_operators, everything)
        return self._notice(NoticeKind.NO_MATCH, filters, words), suggestions

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

    def _corrected(self, folded: str, typed: str, filters: Filters) -> tuple[str, ...]:
        """Return corrections of ``folded`` that find something, in the script of ``typed``."""

        def occurs(bigram: str) -> bool:
            return bool(self._reader.document_frequencies([bigram]))

        suggestions: list[str] = []
        for corrected in corrections(folded, occurs, self._reader.similar_bigrams):
            if len(suggestions) < _MAX_SUGGESTIONS and self._finds(corrected, filters):
                suggestions.append(corrected)
        return tuple(_as_typed(corrected, folded, typed) for corrected in suggestions)

    def _notice(self, kind: NoticeKind, filters: Filters, words: Collection[str] = ()) -> Notice:
        counts = {
            key: count
            for count in self._reader.stats().sources
            if (key := self._analyzer.fold(count.name)) not in filters.without_sources
        }
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


def corrections(
    text: str, is_known: Callable[[str], bool], similar: Callable[[str], Iterable[str]]
) -> list[str]:
    """Return ``text`` with one character replaced, the likeliest first.

    Args:
        text: a folded question.
        is_known: returns whether a bigram occurs in the archive.
        similar: returns the bigrams that occur and share one character, in its position, with the
            given one; the most frequent first.
    """
    if len(text) > MAX_CORRECTED_CHARS:
        return []
    unknown = [
        i for i in range(len(text) - 1) if is_han(text[i : i + 2]) and not is_known(text[i : i + 2])
    ]
    # A wrong character mostly spoils the bigrams on both of its sides: a correction of both comes
    # first.
    counts: dict[str, int] = {}
    for i in unknown:
        for bigram in similar(text[i : i + 2]):
            corrected = text[:i] + bigram + text[i + 2 :]
            counts[corrected] = counts.get(corrected, 0) + 1
    return sorted(counts, key=lambda corrected: -counts[corrected])[:_MAX_CORRECTIONS]


def _as_typed(corrected: str, folded: str, typed: str) -> str:
    """Return ``corrected``, a correction of ``folded``, in the script and case of ``typed``."""
    if typed.casefold() == folded:
        return corrected
    traditional = to_region("s2tw").convert(corrected)
    if not len(traditional) == len(corrected) == len(folded) == len(typed):
        return traditional
    return "".join(
        as_typed if char == before else converted
        for char, before, as_typed, converted in zip(
            corrected, folded, typed, traditional, strict=True
        )
    )

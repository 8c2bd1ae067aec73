"""Why does a passage match a question? (pure)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from corpus.analysis.analyzer import Analyzer, is_han, non_han_terms
from corpus.model import Match
from corpus.search.query import LIGHT_WORDS
from corpus.search.searcher import Search


def match(search: Search, text: str, analyzer: Analyzer) -> Match:
    """Return which words of a question a passage holds, and which other words for them.

    Args:
        search: of the question.
        text: of the passage, with its heading and title.
        analyzer: that made the index.
    """
    typed, *others = search.query.variants
    words = [word for word in typed.words if word not in LIGHT_WORDS] or list(typed.words)
    added = {word for other in others for word in other.words if len(word) > 1}
    added -= {*typed.words}
    held = {word: text[slice(*span)] for word, span in _spans(text, [*words, *added], analyzer)}
    covered: set[str] = set()
    for other in others:
        if any(word in added and word in held for word in other.words):
            covered |= {*typed.words} - {*other.words}
    question = search.query.typed
    in_question = dict(_spans(question, words, analyzer))
    missing = [word for word in words if word not in held and word not in covered]
    return Match(
        found=_as_typed([word for word in words if word in held], question, in_question),
        missing=_as_typed(missing, question, in_question),
        instead=tuple(sorted({held[word] for word in added if word in held}, key=text.index)),
        replaced=search.replaced,
    )


def _spans(
    text: str, words: Iterable[str], analyzer: Analyzer
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield those of ``words`` that ``text`` holds in any form, with their first places."""
    forms = {
        form: word for word in words for form in ((word,) if is_han(word) else non_han_terms(word))
    }
    known: set[str] = set()
    for token in analyzer.find(text, forms.keys()):
        word = forms[token.text]
        if word not in known:
            known.add(word)
            yield word, (token.start, token.end)


def _as_typed(
    words: Sequence[str], question: str, places: Mapping[str, tuple[int, int]]
) -> tuple[str, ...]:
    """Return ``words`` as the question has them.

    A single character belongs to the one beside it: the dictionary splits names.
    """
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places[word] for word in words if word in places):
        last = joined[-1] if joined else (-1, -1)
        if last[1] == start and 1 in {last[1] - last[0], end - start}:
            joined[-1] = (last[0], end)
        else:
            joined.append((start, end))
    unplaced = [word for word in words if word not in places]
    return (*dict.fromkeys(question[start:end] for start, end in joined), *unplaced)

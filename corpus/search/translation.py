"""Translates a question word by word, Chinese to English or back, into words the archive uses.

A word has many translations. Those that occur together in the archive's passages are the meant
ones: all are searched at once, and of each word the translation is taken that the best passages
hold. A name that the dictionary lacks is written as it sounds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from corpus.analysis.analyzer import Analyzer, is_han
from corpus.analysis.bilingual import MAX_PHRASE, BilingualDictionary
from corpus.analysis.phrases import holds
from corpus.analysis.pinyin import reading
from corpus.engine import IndexReader, TermQuery
from corpus.model import Token
from corpus.search.days import mentions
from corpus.search.query import LIGHT_WORDS, STOP_WORDS

MAX_NAME = 3
"""Characters of a person's name, the first of which is the family's."""
_PASSAGES = 30  # read to see which translations occur together


@dataclass(frozen=True, slots=True)
class Translated:
    """A question in the other language."""

    question: str
    words: tuple[str, ...]
    """Those translated, in the other language; single characters, which tell little, aside."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """What one word or phrase may mean, the usual translation first; itself if unknown."""

    candidates: tuple[str, ...]
    is_translated: bool = True


class Translator:
    """Translates questions for one generation. Blocks: call it from a thread."""

    def __init__(
        self, reader: IndexReader, analyzer: Analyzer, dictionary: BilingualDictionary
    ) -> None:
        self._reader = reader
        self._analyzer = analyzer
        self._dictionary = dictionary

    def translate(self, topic: str, today: date) -> Translated | None:
        """Return ``topic``, folded, in the other language; None where no word can be translated.

        A topic with Han words is translated to English, another one to Chinese; words of the other
        language stay, as do dates.
        """
        choices = list(self._choices(topic, today))
        if not any(choice.is_translated for choice in choices):
            return None
        texts = self._best_passages(choices)
        chosen = [_commonest(choice.candidates, texts) for choice in choices]
        words = (word for word, choice in zip(chosen, choices, strict=True) if choice.is_translated)
        return Translated(" ".join(dict.fromkeys(chosen)), tuple(dict.fromkeys(words)))

    def _choices(self, topic: str, today: date) -> Iterator[_Choice]:
        dates = mentions(topic, today)
        for mention in dates:
            yield _Choice((topic[mention.start : mention.end],), is_translated=False)
        tokens = [
            token
            for token in self._analyzer.words(topic)
            if not any(d.start <= token.start < d.end for d in dates)
        ]
        if any(is_han(token.text) and token.text not in STOP_WORDS for token in tokens):
            yield from self._of_chinese(tokens)
        else:
            yield from self._of_english(topic, tokens)

    def _of_chinese(self, tokens: Sequence[Token]) -> Iterator[_Choice]:
        for run in _runs(tokens):
            text = "".join(token.text for token in run)
            if text in STOP_WORDS or text in LIGHT_WORDS:
                continue
            if not is_han(text):
                yield _Choice((text,), is_translated=False)
            elif found := self._dictionary.translations(text):
                yield _Choice(tuple(found))
            elif spelt := _spelt(text):
                yield _Choice(spelt)
            else:
                yield _Choice((text,), is_translated=False)

    def _of_english(self, topic: str, tokens: Sequence[Token]) -> Iterator[_Choice]:
        i = 0
        while i < len(tokens):
            for length in range(min(MAX_PHRASE, len(tokens) - i), 0, -1):
                phrase = tokens[i : i + length]
                if all(t.text in STOP_WORDS or t.text in LIGHT_WORDS for t in phrase):
                    continue
                found = self._dictionary.translations(topic[phrase[0].start : phrase[-1].end])
                if found:
                    yield _Choice(tuple(found))
                    break
            else:
                length = 1
                if tokens[i].text not in STOP_WORDS and tokens[i].text not in LIGHT_WORDS:
                    yield _Choice((tokens[i].text,), is_translated=False)
            i += length

    def _best_passages(self, choices: Sequence[_Choice]) -> list[str]:
        """Return the folded texts, with titles, that hold most of ``choices``, the best first."""
        boosts: dict[str, float] = {}
        for choice in choices:
            for candidate in choice.candidates:
                terms = [token.text for token in self._analyzer.words(candidate)]
                for term in terms:
                    share = 1 / (len(terms) * len(choice.candidates) ** 0.5)
                    boosts[term] = max(boosts.get(term, 0.0), share)
        scored = self._reader.search(TermQuery(boosts), _PASSAGES)
        articles = self._reader.articles({hit.article_id for hit in scored})
        passages = self._reader.passages([hit.passage_id for hit in scored])
        return self._analyzer.fold_each(
            [f"{articles[p.article_id].title} {p.heading} {p.text}" for p in passages]
        )


def _runs(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield each token, adjacent single Han characters together: they may be a name."""
    run: list[Token] = []
    for token in tokens:
        is_single = len(token.text) == 1 and is_han(token.text) and token.text not in STOP_WORDS
        if run and not (is_single and token.start == run[-1].end):
            yield run
            run = []
        if is_single:
            run.append(token)
        else:
            yield [token]
    if run:
        yield run


def _spelt(name: str) -> tuple[str, ...]:
    """Return how a name of Han characters may be spelt: wang yi, xu zhangrun, yiwu."""
    syllables = [reading(char) for char in name]
    if not 1 < len(name) <= MAX_NAME or not all(syllables):
        return ()
    family, *given = syllables
    return f"{family} {''.join(given)}", "".join(syllables)


def _commonest(candidates: Sequence[str], texts: Sequence[str]) -> str:
    """Return the one of ``candidates`` that the first of ``texts`` hold most; else the first."""

    def weight(candidate: str) -> float:
        return sum(1 / rank for rank, text in enumerate(texts, 1) if holds(text, candidate))

    return max(candidates, key=weight)

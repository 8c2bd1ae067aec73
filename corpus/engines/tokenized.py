"""Articles -> the terms of their passages as strings, for engines that keep no postings of ours."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.analysis.analyzer import Analyzer
from corpus.engine import content_hash
from corpus.model import Article


@dataclass(frozen=True, slots=True)
class TokenizedPassage:
    """The terms of one passage."""

    terms: list[str]
    content_hash: int
    folded: str
    """As `FoldedPassage.text`."""


def tokenize(articles: Sequence[Article], analyzer: Analyzer) -> list[TokenizedPassage]:
    """Return the terms of each paragraph of ``articles``, in order.

    They include those of its title and heading.
    """
    known: dict[str, list[str]] = {"": []}

    def terms(text: str) -> list[str]:
        # Every paragraph of an article has its title, many the same heading.
        if text not in known:
            known[text] = analyzer.terms(text)
        return known[text]

    return [
        TokenizedPassage(
            [
                *terms(article.title),
                *terms(paragraph.heading),
                *analyzer.terms(paragraph.text),
            ],
            content_hash(analyzer.fold(paragraph.text)),
            analyzer.comparable([f"{paragraph.heading} {paragraph.text}"])[0],
        )
        for article in articles
        for paragraph in article.paragraphs
    ]

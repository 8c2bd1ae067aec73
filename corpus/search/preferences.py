"""What a question prefers without insisting: its dates, its authors, what it quotes (pure).

Each preference adds to a candidate's score a share of the best possible score.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from corpus.analysis.phrases import holds, loosened
from corpus.dates import utc_day
from corpus.engine import FoldedPassage
from corpus.model import Article, Query
from corpus.search.conditions import date_fit
from corpus.search.days import mentions
from corpus.search.periods import Days
from corpus.search.rerank import Candidate

DATE = 3.0
"""Chosen by the questions for years of `python -m bench people`."""
AUTHOR = 0.1
QUOTATION = 0.2


def days_asked(query: Query) -> list[Days]:
    """Return the periods that ``query`` names."""
    return [Days.of_value(c.value) for c in query.conditions if c.kind == "date"]


def added(
    query: Query,
    candidates: Sequence[Candidate],
    articles: Mapping[int, Article],
    texts: Mapping[int, FoldedPassage],
    today: date,
) -> dict[str, NDArray[np.float64]]:
    """Return what each preference of ``query`` adds to each candidate, by name.

    Args:
        query: the question.
        candidates: in any order.
        articles: theirs, by id.
        texts: what they say, by passage id.
        today: until which an open period of an article without a date runs.
    """
    found: dict[str, NDArray[np.float64]] = {}

    def fit(candidate: Candidate) -> float:
        day = utc_day(articles[candidate.article_id].date)
        published = date.fromisoformat(day) if day else None
        if any(date_fit(days, published, ()) == 1 for days in asked):
            return 1.0  # no date in its text fits better, and finding those takes time
        text = texts[candidate.passage_id]
        # 去年 is the year before that of the article; of one without a date, it is unknown.
        named = [
            mention
            for mention in mentions(f"{text.title} {text.text}", published or today)
            if published or not mention.is_relative
        ]
        return max(date_fit(days, published, named) for days in asked)

    if asked := days_asked(query):
        found["date"] = DATE * np.array([fit(candidate) for candidate in candidates], float)
    if authors := {c.value for c in query.conditions if c.kind == "author"}:
        is_theirs = [articles[c.article_id].author in authors for c in candidates]
        found["author"] = AUTHOR * np.array(is_theirs, float)
    if phrases := [loosened(phrase) for phrase in query.preferred]:
        loose = [loosened(texts[candidate.passage_id].text) for candidate in candidates]
        counts = [sum(holds(text, phrase) for phrase in phrases) for text in loose]
        found["quotation"] = QUOTATION * np.array(counts, float)
    return found

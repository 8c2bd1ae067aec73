"""What a question prefers, as shares of the best possible score."""

from datetime import date

import pytest

from corpus.engine import FoldedPassage
from corpus.model import Article, Condition, Query
from corpus.search.preferences import DATE, added
from corpus.search.rerank import Candidate

TODAY = date(2024, 5, 15)


def bonus(asked: str, published: str | None, text: str) -> float:
    """Return how well one passage fits the year that a question asks for, from 0 to 1."""
    condition = Condition("date", f"{asked}年", asked)
    query = Query("", (), {}, frozenset(), (), (), conditions=(condition,))
    article = Article(1, "a.md", "灯塔", published, "", "", None)
    parts = added(
        query, [Candidate(1, 1, 1.0, 1)], {1: article}, {1: FoldedPassage("灯塔", text)}, TODAY
    )
    return float(parts["date"][0]) / DATE


@pytest.mark.parametrize(
    ("asked", "published", "text", "fit"),
    [
        # 去年 in an article of 2019 is 2018, whenever it is read.
        ("2018", "2019-03-01", "去年灯塔停用", 0.8),
        ("2023", "2019-03-01", "去年灯塔停用", 0.0),
        ("2016", "2019-03-01T08:00:00+08:00", "三年前灯塔停用", 0.8),
        ("2016", "2019-03-01", "2016年灯塔停用", 0.8),
        ("2022", "2019-03-01", "2015年以来灯塔停用", 0.0),
        ("2018", "2019-03-01", "2015年以来灯塔停用", 0.3),
        # Nobody knows which year that is in an article without a date.
        ("2023", None, "去年灯塔停用", 0.0),
        ("2016", None, "2016年灯塔停用", 0.8),
    ],
)
def test_a_date_in_a_passage_counts_from_the_day_of_its_article(
    asked: str, published: str | None, text: str, fit: float
) -> None:
    assert bonus(asked, published, text) == pytest.approx(fit)

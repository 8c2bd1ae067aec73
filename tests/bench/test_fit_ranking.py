import numpy as np
import pytest

from bench.fit_ranking import Example, fit_confidence, fit_ranking, mrr
from bench.people import Question, half_of
from corpus.search import confidence, rerank

FEATURES = 1 + len(rerank.WEIGHTS)


def examples(expect: str, helpful: int, *, count: int = 40) -> list[Example]:
    """Return questions whose second candidate answers, which only one feature tells."""
    features = np.zeros((2, FEATURES))
    features[:, 0] = 0.5, 0.6
    features[1, helpful] = 1.0
    is_answer = expect == "answer"
    told = dict.fromkeys(confidence.WEIGHTS, 0.0) | {"article words": float(is_answer)}
    return [
        Example(
            Question(f"q{i}", "fact", "?", expect, frozenset(), frozenset(), ()),
            features,
            np.array([False, is_answer]),
            told,
            is_answered=is_answer,
        )
        for i in range(count)
    ]


def test_the_feature_that_tells_gets_the_weight(capsys: pytest.CaptureFixture[str]) -> None:
    weights = fit_ranking([examples("answer", helpful=2)])
    assert max(weights, key=lambda name: weights[name]) == list(rerank.WEIGHTS)[1]
    assert "set 0, validation" in capsys.readouterr().out


def test_mrr_counts_from_the_first_candidate_that_answers() -> None:
    found = examples("answer", helpful=2, count=2)
    assert mrr(found, np.zeros(FEATURES)) == pytest.approx(1 / 2)
    assert mrr(found, np.ones(FEATURES)) == 1
    assert mrr([], np.ones(FEATURES)) == 0


def test_confidence_learns_what_tells_answered_questions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    weights = fit_confidence([examples("answer", 1) + examples("none", 1)])
    assert weights["article words"] > 0 > weights["bias"]
    assert capsys.readouterr().out.count("fitted") == len({half_of(f"q{i}") for i in range(9)})


def test_a_set_whose_questions_are_all_answerable_can_be_fitted() -> None:
    assert fit_confidence([examples("answer", 1)])["threshold"] == 0.0

import pytest

from corpus.search import confidence
from corpus.search.confidence import Best, features
from corpus.search.rerank import Candidate, Target

TARGET = Target("乌龙茶的发酵", {"乌龙茶": 1.0, "发酵": 0.5}, best_score=10.0)


def ranked(best: float, crowd: float = 4.0) -> list[Candidate]:
    """Return a best candidate, 1 of its score from the second stage, and 60 others."""
    others = [Candidate(number, number, crowd, number) for number in range(1, 61)]
    return [Candidate(0, 0, best, 0, {"characters": 1.0}), *others]


def test_what_the_best_candidate_holds_speaks_for_it() -> None:
    found = features(ranked(6.0), Best("茶园", "乌龙茶很香"), TARGET)
    assert found["score"] == pytest.approx(0.5)
    assert found["characters"] == pytest.approx(3 / 5)
    assert found["words"] == pytest.approx(1.0 / 1.5)
    assert found["title"] == 0.0
    assert found.keys() == confidence.WEIGHTS.keys()


def test_a_telling_word_in_the_title_speaks_more_than_a_common_one() -> None:
    common = features(ranked(6.0), Best("发酵", ""), TARGET)["title"]
    telling = features(ranked(6.0), Best("谈乌龙茶", ""), TARGET)["title"]
    assert (common, telling) == (0.5, 1.0)


def test_standing_out_from_the_crowd_counts_and_being_without_one_does_not_count_against() -> None:
    best = Best("", "")
    flat, peak = (features(ranked(score), best, TARGET)["prominence"] for score in (4.0, 8.0))
    alone = features(ranked(4.0)[:1], best, TARGET)["prominence"]
    assert flat == pytest.approx(0.0)
    assert flat < peak <= alone


def test_the_reading_that_suits_the_passage_counts() -> None:
    other = Target("红茶", {"红茶": 1.0}, best_score=5.0)
    best = Best("红茶", "红茶")
    both = confidence.confidence(ranked(6.0), best, [TARGET, other])
    assert both == confidence.confidence(ranked(6.0), best, [other])
    assert both > confidence.confidence(ranked(6.0), best, [TARGET])


@pytest.mark.parametrize("best_score", [-1.0, 0.0])
def test_weights_below_zero_as_in_tiny_archives_do_no_harm(best_score: float) -> None:
    target = Target("", {}, best_score=0.0)
    assert confidence.confidence(ranked(best_score, crowd=-2.0), Best("", ""), [target]) > -100

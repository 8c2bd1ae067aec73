import pytest

from corpus.engine import FoldedPassage
from corpus.model import Outcome
from corpus.search import confidence
from corpus.search.rerank import Candidate, Target

TARGET = Target("乌龙茶的发酵", {"乌龙茶": 1.0, "发酵": 0.5}, best_score=10.0)


def ranked(score: float = 30.0) -> list[Candidate]:
    """Return two passages of one article and one of another."""
    return [Candidate(i, article, score - i, content=i) for i, article in enumerate((1, 1, 2))]


def texts(*passages: str, title: str = "") -> dict[int, FoldedPassage]:
    """Return what the candidates say, by passage id."""
    return {i: FoldedPassage(title, passage) for i, passage in enumerate(passages)}


def outcome(candidates: list[Candidate], read: dict[int, FoldedPassage], target: Target) -> Outcome:
    found = confidence.features(candidates, read, [target])
    return confidence.outcome(confidence.confidence(found))


def article_words(*passages: str, title: str = "") -> float:
    read = texts(*passages, title=title)
    return confidence.features(ranked(), read, [TARGET])["article words"]


def test_the_title_and_the_other_passages_of_the_article_count_for_the_best() -> None:
    assert article_words("香气", "香气", "发酵") == 0.0
    assert article_words("香气", "乌龙茶", "发酵") == pytest.approx(1 / 1.5)
    assert article_words("发酵", "香气", "", title="乌龙茶") == pytest.approx(1.0)


def test_the_features_are_those_that_have_weights() -> None:
    found = confidence.features(ranked(), texts("", "", ""), [TARGET])
    assert found.keys() == confidence.WEIGHTS.keys()
    assert found["score"] == pytest.approx(3.0)
    assert found["words"] == pytest.approx(0.3)


def test_the_wording_that_suits_the_article_counts() -> None:
    other = Target("红茶", {"红茶": 1.0}, best_score=5.0)
    found = confidence.features(ranked(), texts("红茶", "", ""), [TARGET, other])
    assert found["article words"] == 1.0
    assert found["words"] == pytest.approx(0.2)


def test_a_question_for_a_number_is_harder_to_answer_than_an_open_one() -> None:
    number = Target("乌龙茶有多少种", TARGET.words, best_score=10.0)
    read = texts("乌龙茶的发酵", "", "")
    harder, easier = (confidence.features(ranked(), read, [t]) for t in (number, TARGET))
    assert confidence.confidence(harder) < confidence.confidence(easier)


def test_a_telling_question_that_is_wholly_held_is_answered() -> None:
    target = Target("乌龙茶的发酵程度", {"乌龙茶": 0.8, "发酵": 0.7, "程度": 0.5}, best_score=10.0)
    read = texts("乌龙茶的发酵程度", "", "")
    assert outcome(ranked(), read, target) is Outcome.ANSWER


def test_an_article_with_part_of_the_question_is_only_the_closest() -> None:
    assert outcome(ranked(), texts("发酵", "", ""), TARGET) is Outcome.CLOSEST


@pytest.mark.parametrize("passages", [(), ("香气", "茶园", "")])
def test_an_article_without_any_word_of_the_question_is_nothing(passages: tuple[str, ...]) -> None:
    candidates = ranked()[: len(passages)]
    assert outcome(candidates, texts(*passages), TARGET) is Outcome.NOTHING


@pytest.mark.parametrize("best_score", [-1.0, 0.0])
def test_weights_below_zero_as_in_tiny_archives_do_no_harm(best_score: float) -> None:
    target = Target("茶", {"茶": 0.0}, best_score=best_score)
    assert outcome(ranked(-1.0), texts("茶", "", ""), target) is Outcome.NOTHING


def test_a_passage_without_what_is_asked_of_the_subject_is_less_sure() -> None:
    target = Target(
        "杜邦的乌龙茶什么颜色", {"杜邦": 1.0, "乌龙茶": 0.3, "颜色": 0.3}, best_score=10.0
    )
    with_it, without = (
        confidence.features(ranked(), texts(text, "", ""), [target])["asked"]
        for text in ("杜邦的颜色", "杜邦")
    )
    assert (with_it, without) == (1.0, 0.0)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.search import rerank
from corpus.search.rerank import Candidate, Target

TARGET = Target("烏龍茶的發酵", frozenset("烏龍茶發酵"), {}, best_score=10.0)


def candidates(*rows: tuple[int, float]) -> list[Candidate]:
    """Return candidates of these articles and scores, each of its own content."""
    return [
        Candidate(number, article, score, content=number)
        for number, (article, score) in enumerate(rows)
    ]


def order(ranked: list[Candidate]) -> list[int]:
    return [one.passage_id for one in ranked]


def test_a_passage_that_holds_more_of_the_question_comes_first() -> None:
    texts = ["茶園風光明媚", "烏龍茶的發酵程度"]
    ranked = rerank.second_stage(candidates((1, 5.0), (2, 4.9)), texts, [TARGET])
    assert order(ranked) == [1, 0]
    for one, first_stage in zip(ranked, (4.9, 5.0), strict=True):
        assert one.score == pytest.approx(first_stage + sum(one.parts.values()))


def test_the_words_in_one_piece_beat_the_same_words_apart() -> None:
    texts = ["發酵 茶 龍 烏", "烏龍茶 發酵"]
    ranked = rerank.second_stage(candidates((1, 5.0), (2, 5.0)), texts, [TARGET])
    assert order(ranked) == [1, 0]


def test_a_list_of_titles_comes_after_what_says_something() -> None:
    texts = ["参见《烏龍茶的發酵》、《紅茶》", "烏龍茶的發酵程度介於綠茶與紅茶之間"]
    ranked = rerank.second_stage(candidates((1, 5.5), (2, 5.0)), texts, [TARGET])
    assert order(ranked) == [1, 0]
    assert ranked[1].score == pytest.approx(5.5 + sum(ranked[1].parts.values()))


@pytest.mark.parametrize(
    ("text", "listing"),
    [
        ("《茶經》、《大觀茶論》", True),
        ("下載:https://example.org/tea/oolong", True),
        ("陸羽的《茶經》分三卷十章,談到種茶、製茶與品茶的器具", False),
        ("", False),
    ],
)
def test_a_listing_is_mostly_titles_and_addresses(text: str, *, listing: bool) -> None:
    assert rerank.is_listing(text) is listing


def test_a_passage_is_held_against_the_reading_that_suits_it() -> None:
    other = Target("凍頂茶的焙火", frozenset("凍頂茶焙火"), {}, best_score=10.0)
    texts = ["凍頂茶的焙火", "凍頂山上"]
    ranked = rerank.second_stage(candidates((1, 3.0), (2, 4.0)), texts, [TARGET, other])
    assert order(ranked) == [0, 1]


def test_what_was_not_read_stays_behind_in_its_order() -> None:
    rows = candidates((1, 5.0), (2, 4.0), (3, 3.0), (4, 2.0))
    ranked = rerank.second_stage(rows, ["無關", "烏龍茶的發酵"], [TARGET])
    assert order(ranked) == [1, 0, 2, 3]


def test_nearly_the_same_passage_in_two_articles_is_one_hit() -> None:
    text = "烏龍茶是半發酵的茶，發酵程度介於綠茶與紅茶之間，香氣因製程而有很大不同"
    texts = [text, "紅茶全發酵", text + "。（轉載）"]
    ranked = rerank.second_stage(candidates((1, 5.0), (2, 4.0), (3, 3.0)), texts, [TARGET])
    assert order(ranked) == [0, 1]
    assert ranked[0].duplicates == (3,)


def test_a_copy_that_was_not_read_is_known_by_its_content() -> None:
    rows = [Candidate(0, 1, 5.0, content=7), Candidate(1, 2, 4.0, content=7)]
    (only,) = rerank.second_stage(rows, ["烏龍茶"], [TARGET])
    assert only.duplicates == (2,)


def test_a_passage_its_own_article_repeats_is_no_duplicate_elsewhere() -> None:
    rows = [Candidate(0, 1, 5.0, content=7), Candidate(1, 1, 4.0, content=7)]
    (only,) = rerank.second_stage(rows, ["烏龍茶", "烏龍茶"], [TARGET])
    assert only.duplicates == ()


def test_what_an_article_has_beyond_two_passages_comes_last() -> None:
    rows = candidates((1, 4.0), (1, 3.0), (1, 2.0), (2, 1.0))
    texts = ["烏龍", "龍茶很香", "發酵的過程", "酵母"]
    flat = Target("", frozenset(), {}, best_score=0.0)
    assert order(rerank.second_stage(rows, texts, [flat])) == [0, 1, 3, 2]


def test_what_falls_far_behind_the_best_is_not_kept() -> None:
    rows = candidates((1, 10.0), (2, 4.0), (3, 3.9))
    assert order(rerank.kept(rows)) == [0, 1]
    assert rerank.kept(candidates((1, -1.0))) == candidates((1, -1.0))
    assert rerank.kept([]) == []


@given(st.lists(st.text(max_size=30), min_size=1, max_size=12), st.text(max_size=10))
def test_every_candidate_is_shown_or_folded_into_another(texts: list[str], question: str) -> None:
    rows = candidates(*((number, 12.0 - number) for number in range(len(texts))))
    target = Target(question, frozenset(question), {}, best_score=3.0)
    ranked = rerank.second_stage(rows, texts, [target])
    shown = [one.article_id for one in ranked]
    folded = [article for one in ranked for article in one.duplicates]
    assert sorted(shown + folded) == list(range(len(texts)))

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.analysis.analyzer import is_han
from corpus.engine import FoldedPassage
from corpus.search import rerank
from corpus.search.rerank import Candidate, Target

TARGET = Target("烏龍茶的發酵", {"烏龍茶": 1.0, "發酵": 0.5}, best_score=10.0)


def candidates(*rows: tuple[int, float]) -> list[Candidate]:
    """Return candidates of these articles and scores, each of its own content."""
    return [
        Candidate(number, article, score, content=number)
        for number, (article, score) in enumerate(rows)
    ]


def texts(*passages: str) -> list[FoldedPassage]:
    """Return what candidates of untitled articles say, none of them the first passage."""
    return [FoldedPassage("", passage, ordinal=9) for passage in passages]


def order(ranked: list[Candidate]) -> list[int]:
    return [candidate.passage_id for candidate in ranked]


def test_a_passage_that_holds_more_of_the_question_comes_first() -> None:
    rows = candidates((1, 5.0), (2, 4.9))
    ranked = rerank.rank(rows, texts("茶園風光明媚", "烏龍茶的發酵程度"), [TARGET])
    assert order(ranked) == [1, 0]
    for candidate, first_stage in zip(ranked, (4.9, 5.0), strict=True):
        assert candidate.score == pytest.approx(first_stage + sum(candidate.parts.values()))


def test_the_words_in_one_piece_beat_the_same_words_apart() -> None:
    rows = candidates((1, 5.0), (2, 5.0))
    assert order(rerank.rank(rows, texts("發酵 茶 龍 烏", "烏龍茶 發酵"), [TARGET])) == [1, 0]


def test_a_title_asked_for_with_what_looks_like_a_frame_wins() -> None:
    target = Target("手机被监听", {"手机": 1.0, "监听": 0.5}, 10.0, "手机被监听怎么办 - 某站")
    rows = candidates((1, 5.0), (2, 5.0))
    titled = [
        FoldedPassage("手机被监听", "监听手机", 9),
        FoldedPassage("手机被监听怎么办 - 某站", "监听手机", 9),
    ]
    both = rerank.features(rows, titled, [target])
    exact = both[:, list(rerank.WEIGHTS).index("exact title")]
    assert exact.tolist() == [1.0, 1.0]
    shorter = rerank.features(rows, titled, [Target(target.text, target.words, 10.0)])
    assert shorter[:, list(rerank.WEIGHTS).index("exact title")].tolist() == [1.0, 0.0]


def test_a_title_that_is_the_question_wins_whatever_site_it_names() -> None:
    rows = candidates((1, 9.0), (2, 1.0))
    read = [
        FoldedPassage("各種茶", "烏龍茶的發酵與烘焙", 0),
        FoldedPassage("烏龍茶的發酵 - 茶報", "香氣", 4),
    ]
    assert order(rerank.rank(rows, read, [TARGET])) == [1, 0]


def test_a_title_near_the_question_is_preferred() -> None:
    rows = candidates((1, 5.0), (2, 5.0))
    read = [FoldedPassage("茶的一切", "香氣", 1), FoldedPassage("烏龍茶發酵了", "香氣", 1)]
    assert order(rerank.rank(rows, read, [TARGET])) == [1, 0]


def test_a_sentence_that_offers_what_is_asked_for_is_preferred() -> None:
    target = Target("烏龍茶有多少種", {"烏龍茶": 1.0}, best_score=10.0)
    rows = candidates((1, 5.0), (2, 5.0))
    assert order(rerank.rank(rows, texts("烏龍茶很香", "烏龍茶有十二種"), [target])) == [1, 0]


def test_an_article_is_preferred_for_its_best_passage() -> None:
    rows = candidates((1, 3.0), (2, 3.0), (2, 6.0))
    assert order(rerank.rank(rows, texts("茶", "茶", "烏"), [TARGET])) == [2, 1, 0]


def test_the_passages_of_a_sure_article_all_come_before_others() -> None:
    rows = candidates((1, 5.0), (1, 4.9), (1, 4.8), (2, 2.0))
    read = texts("烏龍茶", "烏龍茶香", "烏龍茶葉", "紅茶")
    assert order(rerank.rank(rows, read, [TARGET])) == [0, 1, 2, 3]


def test_a_passage_is_held_against_the_reading_that_suits_it() -> None:
    other = Target("凍頂茶的焙火", {"凍頂": 1.0, "焙火": 1.0}, best_score=10.0)
    rows = candidates((1, 3.0), (2, 4.0))
    read = texts("凍頂茶的焙火", "凍頂山上")
    assert order(rerank.rank(rows, read, [TARGET, other])) == [0, 1]


def test_latin_words_count_as_a_whole() -> None:
    target = Target("wework 上市", {"wework": 1.0, "上市": 0.3}, best_score=10.0)
    rows = candidates((1, 5.0), (2, 5.0))
    assert order(rerank.rank(rows, texts("股票上市", "wework 市值"), [target])) == [1, 0]


def test_without_a_target_the_scores_stay() -> None:
    rows = candidates((1, 3.0), (2, 4.0))
    assert [candidate.score for candidate in rerank.rank(rows, texts("", ""), [])] == [4.0, 3.0]


def test_nearly_the_same_passage_in_two_articles_is_one_hit() -> None:
    text = "烏龍茶是半發酵的茶，發酵程度介於綠茶與紅茶之間，香氣因製程而有很大不同"
    rows = candidates((1, 5.0), (2, 4.0), (3, 3.0))
    folded = rerank.fold_copies(rows, [text, "紅茶全發酵", text + "。（轉載）"])
    assert order(folded) == [0, 1]
    assert folded[0].duplicates == (3,)


def test_a_copy_far_down_is_known_by_its_content() -> None:
    rows = [Candidate(0, 1, 5.0, content=7), Candidate(1, 2, 4.0, content=7)]
    (only,) = rerank.fold_copies(rows, ["烏龍茶"])
    assert only.duplicates == (2,)


def test_a_passage_its_own_article_repeats_is_no_duplicate_elsewhere() -> None:
    rows = [Candidate(0, 1, 5.0, content=7), Candidate(1, 1, 4.0, content=7)]
    (only,) = rerank.fold_copies(rows, ["烏龍茶", "烏龍茶"])
    assert only.duplicates == ()


def test_what_falls_far_behind_the_best_is_not_kept() -> None:
    rows = candidates((1, 10.0), (2, 4.0), (3, 3.9))
    assert order(rerank.kept(rows)) == [0, 1]
    assert rerank.kept(candidates((1, -1.0))) == candidates((1, -1.0))
    assert rerank.kept([]) == []


@given(st.lists(st.text(max_size=30), min_size=1, max_size=12), st.text(max_size=10))
def test_every_candidate_is_shown_or_folded_into_another(read: list[str], question: str) -> None:
    rows = candidates(*((number, 12.0 - number) for number in range(len(read))))
    target = Target(question, dict.fromkeys(question, 1.0), best_score=3.0)
    ranked = rerank.rank(rows, [FoldedPassage(text, text) for text in read], [target])
    shown = rerank.fold_copies(ranked, [read[candidate.passage_id] for candidate in ranked])
    folded = [article for candidate in shown for article in candidate.duplicates]
    assert sorted([candidate.article_id for candidate in shown] + folded) == list(range(len(read)))


LETTERS = st.text(st.sampled_from("烏龍茶的酵ab1 -_。\n"), max_size=12)


@given(st.lists(LETTERS, min_size=1, max_size=6), LETTERS, LETTERS)
def test_shares_of_a_question_are_those_of_its_characters_pieces_and_pairs(
    read: list[str], question: str, typed: str
) -> None:
    """All candidates are read at once; here each is by itself."""
    rows = candidates(*((number, 1.0) for number in range(len(read))))
    target = Target(question, dict.fromkeys(filter(is_han, question), 1.0), 3.0, typed)
    offered = rerank.features(rows, [FoldedPassage(text, text, 9) for text in read], [target])
    pieces = {question[i:j] for j in range(len(question) + 1) for i in range(j)}
    units = sorted(target.units)
    rarities = {
        unit: math.log(1 + len(read) / (1 + sum(unit in text for text in read))) for unit in units
    }

    def share(text: str) -> float:
        held = sum(rarity for unit, rarity in rarities.items() if unit in text)
        return held / (sum(rarities.values()) or 1)

    def run(text: str) -> float:
        held = (len(piece) for piece in pieces if piece in text and "\n" not in piece)
        return max(held, default=0) / (len(question) or 1)

    def pairs(text: str) -> set[str]:
        letters = "".join(filter(str.isalnum, re.sub(r"(?<=\w{4}) ?- [^-]{1,20}$", "", text)))
        return {letters[i : i + 2] for i in range(max(len(letters) - 1, 1))}

    def likeness(text: str, asked: str) -> float:
        common = pairs(text) & pairs(asked)
        return 2 * len(common) / (len(pairs(text)) + len(pairs(asked)))

    columns = dict(zip(rerank.WEIGHTS, offered.T.tolist(), strict=True))
    assert columns["characters"] == pytest.approx([share(text) for text in read])
    assert columns["run"] == pytest.approx([run(text) for text in read])
    wordings = [question, typed] if typed else [question]
    assert columns["same title"] == [max(likeness(t, w) for w in wordings) for t in read]

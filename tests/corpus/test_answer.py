from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import answer
from corpus.analyzer import Analyzer
from corpus.model import Token

TEXT = "颱風來了。據報導，螞蟻集團承作貸款對象已達5億人。一切風險都歸銀行。"


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


def test_the_sentence_with_the_weightiest_words_answers(analyzer: Analyzer) -> None:
    weights = {"风险": 2.0, "贷款": 1.5, "蚂蚁": 1.5, "贷": 9.0}
    best = answer.best_sentence(TEXT, analyzer.find(TEXT, weights), weights)
    assert best is not None
    assert best.text == "據報導，螞蟻集團承作貸款對象已達5億人。"
    assert TEXT[best.start : best.end] == best.text


def test_a_word_counts_once_however_often_a_sentence_repeats_it(analyzer: Analyzer) -> None:
    text = "風險、風險、風險。貸款與風險。"
    weights = {"风险": 1.0, "贷款": 0.5}
    best = answer.best_sentence(text, analyzer.find(text, weights), weights)
    assert best is not None
    assert best.text == "貸款與風險。"


def test_no_sentence_answers_where_none_holds_a_term(analyzer: Analyzer) -> None:
    assert answer.best_sentence(TEXT, analyzer.find(TEXT, {"地震"}), {"地震": 1.0}) is None


def test_touching_matches_are_one_highlight(analyzer: Analyzer) -> None:
    spans = answer.highlights(analyzer.find(TEXT, {"蚂蚁", "集团", "风险"}))
    assert [TEXT[start:end] for start, end in spans] == ["螞蟻集團", "風險"]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5))))
def test_highlights_are_sorted_disjoint_and_apart(pieces: list[tuple[int, int]]) -> None:
    found = [Token("a", at, at + length) for at, length in sorted(pieces)]
    spans = answer.highlights(found)
    for (_, end), (start, _) in pairwise(spans):
        assert end < start
    covered = {at for start, end in spans for at in range(start, end)}
    assert covered == {at for token in found for at in range(token.start, token.end)}

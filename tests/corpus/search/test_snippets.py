from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.analysis.analyzer import Analyzer
from corpus.model import Token
from corpus.search import snippets
from corpus.search.snippets import Wanted

TEXT = "颱風來了。據報導，螞蟻集團承作貸款對象已達5億人。一切風險都歸銀行。"


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


def answered(analyzer: Analyzer, text: str, question: str, **words: float) -> str:
    wanted = Wanted(analyzer.fold(question), words, title="")
    found = snippets.best_answer(text, wanted, lambda texts: [analyzer.fold(one) for one in texts])
    assert text[found.start : found.end] == found.text
    return found.text


def test_the_sentence_with_the_weightiest_words_answers(analyzer: Analyzer) -> None:
    words = {"对象": 2.0, "贷款": 1.5, "蚂蚁": 1.5}
    assert answered(analyzer, TEXT, "螞蟻貸款的對象", **words) == (
        "據報導，螞蟻集團承作貸款對象已達5億人。"
    )


def test_where_no_sentence_shares_a_word_the_first_one_is_marked(analyzer: Analyzer) -> None:
    assert answered(analyzer, TEXT, "地震", 地震=1.0) == "颱風來了。"
    assert answered(analyzer, "…", "地震", 地震=1.0) == "…"


def test_a_latin_word_is_not_found_inside_another(analyzer: Analyzer) -> None:
    text = f"The virus spread. {'Nothing is said here. ' * 9}It was the US that knew."
    assert answered(analyzer, text, "us", us=1.0).endswith("It was the US that knew.")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("這座橋是哪一年完工的", "這座橋在1935年完工。"),
        ("這座橋為什麼完工", "這座橋因為鋼材改良才得以完工。"),
        ("這座橋完工時有多少人", "這座橋完工時有3千人觀禮。"),
    ],
)
def test_a_sentence_that_offers_what_is_asked_for_wins_among_equals(
    analyzer: Analyzer, question: str, expected: str
) -> None:
    filler = "這是一段說明其他事情的文字，和問題沒有關係，只是把兩句隔開而已。" * 3
    text = filler.join(
        ("這座橋完工時有3千人觀禮。", "這座橋在1935年完工。", "這座橋因為鋼材改良才得以完工。")
    )
    assert expected in answered(analyzer, text, question, 桥=1.0, 完工=1.0)


def test_a_neighbour_that_says_it_joins_the_sentence_that_names_it(analyzer: Analyzer) -> None:
    text = "南迴線全長約98公里。它在1991年完工。沿線沒有城市，居民不多，班次也少，風景卻很好。"
    assert answered(analyzer, text, "南迴線哪一年完工", 南回线=2.0, 完工=1.0) == (
        "南迴線全長約98公里。它在1991年完工。"
    )


def test_what_a_sentence_announces_is_marked_with_it(analyzer: Analyzer) -> None:
    announced = "被帶走的律師有以下三位：\n王某\n李某\n張某"
    text = f"{announced}\n{'與此無關的另一件事說了很久，' * 12}"
    assert answered(analyzer, text, "被帶走的律師", 律师=1.0, 带走=1.0) == announced
    followed = "原因如下：\n工資太低。"
    assert answered(analyzer, f"{followed}其他的事。", "原因", 原因=1.0).startswith(followed)


def test_a_long_list_is_marked_only_in_part(analyzer: Analyzer) -> None:
    text = "律師有：\n" + "\n".join(f"第{i}位是某某律師事務所的合夥人" for i in range(50))
    marked = answered(analyzer, text, "律師", 律师=1.0)
    assert len(marked) <= snippets.MAX_ANSWER_CHARS


def test_a_common_character_by_itself_is_not_marked_and_a_rare_one_is() -> None:
    assert snippets.words_to_mark({"贷款": 8.0, "对象": 1.0, "人": 3.9}) == {"贷款", "对象"}
    assert snippets.words_to_mark({"茶": 6.0, "发酵": 8.0}) == {"茶", "发酵"}
    assert snippets.words_to_mark({"茶": -1.0}) == {"茶"}
    assert snippets.words_to_mark({}) == set()


def test_touching_matches_are_one_highlight(analyzer: Analyzer) -> None:
    spans = snippets.highlights(analyzer.find(TEXT, {"蚂蚁", "集团", "风险"}))
    assert [TEXT[start:end] for start, end in spans] == ["螞蟻集團", "風險"]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5))))
def test_highlights_are_sorted_disjoint_and_apart(pieces: list[tuple[int, int]]) -> None:
    found = [Token("a", start, start + length) for start, length in sorted(pieces)]
    spans = snippets.highlights(found)
    for (_, end), (start, _) in pairwise(spans):
        assert end < start
    covered = {i for start, end in spans for i in range(start, end)}
    assert covered == {i for token in found for i in range(token.start, token.end)}

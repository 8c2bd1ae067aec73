import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.analysis.analyzer import Analyzer
from corpus.search import query


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("螞蟻集團的貸款對象有多少人", {"蚂蚁", "集团", "贷款", "对象", "人"}),
        ("颱風是什麼？", {"台风"}),
        ("Who invented the telephone?", {"invented", "telephone"}),
        ("是誰", {"是", "谁"}),
        ("？！…", set()),
        ("", set()),
    ],
)
def test_a_question_is_looked_for_by_its_telling_words(
    analyzer: Analyzer, question: str, terms: set[str]
) -> None:
    assert query.parse(question, analyzer).words == terms


def test_a_repeated_word_counts_as_often(analyzer: Analyzer) -> None:
    assert query.parse("颱風 颱風 地震", analyzer).terms == {"台风": 4.0, "地震": 2.0}


def test_bigrams_join_words_that_stand_together_and_no_others(analyzer: Analyzer) -> None:
    parsed = query.parse("螞蟻集團的貸款", analyzer)
    assert parsed.terms == {"蚂蚁": 2.0, "集团": 2.0, "贷款": 2.0, "蚁集": 1.0}


@pytest.mark.parametrize(
    ("question", "text", "required", "excluded"),
    [
        ("「芝麻信用」是什麼", "芝麻信用 是什麼", ("芝麻信用",), ()),
        (
            '『芝麻信用』 “百行徵信” "支付寶"',
            "芝麻信用 百行徵信 支付寶",
            ("芝麻信用", "百行徵信", "支付寶"),
            (),
        ),
        ("颱風 -莫拉克", "颱風", (), ("莫拉克",)),
        ("颱風 －莫拉克 ＋花蓮", "颱風 花蓮", ("花蓮",), ("莫拉克",)),
        ("-莫拉克 颱風", "颱風", (), ("莫拉克",)),
        ("颱風 -「莫拉克 颱風」", "颱風", (), ("莫拉克 颱風",)),
        # plain text
        ("COVID-19", "COVID-19", (), ()),
        ("1+1", "1+1", (), ()),
        ("颱風 - 莫拉克", "颱風 - 莫拉克", (), ()),
        ("C++ 語言", "C++ 語言", (), ()),
        ("「", "「", (), ()),
        ("「」是什麼", "「」是什麼", (), ()),
        ('"…" 颱風', "… 颱風", (), ()),
        ("author:me ~颱風 AND (", "author:me ~颱風 AND (", (), ()),
    ],
)
def test_operators_are_those_people_know_and_the_rest_is_plain_text(
    question: str, text: str, required: tuple[str, ...], excluded: tuple[str, ...]
) -> None:
    asked = query.split_operators(question)
    assert (asked.text, asked.required, asked.excluded) == (text, required, excluded)


@given(st.text(st.sampled_from('颱風 -+「」"“”＂－＋a'), max_size=20))
def test_any_mix_of_marks_is_a_question(question: str) -> None:
    asked = query.split_operators(question)
    for phrase in (*asked.required, *asked.excluded):
        assert any(char.isalnum() for char in phrase)


def test_other_readings_count_less_than_what_was_typed(analyzer: Analyzer) -> None:
    parsed = query.parse("誰寫的軟體", analyzer, lambda text: [text.replace("软体", "软件")])
    assert parsed.terms["软体"] == 2.0
    assert parsed.terms["软件"] == 1.0
    assert parsed.words == {"软体", "软件", "写"}


def test_a_phrase_needs_each_of_its_pairs_and_latin_words(analyzer: Analyzer) -> None:
    assert query.necessary_terms("芝麻信用", analyzer) == {"芝麻", "麻信", "信用"}
    assert query.necessary_terms("openai 公司", analyzer) == {"openai", "公司"}
    assert query.necessary_terms("茶", analyzer) == set()

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.analysis.analyzer import Analyzer, bigrams
from corpus.errors import CorpusError

# What folding changes: scripts, width, case, combining marks, ligatures, invisible characters.
LETTERS = st.text(
    st.sampled_from("螞蚂蟻蚁集團团５5ＡaİßﬁéCe\u0301가ᄀ\u1161㈱…，, .1\u200b\n𠀀乾カ"),
    max_size=40,
)
ANYTHING = st.text(max_size=60)


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer()


def words(analyzer: Analyzer, text: str) -> list[str]:
    return [token.text for token in analyzer.words(text)]


def test_both_scripts_give_the_same_terms(analyzer: Analyzer) -> None:
    assert analyzer.terms("螞蟻集團的貸款對象") == analyzer.terms("蚂蚁集团的贷款对象")
    assert words(analyzer, "螞蟻集團") == ["蚂蚁", "集团"]


def test_bigrams_that_are_no_words_are_terms_beside_the_words(analyzer: Analyzer) -> None:
    assert analyzer.terms("螞蟻集團的人") == ["蚂蚁", "集团", "的", "人", "蚁集", "团的", "的人"]
    assert bigrams(["中华人民共和国", "人"]) == [
        "中华",
        "华人",
        "人民",
        "民共",
        "共和",
        "和国",
        "国人",
    ]
    assert bigrams(["人民", "人民"]) == ["民人"]
    assert bigrams(["茶"]) == []


def test_words_are_found_inside_longer_ones(analyzer: Analyzer) -> None:
    text = "違約風險由銀行承擔風險，OpenAI與AI"
    assert [
        (token.text, text[token.start : token.end])
        for token in analyzer.find(text, {"风险", "ai", "约"})
    ] == [("风险", "風險"), ("风险", "風險"), ("ai", "AI")]


def test_width_and_case_make_no_difference(analyzer: Analyzer) -> None:
    assert analyzer.terms("ＧＤＰ２０１９年") == analyzer.terms("gdp2019年")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("1,234,567元", ["1234567", "元"]),
        ("3.14", ["3.14"]),
        ("2021.1.6", ["2021", "1", "6"]),
        ("2021-01-06", ["2021", "01", "06"]),
        ("1,2,3", ["1", "2", "3"]),
        ("don't", ["don't"]),
        ("COVID-19", ["covid19"]),
        ("5G", ["5g"]),
        ("iPhone12", ["iphone12"]),
        ("，。！？…「」", []),
        ("", []),
        ("👩‍👩‍👧", []),
    ],
)
def test_words_and_numbers_in_other_scripts_stay_whole(
    analyzer: Analyzer, text: str, terms: list[str]
) -> None:
    assert words(analyzer, text) == terms


def test_a_token_points_at_the_original_glyphs(analyzer: Analyzer) -> None:
    text = "…據㈱報導，螞蟻\u200b集團"
    spans = {text[token.start : token.end]: token.text for token in analyzer.words(text)}
    assert spans["螞蟻"] == "蚂蚁"
    assert spans["集團"] == "集团"
    assert spans["㈱"] == "株"


@given(st.one_of(LETTERS, ANYTHING))
def test_the_words_are_the_first_terms_and_their_spans_ascend(
    analyzer: Analyzer, text: str
) -> None:
    tokens = analyzer.words(text)
    assert [token.text for token in tokens] == analyzer.terms(text)[: len(tokens)]
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)


@given(LETTERS)
def test_composed_and_decomposed_text_give_the_same_terms(analyzer: Analyzer, text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert analyzer.terms(composed) == analyzer.terms(decomposed)


def test_a_long_run_of_one_character_is_cut_in_linear_time(analyzer: Analyzer) -> None:
    # Uncut, jieba needs half a minute for this.
    assert sum(len(word) for word in words(analyzer, "哈" * 100_000)) == 100_000


def test_a_word_of_the_user_stays_whole_in_either_script(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("# names\n芝麻信用分\nC++語言 10\n", "utf-8")
    analyzer = Analyzer(words)
    assert "芝麻信用分" in analyzer.terms("他的芝麻信用分很高")
    assert "c++语言" in analyzer.terms("学C++语言")
    assert analyzer.fingerprint != Analyzer().fingerprint


@pytest.mark.parametrize("content", ["芝麻 often\n".encode(), b"\xff\xfe\xfa"])
def test_a_broken_user_dictionary_is_named_in_the_error(tmp_path: Path, content: bytes) -> None:
    words = tmp_path / "words.txt"
    words.write_bytes(content)
    with pytest.raises(CorpusError, match=r"words\.txt"):
        Analyzer(words)


@pytest.mark.parametrize(
    ("one_writing", "another"),
    [
        ("MERS-CoV", "merscov"),
        ("B-52轟炸機", "b52"),
        ("e-mail", "email"),
        ("Falcon9", "falcon 9"),
        ("GPT-4", "gpt4"),
        ("Zürich", "zurich"),
        ("Bra\u0301s", "bras"),
        ("Japan’s", "japan"),
        ("Japan's", "Japan’s"),
        ("L'Oréal", "loreal"),
        ("L’Oréal", "oreal"),
        ("Łódź", "lodz"),
        ("Smørrebrød", "smorrebrod"),
        ("Ærø", "aero"),
        ("Đà Nẵng", "da nang"),
        ("e\u2011commerce", "ecommerce"),
        ("Zürich–Genève", "Zurich-Geneve"),
        ("Three.js", "threejs"),
        ("three.js", "three"),
        ("D3.js", "d3js"),
        ("PM2.5濃度", "PM 2.5"),
        ("USB3.0", "3.0"),
        ("earthquakes", "earthquake"),
        ("voted", "voting"),
        ("Ｆ＃", "f#"),
        ("三千", "3,000"),
        ("3萬", "30,000"),
        ("一九八四", "1984"),
        ("民國七十八年", "1989"),
    ],
)
def test_other_writings_of_a_word_or_a_number_share_a_term(
    analyzer: Analyzer, one_writing: str, another: str
) -> None:
    shared = set(analyzer.terms(one_writing)) & set(analyzer.terms(another))
    assert any(len(term) > 1 for term in shared)


@pytest.mark.parametrize(
    ("text", "term"),
    [("C++入門", "c++"), ("學C#", "c#"), ("用.NET寫的", ".net"), ("Disney+上架", "disney+")],
)
def test_a_sign_is_part_of_a_name_and_the_bare_name_is_found_too(
    analyzer: Analyzer, text: str, term: str
) -> None:
    terms = analyzer.terms(text)
    assert {term, term.strip(".+#")} <= set(terms)
    assert term in [word.text for word in analyzer.words(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3.14159", ["3.14159"]),
        ("v2.0.1", ["v2", "0", "1"]),
        ("U.S. Navy", ["u", "s", "navy"]),
        ("He left.Then it rained", ["he", "left", "then", "it", "rained"]),
        ("don't", ["don't"]),
    ],
)
def test_a_dot_or_an_apostrophe_joins_no_more_than_a_name(
    analyzer: Analyzer, text: str, words: list[str]
) -> None:
    assert [word.text for word in analyzer.words(text)] == words


@pytest.mark.parametrize("text", ["2020-01-06", "1949-2019", "一下", "十分", "萬一"])
def test_dates_ranges_and_words_with_a_numeral_are_no_single_number(
    analyzer: Analyzer, text: str
) -> None:
    digits = [term for term in analyzer.terms(text) if term.isdecimal()]
    assert all(len(term) <= len("2020") for term in digits)
    assert not digits or "-" in text

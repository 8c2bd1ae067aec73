from datetime import date

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
    ("question", "text", "required", "excluded", "preferred"),
    [
        # the whole question, or a sign: a must
        ("「芝麻信用」", "芝麻信用", ("芝麻信用",), (), ()),
        ("“百行徵信”？", "百行徵信 ？", ("百行徵信",), (), ()),
        ('『芝麻信用』 "支付寶"', "芝麻信用 支付寶", ("芝麻信用", "支付寶"), (), ()),
        ('颱風 +"莫拉克"', "颱風 莫拉克", ("莫拉克",), (), ()),
        ("颱風 -莫拉克", "颱風", (), ("莫拉克",), ()),
        ("颱風 －莫拉克 ＋花蓮", "颱風 花蓮", ("花蓮",), ("莫拉克",), ()),
        ("-莫拉克 颱風", "颱風", (), ("莫拉克",), ()),
        ("颱風 -「莫拉克 颱風」", "颱風", (), ("莫拉克 颱風",), ()),
        ("「莫拉克颱風」 -高雄", "莫拉克颱風", ("莫拉克颱風",), ("高雄",), ()),
        # a quotation in a sentence: a preference
        ("「芝麻信用」是什麼", "芝麻信用 是什麼", (), (), ("芝麻信用",)),
        ("為什麼說「清零」是‘笑話’", "為什麼說 清零 是‘笑話’", (), (), ("清零",)),
        (
            'the "great firewall" explained',
            "the great firewall explained",
            (),
            (),
            ("great firewall",),
        ),
        # plain text
        ("COVID-19", "COVID-19", (), (), ()),
        ("1+1", "1+1", (), (), ()),
        ("颱風 - 莫拉克", "颱風 - 莫拉克", (), (), ()),
        ("C++ 語言", "C++ 語言", (), (), ()),
        ('27" 和 32" 螢幕', '27" 和 32" 螢幕', (), (), ()),
        ('a 27" monitor', 'a 27" monitor', (), (), ()),
        ("「", "「", (), (), ()),
        ("「」是什麼", "「」是什麼", (), (), ()),
        ('"…" 颱風', "… 颱風", (), (), ()),
        ("author:me ~颱風 AND (", "author:me ~颱風 AND (", (), (), ()),
    ],
)
def test_a_must_is_only_what_is_plainly_one(
    question: str,
    text: str,
    required: tuple[str, ...],
    excluded: tuple[str, ...],
    preferred: tuple[str, ...],
) -> None:
    asked = query.split_operators(question)
    assert (asked.text, asked.required, asked.excluded) == (text, required, excluded)
    assert asked.preferred == preferred


@given(st.text(st.sampled_from('颱風 -+「」"“”＂－＋a'), max_size=20))
def test_any_mix_of_marks_is_a_question(question: str) -> None:
    asked = query.split_operators(question)
    for phrase in (*asked.required, *asked.excluded, *asked.preferred):
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


TODAY = date(2024, 5, 15)


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("找一下關於水母的報導", {"水母"}),
        ("How does photosynthesis work?", {"photosynthesis"}),
        ("3,000個飯糰", {"3000", "饭团"}),
        ("三千個飯糰", {"3000", "饭团"}),
        ("二〇二〇年的飯糰", {"饭团"}),
        ("民國109年的飯糰", {"饭团"}),
        ("二二八紀念館", {"228", "二二八", "纪念馆"}),
        ("COVID-19的飯糰", {"covid19", "饭团"}),
        ("MH-370的飯糰", {"mh370", "饭团"}),
    ],
)
def test_a_frame_is_left_out_and_a_number_is_one_term(
    analyzer: Analyzer, question: str, terms: set[str]
) -> None:
    assert query.parse(question, analyzer).words == terms


def test_the_topic_leads_time_quantity_and_what_says_little(analyzer: Analyzer) -> None:
    terms = query.parse("2019年水母為什麼開始一次出現三千隻", analyzer, today=TODAY).terms
    assert terms["水母"] > terms["2019"] > terms["开始"]
    assert terms["水母"] > terms["3000"]
    assert terms["水母"] > terms["只"]


def test_a_relative_date_hardly_counts_as_a_term(analyzer: Analyzer) -> None:
    parsed = query.parse("去年的水母", analyzer, today=TODAY)
    assert parsed.terms["去年"] < 0.5 * parsed.terms["水母"]
    assert [(c.kind, c.text, c.value) for c in parsed.conditions] == [("date", "去年", "2023")]


def test_what_is_quoted_counts_more(analyzer: Analyzer) -> None:
    parsed = query.parse("為什麼說「水母」像果凍", analyzer)
    assert parsed.preferred == ("水母",)
    assert parsed.terms["水母"] > parsed.terms["果冻"]


@pytest.mark.parametrize(
    "question",
    ["「1984」", "「2020年」是什麼歌", '"2020" 這首歌', "《2019年6月》講什麼", "看過『去年』嗎"],
)
def test_what_is_quoted_is_no_date(analyzer: Analyzer, question: str) -> None:
    assert query.parse(question, analyzer, today=TODAY).conditions == ()


def test_a_date_beside_a_quotation_is_one(analyzer: Analyzer) -> None:
    for question in ("2019年的「水母」", "「水母」 2019年", "颱風 +2019年", "2019年 -「2019年鑑」"):
        parsed = query.parse(question, analyzer, today=TODAY)
        assert [condition.value for condition in parsed.conditions] == ["2019"], question


def test_an_address_is_a_condition_and_no_term(analyzer: Analyzer) -> None:
    parsed = query.parse(
        "https://sea.example/jellyfish/ 這篇在講什麼",
        analyzer,
        names=lambda _, key: "a.md" if key == "sea.example/jellyfish" else None,
    )
    assert [(c.kind, c.value) for c in parsed.conditions] == [("address", "a.md")]
    assert not {"https", "sea.example", "jellyfish"} & parsed.terms.keys()


def test_a_question_that_is_only_a_name_asks_for_its_articles(analyzer: Analyzer) -> None:
    def names(kind: str, name: str) -> str | None:
        return "王小明" if (kind, name) == ("author", "王小明") else None

    assert query.parse("王小明寫的文章", analyzer, names=names).is_name
    assert not query.parse("王小明的文章被刪了", analyzer, names=names).is_name


def test_talk_is_marked_and_a_question_after_a_greeting_is_none(analyzer: Analyzer) -> None:
    assert query.parse("<@123> 你好！", analyzer).talk == "greeting"
    asked = query.parse("<@123> 你好，水母有幾種？", analyzer)
    assert asked.talk is None
    assert asked.terms["水母"] > asked.terms["你好"]
    assert "123" not in asked.terms


def test_what_was_read_is_told_in_plain_words(analyzer: Analyzer) -> None:
    parsed = query.parse("找一下2019年6月關於「水母」的報導 -果凍", analyzer, today=TODAY)
    assert query.explain(parsed) == [
        "must hold: “水母”",
        "must not hold: “果冻”",
        "preferred: date 2019-06 (“2019年6月”)",
        "frame left out: “找一下”, “的报导”",
        "topic: “2019年6月关于 水母”",
        "terms and their weights: 水母 2, 2019 1.6, 6 1.6, 年 1.12, 月 1.12",
    ]
    assert query.explain(query.parse("謝謝", analyzer))[0] == "no question, but talk: greeting"

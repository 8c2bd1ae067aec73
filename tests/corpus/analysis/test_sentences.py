import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.analysis.sentences import ends_closed, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["颱風來了。", "學校停課！", "你呢？"],
        ["他說：「你好。」", "然後走了。"],
        ["「真的嗎？」他問。", "她不答。"],
        ["他問：「真的嗎？」", "她不答。"],
        ["所謂「誰是主人？」的問題，至今沒有答案。", "以後再說。"],
        ["他走了。", "（編按：這不對。）", "後來呢？"],
        ["《誰之罪？》是一本小說。", "很長。"],
        ["第一，很貴；", "第二，很慢。"],
        ["蘋果、香蕉……等水果都漲價了。", "菜也是。"],
        ["真的嗎?", "我不信!", "好。"],
        ["漢娜.阿倫特寫過這本書。", "很有名。"],
        ["太可怕了！！！", "快走。"],
    ],
)
def test_chinese_sentences_end_at_their_marks(expected: list[str]) -> None:
    assert sentences("".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["Mr. Smith paid 3.5 million.", "He met J. K. Rowling."],
        ["It began in the U.S. in 1990.", "Then it spread."],
        ["See https://example.org/a.b?c=d.e for more.", "Then leave."],
        ["“How are you?” he asked.", "“Fine.”", "She left."],
        ["It opens at 9 a.m. every day.", "No. 5 is closed."],
        ["1. Open the box.", "2. Close it."],
        ["Wait... what?", "Nothing!"],
    ],
)
def test_english_sentences_are_not_cut_at_abbreviations(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


def test_a_long_quotation_is_cut_inside() -> None:
    first, second = "“" + "長" * 90 + "。", "另一句。”"
    assert sentences(first + second + "他走了。") == [first, second, "他走了。"]


def test_the_items_of_a_joined_list_are_sentences() -> None:
    assert sentences("有兩種辦法： • 走路 • 搭車") == ["有兩種辦法：", "• 走路", "• 搭車"]


def test_marks_alone_belong_to_the_sentence_beside_them() -> None:
    assert sentences("他走了。 ⚪️") == ["他走了。 ⚪️"]
    assert sentences("……！ 他走了。") == ["……！ 他走了。"]


def test_an_empty_text_has_no_sentences() -> None:
    assert sentence_spans("") == []
    assert sentence_spans(" \n ") == []


@given(st.text(alphabet="他是A.a 1。！？…；」「“”（）()《》\"'\n•:/https", max_size=80) | st.text())
def test_spans_are_sorted_disjoint_and_cover_all_but_white_space(text: str) -> None:
    spans = sentence_spans(text)
    covered: set[int] = set()
    reached = 0
    for start, end in spans:
        assert reached <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        covered.update(range(start, end))
        reached = end
    assert all(text[i].isspace() for i in range(len(text)) if i not in covered)


@pytest.mark.parametrize(
    "text", ["「" * 50_000, "。" * 50_000, ".!" * 50_000, "「」。" * 30_000, "http://" * 20_000]
)
def test_time_grows_linearly_with_length(text: str) -> None:
    started = time.process_time()
    sentence_spans(text)
    assert time.process_time() - started < 3


def test_a_sentence_may_end_in_closing_quotes_and_brackets() -> None:
    assert ends_closed("他說：「好。」")
    assert ends_closed("Done.)")
    assert not ends_closed("三種辦法：")
    assert not ends_closed("")

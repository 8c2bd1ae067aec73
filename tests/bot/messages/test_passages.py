"""A passage's sentence and its one line read well wherever they are cut."""

import pytest

from bot.messages.passages import one_small_line, sentence
from corpus.model import Answer, Article, Hit, Marks, Passage


def hit(text: str, answer: str | None = None, heading: str = "") -> Hit:
    found = answer or text
    start = text.index(found)
    marks = Marks((), Answer(found, start, start + len(found)) if answer else None)
    return Hit(
        1,
        1.0,
        Article(1, "a.md", "標題", "2021-01-06", "林", "中央社", None),
        Passage(1, 1, 0, text, heading),
        lambda: marks,
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("第四次全国大熊猫调查的结果在 2015 年公布，野生大熊猫有 1864 只。", "第四次全国大熊猫调查的结果在…"),
        ("本線從嘉義站到阿里山站，長 71.4 公里，軌距只有 762 公釐。", "本線從嘉義站到阿里山站…"),
        ("臺灣高鐵在 2007 年 1 月 5 日開始載客，起初只有部分車站。", "臺灣高鐵在 2007 年 1 月…"),
        ("雨量是這次災害的主角。阿里山測站 24 小時的最大雨量為一千六百公釐。", "雨量是這次災害的主角…"),
        ("黑面琵鷺是中型的水鳥，學名 Platalea minor，嘴巴扁平。", "黑面琵鷺是中型的水鳥，學名…"),
        ("To earn the name hurricane, sustained winds must reach 64 knots.", "To earn the name hurricane…"),
        ("All of them need warm water.", "All of them need warm water."),
        ("1234567890" * 9, "123456789012345678901234567890123…"),
    ],
)  # fmt: skip
def test_a_line_is_cut_within_no_word_number_or_date(text: str, line: str) -> None:
    assert one_small_line(hit(text)) == line


def test_a_sentence_that_is_whole_has_no_ellipsis() -> None:
    text = "颱風在深夜由花蓮登陸。隔天下午從桃園出海，移動緩慢，雨連續下了好幾天。"
    assert sentence(hit(text), 20) == "颱風在深夜由花蓮登陸。"
    assert sentence(hit(text, "隔天下午從桃園出海，移動緩慢，雨連續下了好幾天。"), 20) == (
        "隔天下午從桃園出海，移動緩慢，…"
    )


def test_no_space_follows_a_full_stop_of_chinese() -> None:
    text = "海上警報：提前 24 小時發布。 陸上警報：提前 18 小時發布。 Then it is over."
    assert sentence(hit(text), 200) == (
        "海上警報：提前 24 小時發布。陸上警報：提前 18 小時發布。Then it is over."
    )

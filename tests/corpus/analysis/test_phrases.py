import pytest

from corpus.analysis.phrases import holds, loosened


@pytest.mark.parametrize(
    ("text", "phrase", "held"),
    [
        ("芝麻信用分", "麻信", True),
        ("the us army", "us", True),
        ("a virus", "us", False),
        ("usa", "us", False),
        ("用openai的", "openai", True),
        ("2013年", "13", False),
        ("13年", "13", True),
        ("13年", "13年", True),
        ("213年", "13年", False),
        ("c++语言", "c++", True),
        ("node.js", "nodejs", True),
        ("end. then", "endthen", False),
        ("l'oreal", "loreal", True),
        ("20.21", "2021", False),
        ("pm2.5", "pm", True),
        ("pm2.5", "2.5", True),
        ("pm 2.5", "pm", True),
        ("pm25", "pm", False),
        ("2.4ghz", "2.4", True),
        ("2.4ghz", "ghz", True),
        ("24ghz", "ghz", False),
        ("2.45", "2.4", False),
        ("h.264", "h264", True),
        ("12.5", "2.5", False),
    ],
)
def test_a_latin_phrase_is_held_as_whole_words_and_a_han_phrase_anywhere(
    text: str, phrase: str, *, held: bool
) -> None:
    assert holds(text, phrase) is held


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("他 使用 python 编程 多年", "使用python编程"),
        ("使用python编程", "使用 python 编程"),
        ("哈利·波特", "哈利波特"),
        ("哈利波特", "哈利・波特"),
        ("it’s over", "it's over"),
    ],
)
def test_a_loosened_phrase_is_held_however_it_is_spaced(text: str, phrase: str) -> None:
    assert holds(loosened(text), loosened(phrase))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [("new york", "newyork"), ("哈利和波特", "哈利波特"), ("its over", "it's over")],
)
def test_loosening_joins_no_latin_words_and_leaves_nothing_else_out(text: str, phrase: str) -> None:
    assert not holds(loosened(text), loosened(phrase))

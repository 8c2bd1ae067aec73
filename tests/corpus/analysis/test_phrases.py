import pytest

from corpus.analysis.phrases import holds


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
    ],
)
def test_a_latin_phrase_is_held_as_whole_words_and_a_han_phrase_anywhere(
    text: str, phrase: str, *, held: bool
) -> None:
    assert holds(text, phrase) is held

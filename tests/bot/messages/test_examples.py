"""Examples are questions that their reader can read."""

import pytest

from bot.messages.examples import MAX_CHARS, example, examples

MIXED = ["颱風的名字從哪裡來？", "Why the tide?", "大熊猫降级之后", "阿里山"]


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("zh-TW", ["颱風的名字從哪裡來？", "大熊貓降級之後", "阿里山", "Why the tide?"]),
        ("zh-CN", ["台风的名字从哪里来？", "大熊猫降级之后", "阿里山", "Why the tide?"]),
        ("en-US", ["Why the tide?", "颱風的名字從哪裡來？", "大熊猫降级之后", "阿里山"]),
    ],
)
def test_examples_are_in_the_readers_script_and_the_others_last(
    locale: str, shown: list[str]
) -> None:
    assert examples(MIXED, locale) == shown


def test_what_a_phone_cuts_off_comes_after_shorter_ones() -> None:
    assert examples(["颱" * 20, "風" * 18, "Why?"], "zh-TW") == ["風" * 18, "颱" * 20, "Why?"]


def test_the_same_question_in_two_scripts_is_one_example() -> None:
    assert examples(["颱風？", "台风？"], "zh-CN") == ["台风？"]


def test_an_example_has_no_operators_and_fits_a_button() -> None:
    assert example("「高鐵」 +通車 -延誤 " + "長" * 99).startswith("高鐵 通車")
    assert len(example("長" * 99)) == MAX_CHARS
    assert example("𠀀" * 99) == ""

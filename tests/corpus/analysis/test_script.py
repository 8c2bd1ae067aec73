"""Text is shown in its reader's Chinese script."""

import pytest

from corpus.analysis.script import to_script


@pytest.mark.parametrize(
    ("text", "locale", "shown"),
    [
        ("汉字简化的几个数字", "zh-TW", "漢字簡化的幾個數字"),
        ("搜尋引擎怎麼排順序", "zh-CN", "搜寻引擎怎么排顺序"),
        ("賀伯颱風二十年，皇后", "zh-TW", "賀伯颱風二十年，皇后"),
        ("BM25", "zh-TW", "BM25"),
    ],
)
def test_text_is_converted_only_from_the_other_script(text: str, locale: str, shown: str) -> None:
    assert to_script(text, locale) == shown

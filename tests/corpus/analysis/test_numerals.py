import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.analysis.numerals import in_other_numerals


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("登月五十周年", ["登月50周年"]),
        ("登月50周年", ["登月五十周年"]),
        ("二〇二一年", ["2021年"]),
        ("一九九九年九二一地震", ["1999年921地震"]),
        ("2021年", ["二〇二一年"]),
        ("13 码", ["十三 码"]),
        ("十三位", ["13位"]),
        ("两千三百零五", ["2305"]),
        ("三百二十个", ["320个"]),
        ("2305个", ["二千三百零五个"]),
        ("从五十到100", ["从50到100", "从五十到一百"]),
        # no numbers, or none that is written the other way
        ("十分好", []),
        ("一个", []),
        ("百千", []),
        ("十百", []),
        ("3.14", []),
        ("1,000", []),
        ("covid19", []),
        ("100000", []),
        ("", []),
    ],
)
def test_a_number_is_written_the_other_way(text: str, others: list[str]) -> None:
    assert in_other_numerals(text) == others


@given(st.integers(11, 9_999))
def test_what_is_written_in_numerals_reads_back(number: int) -> None:
    (written,) = in_other_numerals(f"{number}个")
    assert in_other_numerals(written) == [f"{number}个"]

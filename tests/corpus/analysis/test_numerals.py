from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.analysis.numerals import in_digits, numbers, read


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # digit by digit
        ("二〇二〇年", ["2020"]),
        ("二零二零年", ["2020"]),
        ("一九八四", ["1984"]),
        ("九一一事件", ["911"]),
        ("九七年回归", ["97"]),
        ("〇八年", ["08"]),
        ("〇〇七", ["007"]),
        # by value
        ("登月五十周年", ["50"]),
        ("三千人", ["3000"]),
        ("两千三百零五个", ["2305"]),
        ("三百二十", ["320"]),
        ("一千零一夜", ["1001"]),
        ("十一", ["11"]),
        ("廿一", ["21"]),
        ("卅", []),
        ("一万二", ["12000"]),
        ("两百五", ["250"]),
        ("一万零五", ["10005"]),
        ("三千零五十万", ["30500000"]),
        ("两亿三千万", ["230000000"]),
        ("十万", ["100000"]),
        ("百分之三十", ["30"]),
        # digits
        ("2020年", ["2020"]),
        ("3,000", ["3000"]),
        ("30万", ["300000"]),
        ("1.5亿", ["150000000"]),
        ("3千万", ["30000000"]),
        ("从五十到100", ["50", "100"]),
        # the calendar of the Republic
        ("民国109年", ["2020"]),
        ("民国一百零九年", ["2020"]),
        ("民国一〇九年", ["2020"]),
        ("民国 38 年", ["1949"]),
        ("民国元年", ["1912"]),
    ],
)
def test_a_number_has_one_value_in_every_writing(text: str, values: list[str]) -> None:
    assert [number.value for number in numbers(text)] == values


@pytest.mark.parametrize(
    "text",
    [
        "一个",
        "十分好",
        "万一",
        "千万不要",
        "数千万",
        "几十万",
        "四五十",
        "三十四五",
        "三四个",
        "三三两两",
        "一五一十",
        "百千",
        "十百",
        "一百多万",
        "六四",
        "五一",
        "3.14",
        "covid19",
        "f16",
        "192.168.1.1",
        "一" * 30,
        "9" * 30,
        "",
    ],
)
def test_what_only_looks_like_a_number_or_counts_roughly_is_none(text: str) -> None:
    assert numbers(text) == []


def test_a_number_stands_where_its_numeral_does() -> None:
    text = "民国109年和二〇二一年的3万人"
    assert [text[n.start : n.end] for n in numbers(text)] == ["109", "二〇二一", "3万"]


@given(st.integers(11, 999_999_999))
def test_every_number_in_numerals_reads_back(number: int) -> None:
    assert read(in_numerals(number)) == number
    assert [n.value for n in numbers(in_numerals(number) + "个")] == [str(number)]


@given(st.text(st.sampled_from("一二三〇零十百千万亿廿两几数年民国元0123,. a"), max_size=24))
def test_a_text_in_digits_has_the_value_of_each_number(text: str) -> None:
    expected = ""
    end = 0
    for number in numbers(text):
        expected += text[end : number.start] + number.value
        end = number.end
    assert in_digits(text) == expected + text[end:]


@given(st.text(st.sampled_from("一二三〇零十百千万亿廿两年民国0123,. a"), max_size=24))
def test_any_text_has_numbers_in_order_and_apart(text: str) -> None:
    found = numbers(text)
    assert all(number.value.isdigit() for number in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


def in_numerals(number: int) -> str:
    """Write ``number``, below ten to the twelfth, as a newspaper does."""
    large, rest = divmod(number, 100_000_000)
    middle, small = divmod(rest, 10_000)
    written = ""
    for value, unit in ((large, "亿"), (middle, "万"), (small, "")):
        if not value:
            continue
        if written and value < 1_000:
            written += "零"
        written += _section(value, leading=bool(written)) + unit
    return written


def _section(value: int, *, leading: bool) -> str:
    digits = "零一二三四五六七八九"
    written = ""
    for place, digit in zip(("千", "百", "十", ""), map(int, f"{value:04}"), strict=True):
        if digit:
            written += digits[digit] + place
        elif written and not written.endswith("零"):
            written += "零"
    written = written.rstrip("零")
    return written.removeprefix("一") if written.startswith("一十") and not leading else written


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("登月五十周年", "登月50周年"),
        ("二〇二〇年的三千人", "2020年的3000人"),
        ("3,000人", "3000人"),
        ("2020年", "2020年"),
        ("一下子", "一下子"),
    ],
)
def test_texts_are_compared_in_digits(text: str, digits: str) -> None:
    assert in_digits(text) == digits

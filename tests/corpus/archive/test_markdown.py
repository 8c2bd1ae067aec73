import time

import pytest

from corpus.errors import ArticleError
from tests.corpus.archive.bodies import LONG, OTHER, texts


@pytest.mark.parametrize(
    "written",
    [
        "大會通過**「不落地」。**從下個月開始實施，**注意（第二點）：**週三休息。",
        "大會通過*「不落地」*。*從下個月開始*實施，注意（第二點）：***週三***休息。",
        "大會通過**「不落地」**。從下個月開始實施，注意**（第二點）**：週三**休息。**",
    ],
)
def test_emphasis_needs_no_space_beside_full_width_marks(written: str) -> None:
    assert texts(written) == ["大會通過「不落地」。從下個月開始實施，注意（第二點）：週三休息。"]


@pytest.mark.parametrize("written", ["~~「取消」~~的場次", "已經~~「取消」。~~的場次"])
def test_struck_text_needs_no_space_beside_full_width_marks(written: str) -> None:
    (text,) = texts(f"{LONG}{written}不補票，另行公告。")
    assert "~" not in text


def test_asterisks_that_mark_nothing_stay() -> None:
    assert texts("長 * 寬 * 高，單位是公分，2 * 3 = 6，答案是六。") == [
        "長 * 寬 * 高，單位是公分，2 * 3 = 6，答案是六。"
    ]
    assert texts("變數 snake_case_name 和 **沒有結束的粗體，寫在這裡。") == [
        "變數 snake_case_name 和 **沒有結束的粗體，寫在這裡。"
    ]


@pytest.mark.parametrize(
    ("reference", "note"),
    [
        ("[^1]", "[^1]: "),
        ("[^1]", "[^1]:"),
        ("[^註一]", "[^註一]: "),
        ("[^note-2]", "[^note-2]:   "),
    ],
)
def test_a_footnote_is_text_and_its_number_is_not(reference: str, note: str) -> None:
    body = f"{LONG}{reference}\n\n{note}{OTHER.replace(' ', '')}\n\n{LONG}"
    assert texts(body) == [LONG, LONG, OTHER]


def test_a_footnote_beyond_html_is_found() -> None:
    body = f"{LONG}[^1]\n\n<div><p>{LONG}</p></div>\n\n[^1]: {OTHER}\n"
    assert texts(body) == [LONG, LONG, OTHER]
    assert texts(f"{LONG}看[簡章][a]。\n\n<p>{OTHER}</p>\n\n[a]: https://example.org") == [
        f"{LONG}看簡章。",
        OTHER,
    ]


def test_the_further_paragraphs_of_a_footnote_are_read() -> None:
    assert texts(f"{LONG}[^a]\n\n[^a]: {OTHER}\n\n    {LONG}\n") == [LONG, f"{OTHER} {LONG}"]


def test_a_definition_stands_beside_its_term() -> None:
    assert texts(f"{LONG}\n\n水門\n: {OTHER}\n") == [LONG, f"水門 {OTHER}"]


def test_the_boxes_of_a_list_of_tasks_are_left_out() -> None:
    assert texts(f"{LONG}\n\n- [ ] 買手電筒\n- [x] 修好屋頂\n") == [f"{LONG} 買手電筒 • 修好屋頂"]


@pytest.mark.parametrize("value", ['"1"', "'1'", "1", '"block"'])
def test_markdown_is_read_inside_html_that_says_so(value: str) -> None:
    body = f"<div class='x' markdown={value}>\n\n**{LONG}**\n\n[{OTHER}](https://example.org) 可惜。\n\n</div>\n\n*結束了，大家再見。*"
    assert texts(body) == [LONG, f"{OTHER} 可惜。 結束了，大家再見。"]
    cell = f"<table><tr><td markdown={value}>**{LONG}**</td></tr></table>"
    assert texts(cell) == [LONG]
    nested = f"<section>\n<div markdown={value}>\n**{LONG}**\n</div>\n</section>\n"
    assert texts(nested) == [LONG]


def test_markdown_is_not_read_inside_other_html() -> None:
    assert texts(f"<div markdown='0'>\n\n**{LONG}**\n\n</div>") == [f"**{LONG}**"]


@pytest.mark.parametrize("odd", ["[^" * 4900, "[^1]: " * 9000, "a\n: b\n" * 9000, "**「" * 30000])
def test_odd_footnotes_and_marks_take_seconds_at_most(odd: str) -> None:
    started = time.process_time()
    texts(odd)
    assert time.process_time() - started < 6


def test_too_many_brackets_are_refused() -> None:
    with pytest.raises(ArticleError, match="brackets"):
        texts("[^1]: " * 10_001)


@pytest.mark.parametrize("value", ["markdown=1", 'markdown="block"'])
def test_a_start_tag_without_an_end_takes_the_rest(value: str) -> None:
    assert texts(f"{LONG}\n\n<div {value}") == [LONG]


def test_a_post_cannot_repeat_its_html_by_writing_placeholders() -> None:
    assert texts(f"<div>{LONG}</div>\n\n<!--html 0-->\n\n<!--html 0-->") == [LONG]


@pytest.mark.parametrize(
    "odd",
    ["https://a" * 60 + " x", f"Note: a{' ' * 10_000}x", f"- a{' ' * 10_000}x"],
    ids=["glued addresses", "a line of spaces", "an item of spaces"],
)
def test_repetition_does_not_make_reading_endless(odd: str) -> None:
    assert LONG in " ".join(texts(f"{odd}\n\n{LONG}"))

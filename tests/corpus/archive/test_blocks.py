import pytest

from tests.corpus.archive.bodies import LONG, OTHER, texts


def test_inline_elements_that_are_styled_as_blocks_stand_apart() -> None:
    for display in ("block", "flex", "grid", "table", "list-item", "-webkit-box"):
        spans = "".join(f"<span style='display: {display};'>{t}</span>" for t in (LONG, OTHER))
        assert texts(f"<div>{spans}</div>") == [LONG, OTHER]
    links = "".join(f"<a href='x' style='display:block'>{t}</a>" for t in (LONG, OTHER))
    assert texts(f"<p>{LONG}</p><div>{links}</div><p>{LONG}</p>")[1:3] == [LONG, OTHER]


def test_inline_elements_that_a_sheet_makes_blocks_stand_apart() -> None:
    spans = "".join(f"<span class='row'>{text}</span>" for text in (LONG, OTHER))
    assert texts(f"<style>.row {{ display: block }}</style><div>{spans}</div>") == [LONG, OTHER]


def test_the_children_of_a_flexible_box_stand_apart() -> None:
    spans = "".join(f"<span>{text}</span>" for text in (LONG, OTHER))
    for display in ("flex", "grid", "inline-flex"):
        assert texts(f"<section style='display: {display}'>{spans}</section>") == [LONG, OTHER]


def test_a_hidden_cell_does_not_part_its_row() -> None:
    row = "<td>臺北</td><td style='display:none'>備註</td><td>基隆</td>"
    assert texts(f"<p>{LONG}</p><table><tr>{row}</tr></table>") == [f"{LONG} 臺北 | 基隆"]


def test_inline_blocks_stay_in_their_line() -> None:
    assert texts("<p>他說<span style='display:inline-block'>明天</span>會再來一次。</p>") == [
        "他說明天會再來一次。"
    ]


def test_the_lines_of_a_listing_are_not_glued() -> None:
    body = "<pre><code>import os</code><code>print(1)</code><code>exit()</code></pre>"
    assert texts(body) == ["import os print(1) exit()"]
    assert texts("<pre>床前明月光\n疑是地上霜</pre>") == ["床前明月光 疑是地上霜"]
    assert texts(f"<pre>{LONG}\n\n  {OTHER}</pre>") == [LONG, OTHER]


def test_the_lines_of_a_cell_are_not_glued() -> None:
    for cell in ("<p>臺北</p><p>基隆</p>", "臺北<br>基隆", "臺北<b style='display:block'>基隆</b>"):
        row = f"<tr><td>{cell}</td><td>3<b>0</b>0</td></tr>"
        assert texts(f"<table>{row}</table>") == ["臺北 基隆 | 300"]


@pytest.mark.parametrize(
    "unseen",
    [
        "<script>track(1)</script>",
        "<style>b{color:red}</style>",
        "<sup>[1]</sup>",
        "<button>複製</button>",
        "<span style='display:none'>備註</span>",
        "<span hidden>備註</span>",
        "<span style='visibility:hidden'>備註</span>",
        "<div class='share-buttons'>分享</div>",
    ],
)
def test_what_is_left_out_of_the_page_is_left_out_of_a_cell(unseen: str) -> None:
    row = f"<tr><td>臺北{unseen}</td><td>300</td></tr>"
    assert texts(f"<table>{row}</table>") == ["臺北 | 300"]


def test_styled_cells_stay_cells() -> None:
    row = "<tr><td><span style='color:red'>臺北</span></td><td style='width:9px'>300</td></tr>"
    assert texts(f"<table>{row}</table>") == ["臺北 | 300"]

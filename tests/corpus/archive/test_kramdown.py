import pytest

from tests.corpus.archive.bodies import LONG, OTHER, texts


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("用*紅色*{: .red}標示出口。", "用紅色標示出口。"),
        (
            '看[路線圖](https://example.org){:target="_blank" rel="nofollow"}再走。',
            "看路線圖再走。",
        ),
        ("![圖](a.png){: width='300' .center} 這裡是出口。", "這裡是出口。"),
        ("**重要**{:.warn}的事情說三次。", "重要的事情說三次。"),
        ("說三次的事情。{: title='a {b} c'}", "說三次的事情。"),
        ("集合{x: 1}保留著。", "集合{x: 1}保留著。"),
        ("寫成 `{: .red}` 的樣子。", "寫成 {: .red} 的樣子。"),
        ("`{::comment}`開始，`{:/comment}`結束。", "{::comment}開始，{:/comment}結束。"),
        ("出口{::comment}`秘密`{:/comment}在右邊。", "出口在右邊。"),
        ("出口{::comment}在右邊。", "出口在右邊。"),
    ],
)
def test_attribute_lists_of_spans_are_left_out(written: str, read: str) -> None:
    assert texts(written) == [read]


def test_attribute_lists_on_a_line_of_their_own_are_left_out() -> None:
    body = f"{{:.lead}}\n{LONG}\n{{: #first .x}}\n\n## 災情 {{#damage}}\n\n## 後續\n{{:.no_toc}}\n\n{OTHER}\n{{: style='color:red'}}\n"
    read = texts(body)
    assert not any("{" in text for text in read)
    assert read[0] == LONG
    assert read[-1] == OTHER


@pytest.mark.parametrize(
    "toc", ["* TOC\n{:toc}", "1. 這裡會換成目錄\n{: toc}", "- 目錄\n{:toc .x}", "[TOC]", "[[toc]]"]
)
def test_the_place_of_a_table_of_contents_is_left_out(toc: str) -> None:
    assert texts(f"{LONG}\n\n{toc}\n\n{OTHER}") == [LONG, OTHER]


@pytest.mark.parametrize(
    "comment",
    [
        "{::comment}\n秘密，不要刊出。\n\n第二段秘密。\n{:/comment}",
        "{::comment}秘密{:/}",
        '{::options parse_block_html="true" /}',
        "{:red: .red .bold}",
        "*[秘密]: 一個縮寫的意思",
        "^",
    ],
)
def test_what_kramdown_does_not_show_is_left_out(comment: str) -> None:
    assert texts(f"{LONG}\n\n{comment}\n\n{OTHER}") == [LONG, OTHER]


def test_text_that_kramdown_shows_as_it_is_stays() -> None:
    assert texts(f"{LONG}\n\n{{::nomarkdown}}\n{OTHER}\n{{:/nomarkdown}}\n") == [LONG, OTHER]

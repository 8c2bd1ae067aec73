from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.archive.cleaning import without_invisible
from corpus.archive.files import read_bytes, scan
from corpus.archive.post import parse
from corpus.errors import ArticleError
from corpus.model import Article

SHARED = Path(__file__).parents[3].parent / "shared"

POST = """---
layout: post
title: "馬雲陷風暴 AT&amp;T"
date: 2021-01-06T01:56:34.000Z
author: (臺)中央社&nbsp;CNA
from: https://www.example.org/news/1.aspx?a=1&amp;b=2
tags: [ (臺)中央社CNA, 金融 ]
categories: [ (臺)中央社CNA ]
---
<!--1609898194000-->
[馬雲陷風暴 AT&amp;T](https://www.example.org/news/1.aspx)
------

<div>
<p>螞蟻集團承作貸款對象已達5億人，放款資金大多源自約100家與螞蟻合作的商業銀行。</p>
</div>
"""


def read(text: str | bytes, path: str = "_posts/2019-08-17-some-name.md") -> Article:
    raw = text if isinstance(text, bytes) else text.encode()
    return parse(path, raw, article_id=7)


def with_front(front: str, body: str = "這一段正文說的是別的事情，和上面沒有關係。") -> Article:
    return read(f"---\n{front}\n---\n{body}\n")


def test_a_post_gives_every_field_of_an_article() -> None:
    article = read(POST)
    assert article.id == 7
    assert article.path == "_posts/2019-08-17-some-name.md"
    assert article.title == "馬雲陷風暴 AT&T"
    assert article.date == "2021-01-06T01:56:34.000Z"
    assert article.author == "(臺)中央社 CNA"
    assert article.source == "(臺)中央社CNA"
    assert article.url == "https://www.example.org/news/1.aspx?a=1&b=2"
    assert article.tags == ("(臺)中央社CNA", "金融")
    assert [paragraph.text for paragraph in article.paragraphs] == [
        "螞蟻集團承作貸款對象已達5億人，放款資金大多源自約100家與螞蟻合作的商業銀行。"
    ]


def test_line_ends_and_byte_order_marks_make_no_difference() -> None:
    windows = "\ufeff" + POST.replace("\n", "\r\n")
    assert read(windows) == read(POST)
    assert read(POST.encode("utf-16")) == read(POST)


def test_the_date_comes_from_the_front_matter_the_file_name_or_the_comment() -> None:
    assert with_front("date: 2019-08-18 09:30:00 +0800").date == "2019-08-18T09:30:00+08:00"
    assert with_front("title: a").date == "2019-08-17"
    assert with_front("date: 2019-13-01").date == "2019-08-17"
    comment = "<!--1609898194000-->\n\n這一段正文說的是別的事情。"
    assert read(comment, "a.md").date == "2021-01-06T01:56:34Z"
    assert read("<!--NaN-->\n\n這一段正文說的是別的事情。", "2019-02-30-a.md").date is None


def test_without_a_title_the_first_heading_or_the_file_name_is_taken() -> None:
    assert read("文字在標題前面。\n\n## 一個 **標題**\n\n文字在標題後面。").title == "一個 標題"
    assert with_front("title:").title == "some-name"
    assert with_front("title: ''").title == "some-name"
    assert read("文字，沒有標題。", "2020-1-2 颱風.markdown").title == "颱風"
    assert with_front("title: 2019").title == "2019"
    assert with_front("title: [a, b]").title == "a"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "local",
        "javascript:alert(1)",
        "ftp://example.org/a",
        "http://",
        "'http://[::1'",
        "//example.org/a",
        "https://example.org/a b",
        "[]",
    ],
)
def test_only_a_web_address_becomes_a_link(written: str) -> None:
    article = with_front(f"from: {written}")
    assert article.url is None
    assert article.source == ""


def test_the_source_is_the_first_category_else_the_host() -> None:
    url = "from: https://News.example.org/1\n"
    assert with_front(url).source == "news.example.org"
    assert with_front(url + "categories: [ 中央社, b ]").source == "中央社"
    assert with_front(url + "categories: New York Times").source == "New York Times"
    assert with_front(url + "categories: []\ncategory: 財經").source == "財經"


def test_authors_and_tags_may_be_lists_texts_or_nothing() -> None:
    assert with_front("author: [甲, 乙]").author == "甲、乙"
    assert with_front("author: 甲, 乙").author == "甲, 乙"
    assert with_front("author: ~").author == ""
    assert with_front("tags: a b").tags == ("a", "b")
    assert with_front("tags: a b, c").tags == ("a b", "c")
    assert with_front("tags: [a, a, ~]").tags == ("a",)
    assert with_front("tags: ~").tags == ()


def test_invisible_characters_are_removed_from_every_field() -> None:
    article = read(
        '---\ntitle: "安\\u202e全 &#8203;標\\x00題"\nauthor: "甲\\u200d乙"\ntags: ["丙\\ufeff"]\n'
        'from: "https://example.org/\\u200ba"\n---\n正\x00文\x1b[31m沒\u200b有\u2066怪東西。'
    )
    assert article.title == "安全 標題"
    assert article.author == "甲乙"
    assert article.tags == ("丙",)
    assert article.url == "https://example.org/a"
    assert article.paragraphs[0].text == "正文[31m沒有怪東西。"


def test_surrogates_encoded_as_characters_are_removed() -> None:
    raw = "正文有一個不該有的字".encode() + b"\xed\xa0\x80" + "，其他都好。".encode()
    assert read(raw).paragraphs[0].text == "正文有一個不該有的字，其他都好。"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("這是大五碼寫的文章。".encode("big5"), "not UTF-8 text"),
        ("这是国标写的文章。".encode("gb18030"), "not UTF-8 text"),
        (b"\xff\xfe\x00", "not UTF-8 text"),
        (b"\xfe\xff" + "正文".encode() * 10, "not the UTF-16 text it says"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "not UTF-8 text"),
        (b"", "holds no text"),
        (b"---\ntitle: a\n---\n<img src='x'>", "holds no text"),
        (b"---\ntitle: a\n", "not closed"),
        (b"---\ntitle: a\npublished: false\n---\ntext", "not published"),
        (b"---\ntitle: a\n---\n" + b"<div>" * 100_000, "nested deeper than 256"),
    ],
)
def test_an_unusable_post_is_refused_with_its_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(ArticleError, match=reason):
        read(raw)


@given(st.data())
def test_a_damaged_post_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(POST.encode())
    for _ in range(data.draw(st.integers(1, 12))):
        start = data.draw(st.integers(0, len(raw) - 1))
        end = data.draw(st.integers(start, min(len(raw), start + 40)))
        raw[start:end] = data.draw(
            st.binary(max_size=6)
            | st.sampled_from(
                [b"<div>", b"</p>", b"---\n", b"[", b"{", b"&#x202e;", b"<!--", b"\0"]
            )
        )
        raw = raw or bytearray(b" ")
    try:
        article = parse("a.md", bytes(raw), article_id=0)
    except ArticleError as error:
        assert "\n" not in str(error)  # noqa: PT017 - it need not be refused
        return
    assert article.title
    fields = [article.title, article.author, article.source, article.url or "", *article.tags]
    for text in [*fields, *(paragraph.text for paragraph in article.paragraphs)]:
        assert without_invisible(text) == text == text.strip()
        text.encode()  # no surrogate is left


# Real archives


@pytest.mark.skipif(
    not (SHARED / "seed").is_dir(), reason="needs shared/seed beside the repository"
)
def test_the_seed_article_has_its_paragraphs_and_nothing_else() -> None:
    (path,) = scan(SHARED / "seed")
    article = parse(path, read_bytes(SHARED / "seed", path), article_id=0)
    texts = [paragraph.text for paragraph in article.paragraphs]
    assert any("5億人" in text for text in texts)
    assert texts[0].startswith("（中央社記者")
    assert texts[-1].endswith("1100106")
    assert not any("圖為" in text or "延伸閱讀" in text or "仇富情結" in text for text in texts)


@pytest.mark.skipif(
    not (SHARED / "archive").is_dir(), reason="needs shared/archive beside the repository"
)
def test_real_posts_are_read_and_hold_no_boilerplate() -> None:
    root = SHARED / "archive"
    empty: list[str] = []
    for path in scan(root)[::12]:
        try:
            article = parse(path, read_bytes(root, path), article_id=0)
        except ArticleError as error:
            assert str(error) == "holds no text"  # noqa: PT017 - a post may be a video
            empty.append(path)
            continue
        assert article.date
        assert article.url
        for paragraph in article.paragraphs:
            assert "点击以在 Twitter 上共享" not in paragraph.text
            assert "您可能感兴趣的文章" not in paragraph.text
            assert "未验证" not in paragraph.text
            assert paragraph.text != "Related"
    assert len(empty) <= 3

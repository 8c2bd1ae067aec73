from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.archive.cleaning import without_invisible
from corpus.archive.files import read_bytes, scan
from corpus.archive.post import read as read_post
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
    return read_post(path, raw).article


def with_front(front: str, body: str = "這一段正文說的是別的事情，和上面沒有關係。") -> Article:
    return read(f"---\n{front}\n---\n{body}\n")


def test_a_post_gives_every_field_of_an_article() -> None:
    article = read(POST)
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


def test_authors_may_be_mappings_and_have_either_key() -> None:
    assert with_front("author: {name: 甲, email: a@example.org}").author == "甲"
    assert with_front("authors:\n- name: 甲\n- name: 乙").author == "甲、乙"
    assert with_front("authors: [甲, 乙, 甲]").author == "甲、乙"
    assert with_front("author: ''\nauthors: 丙").author == "丙"


def test_of_nested_categories_the_outermost_is_the_source() -> None:
    assert with_front("categories:\n- [日記, 遊記]\n- [日記, 生活]").source == "日記"
    assert with_front("categories:\n- - 日記\n  - 遊記").source == "日記"
    assert with_front("category: {name: 日記}").source == "日記"


@pytest.mark.parametrize(
    "key",
    [
        "source_url",
        "original_url",
        "canonical_url",
        "canonicalURL",
        "canonical",
        "link",
        "permalink",
        "url",
    ],
)
def test_the_source_link_may_have_another_key(key: str) -> None:
    assert with_front(f"{key}: https://example.org/1").url == "https://example.org/1"
    assert (
        with_front(f"from: https://a.example/\n{key}: https://b.example/").url
        == "https://a.example/"
    )
    assert with_front(f"from: local\n{key}: https://b.example/").url == "https://b.example/"
    assert with_front(f"{key}: /2019/08/17/name/").url is None


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("'老街改造<br>第三年的成績單'", "老街改造 第三年的成績單"),
        ("'老街改造<br />第三年'", "老街改造 第三年"),
        ("<b>重要</b>：<em class='x'>停課</em>通知", "重要：停課通知"),
        ("'<p>甲</p><p>乙</p>'", "甲 乙"),
        ("<ruby>漢<rp>(</rp><rt>ㄏㄢˋ</rt><rp>)</rp></ruby>字", "漢字"),
        ("<a href='https://example.org'>甲</a> &amp; 乙", "甲 & 乙"),
        ("List<String> 和 a < b 的用法", "List<String> 和 a < b 的用法"),
        ("怎麼寫 &lt;br&gt; 這個標籤", "怎麼寫 <br> 這個標籤"),
        ("<<百年孤寂>> 讀後", "<<百年孤寂>> 讀後"),
        ("甲<!-- 草稿 -->乙", "甲乙"),
    ],
)
def test_a_title_has_no_markup(written: str, title: str) -> None:
    assert with_front(f"title: {written}").title == title


def test_a_bundle_is_named_by_its_folder() -> None:
    article = read("文字，沒有標題。", "content/posts/2020-03-04-颱風/index.md")
    assert (article.title, article.date) == ("颱風", "2020-03-04")
    assert read("文字，沒有標題。", "content/颱風/index.zh-tw.md").title == "颱風"


def test_other_keys_may_give_the_date() -> None:
    assert with_front("publishDate: 2020-03-04").date == "2020-03-04"
    assert with_front("lastmod: 2020-03-04").date == "2019-08-17"
    assert read("---\nupdated: 2020-03-04\n---\n文字，沒有日期。", "a.md").date == "2020-03-04"
    assert with_front("date: 2020-03-04\nlastmod: 2021-01-01").date == "2020-03-04"


def test_cst_is_the_time_of_china_where_the_post_is_in_chinese() -> None:
    date = "date: Fri Jan  5 20:00:00 CST 2018"
    assert with_front(date).date == "2018-01-05T20:00:00+08:00"
    english = "The server room moved that night, and the site was down for two hours."
    assert with_front(date, english).date == "2018-01-05T20:00:00-06:00"


@pytest.mark.parametrize(
    "front",
    [
        *(f"published: {no}" for no in ("false", "False", "no", "No", "off", "OFF", "n", '"no"')),
        *(f"draft: {yes}" for yes in ("true", "True", "yes", "on")),
        "date: 2999-01-01",
        "publishDate: 2999-01-01T00:00:00Z",
        "date: 2020-01-01\npublished: 2999-01-01",
        "expiryDate: 2020-01-01",
        "unpublishdate: 2020-01-01T00:00:00+08:00",
    ],
)
def test_a_post_that_is_not_published_is_refused_with_its_reason(front: str) -> None:
    with pytest.raises(ArticleError, match=r"not published|draft|expired"):
        with_front(front)


@pytest.mark.parametrize(
    "front",
    [
        *(f"published: {yes}" for yes in ("true", "yes", "2019-01-01", "")),
        "draft: false",
        "draft: no",
        "expiryDate: 2999-01-01",
        "publishDate: 2019-01-01",
        "lastmod: 2999-01-01",
    ],
)
def test_a_published_post_is_read(front: str) -> None:
    assert with_front(front).paragraphs


def test_a_draft_is_known_by_its_folder() -> None:
    with pytest.raises(ArticleError, match="lies in _drafts"):
        read("文字，還沒寫完。", "source/_drafts/a.md")


def test_a_post_is_published_when_its_day_begins_anywhere_on_earth() -> None:
    raw = "---\ndate: 2030-05-06\n---\n文字，明天才會刊出。".encode()
    day = datetime(2030, 5, 5, 10, tzinfo=UTC)
    assert read_post("a.md", raw, now=day).article.date == "2030-05-06"
    with pytest.raises(ArticleError, match="not published before 2030-05-06") as caught:
        read_post("a.md", raw, now=day - timedelta(seconds=1))
    assert caught.value.until == "2030-05-05T10:00:00+00:00"


def test_a_reading_says_when_it_expires_and_what_was_broken() -> None:
    raw = (
        "---\ntitle: a: b\nexpiryDate: 2030-05-06T08:00:00+08:00\n---\n文字，以後會下架。".encode()
    )
    now = datetime(2030, 5, 5, tzinfo=UTC)
    reading = read_post("a.md", raw, now=now)
    assert reading.until == "2030-05-06T00:00:00+00:00"
    assert reading.article.title == "a: b"
    assert "line by line" in reading.note


@pytest.mark.parametrize(
    "pointer",
    [
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        "version https://hawser.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        "\ufeffversion https://git-lfs.github.com/spec/v1\r\noid sha256:4d7a\r\nsize 12345\r\n",
        "/annex/objects/SHA256E-s12345--4d7a.md\n",
        "../.git/annex/objects/X1/2f/SHA256E-s12345--4d7a.md/SHA256E-s12345--4d7a.md",
    ],
)
def test_a_pointer_to_a_post_is_refused(pointer: str) -> None:
    with pytest.raises(ArticleError, match="pointer"):
        read(pointer)


def test_liquid_in_a_body_is_rendered_and_may_show_the_front_matter() -> None:
    body = "本篇是{{ page.title }}。{% comment %}秘密{% endcomment %}"
    assert with_front("title: 颱風假", body).paragraphs[0].text == "本篇是颱風假。"
    hugo = '+++\ntitle = "a"\n+++\n寫成 {{ name }} 就會換掉。'
    assert read(hugo).paragraphs[0].text == "寫成 {{ name }} 就會換掉。"


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
        (b"---\ntitle: a\n", "holds no text"),
        (b"---\npublished: no\ntext", "not published"),
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
        article = read_post("a.md", bytes(raw)).article
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
    article = read_post(path, read_bytes(SHARED / "seed", path)).article
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
            article = read_post(path, read_bytes(root, path)).article
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

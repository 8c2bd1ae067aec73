import time
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.archive.markup import first_heading, html_of
from corpus.errors import ArticleError
from tests.corpus.archive.bodies import LONG, OTHER, read, texts

# Lines and characters


def test_the_source_lines_of_a_block_become_one_paragraph() -> None:
    body = (
        "<p>\n  螞蟻集團的\n  貸款對象有\n  <a href='x'>\n   五億人\n  </a>\n  ，遍及各地。\n</p>"
    )
    assert texts(body) == ["螞蟻集團的貸款對象有五億人，遍及各地。"]


def test_latin_words_on_two_source_lines_get_a_space_between_them() -> None:
    assert texts("<p>\n The quick\n  brown <b>\n fox\n </b>\n , it\n jumps.\n</p>") == [
        "The quick brown fox, it jumps."
    ]


def test_adjacent_markdown_lines_become_one_paragraph() -> None:
    assert texts(f"{LONG[:20]}\n{LONG[20:]}\n\n{OTHER}") == [LONG, OTHER]


def test_entities_are_undone_however_often_they_were_escaped() -> None:
    assert texts("<p>AT&amp;amp;T 與 R&amp;D 說「好」&#8203;。</p>") == ["AT&T 與 R&D 說「好」。"]


def test_invisible_characters_are_removed() -> None:
    assert texts("<p>安\u200b全\u202e文\u200d字\ufeff，讀得到。</p>") == ["安全文字，讀得到。"]


def test_a_double_break_separates_paragraphs() -> None:
    assert texts(f"<div>{LONG}<br><br>{OTHER}</div>") == [LONG, OTHER]


def test_a_break_separates_paragraphs_after_a_full_stop_only() -> None:
    assert texts(f"<div>{LONG}<br>{OTHER}</div>") == [LONG, OTHER]
    assert texts("<p>可是，機會總是悄悄地來<br>無聲無息的<br>以一種你從未想過的形式</p>") == [
        "可是，機會總是悄悄地來 無聲無息的 以一種你從未想過的形式"
    ]


def test_ruby_keeps_its_base_text() -> None:
    assert texts("<p><ruby>漢<rp>(</rp><rt>ㄏㄢˋ</rt><rp>)</rp></ruby>字是這樣讀的。</p>") == [
        "漢字是這樣讀的。"
    ]


def test_footnote_numbers_are_removed_and_exponents_stay() -> None:
    body = "<p>面積是三十 m<sup>2</sup>，價錢很高。<sup><a href='#f'>1</a></sup>後來跌了。[2]</p>"
    assert texts(body) == ["面積是三十 m2，價錢很高。後來跌了。"]


def test_links_become_their_text_and_code_stays() -> None:
    assert texts("看[這篇文章](https://example.org)就知道 `apt-get` 怎麼用。") == [
        "看這篇文章就知道 apt-get 怎麼用。"
    ]


# Blocks


def test_a_paragraph_has_the_heading_above_it() -> None:
    found = read(f"{LONG}\n\n## 災情\n\n{OTHER}\n", title="題目").paragraphs
    assert [(paragraph.heading, paragraph.text) for paragraph in found] == [
        ("", LONG),
        ("災情", OTHER),
    ]


def test_a_short_bold_line_is_a_heading() -> None:
    found = read(f"<p><b>災情</b></p><p>{OTHER}</p>", title="題目").paragraphs
    assert [(paragraph.heading, paragraph.text) for paragraph in found] == [("災情", OTHER)]


def test_bold_lines_with_nothing_under_them_stay_text() -> None:
    assert texts(f"<p>{LONG}</p><p><b>這句話很重要</b></p>") == [LONG + " 這句話很重要"]


def test_short_items_become_one_passage() -> None:
    assert texts("準備三樣東西：\n\n- 手電筒\n- 飲用水\n- 乾糧\n") == [
        "準備三樣東西： 手電筒 • 飲用水 • 乾糧"
    ]


def test_long_items_stand_by_themselves() -> None:
    items = [LONG * 3, OTHER * 3]
    assert texts("".join(f"- {item}\n" for item in items)) == items


def test_rows_of_a_table_keep_their_cells_apart() -> None:
    body = "| 城市 | 雨量 |\n|---|---|\n| 臺北 | 300 |\n| 高雄 | 500 |\n"
    assert texts(body) == ["城市 | 雨量 • 臺北 | 300 • 高雄 | 500"]


def test_the_cells_of_a_layout_table_are_read_as_blocks() -> None:
    cell = f"<td><p>{LONG * 3}</p><p>{OTHER * 3}</p></td>"
    assert texts(f"<table><tr>{cell}</tr></table>") == [LONG * 3, OTHER * 3]


def test_a_quotation_is_a_block() -> None:
    assert texts(f"> {LONG}\n\n{OTHER}") == [LONG, OTHER]


def test_a_fragment_joins_the_paragraph_above() -> None:
    assert texts(f"<p>{LONG}</p><p>就是這樣。</p><p>{OTHER}</p>") == [LONG + " 就是這樣。", OTHER]


def test_a_line_that_ends_in_a_colon_joins_the_paragraph_below() -> None:
    assert texts(f"<p>{LONG}</p><p>他這樣回答記者：</p><p>{OTHER}</p>") == [
        LONG,
        f"他這樣回答記者： {OTHER}",
    ]


def test_fragments_do_not_cross_a_heading() -> None:
    found = read(f"<p>{LONG}</p><h2>後續</h2><p>沒有了，謝謝大家。</p>", title="題目").paragraphs
    assert [paragraph.text for paragraph in found] == [LONG, "沒有了，謝謝大家。"]


def test_the_lines_of_a_dialogue_become_one_passage() -> None:
    lines = ["「你去哪裡？」", "「去看海，昨天就說好了的。」", "「颱風要來了，你不知道嗎？」"]
    assert texts("".join(f"<p>{line}</p>" for line in lines)) == [" ".join(lines)]


def test_an_overlong_paragraph_is_cut_at_sentence_ends() -> None:
    pieces = texts(f"<p>{LONG * 30}</p>")
    assert "".join(pieces) == LONG * 30
    assert all(piece.endswith("。") for piece in pieces)
    assert all(300 <= len(piece) <= 550 for piece in pieces)


def test_a_paragraph_of_550_characters_stays_whole() -> None:
    text = ("字" * 54 + "。") * 10
    assert texts(f"<p>{text}</p>") == [text]


def test_an_endless_sentence_is_cut_at_a_pause_or_anywhere() -> None:
    with_pauses = texts("<p>" + "風很大，" * 500 + "</p>")
    assert "".join(with_pauses) == "風很大，" * 500
    assert all(piece.endswith("，") for piece in with_pauses)
    without = texts("<p>" + "字" * 3000 + "</p>")
    assert "".join(without) == "字" * 3000
    assert max(map(len, without)) <= 900


# Boilerplate


@pytest.mark.parametrize(
    "boilerplate",
    [
        "<script>var 甲 = '垃圾'</script>",
        "<style>.垃圾 { color: red }</style>",
        "<noscript>垃圾請開啟</noscript>",
        "<iframe src='x'>垃圾</iframe>",
        "<form><input value='垃圾'>垃圾<button>垃圾</button></form>",
        "<nav><a href='/'>垃圾</a></nav>",
        "<footer>垃圾，版權所有。</footer>",
        "<figure><img src='x' alt='垃圾'><figcaption>垃圾的照片。</figcaption></figure>",
        "<div class='picinfo'>垃圾，攝於去年一月的活動現場。（中新社）</div>",
        "<div class='sharedaddy sd-block'>分享垃圾給朋友們看看吧。</div>",
        "<ul class='post-tags'><li>垃圾</li></ul>",
        "<div id='comments'><p>垃圾留言，很長的留言，沒有人想在文章裡讀到它。</p></div>",
        "<div class='author-box'>垃圾，資深記者，寫過很多很多的文章，得過很多很多的獎。</div>",
        "<div class='adsbygoogle'>垃圾廣告，買一送一，只到今天為止，快來買吧。</div>",
        "<p>▲ 垃圾正在展覽中（中央社）</p>",
        "<p>圖：垃圾社</p>",
        "<p>图片来源：垃圾网</p>",
        "<p>[廣告]</p>",
        "<p>——未完待续——</p>",
        "<!-- 垃圾 -->",
    ],
)
def test_boilerplate_is_left_out(boilerplate: str) -> None:
    assert texts(f"<div><p>{LONG}</p>{boilerplate}<p>{OTHER}</p></div>") == [LONG, OTHER]


@pytest.mark.parametrize(
    "related",
    [
        "<h3>延伸閱讀</h3><ul><li><a href='a'>垃圾一</a></li><li><a href='b'>垃圾二</a></li></ul>",
        "<p><b>相关阅读：</b></p><p><a href='a'>垃圾</a></p><p>《垃圾三》</p>",
        "<div>推荐阅读</div><a href='a'>垃圾</a>",
        "<p>Related articles</p><ul><li><a href='a'>Garbage</a></li></ul>",
        "<p>您錯過的部分在這裡回顧：</p><p><a href='a'>垃圾</a></p>",
    ],
)
def test_a_list_of_other_articles_is_left_out_up_to_the_next_paragraph(related: str) -> None:
    body = f"<div><p>{LONG}</p>{related}<p>{OTHER}</p></div>"
    assert texts(body) == [LONG, OTHER]
    assert texts(f"<div><p>{LONG}</p>{related}<h2>後續</h2><p>{OTHER}</p></div>") == [LONG, OTHER]


@pytest.mark.parametrize(
    "repeated_title",
    [
        "<!--1609898194000-->\n[馬雲陷風暴](https://example.org/1)\n------\n\n",
        "<h1>馬雲陷風暴</h1>",
        "<p>馬雲陷風暴</p>",
        "# 馬雲陷風暴！\n\n",
    ],
)
def test_a_repeated_title_is_left_out(repeated_title: str) -> None:
    found = read(f"{repeated_title}<div><p>{LONG}</p></div>", title="馬雲陷風暴").paragraphs
    assert [(paragraph.text, paragraph.heading) for paragraph in found] == [(LONG, "")]


def test_bylines_and_notices_at_the_edges_are_left_out() -> None:
    edge = "<p>文／林小明</p><p>{}</p><p>{}</p><p>本文經授權轉載自香港獨立媒體</p><p>©2020</p>"
    assert texts(edge.format(LONG, OTHER)) == [LONG, OTHER]


def test_an_author_named_in_a_list_of_books_stays() -> None:
    books = (
        "<h3>鼠疫</h3><p>作者：卡繆</p><p>{}</p><h3>切爾諾貝利</h3><p>作者：亞歷塞維奇</p><p>{}</p>"
    )
    assert "作者：亞歷塞維奇" in " ".join(texts(f"<p>{LONG}</p>" + books.format(OTHER, LONG)))


def test_comments_by_the_articles_own_authors_are_the_article() -> None:
    debate = "".join(
        f"<article class='comment comment-by-node-author'><h3>{name}</h3>"
        f"<div class='field-name-comment-body'><p>{text}</p></div></article>"
        for name, text in (("甲", LONG), ("乙", OTHER))
    )
    found = read(f"<div id='comments'>{debate}</div>", title="題目").paragraphs
    assert [(p.heading, p.text) for p in found] == [("甲", LONG), ("乙", OTHER)]


def test_an_article_inside_a_share_box_is_still_read() -> None:
    assert texts(f"<div class='share'><p>{LONG}</p></div>") == [LONG]


def test_a_post_that_is_no_more_than_its_title_has_that_text() -> None:
    assert texts(f"<p>{LONG}</p>", title=LONG) == [LONG]


def test_inlined_pictures_are_left_out() -> None:
    picture = "data:image/png;base64," + "A" * 400_000
    assert texts(f"<p><img src='{picture}'>{LONG}</p>\n\n![圖]({picture})\n\n{OTHER}") == [
        LONG,
        OTHER,
    ]


def test_linked_titles_of_other_articles_are_left_out() -> None:
    pointers = (
        "<ul><li><a href='a'>《垃圾一》</a></li><li>更多見<a href='b'>《垃圾二》</a></li></ul>"
    )
    assert texts(f"<p>{LONG}</p>{pointers}<p>{OTHER}</p>") == [LONG, OTHER]
    assert texts(f"<p>{LONG}</p><ul><li>《百年孤寂》，馬奎斯著</li></ul><p>{OTHER}</p>") == [
        f"{LONG} 《百年孤寂》，馬奎斯著",
        OTHER,
    ]


def test_a_web_address_joins_the_paragraph_above() -> None:
    address = "連結：https://example.org/a/very/long/path/to/something"
    assert texts(f"<p>{LONG}</p><p><a href='x'>{address}</a></p><p>{OTHER}</p>") == [
        f"{LONG} {address}",
        OTHER,
    ]


# Markdown and HTML together


def test_blank_and_indented_lines_inside_html_are_not_markdown() -> None:
    body = f"<article>\n  <p>\n\n      {LONG}\n\n  </p>\n\n      <p>{OTHER}</p>\n</article>\n"
    assert texts(body) == [LONG, OTHER]


def test_markdown_around_html_is_rendered() -> None:
    assert texts(f"**{LONG}**\n\n<div>*{OTHER}*</div>\n\n**{LONG}**") == [
        LONG,
        f"*{OTHER}*",
        LONG,
    ]


def test_html_in_a_code_fence_is_code() -> None:
    assert texts("```\n<div>寫在這裡\n```\n\n" + LONG)[-1].endswith(LONG)


def test_an_html_post_has_no_markdown() -> None:
    assert texts(f"<p>{LONG} *不是* 強調。</p>", markdown=False) == [f"{LONG} *不是* 強調。"]


def test_the_first_heading_may_be_markdown_or_html() -> None:
    assert first_heading(html_of("文字\n\n## 第一\n\n# 第二", markdown=True)) == "第一"
    assert first_heading(html_of("<div><h2>第一</h2></div>", markdown=True)) == "第一"
    assert first_heading(html_of("文字", markdown=True)) is None


# Bombs


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 100000,
        "<div></b>" * 100000,
        "<div " + "a " * 20000 + ">x",
        "[" * 50000,
        "字" * 4100000,
        "![" * 30000,
    ],
)
def test_bombs_are_refused_before_they_are_parsed(bomb: str) -> None:
    started = time.process_time()
    with pytest.raises(ArticleError):
        read(bomb, title="")
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "odd",
    [
        "[" * 9000,
        ">" * 10000,
        "*a " * 20000,
        "`" * 20000,
        "- " * 5000,
        "<" * 50000,
        "<select>" + "<option>x" * 30000,
        "<p>" + "字<br>" * 50000,
        "<!--" * 50000,
        "<table>" + "<tr><td>字" * 10000,
        "&" * 50000,
        "<p>x\n\n" * 5000,
        "".join(f"<html a{i}>" for i in range(20000)),
    ],
)
def test_odd_markup_takes_seconds_at_most(odd: str) -> None:
    started = time.process_time()
    read(odd, title="")
    assert time.process_time() - started < 6


MARKUP = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<div>",
            "</div>",
            "<b>",
            "<li>",
            "<ul>",
            "</ul>",
            "<td>",
            "<table>",
            "<br>",
            "<h2>",
            "</h2>",
            "\n\n",
            "\n- ",
            "> ",
            "# ",
            "**",
            "`",
            "```\n",
            "|",
            "<script>",
            "<!--",
            "-->",
            "</script>",
            "<a href=x>",
            "</a>",
            "字。",
            "word ",
            "延伸閱讀",
            "：",
            " ",
            "\n",
        ]
    )
    | st.text(max_size=5),
    max_size=40,
).map("".join)


@given(MARKUP)
def test_any_markup_gives_clean_single_lines_or_an_article_error(body: str) -> None:
    try:
        found = read(body, title="題目").paragraphs
    except ArticleError:
        return
    for paragraph in found:
        assert paragraph.text == " ".join(paragraph.text.split())
        assert any(map(str.isalnum, paragraph.text))


@given(MARKUP, st.sampled_from(["script", "style", "noscript", "iframe"]))
def test_no_text_of_a_script_appears(body: str, tag: str) -> None:
    hidden = f"<{tag}>秘密</{tag}>"
    found = read(f"<div>{escape(body)}{hidden}<p>{LONG}</p></div>", title="").paragraphs
    assert "秘密" not in "".join(paragraph.text for paragraph in found)

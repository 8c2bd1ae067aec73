"""Discord's markdown is read by Discord's rules, which are not CommonMark's."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.draw_screens.markdown import block_html, inline_html
from docs.draw_screens.reader import Reader

READER = Reader("zh-TW", datetime(2021, 1, 6, 12, tzinfo=UTC), "dark", {"5": "questions"})


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("前**粗**後", "前<strong>粗</strong>後"),
        ("「**粗。**」後", "「<strong>粗。</strong>」後"),
        ("__**颱風**在海上__", "<u><strong>颱風</strong>在海上</u>"),
        ("***a***", "<strong><em>a</em></strong>"),
        ("snake_case_name _em_", "snake_case_name <em>em</em>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("**a", "**a"),
        (r"\*\*a\*\* \_ \[b\]", "**a** _ [b]"),
        ("~~a~~ ||b||", '<s>a</s> <span class="spoiler">b</span>'),
        ("`**a** <b>`", "<code>**a** &lt;b&gt;</code>"),
        ("``a`b``", "<code>a`b</code>"),
        ("a\nb", "a<br>b"),
        ("<script>", "&lt;script&gt;"),
        ("[標**題**](https://a.b/c)", '<a href="https://a.b/c">標<strong>題</strong></a>'),
        (r"[a［b］\*](<https://a.b>)", '<a href="https://a.b">a［b］*</a>'),
        ("[a](javascript:b)", "[a](javascript:b)"),
        ("見 https://a.b/c。", '見 <a href="https://a.b/c。">https://a.b/c。</a>'),
        ("<https://a.b>", '<a href="https://a.b">https://a.b</a>'),
        (
            "<#5> </ask:7>",
            '<span class="mention">#questions</span> <span class="mention">/ask</span>',
        ),
        ("<@!9>", '<span class="mention">@9</span>'),
        ("<t:1609934400:D>", '<span class="moment">2021年1月6日</span>'),
        ("<t:1609848000:R>", '<span class="moment">1 天前</span>'),
    ],
)
def test_marks_within_a_line(markdown: str, html: str) -> None:
    assert inline_html(markdown, READER) == html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# a\n## b\n### c", "<h1>a</h1><h2>b</h2><h3>c</h3>"),
        ("#a", "<div>#a</div>"),
        (r"\# a", "<div># a</div>"),
        ("-# a\nb", "<small>a</small><div>b</div>"),
        ("a\n-# b", "<div>a</div><small>b</small>"),
        ("a\nb", "<div>a<br>b</div>"),
        (
            "> a\n> **b**\nc",
            "<blockquote><div>a<br><strong>b</strong></div></blockquote><div>c</div>",
        ),
        (">a", "<div>&gt;a</div>"),
        (">>> a\nb", "<blockquote><div>a<br>b</div></blockquote>"),
        ("```py\na **b**\n```", "<pre>a **b**</pre>"),
        ("a\n\n", "<div>a<br></div>"),
    ],
)
def test_what_begins_a_line(markdown: str, html: str) -> None:
    assert block_html(markdown, READER) == html


def test_a_list_counts_on_from_its_first_number_and_is_indented() -> None:
    html = block_html("3. a\n9. b\n  - c", READER)
    assert [html.count(f">{bullet}</span>") for bullet in ("3.", "4.", "•")] == [1, 1, 1]
    assert 'style="margin-left:1.25em"><span class="bullet">•' in html


@given(st.text(st.sampled_from("a漢*_~|`[]()<>#-.1 \n\\:t@https://")))
def test_any_text_is_read_to_its_end_and_opens_nothing_it_does_not_close(text: str) -> None:
    html = block_html(text, READER)
    for tag in ("strong", "em", "u", "s", "a", "code", "pre", "div", "blockquote", "small"):
        assert html.count(f"<{tag}>") + html.count(f"<{tag} ") == html.count(f"</{tag}>")

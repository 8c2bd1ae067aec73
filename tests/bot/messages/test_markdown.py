"""Text from articles shows as it is: nothing in it marks, links, mentions or pings."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.addresses import MAX_URL_CHARS, link_target
from bot.messages.characters import EMOJI
from bot.messages.markdown import (
    escape,
    excerpt,
    link,
    mark,
    one_line,
    units,
    window,
)

HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *"\\*_~|`[]()<>#-+.@: \n\t\u200b\u202e\ud800\x00",
                "**",
                "__",
                "||",
                "```",
                "](https://example.org)",
                "[a](",
                "<@123456789012345678>",
                "<#123456789012345678>",
                "</ask:123456789012345678>",
                "<t:1700000000:R>",
                "<a:name:123456789012345678>",
                "@everyone",
                "@here",
                ":smile:",
                "https://example.org/a_b",
                "# ",
                "-# ",
                "1. ",
                "> ",
                "「字」",
                "中文",
                "a1",
                "😀",
                "e\u0301",
            ]
        ),
        st.text(max_size=5),
    ),
    max_size=30,
).map("".join)


def discord_escape_removed(text: str) -> str:
    """Return what Discord shows of ``text`` when nothing in it is markdown but backslashes."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text).replace("@\u200b", "@")


def bare(markdown: str) -> str:
    """Return ``markdown`` with an x for each character that a backslash makes plain."""
    return re.sub(r"\\[^0-9A-Za-z\s]", "x", markdown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("C:\\new *a* _b_ ~c~ |d| `e`", "C:\\\\new \\*a\\* \\_b\\_ \\~c\\~ \\|d\\| \\`e\\`"),
        ("[a](https://b.org)", "\\[a\\](https\\://b.org)"),
        ("<#1> </x:1> <t:1:R>", "\\<#1\\> \\</x:1\\> \\<t\\:1:R\\>"),
        ("@everyone <@1> a@b.org", "@\u200beveryone \\<@\u200b1\\> a@b.org"),
        ("# 1", "\\# 1"),
        ("-# small", "\\-# small"),
        ("2019. 年", "2019\\. 年"),
        ("  - item", "  \\- item"),
        ("> quote", "\\> quote"),
        ("COVID-19 在 2020 年 #1", "COVID-19 在 2020 年 #1"),
        (":smile: 12:30 注：", "\\:smile: 12:30 注："),
        ("第一行\n# 第二行", "第一行 # 第二行"),
        ("\u202e反\u200b了\x00\ud800", "反了"),
    ],
)
def test_escape_shows_the_text_itself(text: str, shown: str) -> None:
    assert escape(text) == shown


@given(HOSTILE)
def test_escaped_text_has_no_mark_left_and_reads_the_same(text: str) -> None:
    escaped = escape(text)
    left = bare(escaped)
    assert not re.search(r"[*_~|`\[\]<>\\]", left)
    assert not re.search(r"@(?:everyone|here|[!&]?\d)", escaped)
    assert "://" not in left
    assert not re.match(r"\s*(?:#{1,3}|-#|[-+]|\d+\.)\s", left)
    assert "\n" not in escaped
    assert discord_escape_removed(escaped) == escape_free(text)


def escape_free(text: str) -> str:
    """Return ``text`` as it should be read: on one line, without what nobody sees."""
    kept = re.sub("[\t\n\r\x85\u2028\u2029]", " ", text)
    return "".join(char for char in kept if escape(char, line_start=False))


def test_escape_takes_time_linear_in_the_text() -> None:
    for piece in ("[a](", ":a", "@", "1", "\\", "<t:", " "):
        assert escape(piece * 200_000)


@pytest.mark.parametrize(
    ("bold", "underlined", "shown"),
    [
        ([(0, 2)], None, "**甲乙**丙丁"),
        ([(0, 1), (1, 2)], None, "**甲乙**丙丁"),
        ([(2, 3), (0, 1), (0, 2)], None, "**甲乙丙**丁"),
        ([(1, 2)], (0, 3), "__甲**乙**丙__丁"),
        ([(0, 4)], (1, 3), "**甲**__**乙丙**__**丁**"),
        ([(3, 9)], (2, 99), "甲乙__丙**丁**__"),
        ([(-5, 1), (4, 9)], (3, 3), "**甲**乙丙丁"),
        ([], (0, 4), "__甲乙丙丁__"),
    ],
)
def test_marks_pair_up(
    bold: list[tuple[int, int]], underlined: tuple[int, int] | None, shown: str
) -> None:
    assert mark("甲乙丙丁", bold, underlined) == shown


SPANS = st.lists(st.tuples(st.integers(-3, 60), st.integers(-3, 60)), max_size=8)


@given(HOSTILE, SPANS, st.none() | st.tuples(st.integers(0, 40), st.integers(0, 60)))
def test_marked_text_pairs_its_marks_and_reads_the_same(
    text: str, bold: list[tuple[int, int]], underlined: tuple[int, int] | None
) -> None:
    marked = mark(text, bold, underlined)
    left = bare(marked)
    # What is left of asterisks and underscores are ours: in pairs, never four in a row.
    assert left.count("**") % 2 == 0
    assert left.count("__") in {0, 2}
    assert not re.search(r"\*{3,}|_{3,}", left)
    assert not re.match(r"\s*(?:#{1,3}|-#|[-+]|\d+\.)\s", left)
    # Our own marks aside, what is read is what was written.
    shown = re.sub(r"(\\.)|\*\*|__", lambda match: match[1] or "", marked, flags=re.DOTALL)
    assert discord_escape_removed(shown) == escape_free(text)


@given(
    HOSTILE,
    SPANS,
    st.none() | st.tuples(st.integers(0, 40), st.integers(0, 60)),
    st.integers(0, 80),
    st.integers(0, 120),
)
def test_an_excerpt_never_exceeds_its_room(
    text: str,
    bold: list[tuple[int, int]],
    answer: tuple[int, int] | None,
    budget: int,
    most: int,
) -> None:
    shown = excerpt(text, bold, answer, budget=budget, max_units=most)
    assert units(shown) <= most


@given(st.text(max_size=80), st.tuples(st.integers(0, 90), st.integers(0, 90)), st.integers(0, 90))
def test_a_window_is_a_part_within_its_budget(
    text: str, focus: tuple[int, int], budget: int
) -> None:
    start, end = window(text, focus, budget)
    assert 0 <= start <= end <= len(text)
    assert end - start <= budget or len(text) <= budget


def test_a_window_keeps_the_answer_and_ends_at_sentences() -> None:
    text = "第一句話在此。第二句話也在。答案就在這裡。第四句話接著。第五句話在最後，它比較長一點。"
    answer = (14, 21)
    start, end = window(text, answer, 29)
    assert text[start:end] == "第二句話也在。答案就在這裡。第四句話接著。"


@pytest.mark.parametrize(
    ("focus", "budget", "shown"),
    [
        ((16, 19), 14, "fox jumps"),
        ((0, 40), 12, "The quick"),
        ((35, 43), 8, "lazy dog"),
        ((4, 9), 5, "quick"),
        ((6, 7), 1, "i"),
    ],
)
def test_a_window_does_not_end_within_a_word(
    focus: tuple[int, int], budget: int, shown: str
) -> None:
    text = "The quick brown fox jumps over the lazy dog"
    start, end = window(text, focus, budget)
    assert text[start:end].strip() == shown


def test_an_answer_longer_than_its_room_is_cut_with_an_ellipsis() -> None:
    assert (
        excerpt("很長的句子" * 20, [], (0, 100), budget=10, max_units=50) == "很長的句子很長的句子…"
    )


def test_all_that_is_shown_is_not_underlined() -> None:
    assert excerpt("答案。", [], (0, 3), budget=10, max_units=50) == "答案。"
    assert excerpt("前文。答案。", [], (3, 6), budget=10, max_units=50) == "前文。__答案。__"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.org/a_b?c=d#e", "https://example.org/a_b?c=d#e"),
        ("http://例子.org/中文", "http://例子.org/中文"),
        ("https://example.org/a b(c)*d*", "https://example.org/a%20b%28c%29%2Ad%2A"),
        ("https://example.org/%E4%B8%AD", "https://example.org/%E4%B8%AD"),
        ("https://example.org/@everyone", "https://example.org/%40everyone"),
        ("javascript:alert(1)", None),
        ("ftp://example.org/", None),
        ("https://", None),
        ("https://user@example.org/", None),
        ("http://[::1", None),
        ("https://example.org/" + "a" * MAX_URL_CHARS, None),
        ("", None),
        (None, None),
    ],
)
def test_only_short_http_addresses_are_linked(url: str | None, target: str | None) -> None:
    assert link_target(url) == target


LONG_PATH = "/" + "%E5%AD%97" * 100


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.org" + LONG_PATH, "https://example.org/" + "字" * 100),
        # A percent sign, a space, a bracket and another encoding stay as they are.
        (f"https://example.org/%25%20%29%B0%A1{LONG_PATH}", None),
        (f"https://example.org{LONG_PATH}#{'節' * 500}", "https://example.org/" + "字" * 100),
        ("https://example.org/" + "%E5%AD%97" * 600, None),
    ],
)
def test_a_long_address_is_written_with_its_letters(url: str, target: str | None) -> None:
    assert len(url) > MAX_URL_CHARS
    encoded = "https://example.org/%25%20%29%B0%A1/" + "字" * 100
    assert link_target(url) == (encoded if "%25" in url else target)


@given(HOSTILE, HOSTILE)
def test_a_link_holds_its_label_and_ends_where_it_should(label: str, path: str) -> None:
    shown = link(label, "https://example.org/" + path)
    match = re.fullmatch(
        r"(?:[^\[\]\\]|\\.)*\[([^\[\]]+)\]\((https://[^\s()<>\\*|`~]+)\)(?:[^\[\]\\]|\\.)*", shown
    )
    if len("https://example.org/" + path) < MAX_URL_CHARS // 9:
        assert match
        assert len(match[2]) <= MAX_URL_CHARS
        assert not EMOJI.search(match[1])


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("🔥夜市重新開張", "🔥[夜市重新開張](URL)"),
        ("夜市 🔥🔥 ", "[夜市](URL) 🔥🔥 "),
        ("重新開張👩‍👩‍👧夜市", "[重新開張](URL)👩‍👩‍👧夜市"),
        ("🇹🇼 夜市", "🇹🇼 [夜市](URL)"),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿夜市", "🏴󠁧󠁢󠁥󠁮󠁧󠁿[夜市](URL)"),
        ("1️⃣ 夜市", "1️⃣ [夜市](URL)"),
        ("讚👍🏽夜市❤️‍🔥", "讚👍🏽[夜市](URL)❤️‍🔥"),
        ("☀️[公告]夜市", "☀️[［公告］夜市](URL)"),
        ("[公告]🔥夜市", "[［公告］](URL)🔥夜市"),
        ("🔥", "🔥 [example.org](URL)"),
        ("第1號 #2 © ™", "[第1號 #2 © ™](URL)"),
    ],
)
def test_emoji_stand_beside_the_label_of_a_link(title: str, shown: str) -> None:
    url = "https://example.org/a"
    assert link(title, url) == shown.replace("URL", url)


def test_a_label_that_looks_like_an_address_is_still_a_link() -> None:
    assert link("[圖] https://a.org", "https://b.org") == "[［圖］ https：//a.org](https://b.org)"


def test_a_title_without_a_link_is_text() -> None:
    assert link("*標題*", None) == "\\*標題\\*"


def test_one_line_is_cut_with_an_ellipsis() -> None:
    assert one_line(" a\n b\tc ", 10) == "a b c"
    assert one_line("甲乙丙丁戊", 3) == "甲乙…"

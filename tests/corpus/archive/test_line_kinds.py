import pytest

from corpus.archive import line_kinds
from tests.corpus.archive.bodies import LONG, OTHER, texts

LINKS = "".join(f"<p><a href='x{i}'>《另一篇文章的題目》</a></p>" for i in range(3))


def test_the_dates_of_a_timeline_are_read_with_what_follows_them() -> None:
    body = f"<p>{LONG}</p><p>2003-02-09</p><p>{OTHER}</p><p>1949–1976</p><p>{LONG}</p>"
    assert texts(body) == [LONG, f"2003-02-09 {OTHER}", f"1949–1976 {LONG}"]


def test_the_date_above_an_article_is_its_byline() -> None:
    assert texts(f"<p>2019-03-02</p><p>{LONG}</p>") == [LONG]


def test_numbers_of_lines_and_pages_are_left_out() -> None:
    assert texts(f"<p>{LONG}</p><p>12</p><p>10.24.18</p><p>{OTHER}</p>") == [LONG, OTHER]


def test_a_line_that_leads_to_other_articles_is_left_out_with_them() -> None:
    assert texts(f"<p>{LONG}</p><p>前面的部分可以在這裡回顧：</p>{LINKS}<p>{OTHER}</p>") == [
        LONG,
        OTHER,
    ]


def test_the_sentence_before_such_a_lead_is_read() -> None:
    lead = "這是驗證影片的關鍵手段。你可以在下面回顧基本方法："
    body = f"<p>{LONG}</p><p>{lead}</p>{LINKS}<p>{OTHER}</p>"
    assert texts(body) == [LONG, f"{lead} {OTHER}"]


def test_text_after_such_links_is_read_however_short_it_is() -> None:
    body = (
        f"<p>{LONG}</p><p>前面的部分可以在這裡回顧：</p>{LINKS}<p>搜尋資料的辦法</p><p>{OTHER}</p>"
    )
    assert texts(body)[1].startswith("搜尋資料的辦法")


def test_a_list_of_resources_is_no_list_of_other_articles() -> None:
    for lead, link in (
        ("下面推薦一些平台：", "某某平台"),
        ("更多內容請見：", "https://sms.example.org/"),
    ):
        listed = f"<p>{lead}</p>" + f"<p><a href='x'>{link}</a></p>" * 2
        assert lead in texts(f"<p>{LONG}</p>{listed}<p>{OTHER}</p>")[1]


@pytest.mark.parametrize(
    "line",
    [
        "下載：https://example.org/pockint",
        "Code: https://example.org/local-sheriff",
        "《訊息篩選》https://example.org/758；行動起來：https://example.org/759",
    ],
)
def test_an_address_at_the_end_of_an_article_is_read_with_what_it_is_of(line: str) -> None:
    assert line_kinds.is_labelled_address(line)
    address = line.replace("https", "<a href='x'>https", 1) + "</a>"
    assert line in texts(f"<p>{LONG}</p><p>{address}</p>")[-1]


def test_a_bare_address_at_the_end_of_an_article_is_left_out() -> None:
    address = "https://example.org/a/long/address/of/a/source"
    assert texts(f"<p>{LONG}</p><p><a href='x'>{address}</a></p>") == [LONG]
    assert texts(f"<p>{LONG}</p><p>{address} {address}</p>") == [LONG]


def test_a_linked_sentence_at_the_edge_is_read_and_a_linked_title_is_not() -> None:
    link = "<p><a href='x'>{}</a></p>"
    assert texts(link.format(LONG) + f"<p>{OTHER}</p>") == [LONG, OTHER]
    for title in (
        "The activist dismantling racist police algorithms of the city, one at a time",
        "Lawmakers in the capital want to end the practice of keeping people for days.",
        "關於分身的技巧請看另一篇文章，它說得更清楚，一共分成好幾個部分，題目是《分身術完整指南》。",
    ):
        assert texts(f"<p>{OTHER}</p>" + link.format(title)) == [OTHER]


def test_a_sentence_may_end_with_a_symbol() -> None:
    assert line_kinds.ends_as_sentence("好啦，今天就是這樣！⚪️")
    assert line_kinds.ends_as_sentence("完了。 ◾️")
    assert not line_kinds.ends_as_sentence("延伸閱讀⚪️")
    related = f"<p>{LONG}</p><h3>延伸閱讀</h3>{LINKS}<p>今天就是這樣，下次見。⚪️</p>"
    assert "下次見" in texts(related)[-1]

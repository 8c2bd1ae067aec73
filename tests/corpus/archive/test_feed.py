from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus.archive import files, post
from corpus.archive.post import Reading
from corpus.errors import ArticleError
from corpus.model import Skipped

SAMPLES = Path(__file__).parents[2] / "data" / "other-files"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = "很長的一段話，說明事情的經過。"


def read(path: str, raw: bytes | None = None) -> tuple[list[Reading], list[Skipped]]:
    return post.read_all(path, files.read_bytes(SAMPLES, path) if raw is None else raw, NOW)


def rss(*items: str) -> bytes:
    channel = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}</channel></rss>'.encode()


def test_an_rss_feed_holds_an_article_an_entry() -> None:
    readings, skipped = read("rss.xml")
    first, second = (reading.article for reading in readings)
    assert first.title == "水門 換了新的&鎖"
    assert first.date == "2021-03-05T08:00:00+08:00"
    assert (first.author, first.source, first.tags) == ("阿河", "河邊週報", ("水門",))
    assert first.url == "https://river.example/2021/gate.html"
    text = " ".join(paragraph.text for paragraph in first.paragraphs)
    assert "鑰匙一共三把" in text
    assert "祕密" not in text
    assert "摘要" not in text
    assert second.paragraphs[0].text == "鰻苗今年上溯得早，捕的人夜裡打著燈站在河口。"
    assert [file.reason for file in skipped] == [
        "is not published before 2999-01-01T08:00:00+08:00"
    ]
    assert skipped[0].until == "2999-01-01T00:00:00+00:00"


def test_an_atom_feed_is_read() -> None:
    (reading,), skipped = read("atom.xml")
    article = reading.article
    assert (article.title, article.date) == ("英仙座流星雨", "2022-08-13T04:30:00+08:00")
    assert (article.author, article.source, article.tags) == ("南十字", "星空觀測", ("流星",))
    assert skipped == []


def test_an_export_of_wordpress_is_read() -> None:
    readings, skipped = read("wordpress.xml")
    goats, about = (reading.article for reading in readings)
    assert (goats.title, goats.date) == ("山羊過馬路", "2021-03-05T07:30:00+08:00")
    assert (goats.author, goats.source, goats.tags) == ("山坡上的人", "牧場", ("山羊",))
    assert " ".join(paragraph.text for paragraph in goats.paragraphs) == (
        "山羊每天下午四點過馬路，司機都知道要等。 帶頭的那一隻脖子上的鈴鐺是學校淘汰的，搖起來像下課。"
    )
    assert about.title == "關於牧場"
    assert [file.reason for file in skipped] == [
        "is not published: its status is draft",
        "is not published: its status is private",
    ]


def test_the_path_of_an_entry_stays_when_others_come_and_go() -> None:
    items = [f"<guid>{i}</guid><description>{TEXT}</description>" for i in range(3)]
    both, one = read("a.rss", rss(*items))[0], read("a.rss", rss(items[2]))[0]
    assert both[2].article.path == one[0].article.path
    assert files.file_of(one[0].article.path) == "a.rss"


def test_entries_that_look_the_same_have_different_paths() -> None:
    item = f"<description>{TEXT}</description>"
    paths = [reading.article.path for reading in read("a.rss", rss(item, item, item))[0]]
    assert len(set(paths)) == 3


def test_an_entry_without_a_title_is_named_by_its_text() -> None:
    assert read("a.rss", rss(f"<description>{TEXT}</description>"))[0][0].article.title == TEXT


@pytest.mark.parametrize(
    ("local", "utc", "date"),
    [
        ("2020-01-05 08:00:00", "2020-01-05 00:00:00", "2020-01-05T08:00:00+08:00"),
        ("2020-01-05 00:00:00", "2020-01-05 03:30:00", "2020-01-05T00:00:00-03:30"),
        # An edited post; a time that says its zone; a bare day.
        ("2020-01-05 08:00:00", "2020-01-01 00:00:00", "2020-01-05T08:00:00"),
        ("2020-01-01T08:00:00+08:00", "2020-01-01 00:00:00", "2020-01-01T08:00:00+08:00"),
        ("2020-01-01", "2020-01-01", "2020-01-01"),
    ],
)
def test_odd_dates_of_an_export_cost_no_entry(local: str, utc: str, date: str) -> None:
    head = '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel><item>'
    dates = f"<wp:post_date>{local}</wp:post_date><wp:post_date_gmt>{utc}</wp:post_date_gmt>"
    raw = f"{head}{dates}<description>{TEXT}</description></item></channel></rss>".encode()
    assert read("a.xml", raw)[0][0].article.date == date


def test_an_address_that_is_none_costs_no_entry() -> None:
    items = [
        f"<link>http://[bad/x</link><description>{TEXT}</description>",
        f"<title>{TEXT}</title>",
    ]
    readings, _ = read("a.rss", rss(*items))
    assert [reading.article.url for reading in readings] == [None]


def test_a_feed_that_is_cut_off_is_read_and_noted() -> None:
    whole = rss(f"<title>甲</title><description>{TEXT}</description>")
    readings, _ = read("a.rss", whole.replace(b"</channel></rss>", b"<item><title>"))
    assert readings[0].article.title == "甲"
    assert "no well-formed XML" in readings[0].note


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "is XML, but neither"),
        (b"<urlset><url><loc>https://example.org/</loc></url></urlset>", "is XML, but neither"),
        (rss(), "without entries"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>' + rss(f"<title>{TEXT}</title>"), "XML entities"),
    ],
)
def test_what_is_no_feed_is_refused_with_its_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(ArticleError, match=reason):
        read("a.xml", raw)


def test_plain_text_is_read_by_its_empty_lines_and_indents() -> None:
    (reading,), _ = read("旅行筆記.txt")
    assert reading.article.title == "第三天：過河"
    assert [paragraph.text for paragraph in reading.article.paragraphs] == [
        "過河的船要等滿六個人才開，我們等了兩個小時，船夫在岸上煮茶請大家喝。",
        "對岸的村子沒有旅館，學校的老師讓我們睡在教室裡。",
    ]


def test_plain_text_without_empty_lines_is_a_paragraph_a_line() -> None:
    lines = [TEXT * 3, "第二段的符號 <b> 和 *星號* 和 {{ x }} 都是文字，" + TEXT * 2]
    (reading,), _ = read("2021-03-04-a.txt", "\n".join(lines).encode())
    article = reading.article
    assert (article.title, article.date) == ("a", "2021-03-04")
    assert [paragraph.text for paragraph in article.paragraphs] == lines

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.analysis.analyzer import Analyzer
from corpus.engine import ArticleEntry
from corpus.model import Condition
from corpus.search.conditions import (
    ArchiveNames,
    address_key,
    date_fit,
    dates,
    named_authors,
    whole_name,
    without_addresses,
)
from corpus.search.days import mentions
from corpus.search.periods import Days

TODAY = date(2024, 5, 15)


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="module")
def names(analyzer: Analyzer) -> ArchiveNames:
    return ArchiveNames(
        [
            ArticleEntry(path, "", author, source, url, ())
            for path, author, source, url in (
                ("a.md", "陳小明", "海風週刊", "https://www.sea.example/2019/%E7%87%88%E5%A1%94/"),
                ("b.md", "Jane O'Neill", "海風週刊", "http://sea.example/post?id=7&utm_source=rss"),
                ("c.md", "", "Lighthouse", "https://sea.example/post?id=8"),
                ("d.md", "陳小明", "Lighthouse", None),
                ("e.md", "佚名", "", "http://[broken"),
            )
        ],
        analyzer.fold_each,
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.sea.example/a", "http://sea.example/a/"),
        ("https://sea.example/a", "sea.example/a#part"),
        ("https://sea.example/%e7%87%88", "https://SEA.example/%E7%87%88"),
        ("https://sea.example/燈", "https://sea.example/%E7%87%88"),
        ("https://sea.example/a?utm_source=x&utm_medium=y", "https://sea.example/a"),
        ("https://sea.example/a?fbclid=1&id=7", "https://sea.example/a?id=7"),
        ("https://sea.example/a?b=1&a=2", "https://sea.example/a?a=2&b=1"),
        ("https://sea.example:443/a", "http://sea.example/a"),
        ("https://sea.example/a?msclkid=1&igsh=2&_hsenc=3&chksm=4", "https://sea.example/a"),
    ],
)
def test_addresses_of_one_page_are_the_same(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://sea.example/a", "https://sea.example/b"),
        ("https://sea.example/post?id=7", "https://sea.example/post?id=8"),
        ("https://sea.example/a", "https://m.sea.example/a"),
    ],
)
def test_addresses_of_different_pages_are_not(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@pytest.mark.parametrize(
    ("question", "text", "address", "path"),
    [
        ("https://sea.example/2019/燈塔", "", "https://sea.example/2019/燈塔", "a.md"),
        ("http://www.sea.example/2019/%e7%87%88%e5%a1%94/ 講什麼", "講什麼", None, "a.md"),
        ("這篇 <https://sea.example/post?id=7> 在說什麼", "這篇 在說什麼", None, "b.md"),
        ("sea.example/post?id=8&fbclid=3?", "", "sea.example/post?id=8&fbclid=3", "c.md"),
        ("https://sea.example/post?id=8的重點", "的重點", "https://sea.example/post?id=8", "c.md"),
        ("[看](https://sea.example/post?id=7).", "[看]", None, "b.md"),
        ("[看](https://sea.example/post?id=7)寫得好", "[看]寫得好", None, "b.md"),
        ("||https://sea.example/post?id=7||", "", "https://sea.example/post?id=7", "b.md"),
        ("https://elsewhere.example/x", "", "https://elsewhere.example/x", ""),
        ("http://[broken", "", "http://[broken", ""),
    ],
)
def test_an_address_is_taken_out_and_looked_up(
    names: ArchiveNames, question: str, text: str, address: str | None, path: str
) -> None:
    left, (condition,) = without_addresses(question, names)
    assert (condition.kind, condition.value) == ("address", path)
    assert [*filter(str.isalnum, left)] == [*filter(str.isalnum, text)]
    assert address is None or condition.text == address


@pytest.mark.parametrize("question", ["node.js 是什麼", "3.14", "a/b 測試", "e.g. this", "AC/DC"])
def test_what_only_has_dots_and_slashes_is_no_address(names: ArchiveNames, question: str) -> None:
    assert without_addresses(question, names) == (question, [])


def test_a_date_is_a_condition_in_iso_8601() -> None:
    (found,) = dates("2019年6月的灯塔", TODAY)
    assert found.condition == Condition("date", "2019年6月", "2019-06")
    assert (found.start, found.end, found.is_relative) == (0, 7, False)
    (found,) = dates("去年的灯塔", TODAY)
    assert (found.condition.value, found.is_relative) == ("2023", True)


@pytest.mark.parametrize(
    ("topic", "kind", "written"),
    [
        ("陈小明", "author", "陳小明"),
        ("陈小明写的", "author", "陳小明"),
        ("jane o'neill", "author", "Jane O'Neill"),
        ("海风周刊", "source", "海風週刊"),
        ("lighthouse", "source", "Lighthouse"),
    ],
)
def test_a_topic_that_is_a_name_asks_for_what_it_names(
    names: ArchiveNames, topic: str, kind: str, written: str
) -> None:
    condition = whole_name(topic, names)
    assert condition is not None
    assert (condition.kind, condition.value) == (kind, written)


@pytest.mark.parametrize(
    "topic", ["陈小明的灯塔", "小明", "lighthouses", "写的", "", "sea.example"]
)
def test_a_topic_that_only_holds_a_name_does_not(names: ArchiveNames, topic: str) -> None:
    assert whole_name(topic, names) is None


@pytest.mark.parametrize(
    ("question", "authors"),
    [
        ("陳小明怎麼看燈塔", ["陳小明"]),
        ("陳小明认为灯塔该拆吗", ["陳小明"]),
        ("陳小明對燈塔的看法", ["陳小明"]),
        ("陳小明對面的燈塔", []),
        ("lighthouses according to Jane O'Neill", ["Jane O'Neill"]),
        ("陳小明的媽媽", []),
        ("佚名的故事", []),
    ],
)
def test_an_author_is_preferred_where_their_opinion_is_asked(
    analyzer: Analyzer, names: ArchiveNames, question: str, authors: list[str]
) -> None:
    folded = analyzer.fold(question)
    found = named_authors(folded, analyzer.words(folded), names)
    assert [mention.condition.value for mention in found] == authors


@pytest.mark.parametrize(
    ("asked", "published", "text", "fit"),
    [
        ("2019", date(2019, 3, 1), "", 1.0),
        ("2019", date(2020, 1, 20), "", 0.5),
        ("2019", date(2020, 6, 1), "", 0.0),
        ("2019", date(2018, 12, 31), "", 0.0),
        ("2019", date(2021, 1, 1), "2019年的灯塔", 0.8),
        ("2019", None, "二〇一九年5月", 0.8),
        ("2019-05-01", None, "2019年的灯塔", 0.3),
        ("2019-05", None, "2018年", 0.0),
        ("2019-03-01/2019-05-31", date(2019, 4, 1), "", 1.0),
    ],
)
def test_a_passage_fits_a_date_by_its_article_or_by_what_it_names(
    asked: str, published: date | None, text: str, fit: float
) -> None:
    assert date_fit(Days.of_value(asked), published, mentions(text, TODAY)) == fit


@given(st.text(st.sampled_from("https:/w.sea.example?id=燈 []%e7&#"), max_size=40))
def test_any_text_may_hold_an_address(question: str) -> None:
    text, found = without_addresses(question, lambda _kind, _name: None)
    assert all(condition.value == "" for condition in found)
    assert text == question or found or " ".join(question.split()) == text

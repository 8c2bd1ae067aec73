import pytest

from corpus.analyzer import Analyzer
from corpus.errors import QueryError
from corpus.filters import normalise
from corpus.model import Filters


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2020", "2020-01-01", "2020-12-31"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("2021-2", "2021-02-01", "2021-02-28"),
        (" 2021-01-06 ", "2021-01-06", "2021-01-06"),
        ("2021/1/6", "2021-01-06", "2021-01-06"),
    ],
)
def test_a_date_stands_for_all_of_its_days(
    analyzer: Analyzer, text: str, first: str, last: str
) -> None:
    filters = normalise(Filters(after=text, before=text), analyzer)
    assert (filters.after, filters.before) == (first, last)


@pytest.mark.parametrize("text", ["yesterday", "2021-13", "2021-02-30", "0000", "20210106", "٢٠٢١"])
def test_what_is_no_date_is_said_with_an_example(analyzer: Analyzer, text: str) -> None:
    with pytest.raises(QueryError, match=f"{text}.*2021-01-06"):
        normalise(Filters(after=text), analyzer)


def test_a_range_that_ends_before_it_begins_is_refused(analyzer: Analyzer) -> None:
    with pytest.raises(QueryError, match="2021-01-01 comes after 2020-12-31"):
        normalise(Filters(after="2021", before="2020"), analyzer)


def test_filter_texts_are_folded_and_blank_ones_dropped(analyzer: Analyzer) -> None:
    filters = normalise(Filters(source=" 燕京書評 ", author="ＣＮＡ", tag="  "), analyzer)
    assert filters == Filters(source="燕京书评", author="cna")

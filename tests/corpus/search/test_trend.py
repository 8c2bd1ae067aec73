"""Terms are counted over time, against what the archive holds of each time."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio

from corpus.analysis.analyzer import Analyzer
from corpus.errors import QueryError, QueryFault
from corpus.library import Library
from corpus.model import Filters, Trend, Unit
from corpus.search.trend import TrendCounter, split_terms
from tests.corpus.conftest import post_writer
from tests.folders import with_dictionary

ANALYZER = Analyzer()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> AsyncIterator[Library]:
    """Give five dated posts and one without a date."""
    root = tmp_path_factory.mktemp("archive")
    data = with_dictionary(tmp_path_factory.mktemp("var"), dictionary_cache)
    write = post_writer(root)
    write("a", "支付寶推出花唄，用戶可以先買後付。", date="2020-11-03")
    write("b", "颱風登陸，軟體工程師在家工作。花唄也可以用。", date="2021-01-06T23:30:00-02:00")
    write("c", "支付宝与花呗的规模继续扩大。", "花呗的用户很多。", date="2021-01-20")
    write("d", "地震規模很大，沒有人受傷。", date="2021-04-01")
    write("e", "茶很香，软件也好用。", date="2021-04-02", categories="[ 茶葉誌 ]")
    write("f", "花唄沒有日期。")
    async with Library(root, data) as library:
        await library.reindex()
        yield library


async def of_one(library: Library, term: str, filters: Filters | None = None) -> Trend:
    return await library.trend(term, filters, unit=Unit.MONTH)


def counts(trend: Trend, at: int = 0) -> dict[str, int]:
    found = zip(trend.buckets, trend.series[at].articles, strict=True)
    return {bucket: articles for bucket, articles in found if articles}


@pytest.mark.asyncio(loop_scope="module")
async def test_articles_are_counted_in_the_month_of_their_utc_day(library: Library) -> None:
    trend = await of_one(library, "花唄")
    assert trend.buckets == ("2020-11", "2020-12", "2021-01", "2021-02", "2021-03", "2021-04")
    assert trend.articles == (1, 0, 2, 0, 0, 2)
    assert counts(trend) == {"2020-11": 1, "2021-01": 2}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("花呗", {"2020-11": 1, "2021-01": 2}),
        ("支付寶", {"2020-11": 1, "2021-01": 1}),
        ("軟體", {"2021-01": 1, "2021-04": 1}),
        ("花唄 颱風", {"2021-01": 1}),
        ("茶", {"2021-04": 1}),
        ("付寶花", {}),
        ("區塊鏈", {}),
        ("！？", {}),
    ],
)
async def test_a_term_is_found_in_either_script_and_as_a_whole(
    library: Library, term: str, found: dict[str, int]
) -> None:
    assert counts(await of_one(library, term)) == found


@pytest.mark.asyncio(loop_scope="module")
async def test_several_terms_are_counted_side_by_side(library: Library) -> None:
    trend = await of_one(library, "花唄，地震, 花唄")
    assert [line.term for line in trend.series] == ["花唄", "地震"]
    assert counts(trend, 1) == {"2021-04": 1}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_range_bounds_what_is_counted(library: Library) -> None:
    trend = await of_one(library, "花唄", Filters(after="2021", before="2021-01"))
    assert trend.buckets == ("2021-01",)
    assert trend.articles == (2,)
    empty = await of_one(library, "花唄", Filters(after="2030"))
    assert empty.buckets == empty.articles == empty.series[0].articles == ()


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_left_out_is_neither_counted_nor_counted_against(library: Library) -> None:
    trend = await of_one(library, "地震，茶", Filters(without_sources=("茶叶志",)))
    assert trend.articles == (1, 0, 2, 0, 0, 1)
    assert (counts(trend, 0), counts(trend, 1)) == ({"2021-04": 1}, {})


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("unit", "buckets", "articles"),
    [
        (Unit.QUARTER, ("2020-Q4", "2021-Q1", "2021-Q2"), (1, 2, 2)),
        (Unit.YEAR, ("2020", "2021"), (1, 4)),
    ],
)
async def test_time_is_divided_as_asked(
    library: Library, unit: Unit, buckets: tuple[str, ...], articles: tuple[int, ...]
) -> None:
    trend = await library.trend("花唄", unit=unit)
    assert (trend.unit, trend.buckets, trend.articles) == (unit, buckets, articles)


class NoPostings:
    """An index reader in which no term occurs."""

    def articles_with(self, terms: Iterable[str]) -> set[int]:
        del terms
        return set()


def chosen_unit(days: Iterable[str]) -> Unit:
    reader = cast("Any", NoPostings())
    counter = TrendCounter(reader, ANALYZER, lambda _: (), dict(enumerate(days)))
    return counter.count(["颱風"], None).unit


@pytest.mark.parametrize(
    ("first", "last", "articles_a_month", "unit"),
    [
        (2024, 2024, 20, Unit.MONTH),
        (2024, 2024, 19, Unit.QUARTER),
        (2024, 2024, 6, Unit.YEAR),
        (2020, 2024, 20, Unit.MONTH),
        (2019, 2024, 20, Unit.QUARTER),
        (2010, 2024, 20, Unit.QUARTER),
        (2009, 2024, 20, Unit.YEAR),
    ],
)
def test_the_unit_is_the_finest_whose_median_bucket_has_20_articles(
    first: int, last: int, articles_a_month: int, unit: Unit
) -> None:
    months = [f"{year}-{month:02}-01" for year in range(first, last + 1) for month in range(1, 13)]
    assert chosen_unit(months * articles_a_month) is unit


def test_times_without_articles_do_not_make_the_unit_coarser() -> None:
    assert chosen_unit(["2021-01-01", "2021-12-01"] * 20) is Unit.MONTH


@pytest.mark.parametrize(
    ("text", "fault"),
    [(" ,， ", QueryFault.NO_TERM), ("a,b,c,d,e", QueryFault.TOO_MANY_TERMS)],
)
def test_a_wrong_number_of_terms_is_told(text: str, fault: QueryFault) -> None:
    with pytest.raises(QueryError) as caught:
        split_terms(text)
    assert caught.value.kind is fault


@pytest.mark.asyncio(loop_scope="module")
async def test_dates_that_are_none_are_told(library: Library) -> None:
    with pytest.raises(QueryError) as caught:
        await library.trend("花唄", Filters(after="sometime"))
    assert caught.value.kind is QueryFault.NOT_A_DATE

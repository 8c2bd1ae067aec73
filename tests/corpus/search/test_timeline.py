"""A timeline has the best hit of each day, on days spread over the years."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from corpus.library import Library
from corpus.model import Filters, Outcome, Timeline
from corpus.search import timeline
from corpus.search.timeline import spread
from tests.corpus.conftest import post_writer
from tests.folders import with_dictionary

OPENINGS = (
    "花蓮的漁船全部回港，纜繩繫得很牢",
    "臺東的學校停課，操場積滿了雨水",
    "宜蘭的菜販連夜從山上運來高麗菜",
    "屏東的電台整夜播放老歌，清晨才有電",
    "澎湖的博物館清點受潮的舊地圖",
    "基隆的鐵路工人在隧道口堆起沙包",
)
ENDINGS = (
    "主婦們說颱風警報來得太早。",
    "老師在日記裡抄下颱風警報的全文。",
    "村長拿著擴音器唸颱風警報。",
    "孩子把颱風警報當成一首歌。",
    "旅館的客人因為颱風警報退了房。",
)
# Unlike each other, or they would be one hit.
BUSY = [f"{opening}，{ending}" for opening in OPENINGS for ending in ENDINGS]
CANDIDATES = 2
"""Too few for three years, as 200 may be in a large archive."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> AsyncIterator[Library]:
    """Give a story of three years, most of it told in the weeks of one spring."""
    root = tmp_path_factory.mktemp("archive")
    data = with_dictionary(tmp_path_factory.mktemp("var"), dictionary_cache)
    write = post_writer(root)
    for i, text in enumerate(BUSY):
        day = date(2020, 3, 1) + timedelta(days=i)
        write(f"busy{i}", text, date=day.isoformat())
    write("first", "颱風警報的故事從這一年開始，後來才有規則。", date="2015-07-01T00:30:00+08:00")
    write("same-day", "颱風警報。", "鐵路全線停駛。", date="2015-07-01")
    write("last", "多年之後，氣象局改寫了颱風警報的規則。", date="2022-11-05")
    write("undated", "颱風警報沒有日期。")
    write("other", "豆腐怎麼做。", date="2018-01-01")
    async with Library(root, data) as library:
        await library.reindex()
        yield library


def days(found: Timeline) -> list[str | None]:
    return [hit.article.day for hit in found.result.hits]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_busy_spring_does_not_push_out_other_years(library: Library) -> None:
    found = await library.timeline("颱風警報", limit=6)
    assert found.result.outcome is Outcome.ANSWER
    assert days(found)[0] == "2015-07-01"
    assert days(found)[-1] == "2022-11-05"
    assert len(days(found)) == 6
    assert found.total == len(BUSY) + 2


@pytest.mark.asyncio(loop_scope="module")
async def test_years_beyond_the_first_candidates_are_looked_into(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "MAX_CANDIDATES", CANDIDATES)
    found = await library.timeline("颱風警報", limit=len(BUSY))
    assert {day[:4] for day in days(found) if day} == {"2015", "2020", "2022"}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_day_is_there_once_in_the_time_zone_of_its_date(library: Library) -> None:
    found = await library.timeline("颱風警報", Filters(before="2016"))
    assert days(found) == ["2015-07-01"]
    assert found.total == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_filters_limit_the_days(library: Library) -> None:
    found = await library.timeline("颱風警報", Filters(after="2020-03-05", before="2020-03-07"))
    assert days(found) == ["2020-03-05", "2020-03-06", "2020-03-07"]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("question", ["你好", "", "火星探測"])
async def test_where_nothing_is_found_there_is_no_day_and_a_notice(
    library: Library, question: str
) -> None:
    found = await library.timeline(question)
    assert (days(found), found.total) == ([], 0)
    assert found.result.notice


def test_years_take_turns_then_months_then_weeks() -> None:
    scores = {
        "2020-01-01": 9.0,
        "2020-01-02": 8.9,
        "2020-01-20": 5.0,
        "2020-06-01": 4.0,
        "2021-01-01": 1.0,
    }
    by_limit = [spread(scores, limit) for limit in range(1, 6)]
    added = [set(more) - set(fewer) for fewer, more in zip([[], *by_limit], by_limit, strict=False)]
    assert added == [
        {"2020-01-01"},
        {"2021-01-01"},
        {"2020-06-01"},
        {"2020-01-20"},
        {"2020-01-02"},
    ]


DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31)).map(date.isoformat)


@given(st.dictionaries(DAYS, st.floats(0, 100)), st.integers(0, 40))
def test_the_days_chosen_are_in_order_and_no_year_is_missed(
    scores: dict[str, float], limit: int
) -> None:
    chosen = spread(scores, limit)
    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(limit, len(scores))
    years = {day[:4] for day in scores}
    assert len({day[:4] for day in chosen}) == min(limit, len(years))

"""Articles are listed by the day they were published on, or by when, without a question."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from corpus.library import Library
from corpus.model import Filters, Listing
from tests.corpus.conftest import post_writer
from tests.folders import with_dictionary

TODAY = date(2024, 8, 8)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> AsyncIterator[Library]:
    root = tmp_path_factory.mktemp("archive")
    data = with_dictionary(tmp_path_factory.mktemp("var"), dictionary_cache)
    write = post_writer(root)
    # Its day in UTC is the one before, or after.
    write("early", "颱風登陸。", date="2019-08-08T00:30:00+08:00", title="早")
    write("late", "颱風遠離。", date="2020-08-08T23:30:00-05:00", title="晚")
    write("near", "茶很香。", date="2020-08-09T00:30:00+08:00", title="別日")
    write("bare", "高鐵通車。", date="2020-08-08", title="無時", categories="[ 山報 ]")
    write("copy", "高鐵通車！", date="2020-08-08", title="無時")
    write("old", "火車開了。", date="2010-08-08", title="老")
    write("today", "火車停了。", date="2024-08-08", title="今日")
    write("undated", "火車不見了。", title="不詳")
    async with Library(root, data) as library:
        await library.reindex()
        yield library


def titles(listing: Listing) -> list[str]:
    return [article.title for article in listing.articles]


async def test_a_day_of_earlier_years_is_the_day_that_an_article_shows(library: Library) -> None:
    listing = await library.on_this_day(TODAY)
    assert titles(listing) == ["老", "早", "晚", "無時"]
    assert listing.total == 4
    assert (await library.on_this_day(date(2024, 8, 9))).total == 1
    assert await library.on_this_day(date(2024, 2, 29)) == Listing((), 0)
    assert titles(await library.on_this_day(date(2020, 8, 8))) == ["老", "早"]


async def test_of_too_many_the_years_take_turns_and_left_out_sources_do_not_count(
    library: Library,
) -> None:
    listing = await library.on_this_day(TODAY, limit=3)
    assert titles(listing) == ["老", "早", "無時"]
    assert listing.total == 4
    assert titles(await library.on_this_day(TODAY, limit=1)) == ["無時"]
    only = await library.on_this_day(TODAY, Filters(source="山報"))
    assert [article.path for article in only.articles] == ["bare.md"]


async def test_of_some_articles_the_newest_are_listed(library: Library) -> None:
    paths = {f"{name}.md" for name in ("old", "bare", "undated", "today", "gone")}
    listing = await library.newest(paths, limit=3)
    assert titles(listing) == ["今日", "無時", "老"]
    assert listing.total == 4
    left = await library.newest(paths, Filters(without_sources=("山報",)))
    assert titles(left) == ["今日", "老", "不詳"]
    assert await library.newest([]) == Listing((), 0)

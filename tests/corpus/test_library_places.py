"""A passage of an earlier search is found where it stands now, or is said to be gone."""

from pathlib import Path

import pytest

from corpus.library import Library
from tests.corpus.conftest import WritePost

LIGHTHOUSE = "燈塔守護著北邊的海岸，每天晚上準時點亮，讓漁船認得回家的路。"
KEEPER = "看守人住在塔下的石屋，一年只下山兩次，其餘的日子都在擦拭透鏡。"
NEW = "今年春天開放參觀，遊客可以登上塔頂，看見整個港灣與遠方的島嶼。"
OTHER = "自行車道沿著河岸一路通往海邊，假日常有家庭出遊，店家也多了起來。"


@pytest.fixture
def posts(write_post: WritePost) -> WritePost:
    write_post("lighthouse", LIGHTHOUSE, KEEPER)
    write_post("river", OTHER)
    return write_post


async def content_of(library: Library, question: str) -> tuple[str, int, int]:
    """Return what names the best hit later: its path, its ordinal and its content."""
    hit = (await library.search(question)).hits[0]
    return hit.article.path, hit.passage.ordinal, hit.content_hash


async def test_a_passage_is_found_after_paragraphs_before_it_and_in_a_renamed_file(
    posts: WritePost, archive: Path, data_dir: Path
) -> None:
    async with Library(archive, data_dir) as library:
        await library.reindex()
        named = await content_of(library, "看守人住在石屋")
        assert named[:2] == ("lighthouse.md", 1)
        posts("lighthouse", NEW, LIGHTHOUSE, KEEPER)
        await library.reindex()
        found = await library.passage(*named)
        assert found is not None
        assert (found.article.path, found.ordinal) == ("lighthouse.md", 2)
        assert found.article.paragraphs[found.ordinal].text == KEEPER
        assert found.content_hash == named[2]
        before = await library.passage(*named, step=-1)
        assert before is not None
        assert before.article.paragraphs[before.ordinal].text == LIGHTHOUSE
        assert await library.passage(*named, step=1) is None
        by_place = await library.passage(*named[:2])
        assert by_place is not None
        assert by_place.ordinal == 1
        (archive / "lighthouse.md").rename(archive / "tower.md")
        await library.reindex()
        moved = await library.passage(*named)
        assert moved is not None
        assert (moved.article.path, moved.ordinal) == ("tower.md", 2)


async def test_a_passage_that_was_taken_out_is_gone_whatever_stands_in_its_place(
    posts: WritePost, archive: Path, data_dir: Path
) -> None:
    async with Library(archive, data_dir) as library:
        await library.reindex()
        named = await content_of(library, "看守人住在石屋")
        posts("lighthouse", LIGHTHOUSE, NEW)
        await library.reindex()
        assert await library.passage(*named) is None
        related = await library.related(*named[:2], content_hash=named[2])
        assert (related.question, related.hits) == ("", ())


async def test_of_equal_paragraphs_the_nearest_to_its_place_is_meant(
    write_post: WritePost, archive: Path, data_dir: Path
) -> None:
    async with Library(archive, data_dir) as library:
        write_post("twice", LIGHTHOUSE, KEEPER, OTHER, KEEPER)
        await library.reindex()
        _, _, content = await content_of(library, "看守人住在石屋")
        places = [await library.passage("twice.md", ordinal, content) for ordinal in (0, 1, 3, 9)]
        assert [place and place.ordinal for place in places] == [1, 1, 3, 3]

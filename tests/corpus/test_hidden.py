"""A hidden article is in no answer from the next question on, nor in any later index."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from corpus.errors import CorpusError
from corpus.hidden import FILE_NAME, REASON, HiddenArticles
from corpus.library import Library
from corpus.model import Filters, NameField
from tests.corpus.conftest import WritePost

TEA = "烏龍茶是半發酵的茶，發酵程度介於綠茶與紅茶之間。"
BLACK = "紅茶是全發酵的茶，烏龍茶則只發酵一半。"
FILLER = "圖書館週末延長開放時間，學生可以預約自習座位。"
ADDRESS = "https://example.org/tea"


@pytest.fixture(params=["", "memory:"], ids=["local", "memory"])
async def library(
    request: pytest.FixtureRequest, archive: Path, data_dir: Path, write_post: WritePost
) -> AsyncIterator[Library]:
    write_post("tea", TEA, FILLER, title="烏龍茶", date="2020-01-02", **{"from": ADDRESS})
    write_post("black", BLACK, title="紅茶", date="2021-01-02", categories="[ 茶報 ]")
    for number in range(4):
        write_post(f"filler-{number}", FILLER, date="2022-01-02")
    async with Library(archive, data_dir, search_url=request.param) as library:
        await library.reindex()
        yield library


async def paths(library: Library, question: str = "烏龍茶") -> list[str]:
    return [hit.article.path for hit in (await library.search(question)).hits]


async def test_it_is_in_no_kind_of_answer_at_once(library: Library) -> None:
    assert "tea.md" in await paths(library)
    shown, *_ = (await library.search("烏龍茶", Filters(before="2020-12-31"))).hits
    assert await library.hide("tea.md") == ("tea.md",)
    assert await paths(library) == ["black.md"]
    assert await paths(library, ADDRESS) == []
    within = await library.search("烏龍茶", within=["tea.md", "black.md"])
    assert [hit.article.path for hit in within.hits] == ["black.md"]
    assert [hit.article.path for hit in (await library.matches("烏龍茶")).hits] == ["black.md"]
    assert (await library.matches("烏龍茶", within=["tea.md"])).hits == ()
    related = await library.related("black.md", 0)
    assert "tea.md" not in {hit.article.path for hit in related.hits}
    assert (await library.related("tea.md", 0)).hits == ()
    assert await library.article("tea.md") is None
    assert await library.match("烏龍茶", "tea.md", 0) is None
    assert await library.passage("tea.md", 0, shown.content_hash) is None
    assert await library.passage("moved.md", 0, shown.content_hash) is None
    for listing in (
        await library.on_this_day(date(2021, 1, 2)),
        await library.newest(["tea.md"]),
    ):
        assert listing.total == 0
    assert "tea.md" not in await library.paths()
    assert await library.titles("烏龍") == ()
    told = (await library.timeline("烏龍茶")).result.hits
    assert [hit.article.path for hit in told] == ["black.md"]
    counted = await library.trend("烏龍茶")
    assert sum(counted.series[0].articles) == 1
    assert sum(counted.articles) == 5
    stats = await library.stats()
    assert (stats.articles, stats.passages) == (5, 5)
    assert {source.name: source.articles for source in stats.sources} == {"小站": 4, "茶報": 1}
    assert [c.articles for c in await library.names(NameField.SOURCE, "小站")] == [4]


async def test_later_indexes_do_not_hold_it_until_it_is_shown_again(library: Library) -> None:
    await library.hide("tea.md")
    report = await library.reindex()
    assert report.articles == 5
    assert [(file.path, file.reason) for file in report.skipped] == [("tea.md", REASON)]
    # Nothing changed: nothing is written, and it stays away; so it does from a full rebuild.
    assert (await library.reindex()).articles == 5
    assert (await library.reindex(full=True)).articles == 5
    assert "tea.md" not in await paths(library)
    assert await library.unhide(ADDRESS) == ("tea.md",)
    report = await library.reindex()
    assert (report.articles, report.skipped) == (6, ())
    assert "tea.md" in await paths(library)


async def test_its_address_names_it_and_what_is_not_there_changes_nothing(
    library: Library, data_dir: Path
) -> None:
    assert await library.hide("https://example.org/nothing") == ()
    assert not (data_dir / FILE_NAME).exists()
    assert await library.hide(ADDRESS) == ("tea.md",)
    assert (data_dir / FILE_NAME).read_text("utf-8") == f"tea.md\t{ADDRESS}\n"
    assert await library.unhide("black.md") == ()
    assert await library.hidden() == ("tea.md",)


async def test_a_line_that_a_keeper_adds_counts_from_the_next_question_on(
    library: Library, data_dir: Path
) -> None:
    (data_dir / FILE_NAME).write_text("black.md\r\n\n", "utf-8")
    assert await paths(library) == ["tea.md"]
    (data_dir / FILE_NAME).unlink()
    assert set(await paths(library)) == {"tea.md", "black.md"}


async def test_nothing_is_shown_while_the_file_cannot_be_read(
    library: Library, data_dir: Path
) -> None:
    (data_dir / FILE_NAME).write_bytes(b"\xff\xff")
    with pytest.raises(CorpusError, match=r"hidden\.txt cannot be read"):
        await library.search("烏龍茶")
    with pytest.raises(CorpusError, match=r"hidden\.txt cannot be read"):
        await library.reindex()


async def test_a_filter_that_leaves_only_hidden_articles_leaves_nothing(library: Library) -> None:
    await library.hide("black.md")
    result = await library.search("紅茶", Filters(source="茶報"))
    assert result.hits == ()


def test_a_name_that_no_line_holds_is_refused(tmp_path: Path) -> None:
    hidden = HiddenArticles(tmp_path)
    for name in ("a\nb.md", "a\tb.md", " a.md"):
        with pytest.raises(CorpusError, match="rename"):
            hidden.add({name: ""})
    assert hidden.paths() == frozenset()


def test_an_earlier_file_adds_to_what_is_hidden_now(tmp_path: Path) -> None:
    hidden = HiddenArticles(tmp_path)
    earlier = "\ufeffb.md\r\nc.md\thttps://example.org/c\n"
    assert hidden.merged(earlier.encode()) == b"b.md\nc.md\thttps://example.org/c\n"
    hidden.add({"a.md": "", "c.md": "https://example.org/now"})
    assert hidden.merged(earlier.encode()) == b"a.md\nb.md\nc.md\thttps://example.org/now\n"
    assert hidden.paths() == {"a.md", "c.md"}
    with pytest.raises(CorpusError, match=r"The earlier hidden\.txt cannot be read"):
        hidden.merged(b"\xff")


async def test_one_entry_of_a_feed_is_hidden_and_the_others_stay(
    archive: Path, data_dir: Path
) -> None:
    items = "".join(
        f"<item><title>{name}</title><guid>{name}</guid><description>{text}</description></item>"
        for name, text in (("one", TEA), ("two", BLACK))
    )
    (archive / "feed.xml").write_text(
        f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>', "utf-8"
    )
    async with Library(archive, data_dir) as library:
        await library.reindex()
        first, second = sorted(await library.paths())
        await library.hide(first)
        assert await paths(library) == [second]
        report = await library.reindex()
        assert (report.articles, [file.path for file in report.skipped]) == (1, [first])
        await library.unhide(first)
        assert (await library.reindex()).articles == 2

"""A library whose archive is a git repository, from clone to answer."""

from pathlib import Path

import pytest

from corpus.errors import CorpusError, WrongArchiveError
from corpus.library import Library
from corpus.remote import Remote
from tests.corpus.git_server import Origin, serving


def post(title: str, text: str) -> str:
    return f"---\ntitle: {title}\ndate: 2021-01-06\n---\n{text}\n"


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    made = Origin(tmp_path / "origin")
    made.commit(
        {
            "_posts/tea.md": post("高山茶", "高山茶種在海拔一千公尺以上，日夜溫差大。"),
            "_posts/rain.md": post("颱風", "颱風在溫暖的海面上形成，水氣上升時放出大量的熱。"),
        }
    )
    return made


async def titles(library: Library, question: str) -> list[str]:
    return [hit.article.title for hit in (await library.search(question)).hits]


async def test_a_new_a_changed_and_a_deleted_post_are_answered_from_the_new_state(
    origin: Origin, data_dir: Path
) -> None:
    with serving(origin.repo) as address:
        async with Library(Remote.parse(address), data_dir) as library:
            first = await library.reindex()
            assert (first.articles, first.commit) == (2, origin.repo.head().decode())
            assert await titles(library, "高山茶種在哪裡") == ["高山茶"]
            commit = origin.commit(
                {
                    "_posts/tea.md": None,
                    "_posts/rain.md": post("颱風", "颱風登陸之後會很快減弱，因為沒有水氣。"),
                    "_posts/rail.md": post("高鐵", "高鐵列車清晨從南港出發，開往左營。"),
                }
            )
            second = await library.reindex()
            assert (second.added, second.changed, second.removed) == (1, 1, 1)
            assert (await library.stats()).commit == second.commit == commit
            assert await titles(library, "高鐵從哪裡出發") == ["高鐵"]
            assert "登陸" in (await library.search("颱風")).hits[0].passage.text
            assert await titles(library, "高山茶") == []


async def test_a_commit_that_is_indexed_is_not_read_again(origin: Origin, data_dir: Path) -> None:
    with serving(origin.repo) as address:
        async with Library(Remote.parse(address), data_dir) as library:
            await library.reindex()
            before = (data_dir / "CURRENT").stat().st_mtime_ns
            (data_dir / "repository" / "posts" / "_posts" / "tea.md").write_text("changed here")
            report = await library.reindex()
            assert (report.added, report.changed, report.removed) == (0, 0, 0)
            assert (data_dir / "CURRENT").stat().st_mtime_ns == before


async def test_offline_the_last_copy_serves_and_says_how_old_it_is(
    origin: Origin, data_dir: Path
) -> None:
    with serving(origin.repo) as address:
        async with Library(Remote.parse(address), data_dir) as library:
            first = await library.reindex()
    async with Library(Remote.parse(address), data_dir) as library:
        await library.open()
        report = await library.reindex(full=True)
        # The same words however old the copy is, so that it is told once.
        name = Remote.parse(address).name
        assert report.problem == f"{name} cannot be reached: Connection refused."
        assert report.fetched_at == first.fetched_at
        assert await titles(library, "颱風") == ["颱風"]


async def test_what_only_the_keeper_can_mend_is_told_apart(data_dir: Path, tmp_path: Path) -> None:
    async with Library(Remote.parse(f"file://{tmp_path}/nowhere"), data_dir) as library:
        with pytest.raises(WrongArchiveError, match="There is no git repository"):
            await library.reindex()
    async with Library(Remote.parse("http://127.0.0.1:9/posts.git"), data_dir) as library:
        with pytest.raises(CorpusError, match="cannot be reached") as caught:
            await library.reindex()
        assert not isinstance(caught.value, WrongArchiveError)


async def test_a_file_is_linked_to_where_its_forge_shows_it(origin: Origin, data_dir: Path) -> None:
    async with Library(Remote.parse(f"file://{origin.folder}"), data_dir) as library:
        await library.reindex()
        assert (await library.search("颱風")).hits[0].article.file_url is None
    remote = Remote.parse("https://github.com/someone/posts.git#main")
    found = remote.file_url("abc", "_posts/2021-01-06-颱風.md")
    assert found == (
        "https://github.com/someone/posts/blob/abc/_posts/2021-01-06-%E9%A2%B1%E9%A2%A8.md"
    )

"""A library whose archive is a git repository, from the clone to the answer."""

from pathlib import Path

import pytest
from dulwich.objects import ObjectID

from corpus.errors import CorpusError, WrongArchiveError
from corpus.library import Library
from corpus.remote import Remote
from tests.corpus.git_server import Origin, serving
from tests.corpus.hostile_git import FILE, SUBMODULE, blob, commit, tree


def post(title: str, text: str) -> str:
    return f"---\ntitle: {title}\ndate: 2021-01-06\n---\n{text}\n"


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    origin = Origin(tmp_path / "origin")
    origin.commit(
        {
            "_posts/tea.md": post("高山茶", "高山茶種在海拔一千公尺以上，日夜溫差大。"),
            "_posts/rain.md": post("颱風", "颱風在溫暖的海面上形成，水氣上升時放出大量的熱。"),
        }
    )
    return origin


async def titles(library: Library, question: str) -> list[str]:
    return [hit.article.title for hit in (await library.search(question)).hits]


async def test_answers_follow_new_changed_and_deleted_posts(origin: Origin, data_dir: Path) -> None:
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


async def test_a_post_with_the_longest_name_is_answered_from_and_what_is_left_out_is_reported(
    origin: Origin, data_dir: Path
) -> None:
    repo = origin.repo
    name = "鯨" * 84 + ".md"
    text = blob(repo, post("鯨魚", "漁船在外海遇見一群鯨魚，停下來等候牠們游過。").encode())
    entries = [
        (name.encode(), FILE, text),
        (name.encode() + b".md", FILE, text),
        (b"theme", SUBMODULE, ObjectID(b"1" * 40)),
    ]
    commit(repo, tree(repo, entries))
    with serving(repo) as address:
        async with Library(Remote.parse(address), data_dir) as library:
            report = await library.reindex()
            assert await titles(library, "鯨魚") == ["鯨魚"]
            assert (await library.search("鯨魚")).hits[0].article.path == name
    assert {skipped.reason for skipped in report.skipped} == {
        "has a name of more than 255 bytes",
        "is a submodule, which is not fetched",
    }


async def test_a_commit_that_is_indexed_is_not_read_again(origin: Origin, data_dir: Path) -> None:
    with serving(origin.repo) as address:
        async with Library(Remote.parse(address), data_dir) as library:
            await library.reindex()
            before = (data_dir / "CURRENT").stat().st_mtime_ns
            (data_dir / "repository" / "posts" / "_posts" / "tea.md").write_text("changed here")
            report = await library.reindex()
            assert (report.added, report.changed, report.removed) == (0, 0, 0)
            assert (data_dir / "CURRENT").stat().st_mtime_ns == before


async def test_offline_the_last_checkout_is_indexed_and_its_age_reported(
    origin: Origin, data_dir: Path
) -> None:
    with serving(origin.repo) as address:
        async with Library(Remote.parse(address), data_dir) as library:
            first = await library.reindex()
    async with Library(Remote.parse(address), data_dir) as library:
        await library.open()
        report = await library.reindex(full=True)
        # The text does not change with the age of the checkout, so that it is reported once.
        name = Remote.parse(address).name
        assert report.problem == f"{name} cannot be reached: Connection refused."
        assert report.fetched_at == first.fetched_at
        assert await titles(library, "颱風") == ["颱風"]


async def test_a_wrong_address_and_an_unreachable_host_are_different_errors(
    data_dir: Path, tmp_path: Path
) -> None:
    async with Library(Remote.parse(f"file://{tmp_path}/nowhere"), data_dir) as library:
        with pytest.raises(WrongArchiveError, match="There is no git repository"):
            await library.reindex()
    async with Library(Remote.parse("http://127.0.0.1:9/posts.git"), data_dir) as library:
        with pytest.raises(CorpusError, match="cannot be reached") as caught:
            await library.reindex()
        assert not isinstance(caught.value, WrongArchiveError)


async def test_an_article_links_to_its_file_on_a_known_forge(
    origin: Origin, data_dir: Path
) -> None:
    async with Library(Remote.parse(f"file://{origin.folder}"), data_dir) as library:
        await library.reindex()
        assert (await library.search("颱風")).hits[0].article.file_url is None
    remote = Remote.parse("https://github.com/someone/posts.git#main")
    assert remote.file_url("abc", "_posts/2021-01-06-颱風.md") == (
        "https://github.com/someone/posts/blob/abc/_posts/2021-01-06-%E9%A2%B1%E9%A2%A8.md"
    )

"""Writes posts into a folder whatever their names are, and whatever stopped it the last time."""

import sys
from pathlib import Path

import pytest
from dulwich.objects import ObjectID

from corpus.archive.checkout import Checkout, check_out, posts_folder
from corpus.archive.files import read_bytes, scan
from corpus.archive.transport import Budget
from corpus.errors import ArchiveError
from corpus.remote import Remote
from tests.corpus.git_server import Origin
from tests.corpus.hostile_git import FILE, FOLDER, blob, commit, nested, tree

REMOTE = Remote.parse("https://example.org/posts.git")


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path / "origin")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    return folder


def checked_out(origin: Origin, folder: Path) -> Checkout:
    previous = Checkout.read(folder, REMOTE)
    return check_out(
        origin.repo, origin.repo.head(), folder, previous, REMOTE, Budget(REMOTE.name, 60)
    )


def test_names_of_up_to_255_bytes_are_written_and_read(origin: Origin, folder: Path) -> None:
    texts = {
        "長" * 84 + ".md": "254 bytes 不變",  # 84 times 3 bytes, and the suffix
        "n" * 252 + ".md": "255 bytes",
        "深" * 85 + "/" + "夾" * 84 + ".md": "a folder of 255 bytes",
    }
    origin.commit(texts)
    assert checked_out(origin, folder).skipped == {}
    root = posts_folder(folder)
    assert {path: read_bytes(root, path).decode() for path in scan(root)} == texts


def test_a_path_that_the_disk_refuses_is_named_and_the_rest_is_written(
    origin: Origin, tmp_path: Path
) -> None:
    repo = origin.repo
    text = blob(repo, b"text")
    deep = nested(repo, [b"d" * 250] * 11, tree(repo, [(b"deep.md", FILE, text)]))
    commit(repo, tree(repo, [(b"a.md", FILE, text), (b"deep", FOLDER, deep)]))
    folder = tmp_path.joinpath(*["f" * 250] * 5)
    folder.mkdir(parents=True)
    checkout = checked_out(origin, folder)
    assert set(checkout.files) == {"a.md"}
    assert set(checkout.skipped.values()) == {"cannot be written: File name too long"}
    assert [path.name for path in posts_folder(folder).iterdir()] == ["a.md"]


def test_what_a_killed_checkout_left_behind_is_removed(origin: Origin, folder: Path) -> None:
    origin.commit({"a.md": "第一篇"})
    checked_out(origin, folder)
    (posts_folder(folder) / "of a later commit.md").write_text("x")
    (folder / "incoming").mkdir()
    (folder / "incoming" / "0").write_text("half")
    origin.commit({"b.md": "第二篇"})
    checked_out(origin, folder)
    assert scan(posts_folder(folder)) == ["a.md", "b.md"]
    assert not (folder / "incoming").exists()


def test_a_commit_that_cannot_be_read_leaves_the_posts_as_they_are(
    origin: Origin, folder: Path
) -> None:
    origin.commit({"a.md": "第一篇"})
    before = checked_out(origin, folder)
    repo = origin.repo
    new, gone = blob(repo, b"new"), ObjectID(b"1" * 40)
    commit(repo, tree(repo, [(b"a.md", FILE, new), (b"b", FOLDER, gone)]))
    with pytest.raises(KeyError):
        checked_out(origin, folder)
    assert (posts_folder(folder) / "a.md").read_text("utf-8") == "第一篇"
    assert Checkout.read(folder, REMOTE) == before


def test_a_branch_that_leads_to_a_file_is_an_error(origin: Origin, folder: Path) -> None:
    origin.commit({"a.md": "第一篇"})
    with pytest.raises(ArchiveError, match="has no commit at its branch"):
        check_out(
            origin.repo,
            blob(origin.repo, b"x"),
            folder,
            None,
            REMOTE,
            Budget(REMOTE.name, 60),
        )


@pytest.mark.skipif(sys.platform == "darwin", reason="its disks ignore case already")
def test_of_two_names_that_differ_by_case_one_is_named_where_the_disk_ignores_case(
    origin: Origin, folder: Path
) -> None:
    posts_folder(folder).mkdir()
    (folder / "POSTS").symlink_to("posts")  # as on a disk that ignores case
    repo = origin.repo
    commit(
        repo,
        tree(
            repo,
            [(b"A.md", FILE, blob(repo, b"upper")), (b"a.md", FILE, blob(repo, b"lower"))],
        ),
    )
    checkout = checked_out(origin, folder)
    assert set(checkout.files) == {"A.md"}
    assert set(checkout.skipped) == {"a.md"}
    assert scan(posts_folder(folder)) == ["A.md"]


def test_files_that_the_server_left_out_or_that_are_too_large_are_named(
    origin: Origin, folder: Path
) -> None:
    repo = origin.repo
    large = blob(repo, b" " * (8 * 2**20 + 1))
    entries = [
        (b"a.md", FILE, blob(repo, b"text")),
        (b"gone.md", FILE, ObjectID(b"1" * 40)),
        (b"gone.png", FILE, ObjectID(b"2" * 40)),
        (b"large.md", FILE, large),
    ]
    commit(repo, tree(repo, entries))
    checkout = checked_out(origin, folder)
    assert set(checkout.files) == {"a.md"}
    assert checkout.skipped == {
        "gone.md": "was not sent by the server, as files of more than 8 MB are not",
        "large.md": "is larger than 8 MB",
    }

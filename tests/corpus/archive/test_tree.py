"""Lists the posts of trees that no git would make."""

import sys
from pathlib import Path

import pytest
from dulwich.objects import ObjectID
from dulwich.repo import MemoryRepo

from corpus.archive import tree as module
from corpus.archive.tree import Posts, ignores_case, list_posts
from corpus.errors import ArchiveError
from tests.corpus.hostile_git import FILE, FOLDER, LINK, SUBMODULE, blob, nested, tree


def listed(repo: MemoryRepo, root: ObjectID, *, folds_case: bool = False) -> Posts:
    store = repo.object_store
    return list_posts(
        store,
        lambda object_id: store[object_id].raw_length(),
        root,
        "The archive",
        folds_case=folds_case,
    )


def test_an_entry_that_cannot_be_a_file_is_named_and_the_rest_is_listed() -> None:
    repo = MemoryRepo()
    text = blob(repo, b"text")
    inner = tree(repo, [(b"a.md", FILE, text)])
    han = "長".encode() * 84 + b".md"
    posts = listed(
        repo,
        tree(
            repo,
            [
                (b"..", FOLDER, inner),
                (b".git", FOLDER, inner),
                (b".GIT", FOLDER, inner),
                (b".", FOLDER, inner),
                (b"", FOLDER, inner),
                (b"/etc/a.md", FILE, text),
                (b"../a.md", FILE, text),
                (b"good/../../a.md", FILE, text),
                (b"\xff.md", FILE, text),
                (b"n" * 253 + b".md", FILE, text),
                (b"n" * 300, FOLDER, inner),
                (han, FILE, text),
                (b"back\\slash.md", FILE, text),
                (b"device.md", 0o020000, text),
                (b"link.md", LINK, text),
                (b"theme", SUBMODULE, ObjectID(b"1" * 40)),
                (b"picture.png", FILE, text),
                (b"post.org", FILE, text),
                (b"README.rst", FILE, text),
                (b"good", FOLDER, inner),
            ],
        ),
    )
    assert list(posts.files) == [han.decode(), "back\\slash.md", "good/a.md"]
    elsewhere = "has a name that leads elsewhere"
    too_long = "has a name of more than 255 bytes"
    assert posts.skipped == {
        "..": elsewhere,
        ".git": elsewhere,
        ".GIT": elsewhere,
        ".": elsewhere,
        "": elsewhere,
        "/etc/a.md": elsewhere,
        "../a.md": elsewhere,
        "good/../../a.md": elsewhere,
        "\\xff.md": "has a name that is not UTF-8",
        f"{'n' * 80}…{'n' * 77}.md": too_long,
        f"{'n' * 80}…{'n' * 80}": too_long,
        "device.md": "is not a regular file",
        "link.md": "is a symbolic link, which is not followed",
        "theme": "is a submodule, which is not fetched",
        "post.org": "is written in Org, which is not read",
    }


def test_a_tree_of_trees_with_a_billion_paths_is_not_walked_to_its_end() -> None:
    repo = MemoryRepo()
    root = tree(repo, [(b"%03d.md" % i, FILE, blob(repo, b"text")) for i in range(1000)])
    for _ in range(2):
        root = tree(repo, [(b"%03d" % i, FOLDER, root) for i in range(1000)])
    with pytest.raises(ArchiveError, match=r"^The archive holds more than 200,000 files and fold"):
        listed(repo, root)


def test_pictures_and_empty_folders_count_among_the_entries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_ENTRIES", 10)
    repo = MemoryRepo()
    picture = blob(repo, b"")
    empty = tree(repo, [])
    listed(repo, tree(repo, [(b"%d.png" % i, FILE, picture) for i in range(10)]))
    for root in (
        tree(repo, [(b"%d.png" % i, FILE, picture) for i in range(11)]),
        tree(repo, [(b"%d" % i, FOLDER, empty) for i in range(11)]),
    ):
        with pytest.raises(ArchiveError, match="more than 10 files and folders"):
            listed(repo, root)


def test_a_folder_nested_too_deeply_is_named_and_not_entered() -> None:
    repo = MemoryRepo()
    inner = tree(repo, [(b"a.md", FILE, blob(repo, b"text"))])
    posts = listed(repo, nested(repo, [b"d"] * 64, inner))
    assert list(posts.files) == ["d/" * 64 + "a.md"]
    posts = listed(repo, nested(repo, [b"d"] * 5_000, inner))
    assert posts.files == {}
    assert posts.skipped == {"/".join("d" * 65): "lies more than 64 folders deep"}


def test_a_path_that_no_file_system_takes_is_named() -> None:
    repo = MemoryRepo()
    inner = tree(repo, [(b"a.md", FILE, blob(repo, b"text"))])
    posts = listed(repo, nested(repo, [b"d" * 250] * 20, inner))
    assert posts.files == {}
    [(path, reason)] = posts.skipped.items()
    assert reason == "has a path of more than 3,000 bytes"
    assert len(path) < 3_300


def test_long_paths_are_limited_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_PATHS_BYTES", 2**20)
    repo = MemoryRepo()
    text = blob(repo, b"text")
    inner = tree(repo, [(b"%0250d.md" % i, FILE, text) for i in range(500)])
    with pytest.raises(ArchiveError, match="holds paths of more than 1 MB"):
        listed(repo, nested(repo, [b"d" * 250] * 10, inner))


def test_names_that_differ_by_case_only_are_two_posts_where_the_disk_tells_them_apart() -> None:
    repo = MemoryRepo()
    text = blob(repo, b"text")
    root = tree(
        repo,
        [
            (b"A.md", FILE, text),
            (b"B.md", FILE, text),
            (b"a.md", FILE, text),
            (b"b.MD", FOLDER, tree(repo, [(b"x.md", FILE, text)])),
            (b"Notes", FOLDER, tree(repo, [(b"c.md", FILE, text)])),
            (b"notes", FOLDER, tree(repo, [(b"C.md", FILE, text), (b"d.md", FILE, text)])),
            ("é.md".encode(), FILE, text),
            ("e\u0301.md".encode(), FILE, text),
        ],
    )
    assert len(listed(repo, root).files) == 9
    posts = listed(repo, root, folds_case=True)
    assert len(posts.files) == 5
    assert {path: reason.split()[4] for path, reason in posts.skipped.items()} == {
        "a.md": "A.md",
        "b.MD": "B.md",
        "Notes/c.md": "notes/C.md",
        "e\u0301.md": "é.md",
    }


@pytest.mark.skipif(sys.platform == "darwin", reason="its disks ignore case already")
def test_a_disk_that_ignores_case_is_recognised(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    assert not ignores_case(posts)
    (tmp_path / "POSTS").symlink_to(posts)
    assert ignores_case(posts)


def test_two_entries_of_the_same_name_are_an_error() -> None:
    repo = MemoryRepo()
    text = blob(repo, b"text")
    for mode in (FILE, FOLDER):
        root = tree(repo, [(b"a.md", FILE, text), (b"a.md", mode, tree(repo, []))])
        with pytest.raises(ValueError, match=r"two entries are named 'a\.md'"):
            listed(repo, root)

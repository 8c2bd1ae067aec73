import os
import sys
import time
from pathlib import Path

import pytest

from corpus.archive.files import MAX_BYTES, read_bytes, scan
from corpus.errors import ArchiveError, ArticleError


def test_scan_finds_posts_of_every_folder_in_path_order(tmp_path: Path) -> None:
    for path in [
        "b.md",
        "a.markdown",
        "_posts/z/c.html",
        "_posts/README.md",
        "notes/d.HTM",
        "e.txt",
        "f.xml",
        *(f"g.{suffix}" for suffix in ("mkd", "mkdn", "mkdown", "mdown", "mdwn")),
    ]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("text")
    assert scan(tmp_path) == [
        "_posts/README.md",
        "_posts/z/c.html",
        "a.markdown",
        "b.md",
        "e.txt",
        "f.xml",
        "g.mdown",
        "g.mdwn",
        "g.mkd",
        "g.mkdn",
        "g.mkdown",
        "notes/d.HTM",
    ]


@pytest.mark.parametrize(
    "path",
    [
        ".git/a.md",
        ".a.md",
        "_layouts/a.html",
        "_site/a.html",
        "node_modules/a.md",
        "README.md",
        "README.rst",
        "index.html",
        "404.html",
        "robots.txt",
        "requirements.txt",
        "sitemap.xml",
        "a.json",
        "picture.png",
        "deep/_includes/a.html",
    ],
)
def test_scan_leaves_out_files_that_are_not_posts(tmp_path: Path, path: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("text")
    assert scan(tmp_path) == []


@pytest.mark.parametrize(
    ("folders", "posts", "others"),
    [
        (
            ["archetypes"],
            ["content/posts/a.md", "content/posts/b/index.md", "content/public/c.md"],
            [
                "archetypes/default.md",
                "public/a/index.html",
                "themes/x/content/b.md",
                "static/c.md",
            ],
        ),
        (
            ["scaffolds"],
            ["source/_posts/a.md", "source/_posts/themes/b.md", "source/about/index.md"],
            ["scaffolds/post.md", "public/index.html", "themes/x/README.md"],
        ),
        ([], ["public/a.md", "themes/b.md", "static/c.md"], []),
    ],
)
def test_the_templates_and_the_output_of_a_site_are_no_posts(
    tmp_path: Path, folders: list[str], posts: list[str], others: list[str]
) -> None:
    for folder in folders:
        (tmp_path / folder).mkdir()
    for path in [*posts, *others]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("text")
    assert scan(tmp_path) == sorted(posts)


@pytest.mark.parametrize(
    ("path", "markup"),
    [
        ("a.rst", "reStructuredText"),
        ("_posts/a.ADOC", "AsciiDoc"),
        ("content/a.org", "Org"),
        ("blog/a.mdx", "MDX"),
    ],
)
def test_a_post_in_another_markup_is_listed_and_refused_by_name(
    tmp_path: Path, path: str, markup: str
) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text("text")
    assert scan(tmp_path) == [path]
    with pytest.raises(ArticleError, match=f"^is written in {markup}, which is not read$"):
        read_bytes(tmp_path, path)


def test_a_submodule_that_was_not_cloned_is_listed_and_refused(tmp_path: Path) -> None:
    (tmp_path / ".gitmodules").write_text(
        '[submodule "posts"]\n\tpath = _posts\n\turl = ../posts\n[submodule "x"]\n\tpath = full\n'
        '[submodule "theme"]\n\tpath = themes/x\n[submodule "gone"]\n\tpath = gone\n'
    )
    for folder in ("_posts", "full", "themes/x", "empty"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "full/a.md").write_text("text")
    assert scan(tmp_path) == ["_posts", "full/a.md"]
    with pytest.raises(ArticleError, match="is a submodule"):
        read_bytes(tmp_path, "_posts")


def test_an_archive_that_cannot_be_listed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot list"):
        scan(tmp_path / "gone")
    (tmp_path / "file").write_text("text")
    with pytest.raises(ArchiveError):
        scan(tmp_path / "file")


def test_links_are_listed_and_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    outside = tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "secret.md").write_text("secret")
    (root / "link.md").symlink_to(outside / "secret.md")
    (root / "dangling.md").symlink_to(root / "gone.md")
    (root / "folder").symlink_to(outside)
    (root / "loop").symlink_to(root)
    assert scan(root) == ["dangling.md", "folder", "link.md", "loop"]
    for path in [*scan(root), "folder/secret.md"]:
        with pytest.raises(ArticleError, match="symbolic link"):
            read_bytes(root, path)


def test_only_regular_files_are_read_and_a_fifo_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "folder.md").mkdir()
    started = time.monotonic()
    with pytest.raises(ArticleError, match="not a regular file"):
        read_bytes(tmp_path, "pipe.md")
    assert time.monotonic() - started < 1
    with pytest.raises(ArticleError):
        read_bytes(tmp_path, "folder.md")
    with pytest.raises(ArticleError, match="cannot be read"):
        read_bytes(tmp_path, "gone.md")


def test_a_file_larger_than_8_mb_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "large.md").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ArticleError, match="larger than 8 MB"):
        read_bytes(tmp_path, "large.md")
    (tmp_path / "large.md").rename(tmp_path / "large.xml")
    assert len(read_bytes(tmp_path, "large.xml")) == MAX_BYTES + 1
    (tmp_path / "small.md").write_bytes(b"small")
    assert read_bytes(tmp_path, "small.md") == b"small"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_listed_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    assert scan(tmp_path) == ["closed"]
    with pytest.raises(ArticleError, match="cannot be read"):
        read_bytes(tmp_path, "closed")


@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are always UTF-8")
def test_a_name_that_is_not_utf_8_is_listed_and_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.md")).write_text("text")
    assert scan(tmp_path) == ["\\xff.md"]
    with pytest.raises(ArticleError, match="has a name that is not UTF-8"):
        read_bytes(tmp_path, "\\xff.md")


def test_a_path_that_is_too_long_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = "/".join(["d" * 200] * 40)
    with pytest.raises(ArticleError, match="cannot be read: File name too long"):
        read_bytes(tmp_path, path)


def test_a_pipe_in_the_place_of_gitmodules_stops_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".gitmodules")
    (tmp_path / "a.md").touch()
    assert scan(tmp_path) == ["a.md"]

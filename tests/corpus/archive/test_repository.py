"""Clones and updates from a real git server on the loopback interface, honest and hostile."""

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from dulwich import porcelain
from dulwich.index import IndexEntry
from dulwich.objects import Blob, ObjectID
from dulwich.refs import Ref

from corpus.archive import files as archive_files
from corpus.archive import repository
from corpus.archive.checkout import Checkout, posts_folder
from corpus.archive.repository import newest_commit, update
from corpus.errors import ArchiveError, WrongArchiveError
from corpus.remote import Remote
from tests.corpus.git_server import (
    App,
    Cut,
    Origin,
    StartResponse,
    real_git_app,
    serving,
    serving_app,
)
from tests.corpus.hostile_git import FILE, FOLDER, LINK, SUBMODULE, blob, commit, tree


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    origin = Origin(tmp_path / "origin")
    origin.commit({"_posts/a.md": "第一篇", "_posts/b.md": "第二篇", "style.css": "body {}"})
    return origin


def ignore(_: int) -> None:
    pass


def files(folder: Path) -> dict[str, str]:
    root = posts_folder(folder)
    return {
        str(path.relative_to(root)): path.read_text("utf-8")
        for path in root.rglob("*")
        if path.is_file()
    }


def test_an_update_brings_the_posts_of_the_last_commit(origin: Origin, tmp_path: Path) -> None:
    folder, received = tmp_path / "clone", list[int]()
    with serving(origin.repo) as address:
        remote = Remote.parse(address)
        first, _ = update(remote, folder, received.append)
        assert files(folder) == {"_posts/a.md": "第一篇", "_posts/b.md": "第二篇"}
        assert received
        newest = origin.commit(
            {"_posts/a.md": "改過的", "_posts/b.md": None, "_posts/c/d.md": "新的"}
        )
        second, problem = update(remote, folder, ignore)
        assert files(folder) == {"_posts/a.md": "改過的", "_posts/c/d.md": "新的"}
    assert first.commit != second.commit == newest
    assert problem is None


def test_only_the_last_commit_is_fetched_and_only_once(origin: Origin, tmp_path: Path) -> None:
    first = origin.repo.head()
    origin.commit({"_posts/a.md": "改過的"})
    folder = tmp_path / "clone"
    with serving(origin.repo) as address:
        remote = Remote.parse(address)
        update(remote, folder, ignore)
        with repository.Repo(str(folder / "git")) as clone:
            assert first not in clone.object_store
        (posts_folder(folder) / "_posts" / "a.md").unlink()
        received: list[int] = []
        update(remote, folder, received.append)
        assert not received
        # A file that was written before is not checked again.
        assert set(files(folder)) == {"_posts/b.md"}


def test_a_file_can_become_a_folder_and_a_file_again(origin: Origin, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    with serving(origin.repo) as address:
        remote = Remote.parse(address)
        origin.commit({"x.md": "檔案"})
        update(remote, folder, ignore)
        origin.commit({"x.md": None})
        origin.commit({"x.md/y.md": "裡面"})
        update(remote, folder, ignore)
        assert files(folder)["x.md/y.md"] == "裡面"
        origin.commit({"x.md/y.md": None})
        (origin.folder / "x.md").rmdir()
        origin.commit({"x.md": "檔案"})
        update(remote, folder, ignore)
        assert files(folder)["x.md"] == "檔案"


def test_offline_the_last_checkout_stays_and_the_reason_is_given(
    origin: Origin, tmp_path: Path
) -> None:
    folder = tmp_path / "clone"
    with serving(origin.repo) as address:
        remote = Remote.parse(address)
        before, _ = update(remote, folder, ignore)
    after, problem = update(remote, folder, ignore)
    assert after == before == Checkout.read(folder, remote)
    assert problem == f"{remote.name} cannot be reached: Connection refused."
    with pytest.raises(ArchiveError, match="cannot be reached"):
        update(remote, tmp_path / "nothing yet", ignore)


def test_an_interrupted_clone_starts_over(origin: Origin, tmp_path: Path) -> None:
    cut = Cut()
    cut.is_on = True
    folder = tmp_path / "clone"
    half = pytest.raises(ArchiveError, match="did not send all")
    with serving(origin.repo, cut) as address, half:
        update(Remote.parse(address), folder, ignore)
    assert not (folder / "git").exists()
    with serving(origin.repo) as address:
        update(Remote.parse(address), folder, ignore)
    assert len(files(folder)) == 2


def test_a_branch_can_be_named_and_a_missing_branch_is_an_error(
    origin: Origin, tmp_path: Path
) -> None:
    drafts = origin.repo.head()
    origin.repo.refs[Ref(b"refs/heads/drafts")] = drafts
    origin.commit({"_posts/a.md": "改過的"})
    with serving(origin.repo) as address:
        update(Remote.parse(f"{address}#drafts"), tmp_path / "clone", ignore)
        assert files(tmp_path / "clone")["_posts/a.md"] == "第一篇"
        with pytest.raises(WrongArchiveError, match=r"has no branch gone\. It has drafts, main"):
            update(Remote.parse(f"{address}#gone"), tmp_path / "other", ignore)


def test_another_repository_starts_from_nothing(origin: Origin, tmp_path: Path) -> None:
    other = Origin(tmp_path / "other")
    other.commit({"z.md": "別的"})
    folder = tmp_path / "clone"
    with serving(origin.repo) as address:
        update(Remote.parse(address), folder, ignore)
    with serving(other.repo) as address:
        update(Remote.parse(address), folder, ignore)
    assert files(folder) == {"z.md": "別的"}


def test_an_address_without_a_repository_is_an_error(origin: Origin, tmp_path: Path) -> None:
    with serving(origin.repo) as address:
        wrong = Remote.parse(address.replace("posts.git", "nothing.git"))
        with pytest.raises(WrongArchiveError, match="There is no git repository at"):
            update(wrong, tmp_path / "clone", ignore)
    with pytest.raises(WrongArchiveError, match="There is no git repository at"):
        update(Remote.parse(f"file://{tmp_path}/nowhere"), tmp_path / "clone", ignore)


def test_a_repository_on_this_disk_is_read(origin: Origin, tmp_path: Path) -> None:
    update(Remote.parse(f"file://{origin.folder}"), tmp_path / "clone", ignore)
    assert len(files(tmp_path / "clone")) == 2


def test_links_submodules_and_paths_out_of_the_folder_are_not_written(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin")
    origin.commit({"a.md": "好的"})
    secret = tmp_path / "secret.md"
    secret.write_text("祕密", encoding="utf-8")
    repo = origin.repo
    evil = blob(repo, b"evil")
    inner = tree(repo, [(b"evil.md", FILE, evil)])
    entries = [
        (b"..", FOLDER, inner),
        (b".git", FOLDER, inner),
        (b"link.md", LINK, blob(repo, str(secret).encode())),
        (b"module.md", SUBMODULE, ObjectID(b"1" * 40)),
        (b"good.md", FILE, evil),
    ]
    commit(repo, tree(repo, entries))
    folder = tmp_path / "clone"
    checkout, _ = update(Remote.parse(f"file://{origin.folder}"), folder, ignore)
    assert files(folder) == {"good.md": "evil"}
    assert set(checkout.skipped) == {"..", ".git", "link.md", "module.md"}
    assert not list(tmp_path.glob("**/evil.md"))


def test_submodules_and_links_to_folders_are_listed(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin")
    origin.commit({"2020/a.md": "好的", "2020/deep/b.md": "好的", "style.css": "body {}"})
    targets = {
        "latest": "2020",
        "2020/newest": "deep",
        "shared/up": "../2020/deep/",
        "outside": "/nowhere/else",
        "gone": "nowhere",
        "style": "style.css",
        "_layouts": "2020",
    }
    index = origin.repo.open_index()
    for link, target in targets.items():
        blob = Blob.from_string(target.encode())
        origin.repo.object_store.add_object(blob)
        index[link.encode()] = IndexEntry(0, 0, 0, 0, 0o120000, 0, 0, 0, blob.id)
    for path in (b"_posts", b"content/old", b"themes/x", b"vendor/y"):
        index[path] = IndexEntry(0, 0, 0, 0, 0o160000, 0, 0, 0, ObjectID(b"1" * 40))
    index.write()
    who = b"Footnote <footnote@example.org>"
    porcelain.commit(origin.repo, message=b"m", author=who, committer=who)
    checkout, _ = update(Remote.parse(f"file://{origin.folder}"), tmp_path / "clone", ignore)
    submodules = dict.fromkeys(["_posts", "content/old"], archive_files.SUBMODULE)
    links = dict.fromkeys(["2020/newest", "latest", "shared/up"], archive_files.LINK)
    assert checkout.skipped == submodules | links
    assert set(checkout.files) == {"2020/a.md", "2020/deep/b.md"}


def test_a_repository_that_is_too_large_is_refused(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin.commit({"large.md": os.urandom(50_000).hex()})
    monkeypatch.setattr(repository, "MAX_BYTES", 10_000)
    with serving(origin.repo) as address, pytest.raises(ArchiveError, match="too large"):
        update(Remote.parse(address), tmp_path / "clone", ignore)


def test_many_fetches_do_not_grow_the_clone(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "_MAX_PACKS", 2)
    folder = tmp_path / "clone"
    with serving(origin.repo) as address:
        for number in range(6):
            origin.commit({"_posts/a.md": f"第 {number} 版"})
            update(Remote.parse(address), folder, ignore)
            assert files(folder)["_posts/a.md"] == f"第 {number} 版"
    assert len(list((folder / "git").glob("objects/pack/*.pack"))) <= 3


def test_a_redirect_to_another_host_is_refused(origin: Origin, tmp_path: Path) -> None:
    def redirect(_: object) -> App:
        def app(_: object, start_response: StartResponse) -> Iterable[bytes]:
            start_response("302 Found", [("Location", "http://localhost:9/posts.git/info/refs")])
            return []

        return app

    with serving(origin.repo, redirect) as address, pytest.raises(ArchiveError, match="GIT_HOSTS"):
        update(Remote.parse(address), tmp_path / "clone", ignore)


def test_a_clone_that_is_larger_than_a_repository_may_be_is_made_anew(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "clone"
    monkeypatch.setattr(repository, "MAX_BYTES", 30_000)
    with serving(origin.repo) as address:
        for _ in range(6):
            origin.commit({"_posts/a.md": os.urandom(10_000).hex()})
            _, problem = update(Remote.parse(address), folder, ignore)
            assert problem is None
    packs = (folder / "git").glob("objects/pack/*.pack")
    assert sum(pack.stat().st_size for pack in packs) < 60_000


@pytest.mark.parametrize("damaged", ["HEAD", "objects/pack/*.idx", "objects/pack/*.pack"])
def test_a_damaged_clone_is_made_anew(damaged: str, origin: Origin, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    with serving(origin.repo) as address:
        remote = Remote.parse(address)
        update(remote, folder, ignore)
        origin.commit({"_posts/a.md": "改過的"})
        for path in (folder / "git").glob(damaged):
            path.chmod(0o644)
            path.write_bytes(b"damaged" * 10)
        update(remote, folder, ignore)
        _, problem = update(remote, folder, ignore)
    assert problem is None
    assert files(folder)["_posts/a.md"] == "改過的"


def test_what_a_killed_fetch_left_behind_is_removed(origin: Origin, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    with serving(origin.repo) as address:
        update(Remote.parse(address), folder, ignore)
        leftover = folder / "git" / "objects" / "tmp_pack_killed"
        leftover.write_bytes(b"half a pack")
        origin.commit({"_posts/a.md": "改過的"})
        update(Remote.parse(address), folder, ignore)
    assert not leftover.exists()


def test_a_repository_without_a_commit_is_an_error(tmp_path: Path) -> None:
    empty = Origin(tmp_path / "empty")
    with serving(empty.repo) as address:
        for name in (address, f"file://{empty.folder}"):
            with pytest.raises(WrongArchiveError, match=r"holds no commit yet\.$"):
                update(Remote.parse(name), tmp_path / "clone", ignore)
            with pytest.raises(WrongArchiveError, match=r"holds no commit yet\.$"):
                newest_commit(Remote.parse(name))


def test_a_damaged_repository_on_this_disk_leaves_the_earlier_posts(
    origin: Origin, tmp_path: Path
) -> None:
    folder, remote = tmp_path / "clone", Remote.parse(f"file://{origin.folder}")
    before, _ = update(remote, folder, ignore)
    assert newest_commit(remote) == before.commit
    origin.commit({"_posts/a.md": "改過的"})
    for path in origin.folder.glob(".git/objects/??/*"):
        path.chmod(0o644)
        path.write_bytes(b"damaged")
    after, problem = update(remote, folder, ignore)
    assert after == before
    assert problem == f"{remote.name} did not send all of its posts: try again later."
    assert files(folder)["_posts/a.md"] == "第一篇"


@pytest.mark.skipif(not shutil.which("git"), reason="git is not there")
def test_files_that_are_no_posts_are_not_fetched_from_git_itself(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin")
    config = origin.repo.get_config()
    config.set("uploadpack", "allowFilter", value=True)
    config.write_to_path()
    posts = {f"_posts/{i}.md": f"第 {i} 篇" * 300 for i in range(9)}
    origin.commit({**posts, "film.mp4": "film " * 6 * 2**20, "large.md": "post " * 2 * 2**20})
    folder, received = tmp_path / "clone", list[int]()
    with serving_app(real_git_app(origin.repo)) as address:
        remote = Remote.parse(address)
        checkout, problem = update(remote, folder, received.append)
        assert problem is None
        assert files(folder) == posts
        assert set(checkout.skipped) == {"large.md"}
        assert received[-1] < 10_000
        origin.commit({"_posts/0.md": "第 0 篇" * 299})
        _, problem = update(remote, folder, ignore)
    assert problem is None
    assert files(folder)["_posts/0.md"] == "第 0 篇" * 299


def test_a_password_is_used_and_never_shown(origin: Origin, tmp_path: Path) -> None:
    def locked(app: App) -> App:
        def guard(environ: dict[str, str], start_response: StartResponse) -> Iterable[bytes]:
            if not environ.get("HTTP_AUTHORIZATION", "").startswith("Basic "):
                start_response("401 No", [("WWW-Authenticate", "Basic")])
                return []
            return app(environ, start_response)

        return guard

    with serving(origin.repo, locked) as address:
        with pytest.raises(WrongArchiveError, match="wants a user and a password"):
            update(Remote.parse(address), tmp_path / "clone", ignore)
        remote = Remote.parse(address.replace("//", "//keeper:s3cret@"))
        assert "s3cret" not in f"{remote!r} {remote.name}"
        update(remote, tmp_path / "clone", ignore)
    _, problem = update(remote, tmp_path / "clone", ignore)
    record = (tmp_path / "clone" / "checkout.json").read_text("utf-8")
    assert problem
    assert "s3cret" not in record + problem


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://example.org/a.git", "https"),
        ("ftp://example.org/a.git", "https address"),
        ("git@example.org:a.git", "https address"),
        ("https:///a.git", "https address"),
        ("https://example.org/a.git?x=1", "\\?"),
        ("https://[::1/a.git", "stray"),
        ("file://host/a.git", "this machine"),
    ],
)
def test_an_address_of_another_form_is_refused(address: str, reason: str) -> None:
    with pytest.raises(WrongArchiveError, match=reason):
        Remote.parse(address)


def test_a_host_that_is_not_allowed_is_refused() -> None:
    Remote.parse("https://git.example.org/a.git", ("git.example.org",))
    with pytest.raises(WrongArchiveError, match="GIT_HOSTS"):
        Remote.parse("https://other.example.org/a.git", ("git.example.org",))


@pytest.mark.parametrize("has_earlier", [False, True])
def test_a_commit_that_holds_too_much_is_not_fetched_again_for_a_day(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_earlier: bool
) -> None:
    folder, received = tmp_path / "clone", list[int]()

    def problem(remote: Remote) -> str | None:
        received.clear()
        try:
            return update(remote, folder, received.append)[1]
        except ArchiveError as error:
            return str(error)

    with serving(origin.repo) as address:
        remote = Remote.parse(address)
        if has_earlier:
            assert problem(remote) is None
            origin.commit({"_posts/c.md": "第三篇"})
        with monkeypatch.context() as patch:
            patch.setattr(repository, "MAX_BYTES", 10)
            first = problem(remote)
            assert first
            assert "too large for an archive" in first
        for _ in range(2):
            assert problem(remote) == first
            assert not received
        origin.commit({"_posts/d.md": "第四篇"})
        assert problem(remote) is None
        with monkeypatch.context() as patch:
            patch.setattr(repository, "MAX_BYTES", 10)
            origin.commit({"_posts/e.md": "第五篇"})
            assert problem(remote) == first
        record = folder / "refused.json"
        refused = json.loads(record.read_bytes())
        record.write_text(json.dumps(refused | {"at": refused["at"] - 25 * 3600}), "ascii")
        assert problem(remote) is None
        assert set(files(folder)) >= {"_posts/d.md", "_posts/e.md"}

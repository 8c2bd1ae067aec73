"""Packs that are not what they declare, and the sizes of stored objects."""

import zlib
from collections.abc import Callable, Generator, Iterable
from pathlib import Path

import pytest
from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.pack import OFS_DELTA
from dulwich.repo import Repo

from corpus.archive.checkout import Checkout, posts_folder
from corpus.archive.pack import check_pack
from corpus.archive.repository import update
from corpus.archive.transport import Budget
from corpus.errors import ArchiveError
from corpus.remote import Remote
from tests.corpus.git_server import Origin, StartResponse, git_app, serving_app
from tests.corpus.hostile_git import FILE, PackBuilder, copy, delta, pack_app

TEXT = b"text of a post"
MB = 2**20


@pytest.fixture
def repo(tmp_path: Path) -> Generator[Repo]:
    with Repo.init_bare(str(tmp_path / "git"), mkdir=True) as repo:
        yield repo


def check(pack: bytes, repo: Repo) -> None:
    with Path(repo.path, "pack").open("w+b") as file:
        file.write(pack)
        with Budget("The archive", 60) as budget:
            check_pack(file, repo.object_store, "The archive", budget)


def builder_with_base() -> tuple[PackBuilder, ObjectID]:
    builder = PackBuilder()
    return builder, builder.add(Blob.type_num, TEXT)


def too_long() -> bytes:
    builder, _ = builder_with_base()
    builder.add_raw(Blob.type_num, len(TEXT) - 1, zlib.compress(TEXT))
    return builder.pack()


def too_short() -> bytes:
    builder, _ = builder_with_base()
    builder.add_raw(Blob.type_num, len(TEXT) + 1, zlib.compress(TEXT))
    return builder.pack()


def far_too_long() -> bytes:
    builder, _ = builder_with_base()
    builder.add_raw(Blob.type_num, 1, zlib.compress(b" " * 100 * MB))
    return builder.pack()


def no_zlib() -> bytes:
    builder, _ = builder_with_base()
    builder.add_raw(Blob.type_num, 10, b"no zlib at all")
    return builder.pack()


def size_without_an_end() -> bytes:
    builder, _ = builder_with_base()
    builder.add_raw(Blob.type_num, 1 << 700, zlib.compress(TEXT))
    return builder.pack()


def distance_without_an_end() -> bytes:
    builder, _ = builder_with_base()
    made = delta(len(TEXT), len(TEXT), copy(0, len(TEXT)))
    builder.add_raw(OFS_DELTA, len(made), b"\xff" * 100 + b"\1" + zlib.compress(made))
    return builder.pack()


def of_an_unknown_kind() -> bytes:
    builder, _ = builder_with_base()
    builder.add_raw(5, len(TEXT), zlib.compress(TEXT))
    return builder.pack()


def with_delta(*operations: bytes, base: int = len(TEXT), size: int = len(TEXT)) -> bytes:
    builder, sha = builder_with_base()
    builder.add_delta(sha, delta(base, size, *operations))
    return builder.pack()


def on_nothing() -> bytes:
    builder, _ = builder_with_base()
    builder.add_delta(ObjectID(b"1" * 40), delta(4, 4, copy(0, 4)))
    return builder.pack()


def at_a_distance(distance: int) -> bytes:
    builder, _ = builder_with_base()
    made = delta(len(TEXT), len(TEXT), copy(0, len(TEXT)))
    builder.add_raw(OFS_DELTA, len(made), bytes([distance]) + zlib.compress(made))
    return builder.pack()


def garbage_tree() -> bytes:
    builder = PackBuilder()
    builder.add(Tree.type_num, b"no tree" * 100)
    return builder.pack()


def garbage_commit() -> bytes:
    builder = PackBuilder()
    builder.add(Commit.type_num, b"tree \xff\xff\nauthor <<<>>> x y\n" * 100)
    return builder.pack()


def whole() -> bytes:
    builder, base = builder_with_base()
    builder.add_commit(builder.add_tree([(b"a.md", FILE, base)]))
    return builder.pack()


MALFORMED = {
    "empty": lambda: b"",
    "no pack": lambda: b"no pack at all" * 10,
    "no object": lambda: PackBuilder().pack(),
    "another version": lambda: b"PACK\0\0\0\7" + whole()[8:],
    "cut short": lambda: whole()[:-40],
    "cut in the header": lambda: whole()[:10],
    "without its sum": lambda: whole()[:-20],
    "with a wrong sum": lambda: whole()[:-1] + b"x",
    "fewer objects than it says": lambda: builder_with_base()[0].pack(2),
    "more objects than it says": lambda: builder_with_base()[0].pack(0),
    "an object longer than it says": too_long,
    "an object shorter than it says": too_short,
    "an object far longer than it says": far_too_long,
    "no zlib": no_zlib,
    "a size without an end": size_without_an_end,
    "a distance without an end": distance_without_an_end,
    "an unknown kind": of_an_unknown_kind,
    "a delta on nothing": on_nothing,
    "a delta on itself": lambda: at_a_distance(0),
    "a delta between objects": lambda: at_a_distance(3),
    "a delta before the pack": lambda: at_a_distance(127),
    "a delta of another base": lambda: with_delta(copy(0, 4), base=4, size=4),
    "a delta that copies from outside": lambda: with_delta(copy(1000, 4), size=4),
    "a delta that makes more than it says": lambda: with_delta(copy(0, 14), copy(0, 14)),
    "a delta that makes less than it says": lambda: with_delta(copy(0, 4)),
    "a delta that does nothing": lambda: with_delta(b"\0", size=4),
    "a delta that is cut short": lambda: with_delta(b"\x7fabc", size=127),
    "a delta of nothing": lambda: with_delta(size=0),
    "a tree that is none": garbage_tree,
    "a commit that is none": garbage_commit,
}


@pytest.mark.parametrize("make", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_pack_is_a_sentence_and_leaves_the_earlier_posts(
    make: Callable[[], bytes], tmp_path: Path
) -> None:
    origin = Origin(tmp_path / "origin")
    origin.commit({"_posts/a.md": "第一篇"})
    served = [git_app(origin.repo), pack_app(make(), ObjectID(b"2" * 40))]

    def app(environ: dict[str, str], start_response: StartResponse) -> Iterable[bytes]:
        return served[0](environ, start_response)

    folder = tmp_path / "clone"
    with serving_app(app) as address:
        remote = Remote.parse(address)
        before, _ = update(remote, folder, lambda _: None)
        served.reverse()
        for _ in range(2):
            after, problem = update(remote, folder, lambda _: None)
            assert problem in {
                f"{remote.name} did not send all of its posts: try again later.",
                f"{remote.name} did not send the commit it has: try again later.",
            }
            assert after == before == Checkout.read(folder, remote)
        assert (posts_folder(folder) / "_posts" / "a.md").read_text("utf-8") == "第一篇"
        assert not list(folder.glob("git*/objects/*pack_*"))
        served.reverse()
        origin.commit({"_posts/a.md": "改過的"})
        _, problem = update(remote, folder, lambda _: None)
        assert problem is None
        assert (posts_folder(folder) / "_posts" / "a.md").read_text("utf-8") == "改過的"


def test_a_pack_of_too_many_objects_is_refused_by_its_header(repo: Repo) -> None:
    with pytest.raises(ArchiveError, match=r"^The archive holds more than 200,000 files and fold"):
        check(PackBuilder().pack(200_001), repo)


@pytest.mark.parametrize("kind", [Blob.type_num, Tree.type_num, Commit.type_num, 4, OFS_DELTA, 7])
def test_an_object_is_refused_by_the_size_in_its_header(kind: int, repo: Repo) -> None:
    builder, _ = builder_with_base()
    builder.add_raw(kind, 1 << 60, b"\1" * 20 + b"no data")
    with pytest.raises(ArchiveError, match=r"holds a .* of 1,099,511,627,776 MB, and \d+ MB is"):
        check(builder.pack(), repo)


def test_a_delta_is_refused_by_the_size_of_what_it_would_make(repo: Repo) -> None:
    with pytest.raises(ArchiveError, match="holds a file of 1,099,511,627,776 MB"):
        check(with_delta(copy(0, 14), size=1 << 60), repo)


def test_a_folder_that_a_delta_makes_is_held_to_the_limit_of_folders(repo: Repo) -> None:
    builder = PackBuilder()
    entries = (b"100644 a\0" + b"\1" * 20) * 10_000
    tree = builder.add(Tree.type_num, entries)
    size = len(entries)
    builder.add_delta(tree, delta(size, size * 20, *([copy(0, size)] * 20)))
    with pytest.raises(ArchiveError, match="holds a folder with a list of 5 MB, and 4 MB is"):
        check(builder.pack(), repo)


def test_a_chain_of_too_many_deltas_is_refused(repo: Repo) -> None:
    builder, base = builder_with_base()
    for i in range(501):
        data = b"%014d" % i
        builder.add_delta(base, delta(len(TEXT), len(TEXT), b"\x0e" + data))
        base = Blob.from_string(data).id
    with pytest.raises(ArchiveError, match="takes more than 32 MB or 500 steps"):
        check(builder.pack(), repo)


def test_a_delta_may_be_made_from_a_stored_object(repo: Repo) -> None:
    stored = Blob.from_string(TEXT)
    repo.object_store.add_object(stored)
    builder = PackBuilder()
    builder.add_delta(stored.id, delta(len(TEXT), 4, copy(0, 4)))
    check(builder.pack(), repo)


def test_checking_ends_with_the_seconds(repo: Repo) -> None:
    def check_for_ever() -> None:
        while True:
            check_pack(file, repo.object_store, "The archive", budget)

    with Path(repo.path, "pack").open("w+b") as file, Budget("The archive", 0) as budget:
        file.write(whole())
        with pytest.raises(ArchiveError, match="took longer than 0 minutes"):
            check_for_ever()

"""The sizes of objects that are stored in every way that git has."""

from collections.abc import Generator
from pathlib import Path

import pytest
from dulwich.objects import Blob, ObjectID
from dulwich.repo import Repo

from corpus.archive.stored_sizes import StoredSizes
from corpus.errors import ArchiveError
from tests.corpus.hostile_git import PackBuilder, copy, delta

MB = 2**20


@pytest.fixture
def repo(tmp_path: Path) -> Generator[Repo]:
    with Repo.init_bare(str(tmp_path / "git"), mkdir=True) as repo:
        yield repo


def add(repo: Repo, builder: PackBuilder) -> None:
    with Path(repo.path, "pack").open("w+b") as file:
        file.write(builder.pack())
        file.seek(0)
        repo.object_store.add_thin_pack(file.read, None)


def test_the_sizes_of_stored_objects_are_read_from_their_headers(repo: Repo) -> None:
    loose = Blob.from_string(b"x" * 1000)
    repo.object_store.add_object(loose)
    builder = PackBuilder()
    big = builder.add(Blob.type_num, b"y" * 1000, 1000)
    builder.add_delta(big, delta(1_000_000, 500_000, copy(0, 500_000)))
    add(repo, builder)
    made = Blob.from_string(b"y" * 500_000)
    with StoredSizes(repo.object_store, "The archive") as sizes:
        assert [sizes.size(each) for each in (loose.id, big, made.id)] == [1000, 1_000_000, 500_000]
        with pytest.raises(KeyError):
            sizes.size(ObjectID(b"1" * 40))


def test_a_small_file_that_is_made_from_a_large_one_is_refused(repo: Repo) -> None:
    builder = PackBuilder()
    large = builder.add(Blob.type_num, b"x" * MB, 30)
    builder.add_delta(large, delta(30 * MB, 4, copy(0, 4)))
    add(repo, builder)
    small = Blob.from_string(b"xxxx").id
    with StoredSizes(repo.object_store, "The archive") as sizes:
        assert sizes.size(large) == 30 * MB
        with pytest.raises(ArchiveError, match=r"^The archive is packed too tightly"):
            sizes.size(small)

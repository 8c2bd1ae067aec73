import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.engine import INDEX_FORMAT, Fingerprint, TermQuery
from corpus.engines.local import generation
from corpus.engines.local.article_store import ARTICLES
from corpus.engines.local.generation import CURRENT, MANIFEST, Manifest
from corpus.engines.local.postings import FREQUENCIES, IDS, IMPACTS, PASSAGES, TERMS, Postings
from corpus.engines.local.reader import LocalReader
from corpus.errors import DamagedError, IndexUnusableError
from tests.corpus.building import FINGERPRINT, write_index

DOCUMENTS = [["甲", "乙"], ["丙", "丙", "丁"], ["戊己庚辛"]]


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [truncate, zero, flip_a_bit, remove])
@pytest.mark.parametrize("name", [ARTICLES, PASSAGES, TERMS, IDS, IMPACTS, FREQUENCIES, MANIFEST])
def test_a_damaged_file_is_noticed_at_open_and_quarantined(
    tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    folder = write_index(tmp_path, DOCUMENTS)
    damage(folder / name)
    with pytest.raises(IndexUnusableError, match="damaged"):
        LocalReader.open(tmp_path, FINGERPRINT)
    assert [path.name for path in tmp_path.glob("index-*")] == [f"{folder.name}.damaged"]
    with pytest.raises(IndexUnusableError, match="no index yet"):
        LocalReader.open(tmp_path, FINGERPRINT)


@pytest.mark.parametrize("name", [TERMS, IDS, IMPACTS, FREQUENCIES])
def test_a_mapped_file_that_is_cut_off_is_noticed_before_it_is_read(
    tmp_path: Path, name: str
) -> None:
    folder = write_index(tmp_path, DOCUMENTS)
    reader = LocalReader.open(tmp_path, FINGERPRINT)
    reader.check_sizes()
    os.truncate(folder / name, (folder / name).stat().st_size - 1)
    with pytest.raises(DamagedError):
        reader.check_sizes()
    reader.close()


def test_an_index_that_cannot_be_read_now_is_not_quarantined(tmp_path: Path) -> None:
    folder = write_index(tmp_path, DOCUMENTS)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        with pytest.raises(IndexUnusableError, match="Too many open files"):
            LocalReader.open(tmp_path, FINGERPRINT)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    reader = LocalReader.open(tmp_path, FINGERPRINT)
    reader.close()
    assert folder.is_dir()


@pytest.mark.parametrize("damage", [remove, truncate])
def test_the_check_tells_a_damaged_file_from_one_that_cannot_be_read_now(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    folder = write_index(tmp_path, DOCUMENTS)
    manifest = generation.read_manifest(folder)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            generation.check_whole(folder, manifest)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    damage(folder / IDS)
    with pytest.raises(DamagedError):
        generation.check_whole(folder, manifest)


def test_only_the_last_damaged_generation_is_quarantined(tmp_path: Path) -> None:
    for _ in range(2):
        folder = write_index(tmp_path, DOCUMENTS)
        zero(folder / IDS)
        with pytest.raises(IndexUnusableError):
            LocalReader.open(tmp_path, FINGERPRINT)
    assert [path.name for path in tmp_path.glob("index-*")] == [f"{folder.name}.damaged"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"../elsewhere\n", b"index-/../..\n"])
def test_a_pointer_that_names_no_generation_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CURRENT).write_bytes(content)
    with pytest.raises(IndexUnusableError):
        LocalReader.open(tmp_path, FINGERPRINT)


@pytest.mark.parametrize(
    ("fingerprint", "reason"),
    [
        (Fingerprint("other", "analyzer"), "another archive"),
        (Fingerprint("archive", "other"), "another analyzer"),
        (Fingerprint("archive", "analyzer", "other"), "other reading rules"),
    ],
)
def test_an_index_with_another_fingerprint_is_refused_and_left_in_place(
    tmp_path: Path, fingerprint: Fingerprint, reason: str
) -> None:
    folder = write_index(tmp_path, DOCUMENTS)
    with pytest.raises(IndexUnusableError, match=reason):
        LocalReader.open(tmp_path, fingerprint)
    assert folder.is_dir()


def test_an_index_of_another_format_is_refused(tmp_path: Path) -> None:
    folder = write_index(tmp_path, DOCUMENTS)
    manifest = (folder / MANIFEST).read_text("utf-8")
    (folder / MANIFEST).write_text(
        manifest.replace(f'"format": {INDEX_FORMAT}', '"format": 99'), "utf-8"
    )
    with pytest.raises(IndexUnusableError, match="another format"):
        LocalReader.open(tmp_path, FINGERPRINT)


def test_a_new_generation_removes_the_previous_one(tmp_path: Path) -> None:
    first = write_index(tmp_path, DOCUMENTS)
    second = write_index(tmp_path, DOCUMENTS)
    assert first != second
    assert {path.name for path in tmp_path.iterdir()} == {CURRENT, second.name}


def test_a_reader_still_reads_a_generation_that_was_replaced(tmp_path: Path) -> None:
    write_index(tmp_path, DOCUMENTS)
    reader = LocalReader.open(tmp_path, FINGERPRINT)
    write_index(tmp_path, [["甲"]])
    assert [hit.passage_id for hit in reader.search(TermQuery({"丙": 1.0}), 5)] == [1]
    assert [passage.text for passage in reader.passages([1])] == ["丙丙丁"]
    reader.close()


def test_the_remains_of_a_killed_build_are_removed_by_the_next(tmp_path: Path) -> None:
    write_index(tmp_path, DOCUMENTS)
    (tmp_path / "index-left" / "deep").mkdir(parents=True)
    (tmp_path / "CURRENT.new").touch()
    folder = write_index(tmp_path, DOCUMENTS)
    assert {path.name for path in tmp_path.iterdir()} == {CURRENT, folder.name}


class _VanishingReader(LocalReader):
    """Its database is removed after the check of its files and before it is opened."""

    def __init__(
        self, folder: Path, manifest: Manifest, postings: type[Postings] = Postings
    ) -> None:
        with pytest.MonkeyPatch.context() as patch:
            check_whole = generation.check_whole

            def check_and_remove(folder: Path, manifest: Manifest) -> None:
                check_whole(folder, manifest)
                (folder / ARTICLES).unlink()

            patch.setattr(generation, "check_whole", check_and_remove)
            super().__init__(folder, manifest, postings)


def test_an_index_whose_database_does_not_open_is_unusable(tmp_path: Path) -> None:
    write_index(tmp_path, DOCUMENTS)
    with pytest.raises(IndexUnusableError, match="cannot be read"):
        _VanishingReader.open(tmp_path, FINGERPRINT)

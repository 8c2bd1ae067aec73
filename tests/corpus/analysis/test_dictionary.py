import logging
import os
from pathlib import Path

import jieba
import pytest

from corpus.analysis import dictionary, packed_file, segmenter
from corpus.analysis.dictionary import Dictionary

VERSION = segmenter.VERSION


def read_words() -> tuple[dict[str, int], int]:
    tokenizer = jieba.Tokenizer()
    return tokenizer.gen_pfdict(tokenizer.get_dict_file())


def load(folder: Path) -> Dictionary:
    return dictionary.load(VERSION, folder, read_words)


def test_every_word_and_every_beginning_of_a_word_has_the_frequency_that_jieba_gives_it(
    dictionary_cache: Path,
) -> None:
    words, total = read_words()
    packed = load(dictionary_cache.parent)
    assert packed.total == total
    assert all(packed.frequencies[word] == frequency for word, frequency in words.items())
    assert all(word in packed.frequencies for word in words)


def test_an_unknown_word_has_no_frequency(dictionary_cache: Path) -> None:
    frequencies = load(dictionary_cache.parent).frequencies
    assert "龘龘" not in frequencies
    assert frequencies.get("龘龘") is None
    assert frequencies.get("龘龘", 7) == 7
    with pytest.raises(KeyError, match="龘龘"):
        _ = frequencies["龘龘"]


def test_an_added_word_changes_no_other_dictionary(dictionary_cache: Path) -> None:
    first, second = load(dictionary_cache.parent), load(dictionary_cache.parent)
    first.frequencies["台风"] = 1
    first.frequencies["龘龘"] = 5
    assert (first.frequencies["台风"], first.frequencies["龘龘"]) == (1, 5)
    assert second.frequencies["台风"] > 1
    assert "龘龘" not in second.frequencies


@pytest.mark.parametrize("offset", [0, 30, 60, 1_000_000, -1])
def test_a_file_with_a_flipped_bit_is_written_again(
    tmp_path: Path, dictionary_cache: Path, offset: int
) -> None:
    intact = dictionary_cache.read_bytes()
    damaged = bytearray(intact)
    damaged[offset] ^= 1
    file = packed_file.path(VERSION, tmp_path)
    file.write_bytes(damaged)
    assert load(tmp_path).total == load(dictionary_cache.parent).total
    assert file.read_bytes() == intact


@pytest.mark.parametrize("length", [0, 10, 40, 1_000_000])
def test_a_file_that_is_cut_off_is_written_again(
    tmp_path: Path, dictionary_cache: Path, length: int
) -> None:
    intact = dictionary_cache.read_bytes()
    file = packed_file.path(VERSION, tmp_path)
    file.write_bytes(intact[:length])
    assert load(tmp_path).total == load(dictionary_cache.parent).total
    assert file.read_bytes() == intact


def test_without_a_writable_folder_the_dictionary_is_read_and_not_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert load(tmp_path / "none").frequencies["台风"]
    assert "cannot be kept" in caplog.text
    assert not (tmp_path / "none").exists()


def test_what_a_killed_process_had_begun_to_write_is_removed(tmp_path: Path) -> None:
    file = packed_file.path(VERSION, tmp_path)
    begun, being_written = (tmp_path / f"{file.name}{end}" for end in ("abcdefgh", "ijklmnop"))
    begun.write_bytes(b"half")
    os.utime(begun, (0, 0))
    being_written.write_bytes(b"half")
    packed_file.load(VERSION, tmp_path, lambda: b"content")
    assert sorted(tmp_path.iterdir()) == [file, being_written]


def test_the_file_is_prepared_once(tmp_path: Path) -> None:
    segmenter.prepare_reference(tmp_path)
    file = packed_file.path(VERSION, tmp_path)
    written = file.stat().st_mtime_ns
    segmenter.prepare_reference(tmp_path)
    assert file.stat().st_mtime_ns == written
    assert [path.name for path in tmp_path.iterdir()] == [file.name]

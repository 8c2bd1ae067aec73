import logging
from pathlib import Path

import jieba
import pytest

from corpus.analysis import dictionary, segmenter
from corpus.analysis.dictionary import Dictionary

VERSION = segmenter.VERSION


def load(folder: Path) -> Dictionary:
    return dictionary.load(jieba.Tokenizer(), VERSION, folder)


@pytest.fixture(scope="module")
def words() -> tuple[dict[str, int], int]:
    tokenizer = jieba.Tokenizer()
    return tokenizer.gen_pfdict(tokenizer.get_dict_file())


def test_every_word_and_every_beginning_of_one_has_jieba_s_frequency(
    dictionary_cache: Path, words: tuple[dict[str, int], int]
) -> None:
    expected, total = words
    found = load(dictionary_cache.parent)
    assert found.total == total
    assert all(found.frequencies[word] == frequency for word, frequency in expected.items())
    assert all(word in found.frequencies for word in expected)


def test_what_is_no_word_is_unknown(dictionary_cache: Path) -> None:
    frequencies = load(dictionary_cache.parent).frequencies
    assert "龘龘" not in frequencies
    assert frequencies.get("龘龘") is None
    assert frequencies.get("龘龘", 7) == 7
    with pytest.raises(KeyError, match="龘龘"):
        _ = frequencies["龘龘"]


def test_an_added_word_stays_with_who_added_it(dictionary_cache: Path) -> None:
    first, second = load(dictionary_cache.parent), load(dictionary_cache.parent)
    first.frequencies["台风"] = 1
    first.frequencies["龘龘"] = 5
    assert (first.frequencies["台风"], first.frequencies["龘龘"]) == (1, 5)
    assert second.frequencies["台风"] > 1
    assert "龘龘" not in second.frequencies


@pytest.mark.parametrize("at", [0, 30, 60, 1_000_000, -1])
def test_a_damaged_file_is_made_again(tmp_path: Path, dictionary_cache: Path, at: int) -> None:
    whole = dictionary_cache.read_bytes()
    damaged = bytearray(whole)
    damaged[at] ^= 1
    path = dictionary.file(VERSION, tmp_path)
    path.write_bytes(damaged)
    assert load(tmp_path).total == load(dictionary_cache.parent).total
    assert path.read_bytes() == whole


@pytest.mark.parametrize("length", [0, 10, 40, 1_000_000])
def test_half_a_file_is_made_again(tmp_path: Path, dictionary_cache: Path, length: int) -> None:
    path = dictionary.file(VERSION, tmp_path)
    path.write_bytes(dictionary_cache.read_bytes()[:length])
    assert load(tmp_path).total == load(dictionary_cache.parent).total


def test_a_folder_that_cannot_be_written_costs_only_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert load(tmp_path / "none").frequencies["台风"]
    assert "cannot be kept" in caplog.text
    assert not (tmp_path / "none").exists()


def test_a_reindex_leaves_it_for_those_who_answer(tmp_path: Path) -> None:
    segmenter.prepare_reference(tmp_path)
    path = dictionary.file(VERSION, tmp_path)
    made = path.stat().st_mtime_ns
    segmenter.prepare_reference(tmp_path)
    assert path.stat().st_mtime_ns == made
    assert [one.name for one in tmp_path.iterdir()] == [path.name]

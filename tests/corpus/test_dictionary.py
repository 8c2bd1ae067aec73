"""jieba's dictionary, kept in a file: whatever that holds, the words are the same."""

from collections.abc import Callable
from pathlib import Path

import pytest

from corpus import dictionary, segmenter

RUN = "人民银行在花莲发布台风警报"


def words(folder: Path | None) -> list[str]:
    return segmenter.reference([("台风警报", None)], folder)(RUN)


@pytest.fixture(scope="module")
def expected() -> list[str]:
    return words(None)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:0],
        lambda content: content[: len(content) // 2],
        lambda content: bytes(len(content)),
        # One bit of a frequency or a word: it still parses.
        lambda content: content[:5_000_000] + bytes([content[5_000_000] ^ 1]) + content[5_000_001:],
        lambda content: content[:-1] + bytes([content[-1] ^ 0x80]),
    ],
    ids=["emptied", "truncated", "zeroed", "a bit flipped", "the last bit flipped"],
)
def test_a_damaged_file_is_not_believed_and_made_anew(
    damage: Callable[[bytes], bytes], tmp_path: Path, dictionary_cache: Path, expected: list[str]
) -> None:
    whole = dictionary_cache.read_bytes()
    kept = tmp_path / dictionary.NAME
    kept.write_bytes(damage(whole))
    assert words(tmp_path) == expected
    assert kept.read_bytes() == whole
    assert list(tmp_path.iterdir()) == [kept]


def test_what_was_kept_for_another_version_is_made_anew(
    tmp_path: Path, dictionary_cache: Path, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / dictionary.NAME
    kept.write_bytes(dictionary_cache.read_bytes())
    monkeypatch.setattr(segmenter, "VERSION", "jieba 1,000")
    assert words(tmp_path) == expected
    assert kept.read_bytes() != dictionary_cache.read_bytes()


def test_where_nothing_can_be_written_the_words_are_there_all_the_same(
    tmp_path: Path, expected: list[str]
) -> None:
    (tmp_path / "file").touch()
    assert words(tmp_path / "file") == expected

from pathlib import Path

import pytest

from corpus.analysis import bilingual, packed_file
from corpus.analysis.bilingual import BilingualDictionary


@pytest.fixture(scope="module")
def dictionary(dictionary_cache: Path) -> BilingualDictionary:
    return BilingualDictionary(dictionary_cache.parent)


@pytest.mark.parametrize(
    ("word", "translation"),
    [
        ("记者", "journalist"),
        ("三星", "samsung"),
        ("journalist", "记者"),
        # Another form of the word, and articles.
        ("journalists", "记者"),
        ("the hong kong", "香港"),
        ("to serve", "招待"),
    ],
)
def test_words_are_translated_both_ways(
    dictionary: BilingualDictionary, word: str, translation: str
) -> None:
    assert translation in dictionary.translations(word)


@pytest.mark.parametrize("word", ["龘龘龘", "qwertz", "", "1984"])
def test_an_unknown_word_has_no_translation(dictionary: BilingualDictionary, word: str) -> None:
    assert dictionary.translations(word) == []


def test_translations_are_words_and_not_what_the_dictionary_says_of_them(
    dictionary: BilingualDictionary,
) -> None:
    for word in ("毅", "台北", "岳父", "本"):
        for translation in dictionary.translations(word):
            assert not set(translation) & set("()[]|;:,"), (word, translation)
            assert not translation.startswith(("variant of", "surname", "cl:"))


def test_the_file_is_written_once(dictionary_cache: Path) -> None:
    file = packed_file.path(bilingual.VERSION, dictionary_cache.parent)
    written = file.stat().st_mtime_ns
    bilingual.prepare(dictionary_cache.parent)
    assert file.stat().st_mtime_ns == written


def test_the_first_sense_and_the_longer_word_come_first(dictionary: BilingualDictionary) -> None:
    assert dictionary.translations("大夫") == ["senior official", "doctor", "physician"]
    assert dictionary.translations("hong kong")[-2:] == ["香港", "港"]

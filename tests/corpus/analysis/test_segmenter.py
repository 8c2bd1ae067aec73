from itertools import chain
from pathlib import Path

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

import corpus
from corpus.analysis.analyzer import Analyzer
from corpus.analysis.segmenter import (
    Segmenter,
    UserWord,
    fast_segmenter,
    reference_segmenter,
)
from corpus.archive import files, post

SAMPLE = Path(corpus.__file__).parent / "sample"
USER_WORDS: list[UserWord] = [
    ("芝麻信用分", None),
    ("中国人", 3),
    ("人民银", 50_000),
    ("〇八", None),
    ("的很", 0),
]

# Characters that stand in many words of the dictionary, and some that it does not know.
HAN = st.text(
    st.sampled_from("中国人民银行在的很大学生活动机会议〇八芝麻信用分蚂蚁龘㐀𠀀"), max_size=30
)
ANY_HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=30)


@pytest.fixture(scope="module", params=[[], USER_WORDS], ids=["plain", "user words"])
def user_words(request: pytest.FixtureRequest) -> list[UserWord]:
    return request.param


@pytest.fixture(scope="module")
def reference(user_words: list[UserWord], dictionary_cache: Path) -> Segmenter:
    return reference_segmenter(user_words, dictionary_cache.parent)


@pytest.fixture(scope="module")
def fast(user_words: list[UserWord]) -> Segmenter:
    return fast_segmenter(user_words)


@pytest.fixture(scope="module")
def untouched(user_words: list[UserWord], tmp_path_factory: pytest.TempPathFactory) -> Segmenter:
    """Return jieba with the dictionary that it reads itself."""
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(tmp_path_factory.mktemp("jieba"))
    tokenizer.initialize()
    for word, frequency in user_words:
        tokenizer.add_word(word, frequency)
    return lambda text: tokenizer.lcut(text, HMM=False)


@given(st.lists(st.one_of(HAN, ANY_HAN), min_size=1, max_size=4))
def test_rjieba_gives_the_words_that_jieba_gives(
    reference: Segmenter, fast: Segmenter, runs: list[str]
) -> None:
    runs = [run for run in runs if run]
    expected = [reference(run) for run in runs]
    assert [fast(run) for run in runs] == expected
    # Many runs are segmented in one call while indexing: none is cut otherwise.
    together = fast("\n".join(runs))
    assert [word for word in together if word != "\n"] == [*chain(*expected)]


@given(st.one_of(HAN, ANY_HAN))
def test_jieba_gives_the_same_words_with_the_packed_dictionary(
    reference: Segmenter, untouched: Segmenter, text: str
) -> None:
    assert reference(text) == untouched(text)


def test_every_sample_article_has_the_same_terms_with_either_segmenter(
    dictionary_cache: Path,
) -> None:
    slow = Analyzer(cache_dir=dictionary_cache.parent)
    fast = Analyzer(prefer_fast=True)
    assert slow.fingerprint == fast.fingerprint
    for path in files.scan(SAMPLE):
        article = post.read(path, files.read_bytes(SAMPLE, path)).article
        for paragraph in article.paragraphs:
            assert fast.terms(paragraph.text) == slow.terms(paragraph.text)

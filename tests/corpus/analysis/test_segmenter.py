import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import corpus
from corpus.analysis import segmenter
from corpus.analysis.analyzer import Analyzer
from corpus.archive import files, post

SAMPLE = Path(corpus.__file__).parent / "sample"
USER_WORDS = [("芝麻信用分", None), ("中国人", 3), ("人民银", 50_000), ("〇八", None), ("的很", 0)]

pytestmark = pytest.mark.skipif(not segmenter.is_fast_installed(), reason="rjieba is not installed")

# Characters that stand in many words of the dictionary, and some it does not know.
HAN = st.text(
    st.sampled_from("中国人民银行在的很大学生活动机会议〇八芝麻信用分蚂蚁龘㐀𠀀"), max_size=30
)
ANY_HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=30)


@pytest.fixture(scope="module", params=[[], USER_WORDS], ids=["plain", "user words"])
def both(
    request: pytest.FixtureRequest, dictionary_cache: Path
) -> tuple[segmenter.Segmenter, segmenter.Segmenter]:
    words: list[segmenter.UserWord] = request.param
    return segmenter.reference(words, dictionary_cache.parent), segmenter.fast(words)


@given(st.lists(st.one_of(HAN, ANY_HAN), min_size=1, max_size=4))
def test_rjieba_gives_the_words_that_jieba_gives(
    both: tuple[segmenter.Segmenter, segmenter.Segmenter], runs: list[str]
) -> None:
    reference, fast = both
    runs = [run for run in runs if run]
    expected = [reference(run) for run in runs]
    assert [fast(run) for run in runs] == expected
    # One call for many runs, as articles are indexed, cuts none of them otherwise.
    together = fast("\n".join(runs))
    assert [word for word in together if word != "\n"] == [w for one in expected for w in one]


def test_rjieba_gives_the_same_words_for_every_sample_article(dictionary_cache: Path) -> None:
    slow = Analyzer(cache_dir=dictionary_cache.parent)
    fast = Analyzer(prefer_fast=True)
    assert slow.fingerprint == fast.fingerprint
    for path in files.scan(SAMPLE):
        article = post.parse(path, files.read_bytes(SAMPLE, path), article_id=0)
        for paragraph in article.paragraphs:
            assert fast.terms(paragraph.text) == slow.terms(paragraph.text)


def test_loading_jieba_does_not_import_the_setup_tools(
    dictionary_cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "pkg_resources.py").write_text("raise AssertionError('it was imported')\n")
    code = (
        "import sys; from pathlib import Path; from corpus.analysis import segmenter;"
        "print(segmenter.reference((), Path(sys.argv[1]))('中国人民银行'));"
        "assert 'pkg_resources' not in sys.modules"
    )
    command = [sys.executable, "-W", "ignore", "-c", code, str(dictionary_cache.parent)]
    subprocess.run(command, cwd=tmp_path, check=True)

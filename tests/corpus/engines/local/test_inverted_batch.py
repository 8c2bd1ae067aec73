from collections import Counter
from collections.abc import Sequence
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.analysis.analyzer import Analyzer
from corpus.engines.local.inverted_batch import InvertedBatch, invert
from corpus.engines.local.term_keys import term_key
from corpus.model import Article, Paragraph

TEXT = st.text(
    st.sampled_from(
        "螞蚂蟻集團中國人民银行5５ＡaİßﬁéCe\u0301가ᄀ\u1161㈱…，, .1'\u200b\n𠀀乾カ〇㐀"
    ),
    max_size=40,
)
PARAGRAPHS = st.lists(st.builds(Paragraph, TEXT, st.one_of(st.just(""), TEXT)), max_size=4)
ARTICLES = st.lists(st.tuples(TEXT, PARAGRAPHS), max_size=4)


@pytest.fixture(scope="module")
def analyzer(tmp_path_factory: pytest.TempPathFactory) -> Analyzer:
    words = tmp_path_factory.mktemp("words") / "words.txt"
    words.write_text("中國人\nC++語言 10\n", "utf-8")
    return Analyzer(words, prefer_fast=True)


def articles_of(parts: Sequence[tuple[str, Sequence[Paragraph]]]) -> list[Article]:
    return [
        Article(0, "a.md", title, None, "", "", None, (), tuple(paragraphs))
        for title, paragraphs in parts
    ]


def term_counts(batch: InvertedBatch) -> list[Counter[int]]:
    """Return the frequency of each term key, for each passage."""
    counts: list[Counter[int]] = [Counter() for _ in batch.lengths]
    for key, passage, frequency in zip(
        batch.keys.tolist(), batch.passages.tolist(), batch.frequencies.tolist(), strict=True
    ):
        assert key not in counts[passage]
        counts[passage][key] = frequency
    return counts


@settings(deadline=None)
@given(ARTICLES)
def test_a_batch_has_the_terms_that_each_text_has_by_itself(
    analyzer: Analyzer, parts: list[tuple[str, list[Paragraph]]]
) -> None:
    batch = invert(articles_of(parts), analyzer)
    expected = [
        Counter(
            term_key(term)
            for term in chain.from_iterable(
                map(analyzer.terms, (title, paragraph.heading, paragraph.text))
            )
        )
        for title, paragraphs in parts
        for paragraph in paragraphs
    ]
    assert term_counts(batch) == expected
    assert batch.lengths.tolist() == [counts.total() for counts in expected]
    order = list(zip(batch.keys.tolist(), batch.passages.tolist(), strict=True))
    assert order == sorted(order)
    assert batch.folded == [
        analyzer.comparable([f"{paragraph.heading} {paragraph.text}"])[0]
        for _, paragraphs in parts
        for paragraph in paragraphs
    ]


def test_copies_in_another_script_or_spacing_have_the_same_content_hash(analyzer: Analyzer) -> None:
    texts = ["螞蟻 集團", "蚂蚁集团", "集團"]
    batch = invert(articles_of([("t", [Paragraph(text) for text in texts])]), analyzer)
    first, second, third = batch.content_hashes.tolist()
    assert first == second != third


def test_long_runs_of_characters_are_split_as_the_analyzer_splits_them(analyzer: Analyzer) -> None:
    text = "哈" * 4_100 + "，" + "中國人民銀行" * 400
    (counts,) = term_counts(invert(articles_of([("", [Paragraph(text)])]), analyzer))
    assert counts == Counter(map(term_key, analyzer.terms(text)))


def test_keys_of_short_terms_never_collide_with_each_other_or_with_hashed_ones() -> None:
    short = ["a", "aa", "aaa", "一", "一一", "𠀀𠀀𠀀", "a一", "一a"]
    assert len({term_key(term) for term in short}) == len(short)
    assert all(term_key(term) < 1 << 63 for term in short)
    assert term_key("中華民國") >= 1 << 63
    assert term_key("中華民國") != term_key("中華民國人")

import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from corpus import bm25
from corpus.engines.local import maxscore, postings
from corpus.engines.local.postings import Postings
from corpus.errors import DamagedError
from tests.corpus.building import read_postings, write_index

TERMS = st.sampled_from(["甲", "乙", "丙丁", "戊己庚", "辛壬癸子", "ox", "1.5", "𠀀"])
DOCUMENTS = st.lists(st.lists(TERMS, max_size=12), min_size=1, max_size=25).filter(any)
NOISE = 1e-9
QUESTIONS = st.lists(TERMS, min_size=1, max_size=8)


def on_disk(documents: Sequence[Sequence[str]]) -> Postings:
    # The mapped files stay readable after their removal.
    with tempfile.TemporaryDirectory() as folder:
        return read_postings(write_index(Path(folder), documents))


def check_equals_rank_bm25(
    documents: Sequence[Sequence[str]],
    question: Sequence[str],
    k: int,
    best: tuple[bm25.Ids, bm25.Floats],
    allowed: Sequence[bool] | None = None,
) -> None:
    """Check the scores, the order and the completeness of the ``best`` passages."""
    scores = BM25Okapi(documents, k1=bm25.K1, b=bm25.B).get_scores(question)
    matching = [
        number
        for number, document in enumerate(documents)
        if set(document) & set(question) and (allowed is None or allowed[number])
    ]
    # Scores that differ only by the order of summation are equal.
    expected = sorted(matching, key=lambda number: (-round(scores[number], 9), number))[:k]
    ids, best_scores = best
    assert best_scores == pytest.approx(scores[expected], abs=1e-6)
    # Sums of the same parts in another order may differ, and are sorted by, the last bit.
    assert (np.diff(scores[ids]) < NOISE).all()
    by_score_then_id = list(zip(-best_scores, ids, strict=True))
    assert sorted(by_score_then_id) == by_score_then_id
    # Only passages that tie with the last may be left out.
    above_last = [i for i in expected if round(scores[i], 9) > np.round(best_scores[-1], 9)]
    assert set(above_last) <= set(ids.tolist())


@settings(deadline=None, max_examples=60)
@given(DOCUMENTS, QUESTIONS, st.integers(1, 30), st.data())
def test_the_index_on_disk_ranks_as_rank_bm25_does(
    documents: list[list[str]], question: list[str], k: int, data: st.DataObject
) -> None:
    index = on_disk(documents)
    terms = {term: float(count) for term, count in Counter(question).items()}
    check_equals_rank_bm25(documents, question, k, index.top_k(terms, k))
    flags = st.lists(st.booleans(), min_size=len(documents), max_size=len(documents))
    allowed = data.draw(flags)
    best = index.top_k(terms, k, np.array(allowed))
    check_equals_rank_bm25(documents, question, k, best, allowed)


def test_a_negative_idf_floor_gives_the_scores_of_rank_bm25() -> None:
    documents = [
        ["甲"],
        ["甲", "丙丁", "戊己庚", "辛壬癸子", "ox", "1.5"],
        ["乙", "戊己庚", "1.5"],
        ["甲", "乙", "丙丁", "𠀀"],
        ["甲", "乙", "丙丁", "戊己庚", "辛壬癸子", "ox"],
    ]
    for k in (1, 3, 30):
        check_equals_rank_bm25(documents, ["甲"], k, on_disk(documents).top_k({"甲": 1.0}, k))


def test_scores_that_differ_only_by_the_order_of_summation_are_equal() -> None:
    documents = [[*"甲乙乙乙乙乙乙乙乙乙", "丙丁", "丙丁"], [*"甲甲乙乙乙乙乙乙乙乙乙", "丙丁"]]
    best = on_disk(documents).top_k({"甲": 1.0, "乙": 1.0, "丙丁": 1.0}, 2)
    check_equals_rank_bm25(documents, ["甲", "乙", "丙丁"], 2, best)


def zipf_documents(count: int, seed: int) -> list[list[str]]:
    """Return documents with the term frequencies of natural language."""
    rng = random.Random(seed)
    terms = [chr(0x4E00 + number) for number in range(400)]
    weights = [1 / (number + 1) for number in range(len(terms))]
    return [rng.choices(terms, weights, k=rng.randint(1, 60)) for _ in range(count)]


@pytest.fixture(scope="module")
def collection() -> tuple[list[list[str]], Postings]:
    documents = zipf_documents(3_000, seed=1)
    return documents, on_disk(documents)


@pytest.mark.parametrize("k", [1, 10, 200])
@pytest.mark.parametrize("share_allowed", [1.0, 0.3, 0.001])
def test_pruning_loses_no_result(
    collection: tuple[list[list[str]], Postings],
    k: int,
    share_allowed: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    documents, index = collection
    monkeypatch.setattr(maxscore, "_PRUNE_FROM", 0)
    monkeypatch.setattr(maxscore, "_PRUNE_FROM_PER_RESULT", 0)
    monkeypatch.setattr(maxscore, "_FIRST_READ", 500)
    rng = random.Random(k)
    for _ in range(15):
        question = rng.sample(sorted({term for document in documents[:50] for term in document}), 8)
        allowed = [rng.random() <= share_allowed for _ in documents]
        best = index.top_k(dict.fromkeys(question, 1.0), k, np.array(allowed))
        check_equals_rank_bm25(documents, question, k, best, allowed)


def test_probing_for_the_threshold_loses_no_result(
    collection: tuple[list[list[str]], Postings], monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, index = collection
    monkeypatch.setattr(maxscore, "_PRUNE_FROM", 0)
    monkeypatch.setattr(maxscore, "_PRUNE_FROM_PER_RESULT", 0)
    monkeypatch.setattr(maxscore, "_FIRST_READ", 1)
    question = ["一", "丁", chr(0x4E00 + 300), chr(0x4E00 + 200), chr(0x4E00 + 100)]
    for nanoseconds in (1, 10_000):
        monkeypatch.setattr(maxscore, "_PROBE_NS", nanoseconds)
        best = index.top_k(dict.fromkeys(question, 1.0), 10)
        check_equals_rank_bm25(documents, question, 10, best)


@given(st.lists(st.tuples(st.integers(1, 65_535), st.floats(0.7, 50)), min_size=1, max_size=50))
def test_an_impact_is_an_upper_bound_and_at_most_a_step_too_high(
    pairs: list[tuple[int, float]],
) -> None:
    frequencies = np.array([frequency for frequency, _ in pairs], np.uint16)
    norms = np.array([norm for _, norm in pairs])
    bounds = maxscore.impacts(frequencies, norms) * maxscore.STEP
    exact = (bm25.K1 + 1) * frequencies / (frequencies + bm25.K1 * norms)
    assert np.all(bounds >= exact * (1 - 1e-12))
    assert np.all(bounds - exact <= maxscore.STEP * 1.001)


def test_a_term_that_occurs_nowhere_finds_nothing() -> None:
    index = on_disk([["甲", "乙"], ["丙"]])
    assert index.top_k({"無": 1.0}, 5)[0].tolist() == []
    assert index.top_k({}, 5)[0].tolist() == []
    assert index.top_k({"甲": 1.0}, 0)[0].tolist() == []
    assert set(index.look_up(["甲", "無", "丙"])) == {"甲", "丙"}


def test_an_index_without_a_passage_finds_nothing() -> None:
    index = on_disk([])
    assert index.top_k({"甲": 1.0}, 5)[0].tolist() == []
    index.trim()


def test_queries_still_work_after_the_mapped_pages_are_trimmed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = on_disk([["甲", "乙"], ["甲"], ["乙"], ["丙"], ["丁"]])
    monkeypatch.setattr(postings, "_MAX_MAPPED_BYTES", -(2**62))
    monkeypatch.setattr(postings, "_TRIM_INTERVAL", 1)
    first = index.top_k({"甲": 1.0}, 5)
    again = index.top_k({"甲": 1.0}, 5)
    assert first[0].tolist() == again[0].tolist() == [1, 0]


def test_a_query_does_not_affect_the_next() -> None:
    index = on_disk([["甲"], ["甲", "乙"], ["乙"], ["丙"], ["丁"], ["戊"]])
    assert index.top_k({"甲": 1.0}, 5)[0].tolist() == [0, 1]
    assert index.top_k({"乙": 1.0}, 5)[0].tolist() == [2, 1]
    assert index.top_k({"甲": 1.0}, 1)[0].tolist() == [0]


def test_a_file_that_is_cut_off_while_in_use_is_an_error_not_a_crash(
    tmp_path: Path,
) -> None:
    folder = write_index(tmp_path, [["甲"], ["乙"], ["丙"], ["丁"]])
    index = read_postings(folder)
    with (folder / "ids.bin").open("r+b") as file:
        file.truncate(1)
    with pytest.raises(DamagedError):
        index.top_k({"丁": 1.0}, 5)


def test_similar_bigrams_share_a_character_and_the_most_frequent_come_first() -> None:
    index = on_disk([["蚂蚁", "白蚁", "马上", "上马"], ["白蚁", "蚁马"], ["马", "x", "马上海"]])
    assert index.similar_bigrams("马蚁") == ["白蚁", "马上", "蚂蚁"]
    assert index.similar_bigrams("蚂蚁") == ["白蚁"]

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
    # The files are mapped: they may go at once.
    with tempfile.TemporaryDirectory() as folder:
        return read_postings(write_index(Path(folder), documents))


def check_equals_rank_bm25(
    documents: Sequence[Sequence[str]],
    question: Sequence[str],
    k: int,
    found: tuple[bm25.Ids, bm25.Floats],
    allowed: Sequence[bool] | None = None,
) -> None:
    """Check scores, order and completeness of what was found."""
    scores = BM25Okapi(documents, k1=bm25.K1, b=bm25.B).get_scores(question)
    matching = [
        number
        for number, document in enumerate(documents)
        if set(document) & set(question) and (allowed is None or allowed[number])
    ]
    # Scores that are equal but for the order of their sum are the same score.
    expected = sorted(matching, key=lambda number: (-round(scores[number], 9), number))[:k]
    ids, found_scores = found
    assert found_scores == pytest.approx(scores[expected], abs=1e-6)
    rounded = np.round(found_scores, 9)
    # Sums of the same parts in another order may differ in the last bit, and go by that.
    assert (np.diff(scores[ids]) < NOISE).all()
    by_score_then_id = list(zip(-found_scores, ids, strict=True))
    assert sorted(by_score_then_id) == by_score_then_id
    # Which of those that tie at the end are in may only depend on their ids.
    inside = [n for n in expected if round(scores[n], 9) > rounded[-1]]
    assert set(inside) <= set(ids.tolist())


@settings(deadline=None, max_examples=60)
@given(DOCUMENTS, QUESTIONS, st.integers(1, 30), st.data())
def test_the_index_on_disk_gives_what_rank_bm25_gives(
    documents: list[list[str]], question: list[str], k: int, data: st.DataObject
) -> None:
    index = on_disk(documents)
    terms = {term: float(count) for term, count in Counter(question).items()}
    check_equals_rank_bm25(documents, question, k, index.top_k(terms, k))
    flags = st.lists(st.booleans(), min_size=len(documents), max_size=len(documents))
    allowed = data.draw(flags)
    found = index.top_k(terms, k, np.array(allowed))
    check_equals_rank_bm25(documents, question, k, found, allowed)


def test_idfs_that_cancel_out_leave_every_score_at_nothing() -> None:
    documents = [
        ["甲"],
        ["甲", "丙丁", "戊己庚", "辛壬癸子", "ox", "1.5"],
        ["乙", "戊己庚", "1.5"],
        ["甲", "乙", "丙丁", "𠀀"],
        ["甲", "乙", "丙丁", "戊己庚", "辛壬癸子", "ox"],
    ]
    for k in (1, 3, 30):
        check_equals_rank_bm25(documents, ["甲"], k, on_disk(documents).top_k({"甲": 1.0}, k))


def test_the_same_parts_summed_in_another_order_are_the_same_score() -> None:
    documents = [[*"甲乙乙乙乙乙乙乙乙乙", "丙丁", "丙丁"], [*"甲甲乙乙乙乙乙乙乙乙乙", "丙丁"]]
    found = on_disk(documents).top_k({"甲": 1.0, "乙": 1.0, "丙丁": 1.0}, 2)
    check_equals_rank_bm25(documents, ["甲", "乙", "丙丁"], 2, found)


def zipf_documents(count: int, seed: int) -> list[list[str]]:
    """Return documents whose terms are as unevenly frequent as words are."""
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
def test_pruning_loses_nothing(
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
        question = rng.sample(sorted({term for one in documents[:50] for term in one}), 8)
        allowed = [rng.random() <= share_allowed for _ in documents]
        found = index.top_k(dict.fromkeys(question, 1.0), k, np.array(allowed))
        check_equals_rank_bm25(documents, question, k, found, allowed)


def test_a_threshold_of_probing_costs_no_result(
    collection: tuple[list[list[str]], Postings], monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, index = collection
    monkeypatch.setattr(maxscore, "_PRUNE_FROM", 0)
    monkeypatch.setattr(maxscore, "_PRUNE_FROM_PER_RESULT", 0)
    monkeypatch.setattr(maxscore, "_FIRST_READ", 1)
    question = ["一", "丁", chr(0x4E00 + 300), chr(0x4E00 + 200), chr(0x4E00 + 100)]
    for probe in (1, 10_000):
        monkeypatch.setattr(maxscore, "_PROBE", probe)
        found = index.top_k(dict.fromkeys(question, 1.0), 10)
        check_equals_rank_bm25(documents, question, 10, found)


@given(st.lists(st.tuples(st.integers(1, 65_535), st.floats(0.7, 50)), min_size=1, max_size=50))
def test_an_impact_is_an_upper_bound_and_at_most_a_step_too_high(
    pairs: list[tuple[int, float]],
) -> None:
    frequencies = np.array([one for one, _ in pairs], np.uint16)
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


def test_memory_that_reading_took_is_given_back_and_questions_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = on_disk([["甲", "乙"], ["甲"], ["乙"], ["丙"], ["丁"]])
    monkeypatch.setattr(postings, "_MAX_MAPPED_BYTES", -(2**62))
    monkeypatch.setattr(postings, "_CHECKED_EVERY", 1)
    first = index.top_k({"甲": 1.0}, 5)
    again = index.top_k({"甲": 1.0}, 5)
    assert first[0].tolist() == again[0].tolist() == [1, 0]


def test_one_question_leaves_nothing_behind_for_the_next() -> None:
    index = on_disk([["甲"], ["甲", "乙"], ["乙"], ["丙"], ["丁"], ["戊"]])
    assert index.top_k({"甲": 1.0}, 5)[0].tolist() == [0, 1]
    assert index.top_k({"乙": 1.0}, 5)[0].tolist() == [2, 1]
    assert index.top_k({"甲": 1.0}, 1)[0].tolist() == [0]


def test_a_file_that_is_cut_off_while_it_is_in_use_is_an_error_and_no_crash(
    tmp_path: Path,
) -> None:
    folder = write_index(tmp_path, [["甲"], ["乙"], ["丙"], ["丁"]])
    index = read_postings(folder)
    with (folder / "ids.bin").open("r+b") as file:
        file.truncate(1)
    with pytest.raises(DamagedError):
        index.top_k({"丁": 1.0}, 5)


def test_bigrams_that_share_a_character_are_found_the_most_frequent_first() -> None:
    index = on_disk([["蚂蚁", "白蚁", "马上", "上马"], ["白蚁", "蚁马"], ["马", "x", "马上海"]])
    assert index.similar_bigrams("马蚁") == ["白蚁", "马上", "蚂蚁"]
    assert index.similar_bigrams("蚂蚁") == ["白蚁"]

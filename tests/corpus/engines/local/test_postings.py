import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from corpus import bm25
from corpus.engines.local import engine, maxscore, postings
from corpus.engines.local.postings import Postings
from corpus.errors import DamagedError
from tests.corpus.building import read_postings, write_index

TERMS = st.sampled_from(["甲", "乙", "丙丁", "戊己庚", "辛壬癸子", "ox", "1.5", "𠀀"])
DOCUMENTS = st.lists(st.lists(TERMS, max_size=12), min_size=1, max_size=25).filter(any)
COMMON = [chr(0x4E00 + number) for number in range(400)]
NOISE = 1e-9
QUESTIONS = st.lists(TERMS, min_size=1, max_size=8)


@pytest.fixture(params=[False, True], ids=["numpy", "compiled"], scope="module")
def postings_class(request: pytest.FixtureRequest) -> type[Postings]:
    return engine.postings_class(compiled=request.param)


def on_disk(
    documents: Sequence[Sequence[str]], postings_class: type[Postings] = Postings
) -> Postings:
    # The mapped files stay readable after their removal.
    with tempfile.TemporaryDirectory() as folder:
        return read_postings(write_index(Path(folder), documents), postings_class)


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
@given(documents=DOCUMENTS, question=QUESTIONS, k=st.integers(1, 30), data=st.data())
def test_the_index_on_disk_ranks_as_rank_bm25_does(
    postings_class: type[Postings],
    documents: list[list[str]],
    question: list[str],
    k: int,
    data: st.DataObject,
) -> None:
    index = on_disk(documents, postings_class)
    terms = {term: float(count) for term, count in Counter(question).items()}
    check_equals_rank_bm25(documents, question, k, index.top_k(terms, k))
    flags = st.lists(st.booleans(), min_size=len(documents), max_size=len(documents))
    allowed = data.draw(flags)
    best = index.top_k(terms, k, np.array(allowed))
    check_equals_rank_bm25(documents, question, k, best, allowed)


def test_a_negative_idf_floor_gives_the_scores_of_rank_bm25(
    postings_class: type[Postings],
) -> None:
    documents = [
        ["甲"],
        ["甲", "丙丁", "戊己庚", "辛壬癸子", "ox", "1.5"],
        ["乙", "戊己庚", "1.5"],
        ["甲", "乙", "丙丁", "𠀀"],
        ["甲", "乙", "丙丁", "戊己庚", "辛壬癸子", "ox"],
    ]
    for k in (1, 3, 30):
        check_equals_rank_bm25(
            documents, ["甲"], k, on_disk(documents, postings_class).top_k({"甲": 1.0}, k)
        )


def test_scores_that_differ_only_by_the_order_of_summation_are_equal(
    postings_class: type[Postings],
) -> None:
    documents = [[*"甲乙乙乙乙乙乙乙乙乙", "丙丁", "丙丁"], [*"甲甲乙乙乙乙乙乙乙乙乙", "丙丁"]]
    best = on_disk(documents, postings_class).top_k({"甲": 1.0, "乙": 1.0, "丙丁": 1.0}, 2)
    check_equals_rank_bm25(documents, ["甲", "乙", "丙丁"], 2, best)


def zipf_documents(count: int, seed: int) -> list[list[str]]:
    """Return documents with the term frequencies of natural language."""
    rng = random.Random(seed)
    terms = [chr(0x4E00 + number) for number in range(400)]
    weights = [1 / (number + 1) for number in range(len(terms))]
    return [rng.choices(terms, weights, k=rng.randint(1, 60)) for _ in range(count)]


@pytest.fixture(scope="module")
def collection(postings_class: type[Postings]) -> tuple[list[list[str]], Postings]:
    documents = zipf_documents(3_000, seed=1)
    return documents, on_disk(documents, postings_class)


@pytest.fixture
def always_pruned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `maxscore` leave lists out in small archives, too."""
    monkeypatch.setattr(maxscore, "_PRUNE_FROM", 0)
    monkeypatch.setattr(maxscore, "_PRUNE_FROM_PER_RESULT", 0)
    monkeypatch.setattr(maxscore, "_FIRST_READ", 500)


@pytest.mark.usefixtures("always_pruned")
@pytest.mark.parametrize("k", [1, 10, 200])
@pytest.mark.parametrize("share_allowed", [1.0, 0.3, 0.001])
def test_pruning_loses_no_result(
    collection: tuple[list[list[str]], Postings], k: int, share_allowed: float
) -> None:
    documents, index = collection
    rng = random.Random(k)
    for _ in range(15):
        question = rng.sample(sorted({term for document in documents[:50] for term in document}), 8)
        allowed = [rng.random() <= share_allowed for _ in documents]
        best = index.top_k(dict.fromkeys(question, 1.0), k, np.array(allowed))
        check_equals_rank_bm25(documents, question, k, best, allowed)


@pytest.mark.usefixtures("always_pruned")
@pytest.mark.parametrize("k", [1, 10, 200])
def test_long_lists_of_little_weight_are_probed_without_losing_a_result(
    collection: tuple[list[list[str]], Postings], k: int
) -> None:
    documents, index = collection
    rng = random.Random(k)
    for _ in range(20):
        rare = [chr(0x4E00 + number) for number in rng.sample(range(30, 400), 4)]
        frequent = [chr(0x4E00 + number) for number in rng.sample(range(8), 3)]
        allowed = np.ones(len(documents), np.bool_)
        best = index.top_k(dict.fromkeys([*rare, *frequent], 1.0), k, allowed)
        check_equals_rank_bm25(documents, [*rare, *frequent], k, best)


@pytest.fixture(scope="module")
def large_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = random.Random(4)
    weights = [1 / (number + 1) for number in range(len(COMMON))]
    documents = [rng.choices(COMMON, weights, k=rng.randint(1, 5)) for _ in range(150_000)]
    return write_index(tmp_path_factory.mktemp("large"), documents)


@pytest.mark.parametrize("k", [1, 10, 200])
@pytest.mark.parametrize("share_allowed", [1.0, 0.001])
def test_a_compiled_search_of_many_windows_loses_no_result(
    large_index: Path, k: int, share_allowed: float
) -> None:
    plain = read_postings(large_index)
    compiled = read_postings(large_index, engine.postings_class(compiled=True))
    rng = random.Random(k)
    allowed = np.array([rng.random() <= share_allowed for _ in range(150_000)])
    for _ in range(20):
        question = {term: rng.choice([0.1, 1.0, 3.0]) for term in rng.sample(COMMON, 6)}
        ids, scores = compiled.top_k(question, k, allowed)
        expected, expected_scores = plain.top_k(question, k, allowed)
        assert scores == pytest.approx(expected_scores, abs=NOISE)
        # Only passages that tie with the last may be others.
        last = scores.min(initial=np.inf)
        assert set(expected[expected_scores > last + NOISE]) <= set(ids)
        assert (np.lexsort((ids, -scores)) == np.arange(len(ids))).all()


@pytest.mark.usefixtures("always_pruned")
def test_probing_for_the_threshold_loses_no_result(
    collection: tuple[list[list[str]], Postings], monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, index = collection
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


def test_a_term_that_occurs_nowhere_finds_nothing(
    postings_class: type[Postings],
) -> None:
    index = on_disk([["甲", "乙"], ["丙"]], postings_class)
    assert index.top_k({"無": 1.0}, 5)[0].tolist() == []
    assert index.top_k({}, 5)[0].tolist() == []
    assert index.top_k({"甲": 1.0}, 0)[0].tolist() == []
    assert set(index.look_up(["甲", "無", "丙"])) == {"甲", "丙"}


def test_an_index_without_a_passage_finds_nothing(
    postings_class: type[Postings],
) -> None:
    index = on_disk([], postings_class)
    assert index.top_k({"甲": 1.0}, 5)[0].tolist() == []
    index.trim()


def test_queries_still_work_after_the_mapped_pages_are_trimmed(
    postings_class: type[Postings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = on_disk([["甲", "乙"], ["甲"], ["乙"], ["丙"], ["丁"]], postings_class)
    monkeypatch.setattr(postings_class, "MAX_MAPPED_BYTES", -(2**62))
    monkeypatch.setattr(postings, "_TRIM_INTERVAL", 1)
    first = index.top_k({"甲": 1.0}, 5)
    again = index.top_k({"甲": 1.0}, 5)
    assert first[0].tolist() == again[0].tolist() == [1, 0]


def test_a_query_does_not_affect_the_next(
    postings_class: type[Postings],
) -> None:
    index = on_disk([["甲"], ["甲", "乙"], ["乙"], ["丙"], ["丁"], ["戊"]], postings_class)
    assert index.top_k({"甲": 1.0}, 5)[0].tolist() == [0, 1]
    assert index.top_k({"乙": 1.0}, 5)[0].tolist() == [2, 1]
    assert index.top_k({"甲": 1.0}, 1)[0].tolist() == [0]


def test_a_file_that_is_cut_off_while_in_use_is_an_error_not_a_crash(
    postings_class: type[Postings],
    tmp_path: Path,
) -> None:
    folder = write_index(tmp_path, [["甲"], ["乙"], ["丙"], ["丁"]])
    index = read_postings(folder, postings_class)
    with (folder / "ids.bin").open("r+b") as file:
        file.truncate(1)
    with pytest.raises(DamagedError):
        index.top_k({"丁": 1.0}, 5)


def test_threads_share_a_compiled_search(large_index: Path) -> None:
    compiled = read_postings(large_index, engine.postings_class(compiled=True))
    rng = random.Random(9)
    questions = [dict.fromkeys(rng.sample(COMMON, 6), 1.0) for _ in range(40)]
    expected = [compiled.top_k(question, 20)[0].tolist() for question in questions]

    def ask(_: int) -> bool:
        return [compiled.top_k(question, 20)[0].tolist() for question in questions] == expected

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(16)))


@pytest.mark.parametrize(
    ("name", "size", "byte"), [("ids.bin", 4, 0xFF), ("impacts.bin", 1, 0)], ids=["ids", "impacts"]
)
def test_bytes_that_go_bad_while_in_use_are_an_error_not_a_crash(
    tmp_path: Path, name: str, size: int, byte: int
) -> None:
    folder = write_index(tmp_path, zipf_documents(200, seed=5))
    index = read_postings(folder, engine.postings_class(compiled=True))
    question = {"一": 1.0, "丁": 1.0, "丂": 1.0}
    before = index.top_k(question, 5)[0].tolist()
    path = folder / name
    whole = path.read_bytes()
    lists = index.look_up(question).values()
    # The second half of each list, so that something has been added up before it is noticed.
    for entry in lists:
        start, end = size * (entry.start + entry.end) // 2 // size * size, size * entry.end
        with path.open("r+b") as file:
            file.seek(start)
            file.write(bytes([byte]) * (end - start))
    for _ in range(3):
        with pytest.raises(DamagedError):
            index.top_k(question, 5)
    with path.open("r+b") as file:
        file.write(whole)
    assert index.top_k(question, 5)[0].tolist() == before


def test_similar_bigrams_share_a_character_and_the_most_frequent_come_first() -> None:
    index = on_disk([["蚂蚁", "白蚁", "马上", "上马"], ["白蚁", "蚁马"], ["马", "x", "马上海"]])
    assert index.similar_bigrams("马蚁") == ["白蚁", "马上", "蚂蚁"]
    assert index.similar_bigrams("蚂蚁") == ["白蚁"]

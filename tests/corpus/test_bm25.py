from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from corpus import bm25
from corpus.bm25 import Floats, Posting, Statistics, WeightedTerm

TERMS = st.sampled_from("甲乙丙丁戊己")
DOCUMENTS = st.lists(st.lists(TERMS, max_size=12), min_size=1, max_size=20).filter(any)
QUESTIONS = st.lists(TERMS, min_size=1, max_size=8)


def inverted(documents: Sequence[Sequence[str]]) -> tuple[dict[str, Posting], Floats, Statistics]:
    lengths = np.array([len(document) for document in documents])
    held: dict[str, list[tuple[int, int]]] = {}
    for number, document in enumerate(documents):
        for term, frequency in Counter(document).items():
            held.setdefault(term, []).append((number, frequency))
    postings = {
        term: Posting(*(np.array(column, np.uint32) for column in zip(*pairs, strict=True)))
        for term, pairs in held.items()
    }
    counts = {term: len(pairs) for term, pairs in held.items()}
    average = float(lengths.mean())
    return (
        postings,
        bm25.length_norms(lengths, average),
        Statistics(len(documents), average, counts),
    )


def weighted(
    question: Sequence[str], postings: dict[str, Posting], statistics: Statistics
) -> list[WeightedTerm]:
    idfs = bm25.idf(statistics)
    return [
        WeightedTerm(term, count, idfs[term], postings[term])
        for term, count in Counter(question).items()
        if term in postings
    ]


@given(DOCUMENTS, QUESTIONS)
def test_scores_equal_rank_bm25_on_the_same_tokens(
    documents: list[list[str]], question: list[str]
) -> None:
    postings, norms, statistics = inverted(documents)
    expected = BM25Okapi(documents, k1=bm25.K1, b=bm25.B).get_scores(question)

    ids, scores = bm25.top_k(weighted(question, postings, statistics), norms, len(documents))

    assert scores == pytest.approx(expected[ids], abs=1e-6)
    matching = {n for n, document in enumerate(documents) if set(document) & set(question)}
    assert set(ids.tolist()) == matching


@given(DOCUMENTS, QUESTIONS, st.integers(1, 5))
def test_the_best_k_come_first_and_ties_go_by_passage_id(
    documents: list[list[str]], question: list[str], k: int
) -> None:
    postings, norms, statistics = inverted(documents)
    terms = weighted(question, postings, statistics)
    every_id, every_score = bm25.top_k(terms, norms, len(documents))

    ids, scores = bm25.top_k(terms, norms, k)

    ranked = sorted(zip(-every_score, every_id, strict=True))[:k]
    assert ids.tolist() == [number for _, number in ranked]
    assert scores.tolist() == [-score for score, _ in ranked]


@given(DOCUMENTS, QUESTIONS, st.data())
def test_only_allowed_passages_are_found_and_none_of_them_is_lost(
    documents: list[list[str]], question: list[str], data: st.DataObject
) -> None:
    postings, norms, statistics = inverted(documents)
    terms = weighted(question, postings, statistics)
    booleans = st.lists(st.booleans(), min_size=len(documents), max_size=len(documents))
    allowed = np.array(data.draw(booleans))

    ids, _ = bm25.top_k(terms, norms, 3, allowed=allowed)

    every_id, _ = bm25.top_k(terms, norms, len(documents))
    assert ids.tolist() == [number for number in every_id.tolist() if allowed[number]][:3]


@given(DOCUMENTS, QUESTIONS)
def test_the_parts_of_a_score_add_up_to_it(documents: list[list[str]], question: list[str]) -> None:
    postings, norms, statistics = inverted(documents)
    terms = weighted(question, postings, statistics)

    for number, score in zip(*bm25.top_k(terms, norms, 5), strict=True):
        parts = bm25.parts(terms, norms, int(number))
        assert sum(parts.values()) == pytest.approx(score)
        assert parts.keys() == set(documents[number]) & set(question)


def test_a_collection_without_a_term_has_no_idf() -> None:
    assert bm25.idf(Statistics(0, 0.0, {})) == {}
    ids, scores = bm25.top_k([], bm25.length_norms(np.array([], int), 0.0), 5)
    assert (ids.tolist(), scores.tolist()) == ([], [])

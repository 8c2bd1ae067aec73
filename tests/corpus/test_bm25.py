import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from corpus import bm25
from corpus.engine import CollectionStatistics

TERMS = st.sampled_from("甲乙丙丁戊己")
DOCUMENTS = st.lists(st.lists(TERMS, max_size=12), min_size=1, max_size=20).filter(any)


@given(DOCUMENTS)
def test_idfs_equal_those_of_rank_bm25(documents: list[list[str]]) -> None:
    model = BM25Okapi(documents, k1=bm25.K1, b=bm25.B)
    frequencies = {
        term: sum(term in document for document in documents) for term in set().union(*documents)
    }
    counts = np.array(list(frequencies.values()))
    floor = bm25.idf_floor(counts, len(documents))
    statistics = CollectionStatistics(len(documents), model.avgdl, floor)
    assert bm25.idfs(frequencies, statistics) == pytest.approx(model.idf)


@given(DOCUMENTS, TERMS)
def test_the_scores_of_a_term_equal_those_of_rank_bm25(
    documents: list[list[str]], term: str
) -> None:
    model = BM25Okapi(documents, k1=bm25.K1, b=bm25.B)
    lengths = np.array([len(document) for document in documents])
    frequencies = np.array([document.count(term) for document in documents])
    scores = bm25.term_scores(
        model.idf.get(term, 0.0), frequencies, bm25.length_norms(lengths, model.avgdl)
    )
    assert scores == pytest.approx(model.get_scores([term]))


def test_a_collection_without_a_term_has_no_idf() -> None:
    assert bm25.idf_floor(np.array([], np.int64), 0) == 0
    assert bm25.idfs({}, CollectionStatistics(0, 0.0, 0.0)) == {}
    assert bm25.length_norms(np.array([], np.int64), 0.0).tolist() == []


def test_the_share_of_the_average_idf_is_that_of_rank_bm25() -> None:
    assert BM25Okapi([["甲"]]).epsilon == bm25.EPSILON

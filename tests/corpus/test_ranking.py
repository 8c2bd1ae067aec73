import numpy as np

from corpus import ranking


def test_the_same_words_in_two_articles_are_one_candidate() -> None:
    candidates = ranking.distinct(
        np.array([4, 2, 0, 3]),
        np.array([9.0, 8.0, 7.0, 6.0]),
        article_of=np.array([5, 5, 6, 7, 8], np.uint32),
        content_hash=np.array([1, 2, 3, 3, 3], np.uint64),
    )
    assert [(one.passage_id, one.article_id, one.score) for one in candidates] == [
        (4, 8, 9.0),
        (0, 5, 7.0),
    ]
    assert candidates[0].duplicates == (6, 7)


def test_what_an_article_has_beyond_two_passages_comes_last() -> None:
    candidates = ranking.distinct(
        np.array([0, 1, 2, 3]),
        np.array([4.0, 3.0, 2.0, 1.0]),
        article_of=np.array([1, 1, 1, 2], np.uint32),
        content_hash=np.arange(4, dtype=np.uint64),
    )
    assert [one.passage_id for one in candidates] == [0, 1, 3, 2]


def test_a_passage_an_article_repeats_is_no_duplicate_elsewhere() -> None:
    (candidate,) = ranking.distinct(
        np.array([0, 1]),
        np.array([2.0, 2.0]),
        article_of=np.array([1, 1], np.uint32),
        content_hash=np.array([7, 7], np.uint64),
    )
    assert candidate.duplicates == ()

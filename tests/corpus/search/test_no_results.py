from corpus.search import no_results

KNOWN = {"蚂蚁": 5, "蚁集": 4, "集团": 9, "白蚁": 3, "马上": 2}


def similar(bigram: str) -> list[str]:
    sharing = [known for known in KNOWN if known[0] == bigram[0] or known[1] == bigram[1]]
    return sorted(sharing, key=lambda known: -KNOWN[known])


def corrections(text: str) -> list[str]:
    return no_results.corrections(text, KNOWN.__contains__, similar)


def test_a_bigram_that_does_not_occur_is_replaced_by_similar_ones() -> None:
    assert corrections("马蚁集团") == ["蚂蚁集团", "白蚁集团", "马上集团"]


def test_a_correction_of_the_bigrams_on_both_sides_comes_first() -> None:
    assert corrections("蚂以集团")[0] == "蚂蚁集团"


def test_a_text_whose_bigrams_occur_is_not_corrected() -> None:
    assert corrections("蚂蚁集团") == []


def test_other_scripts_and_long_texts_are_not_corrected() -> None:
    assert corrections("open ai") == []
    assert corrections("马蚁" * no_results.MAX_CORRECTED_CHARS) == []

from corpus.search import spelling

KNOWN = {"蚂蚁": 5, "蚁集": 4, "集团": 9, "白蚁": 3, "马上": 2}


def similar(pair: str) -> list[str]:
    found = [one for one in KNOWN if one[0] == pair[0] or one[1] == pair[1]]
    return sorted(found, key=lambda one: -KNOWN[one])


def corrections(text: str) -> list[str]:
    return spelling.corrections(text, KNOWN.__contains__, similar)


def test_a_pair_that_does_not_occur_is_exchanged_for_one_that_does() -> None:
    assert corrections("马蚁集团") == ["蚂蚁集团", "白蚁集团", "马上集团"]


def test_what_mends_the_pairs_on_both_sides_comes_first() -> None:
    assert corrections("蚂以集团")[0] == "蚂蚁集团"


def test_what_occurs_is_left_alone() -> None:
    assert corrections("蚂蚁集团") == []


def test_other_scripts_and_long_texts_are_left_alone() -> None:
    assert corrections("open ai") == []
    assert corrections("马蚁" * spelling.LONGEST_QUESTION) == []

from hypothesis import given
from hypothesis import strategies as st

from corpus.analysis.folding import Folder, fold_character

# Characters that fold to one character, to several and to none.
CHARACTERS = st.one_of(st.sampled_from("颱Ａ，…㎡ﬁ\u200b\0\ud800ß1"), st.characters())


@given(st.lists(st.text(CHARACTERS), max_size=5))
def test_a_text_folds_as_its_characters_do(texts: list[str]) -> None:
    folder = Folder()
    for text in texts:
        expected = [fold_character(char) for char in text]
        assert folder.fold(text) == "".join(expected)
        assert folder.keeps_length(text) == all(len(folded) == 1 for folded in expected)

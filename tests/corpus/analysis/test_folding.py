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
        origins = [i for i, folded in enumerate(expected) for _ in folded]
        assert list(folder.fold_with_origins(text)[1]) == origins

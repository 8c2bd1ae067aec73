"""What an encoder would add, with one that knows a single synonym."""

from pathlib import Path

import numpy as np

from bench import meaning
from bench.meaning import Vectors
from tests.bench.test_people import write_archive, write_lines
from tests.folders import with_dictionary


class Synonym:
    """Knows that what is shipped on speedboats is tea, and nothing else."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def query(self, text: str, /) -> Vectors:
        return np.array([1, 0] if "快艇" in text else [0, 1], np.float32)

    def passage(self, texts: list[str], /) -> Vectors:
        self.encoded += texts
        return np.array([[1, 0] if "茶葉" in text else [0, 1] for text in texts], np.float32)


def write_questions(folder: Path, text: str) -> Path:
    """Write an archive, a question that its post on tea answers, and one that none does."""
    archive = write_archive(folder)
    (post,) = archive.glob("_posts/*tea*")
    known = {"kind": "fact", "expect": "answer", "quotes": ["一百二十天"]}
    lines = [
        {**known, "id": "boat", "question": text, "paths": [str(post.relative_to(archive))]},
        {"id": "none", "kind": "none", "question": "木星有幾顆衛星", "expect": "none"},
    ]
    return write_lines(folder / "questions.jsonl", lines)


def test_what_the_encoder_knows_comes_first_and_nothing_is_encoded_twice(
    tmp_path: Path, dictionary_cache: Path
) -> None:
    # Most of its words are those of the salt, which comes first.
    questions = write_questions(tmp_path, "快艇的鹽工清晨起床運到倫敦")
    data = with_dictionary(tmp_path / "var", dictionary_cache)
    encoder, cache = Synonym(), tmp_path / "vectors.npz"
    report = meaning.measure(tmp_path / "archive", data, questions, encoder, cache)
    assert report["words"]["passage@1"][0] == 0
    best = f"rerank {max(meaning.WEIGHTS)}"
    assert report[best]["passage@1"][0] == 1
    assert report[best]["passage@1 gained, lost"] == [1, 0]
    assert len(encoder.encoded) == len(set(encoder.encoded)) > 0
    again = Synonym()
    assert meaning.measure(tmp_path / "archive", data, questions, again, cache) == report
    assert not again.encoded


def test_the_bound_has_answers_that_no_word_finds(tmp_path: Path, dictionary_cache: Path) -> None:
    questions = write_questions(tmp_path, "快艇鹽工清晨起床")
    data = with_dictionary(tmp_path / "var", dictionary_cache)
    report = meaning.measure(tmp_path / "archive", data, questions, Synonym())
    best = max(meaning.WEIGHTS)
    assert report[f"rerank {best}"]["passage@5"][0] == 0
    assert report[f"bound {best}"]["passage@5"][0] == 1

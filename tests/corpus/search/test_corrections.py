from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corpus.analysis.analyzer import Analyzer
from corpus.engine import FilterKeys, Fingerprint, IndexReader
from corpus.engines import MEMORY, inverter, open_engine, open_writer
from corpus.model import Article, Paragraph
from corpus.search.corrections import MAX_CORRECTED_CHARS, MIN_PASSAGES, MIN_SURE, Corrector

SENTENCES = (
    "加密货币又涨了。",
    "美国前总统特朗普说话。",
    "言论自由受到限制。",
    "Edward Snowden lives in Moscow.",
    "喝一杯普洱茶。",
    "查一查价格。",
)


def article(id_: int, text: str) -> Article:
    return Article(id_, f"{id_:03}.md", "", None, "", "", None, (), (Paragraph(text),))


ARTICLES = [
    article(id_, text)
    for id_, text in enumerate(
        [
            *(text for text in SENTENCES for _ in range(MIN_PASSAGES)),
            # Frequent enough for a character that forms no word of the dictionary.
            *(
                f"健康码{end}。"
                for end in ("变红", "变绿", "失灵", "怎样")
                for _ in range(MIN_SURE)
            ),
            "珍珠奶茶很甜。",
        ]
    )
]


Correct = Callable[[str], str | None]


@pytest.fixture(scope="module")
def analyzer(dictionary_cache: Path) -> Analyzer:
    return Analyzer(cache_dir=dictionary_cache.parent)


@pytest.fixture(scope="module")
def reader(analyzer: Analyzer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexReader]:
    folder = tmp_path_factory.mktemp("corrections")
    fingerprint = Fingerprint("archive", "analyzer")
    engine = open_engine(MEMORY, folder, fingerprint)
    with open_writer(MEMORY, engine.index_dir, fingerprint) as writer:
        writer.begin_batch(inverter(MEMORY)(ARTICLES, analyzer))
        for article in ARTICLES:
            writer.add(article, b"", FilterKeys("", "", ()))
        writer.commit(None, lambda: None)
    engine.refresh()
    with engine.acquire() as reader:
        yield reader
    engine.close()


@pytest.fixture
def corrected(reader: IndexReader, analyzer: Analyzer) -> Correct:
    def correct(question: str) -> str | None:
        found = Corrector(reader, analyzer).correct(question)
        return found and found.question

    return correct


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("加密货弊", "加密货币"),
        ("特朗谱说话", "特朗普说话"),
        ("健康马变红", "健康码变红"),
        ("言论自油", "言论自由"),
    ],
)
def test_a_character_is_replaced_by_one_that_sounds_alike(
    corrected: Correct, typed: str, right: str
) -> None:
    assert corrected(typed) == right


def test_a_correction_is_in_the_script_of_the_question(corrected: Correct) -> None:
    assert corrected("加密貨弊") == "加密貨幣"
    assert corrected("Snowdne") == "Snowden"


@pytest.mark.parametrize("slip", ["snowdn", "snowdeen", "snowdan", "sonwden"])
def test_a_latin_word_one_slip_away_is_corrected(corrected: Correct, slip: str) -> None:
    assert corrected(f"where is {slip}") == "where is snowden"


def test_the_corrected_words_are_named(reader: IndexReader, analyzer: Analyzer) -> None:
    found = Corrector(reader, analyzer).correct("Snowdne 加密货弊")
    assert found is not None
    assert found.words == ("Snowden", "加密货币")


@pytest.mark.parametrize(
    "question",
    [
        "加密货币",
        "茶价格",  # both words occur, though not side by side: 查价格 is another question
        "珍珠洱茶",
        "珍珠奶察",  # in one passage: not established
        "蕹菜怎么种",
        "蛋挞",
        "xylograph",
        "snow",
        "",
    ],
)
def test_a_question_without_an_established_correction_stays_as_typed(
    corrected: Correct, question: str
) -> None:
    assert corrected(question) is None


def test_a_long_text_is_not_corrected(corrected: Correct) -> None:
    assert corrected("加密货弊" + "呀" * MAX_CORRECTED_CHARS) is None

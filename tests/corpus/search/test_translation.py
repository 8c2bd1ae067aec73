from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from corpus.analysis.analyzer import Analyzer
from corpus.analysis.bilingual import BilingualDictionary
from corpus.engine import FilterKeys, Fingerprint
from corpus.engines import MEMORY, inverter, open_engine, open_writer
from corpus.model import Article, Paragraph
from corpus.search.translation import Translator

TODAY = date(2024, 5, 6)
TEXTS = [
    "這家餐廳說不招待講普通話的客人。",
    "恐怖分子挖了一條隧道。",
    "總裁在三星工作了四十年。",
    "主席在議會發言。",
    "Wang Yi is the foreign minister.",
    "The youth unemployment rate in cities rose in March 2022.",
]


@pytest.fixture(scope="module")
def translator(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> Iterator[Translator]:
    folder = dictionary_cache.parent
    analyzer = Analyzer(cache_dir=folder)
    articles = [
        Article(i, f"{i}.md", "", None, "", "", None, (), (Paragraph(text),))
        for i, text in enumerate(TEXTS)
    ]
    fingerprint = Fingerprint("archive", "analyzer")
    engine = open_engine(MEMORY, tmp_path_factory.mktemp("translation"), fingerprint)
    with open_writer(MEMORY, engine.index_dir, fingerprint) as writer:
        writer.begin_batch(inverter(MEMORY)(articles, analyzer))
        for article in articles:
            writer.add(article, b"", FilterKeys("", "", ()))
        writer.commit(None, lambda: None)
    engine.refresh()
    with engine.acquire() as reader:
        yield Translator(reader, analyzer, BilingualDictionary(folder))
    engine.close()


def words(translator: Translator, topic: str) -> set[str]:
    translated = translator.translate(topic, TODAY)
    return set(translated.question.split(" ")) if translated else set()


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        # Of 侍候, 服務, 招待 … and of 總裁, 主席 … the one that occurs with the other words.
        ("which restaurant does not serve mandarin", {"餐厅", "招待", "普通话"}),
        ("chairman of samsung", {"总裁", "三星"}),
        ("城市青年失业率", {"youth", "unemployment", "rate"}),
    ],
)
def test_translations_are_those_that_occur_together(
    translator: Translator, topic: str, expected: set[str]
) -> None:
    assert expected <= words(translator, topic)


def test_a_name_that_the_dictionary_lacks_is_written_as_it_sounds(translator: Translator) -> None:
    assert {"wang", "yi"} <= words(translator, "外交部长王毅")


@pytest.mark.parametrize(
    ("topic", "kept"),
    [
        ("2022年3月的失业率", "2022年3月"),
        ("poulson at samsung", "poulson"),
        ("defcon30的恐怖分子", "defcon30"),
    ],
)
def test_dates_and_unknown_words_stay_as_typed(
    translator: Translator, topic: str, kept: str
) -> None:
    assert kept in words(translator, topic)


@pytest.mark.parametrize("topic", ["", "2022年", "qwertz 1984", "what is it about"])
def test_a_topic_without_a_translatable_word_is_not_translated(
    translator: Translator, topic: str
) -> None:
    assert translator.translate(topic, TODAY) is None


def test_the_translated_words_are_named(translator: Translator) -> None:
    translated = translator.translate("poulson of samsung", TODAY)
    assert translated is not None
    assert translated.words == ("三星",)

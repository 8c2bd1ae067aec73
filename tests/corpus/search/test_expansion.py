from pathlib import Path

import pytest

from corpus.analysis.analyzer import Analyzer
from corpus.errors import CorpusError, SynonymsError
from corpus.search.expansion import MAX_VARIANTS, QueryExpander, parse_synonyms, read_synonyms


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="module")
def expander(analyzer: Analyzer) -> QueryExpander:
    return QueryExpander(analyzer)


@pytest.mark.parametrize(
    ("taiwan", "mainland"),
    [
        ("軟體", "软件"),
        ("網路", "网络"),
        ("影片", "视频"),
        ("川普", "特朗普"),
        ("計程車", "出租车"),
    ],
)
def test_regional_words_are_found_both_ways(
    analyzer: Analyzer, expander: QueryExpander, taiwan: str, mainland: str
) -> None:
    folded = analyzer.fold(taiwan)
    assert mainland in expander.expand(folded)
    assert folded in expander.expand(mainland)


def test_the_rest_of_the_question_stays(analyzer: Analyzer, expander: QueryExpander) -> None:
    assert "谁开发了这个软件" in expander.expand(analyzer.fold("誰開發了這個軟體"))


def test_the_typed_words_are_no_rewording(expander: QueryExpander) -> None:
    assert expander.expand("台风") == []
    assert "软件" not in expander.expand("软件")


def test_a_latin_word_must_stand_by_itself(analyzer: Analyzer, tmp_path: Path) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_text("US = 美國\n", "utf-8")
    expander = QueryExpander(analyzer, read_synonyms(path))
    assert expander.expand("us") == ["美国"]
    assert expander.expand("virus") == []


def test_a_file_of_one_s_own_adds_to_the_bundled_one(analyzer: Analyzer, tmp_path: Path) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_text("# 我們的\n\n川普 = 建國同志, 懂王  # 綽號\n", "utf-8")
    expander = QueryExpander(analyzer, read_synonyms(path))
    assert {"特朗普", "懂王"} <= set(expander.expand("川普"))
    assert "川普" in expander.expand("懂王")


def test_rewordings_are_bounded(analyzer: Analyzer, tmp_path: Path) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_text("甲 = " + ", ".join(f"乙{n}" for n in range(50)), "utf-8")
    assert len(QueryExpander(analyzer, read_synonyms(path)).expand("甲甲甲")) == MAX_VARIANTS


@pytest.mark.parametrize("line", ["川普", "川普 =", "= 川普", "川普 = , 特朗普"])
def test_a_line_that_names_no_two_words_is_said_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_text("a = b\n" + line, "utf-8")
    with pytest.raises(SynonymsError, match=rf"{path.name}, line 2") as caught:
        read_synonyms(path)
    assert (caught.value.line, caught.value.text) == (2, line.strip())


def test_a_word_of_nothing_visible_means_nothing(analyzer: Analyzer) -> None:
    assert (
        QueryExpander(analyzer, parse_synonyms("\u200b = 川普, 懂王")).expand("川普")[-1] == "懂王"
    )


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        read_synonyms(tmp_path / "none.txt")

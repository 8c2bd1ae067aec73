"""What the library says of its articles, and which of them it likens to each other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from corpus.library import Library
from corpus.model import Filters, NameCount, NameField, Outcome, Paragraph
from tests.corpus.conftest import WritePost, post_writer
from tests.folders import with_dictionary

STORM = "莫拉克颱風在二〇〇九年八月帶來破紀錄的雨量，阿里山測站三天降下超過兩千毫米的豪雨。"
STORM_COPY = "莫拉克颱風在二〇〇九年八月帶來破紀錄的雨量，阿里山測站三天降下超過兩千毫米的豪雨！"
FLOOD = "莫拉克颱風破紀錄的雨量讓阿里山公路柔腸寸斷，豪雨之後花了三年才修復通車。"
STATION = "阿里山測站在莫拉克颱風期間逐時回傳雨量，值班人員守了三天三夜。"
FUNDS = "災後重建的經費從何而來，各部會至今仍未公布完整的明細與時間表。"
TEA = "烏龍茶是半發酵的茶，發酵程度介於綠茶與紅茶之間，香氣因製程而有很大不同。"
FILLERS = [
    "圖書館週末延長開放時間，學生可以預約自習座位。",
    "自行車道沿著河岸一路通往海邊，假日常有家庭出遊。",
    "鐵路局公布新的時刻表，早上多開兩班區間車。",
    "博物館的特展介紹古代陶器的燒製與修補方法。",
    "市場裡的攤販清晨四點就開始準備蔬菜和水果。",
    "小學的操場重新鋪設跑道，下個月舉行運動會。",
]

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> AsyncIterator[Library]:
    root = tmp_path_factory.mktemp("archive")
    data = with_dictionary(tmp_path_factory.mktemp("var"), dictionary_cache)
    write_posts(post_writer(root))
    async with Library(root, data) as library:
        await library.reindex()
        yield library


def write_posts(write: WritePost) -> None:
    write("storm", STORM, FUNDS, tags="[ 颱風, 天氣 ]", author="阿山")
    write("flood", FLOOD, date="2020-01-01", tags="[ 台风 ]", categories="[ 山報 ]")
    write("station", STATION, date="2021-01-01", tags="[ 颱風 ]", categories="[ 山報 ]")
    write("copy", STORM_COPY, date="2022-01-01", title="颱風的雨量")
    write("tea", TEA, title="茶與颱風", date="2015-05-01", **{"from": "https://example.org/tea"})
    for number, filler in enumerate(FILLERS):
        write(f"filler-{number}", filler)


async def test_an_article_comes_with_its_paragraphs_in_the_order_of_ordinals(
    library: Library,
) -> None:
    article = await library.article("storm.md")
    assert article is not None
    assert (article.title, article.author, article.tags) == ("storm", "阿山", ("颱風", "天氣"))
    assert article.paragraphs[0] == Paragraph(STORM)
    hit = (await library.search("災後重建的經費")).hits[0]
    assert article.paragraphs[hit.passage.ordinal].text == hit.passage.text


@pytest.mark.parametrize("path", ["", "none.md", "STORM.md", "\ud800\0"])
async def test_a_path_without_an_article_is_none(library: Library, path: str) -> None:
    assert await library.article(path) is None


async def test_a_path_is_named_by_its_url_else_by_itself(library: Library) -> None:
    paths = await library.paths()
    assert (paths["tea.md"], paths["storm.md"]) == ("https://example.org/tea", "storm.md")
    assert len(paths) == 5 + len(FILLERS)


async def test_related_passages_share_key_terms_and_are_no_copies(library: Library) -> None:
    related = await library.related("storm.md", 0)
    assert {hit.passage.text for hit in related.hits} == {FLOOD, STATION}
    assert [hit.rank for hit in related.hits] == [1, 2]
    assert (related.total, related.notice) == (2, None)
    assert "莫拉克" in related.question
    best = related.hits[0]
    marked = [best.passage.text[start:end] for start, end in best.highlights]
    assert marked == ["莫拉克颱風破紀錄", "阿里山", "豪雨"]


async def test_related_passages_can_be_turned_over_and_filtered(library: Library) -> None:
    both = (await library.related("storm.md", 0)).hits
    second = await library.related("storm.md", 0, limit=1, offset=1)
    assert (second.hits, second.total) == (both[1:], 2)
    later = await library.related("storm.md", 0, Filters(after="2021"))
    assert [hit.passage.text for hit in later.hits] == [STATION]


@pytest.mark.parametrize(("path", "ordinal"), [("none.md", 0), ("storm.md", 9), ("storm.md", -1)])
async def test_nothing_is_like_a_passage_that_is_none(
    library: Library, path: str, ordinal: int
) -> None:
    related = await library.related(path, ordinal)
    assert (related.question, related.total, related.hits) == ("", 0, ())


async def test_a_passage_that_is_like_no_other_has_none_related(library: Library) -> None:
    assert (await library.related("tea.md", 0)).hits == ()


async def test_key_terms_are_the_rare_words_as_typed_best_first(library: Library) -> None:
    terms = await library.key_terms(
        "大家還記得烏龍茶嗎？颱風的雨量、颱風的豪雨 https://example.org/豪雨"
    )
    assert terms[0] == "烏龍茶"
    assert {"颱風", "雨量", "豪雨"} == set(terms[1:])
    assert await library.key_terms("颱風與烏龍茶", limit=1) == ("烏龍茶",)


async def test_what_a_text_repeats_tells_more(library: Library) -> None:
    assert await library.key_terms("蔬菜、水果、水果") == ("水果", "蔬菜")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("聽說阿里山測站壞了", ("阿里山測站",)),
        # They stand together in none of the passages that hold them.
        ("聽說測站豪雨不斷", ("測站", "豪雨")),
        ("蝴蝶測站", ("測站",)),
    ],
)
async def test_words_that_mostly_stand_together_are_one_key_term(
    library: Library, text: str, terms: tuple[str, ...]
) -> None:
    assert await library.key_terms(text) == terms


@pytest.mark.parametrize("text", ["", "？！😀", "量子糾纏", "\ud800\u202e" * 2_000, "龘" * 4_000])
async def test_a_text_without_a_word_of_the_archive_has_no_key_terms(
    library: Library, text: str
) -> None:
    assert await library.key_terms(text) == ()


async def test_a_key_term_hides_nothing(library: Library) -> None:
    assert await library.key_terms("颱\u202e\u200b風") == ("颱風",)


async def test_names_are_found_in_either_script_and_filter_what_they_count(
    library: Library,
) -> None:
    assert await library.names(NameField.TAG, "台風") == (NameCount("颱風", 3),)
    (name,) = await library.names(NameField.SOURCE, "山")
    assert name == NameCount("山報", 2)
    found = await library.search("莫拉克颱風", Filters(source=name.name))
    assert {hit.article.path for hit in found.hits} == {"flood.md", "station.md"}
    tagged = await library.search("莫拉克颱風", Filters(tag="颱風"), limit=9)
    assert {hit.article.path for hit in tagged.hits} == {"storm.md", "flood.md", "station.md"}


async def test_titles_are_found_in_either_script(library: Library) -> None:
    assert await library.titles("台风") == ("颱風的雨量", "茶與颱風")
    assert (await library.titles(" ", limit=2)) == ("颱風的雨量", "station")


async def test_names_follow_a_reindex(archive: Path, data_dir: Path, write_post: WritePost) -> None:
    write_post("tea", TEA)
    async with Library(archive, data_dir) as library:
        await library.reindex()
        assert await library.titles("storm") == ()
        write_post("storm", STORM)
        await library.reindex()
        assert await library.titles("storm") == ("storm",)


async def test_a_question_goes_on_from_the_one_before_it(library: Library) -> None:
    earlier = "莫拉克颱風帶來多少雨量？"
    talk = await library.search("那後來呢？")
    assert (talk.outcome, talk.hits) == (Outcome.TALK, ())
    added = await library.added_terms("那後來呢？", earlier)
    assert "莫拉克颱風" in "".join(added)
    result = await library.search("那後來呢？", added=added)
    assert result.question == "那後來呢？"
    assert {hit.passage.text for hit in result.hits} & {STORM, FLOOD, STATION}
    assert await library.added_terms("圖書館週末幾點開放自習座位？", earlier) == ()

"""What is worth telling someone unasked: every word of the question, in one passage."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from corpus.library import Library
from corpus.model import Filters, Matches
from tests.corpus.conftest import WritePost, post_writer
from tests.folders import with_dictionary

POSTS = {
    "loan": "螞蟻集團的花唄與借唄暫停了部分用戶的額度，銀行說風險仍然可控。",
    "loan-copy": "螞蟻集團的花唄與借唄暫停了部分用戶的額度，銀行說風險仍然可控！",
    "flowers": "花蓮的花季從三月開始，遊客在山谷裡賞花，民宿一房難求。",
    "singing": "老先生在廟口唱戲，唄聲悠揚，信徒靜靜地聽完才離開。",
    "storm": "颱風天的海邊風浪很大，漁船都回到港口裡避風。",
    "warning": "氣象局發布了海上警報，提醒沿海居民注意強風。",
    "software": "這套軟體由學生開發，可以免費下載，原始碼也一併公開。",
    "rally": "川普見了川普迷，川普說川普會再來，川普迷高喊川普。",
    "harbour": "港口清晨就熱鬧起來。"
    + "攤販擺出一籃一籃的漁獲，買家彎著腰挑選。" * 15
    + "有人談起特朗普。",
    "said": "He said that the aid would arrive by sea before the winter.",
}
TITLES = {"warning": "颱風來了"}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> AsyncIterator[Library]:
    root = tmp_path_factory.mktemp("archive")
    data = with_dictionary(tmp_path_factory.mktemp("var"), dictionary_cache)
    write: WritePost = post_writer(root)
    for name, text in POSTS.items():
        write(name, text, title=TITLES.get(name, name))
    async with Library(root, data) as library:
        await library.reindex()
        yield library


def paths(matches: Matches) -> set[str]:
    return {hit.article.path.removesuffix(".md") for hit in matches.hits}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        # Two characters that the dictionary does not know as a word, together or not at all.
        ("花唄", {"loan"}),
        ("花呗", {"loan"}),
        ("螞蟻集團的花唄是什麼？", {"loan"}),
        # Every word, though not in one piece.
        ("花唄 銀行", {"loan"}),
        ("花唄 颱風", set()),
        # A time and a number are words like any other: nobody wants to be told of other years.
        ("2019年的花唄", set()),
        ("花唄 五十", set()),
        # The end of a longer word, and a word in the title.
        ("颱風", {"storm", "warning"}),
        ("颱風警報", {"warning"}),
        ("颱風 -海邊", {"warning"}),
        ("颱風 +漁船", {"storm"}),
        ("「海上警報」", {"warning"}),
        # However little, beside another article that holds much more of it.
        ("川普", {"rally", "harbour"}),
        # A regional word finds the other.
        ("软件", {"software"}),
        # A Latin word is no part of a longer one.
        ("aid", {"said"}),
        ("ai", set()),
        ("火星", set()),
        ("？！", set()),
    ],
)
async def test_an_article_matches_that_holds_every_word(
    library: Library, question: str, expected: set[str]
) -> None:
    matches = await library.matches(question)
    assert paths(matches) == expected
    assert matches.is_all


async def test_copies_are_counted_but_come_once(library: Library) -> None:
    matches = await library.matches("花唄")
    [hit] = matches.hits
    assert [copy.path for copy in hit.duplicates] == ["loan-copy.md"]
    assert matches.articles == 2


async def test_only_what_is_within_and_passes_the_filters(library: Library) -> None:
    assert paths(await library.matches("颱風", within=["storm.md", "said.md"])) == {"storm"}
    assert paths(await library.matches("颱風", within=[])) == set()
    assert paths(await library.matches("颱風", Filters(source="another"))) == set()


async def test_a_generation_that_is_opened_is_told_whoever_made_it(
    archive: Path, data_dir: Path, write_post: WritePost
) -> None:
    opened: list[str] = []
    write_post("tea", "烏龍茶是半發酵的茶。")
    async with Library(archive, data_dir) as library, Library(archive, data_dir) as other:
        library.on_opened(lambda: opened.append("a generation"))
        await library.reindex()
        assert len(opened) == 1
        await library.open()
        assert len(opened) == 1
        write_post("coffee", "咖啡豆烘焙之後香氣十足。")
        await other.reindex()
        assert len(opened) == 1
        await library.search("咖啡")
        assert len(opened) == 2

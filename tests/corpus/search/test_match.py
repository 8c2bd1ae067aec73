"""A passage's words and those of a question, over a library of three posts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from corpus.library import Library
from corpus.model import Match
from corpus.search.expansion import parse_synonyms
from tests.corpus.conftest import post_writer
from tests.folders import with_dictionary

pytestmark = pytest.mark.asyncio(loop_scope="module")

STORM = "莫拉克颱風在二〇〇九年八月帶來破紀錄的雨量，計程車停駛，山區三天降下超過兩千毫米。"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(
    tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path
) -> AsyncIterator[Library]:
    root = tmp_path_factory.mktemp("archive")
    write = post_writer(root)
    write("storm", STORM, title="風災紀錄")
    write("tide", "The tides of the strait rise twice a day.", title="Tides")
    for i in range(5):
        write(f"warning{i}", f"第 {i} 次發布颱風警報之後，學校停課。", title="颱風警報")
    data = with_dictionary(tmp_path_factory.mktemp("var"), dictionary_cache)
    async with Library(root, data) as opened:
        await opened.reindex()
        yield opened


async def why(library: Library, question: str, post: str = "storm") -> Match:
    path = next(path for path in await library.paths() if f"{post}.md" in path)
    match = await library.match(question, path, 0)
    assert match is not None
    return match


@pytest.mark.parametrize(
    ("question", "match"),
    [
        # as typed, whatever the script
        ("莫拉克颱風", Match(("莫拉克", "颱風"), (), (), ())),
        ("莫拉克台风的雨量", Match(("莫拉克", "台风", "雨量"), (), (), ())),
        # stop words and light words are not counted
        ("請問颱風是什麼時候", Match(("颱風",), (), (), ())),
        ("颱風 花蓮", Match(("颱風",), ("花蓮",), (), ())),
        # numbers however they are written
        ("2009年的颱風", Match(("颱風",), (), (), ())),
        ("2000毫米", Match(("2000", "毫米"), (), (), ())),
        # of the title
        ("風災", Match(("風災",), (), (), ())),
        # another region's word
        ("出租车停驶", Match(("停驶",), (), ("計程車",), ())),
    ],
)
async def test_words_are_found_missing_or_there_in_other_words(
    library: Library, question: str, match: Match
) -> None:
    assert await why(library, question) == match


async def test_another_form_of_an_english_word_is_found(library: Library) -> None:
    assert (await why(library, "When does the tide rise?", "tide")).found == ("tide", "rise")


async def test_a_synonym_is_told_as_the_passage_writes_it(library: Library) -> None:
    await library.set_synonyms(parse_synonyms("風神 = 颱風"))
    assert await why(library, "風神的雨量") == Match(("雨量",), (), ("颱風",), ())
    await library.set_synonyms(())
    assert await why(library, "風神的雨量") == Match(("雨量",), ("風神",), (), ())


async def test_a_correction_is_told(library: Library) -> None:
    match = await why(library, "颱風警抱的時候", "warning0")
    assert match == Match(("颱風", "警報"), (), (), ("颱風警報",))


async def test_a_passage_that_is_gone_matches_nothing(library: Library) -> None:
    assert await library.match("颱風", "gone.md", 0) is None
    path = next(iter(await library.paths()))
    assert await library.match("颱風", path, 9) is None
    assert await library.match("颱風", path, -1) is None


async def test_an_explanation_tells_what_was_searched_instead(library: Library) -> None:
    lines = (await library.search("颱風警抱的時候")).explanation
    assert lines[:2] == ("typed: “颱風警抱的時候”", "searched instead: “颱風警報的時候”")
    assert not (await library.search("颱風警報的時候")).explanation[0].startswith("typed")


async def test_synonyms_are_tried_without_being_set(library: Library) -> None:
    tried = await library.search("風神", synonyms=parse_synonyms("風神 = 颱風"))
    assert tried.hits
    assert tried.searched == ("台风",)
    assert not (await library.search("風神")).hits

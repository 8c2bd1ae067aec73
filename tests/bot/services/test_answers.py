import random
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from bot.monitoring.metrics import Metrics
from bot.services.answers import Answer, AnswerService, Asker, Page
from bot.state import FILE_NAME, State
from bot.state.answers import AskRequest
from bot.state.guilds import GuildSettings
from corpus import Filters, Library
from tests.folders import with_dictionary

ASKER = Asker(1, None, "zh-TW")
HAN = [chr(code) for code in range(0x4E00, 0x9000)]
SETTINGS = GuildSettings(page_size=3)


@pytest.fixture
async def answers(tmp_path: Path, dictionary_cache: Path) -> AsyncIterator[AnswerService]:
    archive = tmp_path / "archive"
    archive.mkdir()
    characters = random.Random(5)
    # One article that is the best by far, and has the first page to itself.
    for i in range(6):
        title = "燈塔" if i == 0 else f"第{i}篇"
        # Different enough that none is folded into another.
        texts = "\n\n".join(f"燈塔{''.join(characters.sample(HAN, 150))}。" for _ in range(6))
        (archive / f"{i}.md").write_text(f"---\ntitle: {title}\n---\n{texts}\n", "utf-8")
    async with (
        Library(archive, with_dictionary(tmp_path / "var", dictionary_cache)) as library,
        State.open(tmp_path / FILE_NAME) as state,
    ):
        await library.reindex()
        yield AnswerService(library, state, Metrics())


async def no_acknowledgement() -> None:
    pass


async def first_page(answers: AnswerService) -> Answer:
    request = AskRequest("燈塔", Filters(), private=True)
    return await answers.ask(request, Page(), ASKER, SETTINGS, no_acknowledgement)


async def turn(
    answers: AnswerService, first: Answer, offset: int, *, whole: bool = False
) -> Answer:
    assert first.record
    return await answers.turn(first.record, Page(offset=offset), ASKER, SETTINGS, whole=whole)


async def test_going_back_leads_to_the_page_that_was_left(answers: AnswerService) -> None:
    page = first = await first_page(answers)
    offsets = [0]
    while page.has_more:
        offsets.append(page.page.offset + len(page.groups))
        page = await turn(answers, first, offsets[-1])
    assert len(offsets) > 2
    assert len({b - a for a, b in pairwise(offsets)}) > 1, "pages of different lengths"
    back = [(await turn(answers, first, offset)).previous for offset in offsets[1:]]
    assert back == offsets[:-1]


async def test_the_whole_result_is_the_same_from_every_page(answers: AnswerService) -> None:
    first = await first_page(answers)
    assert len(first.result.hits) < first.result.total
    for offset in (0, len(first.groups)):
        page = await turn(answers, first, offset, whole=True)
        assert len(page.result.hits) == page.result.total

"""Edits of the synonyms are merged, whoever else edits them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.interactions.responses import UserError
from bot.services.synonyms import MAX_TEXT_CHARS, Synonyms, merge
from bot.settings import Settings
from bot.state import FILE_NAME, State
from corpus import SAMPLE_ARCHIVE, Library, SynonymsError

TEXT = st.lists(st.sampled_from("abcdef")).map(lambda lines: "".join(f"{x} = x\n" for x in lines))


@given(TEXT, TEXT, TEXT)
def test_no_line_that_somebody_added_is_lost(base: str, mine: str, theirs: str) -> None:
    merged = set(merge(base, mine, theirs).splitlines())
    old, new, other = (set(text.splitlines()) for text in (base, mine, theirs))
    assert new - old <= merged
    assert other - old <= merged
    assert not (old - new) & merged
    assert not (old - other) & merged


def test_a_line_that_both_have_changed_is_kept_in_both_forms() -> None:
    assert merge("a = b\n", "a = b, c\n", "a = b, d\n") == "a = b, d\na = b, c\n"


@pytest.fixture
async def synonyms(tmp_path: Path) -> AsyncIterator[Synonyms]:
    settings = Settings(archive=SAMPLE_ARCHIVE, data_dir=tmp_path)
    async with State.open(tmp_path / FILE_NAME) as state:
        yield Synonyms(settings, Library(SAMPLE_ARCHIVE, tmp_path), state)


async def test_lines_added_at_the_same_time_are_all_there(synonyms: Synonyms) -> None:
    lines = [f"a{i} = b{i}" for i in range(9)]
    await asyncio.gather(*map(synonyms.add, lines))
    assert sorted((await synonyms.read()).splitlines()) == lines
    await synonyms.add(lines[0])
    assert len((await synonyms.read()).splitlines()) == 9


async def test_a_faulty_or_overlong_text_changes_nothing(synonyms: Synonyms) -> None:
    await synonyms.add("a = b")
    with pytest.raises(SynonymsError):
        await synonyms.add("alone")
    with pytest.raises(UserError):
        await synonyms.add("c = " + "d" * MAX_TEXT_CHARS)
    assert await synonyms.read() == "a = b\n"

"""What buttons under an answer need outlives a restart, and is gone after 30 days."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.state import State
from bot.state.answers import AskRequest, PassageKey, ShownPassage
from bot.state.questions import LIFE
from bot.state.schema import empty_database
from corpus.model import Filters
from tests.bot.state.conftest import Engine
from tests.bot.state.test_database import Clock

ASKED = AskRequest("颱風？", Filters(source="中央社", after="2021"), private=True)
FIRST, SECOND = PassageKey("a.md", 0), PassageKey("b.md", 7)


@pytest.mark.parametrize(
    "asked",
    [
        ASKED,
        AskRequest("標題", Filters(), private=False, like=SECOND),
        AskRequest("標題", Filters(), private=False, like=PassageKey("c.md", 1, 2**64 - 1)),
        AskRequest("那後來呢？", Filters(), private=False, added=("颱風", "登陸")),
        AskRequest("x", Filters(), private=True, suggestions=("甲", "乙")),
    ],
)
async def test_what_was_asked_outlives_a_restart(engine: Engine, asked: AskRequest) -> None:
    async with engine.open() as opened:
        key = (await opened.answers.add(asked, 7)).key
    async with engine.open() as opened:
        kept = await opened.answers.get(key, 7)
        assert kept is not None
        assert kept.request == asked
        assert (kept.is_own, kept.shared, kept.vote) == (True, False, None)
        others = await opened.answers.get(key, 8)
        assert others is not None
        assert not others.is_own
        assert await opened.answers.get("another", 7) is None


async def test_an_answer_is_kept_for_30_days_with_all_that_belongs_to_it(engine: Engine) -> None:
    clock = Clock()
    async with engine.open(clock=clock) as opened:
        key = (await opened.answers.add(ASKED, 7)).key
        await opened.answers.number(key, [ShownPassage(FIRST)])
        await opened.answers.vote(key, 7, helpful=True)
        clock.now += LIFE
        assert await opened.answers.get(key, 7) is not None
        clock.now += 1
        assert await opened.answers.get(key, 7) is None
        await opened.forget_old(clock.now)
    for table in ("answer", "answer_passage", "vote"):
        assert engine.rows(f"SELECT * FROM {table}") == []  # noqa: S608


async def test_a_passage_keeps_its_number_whatever_is_shown_later(engine: Engine) -> None:
    async with engine.open() as opened:
        answers = opened.answers
        key = (await answers.add(ASKED, 7)).key
        other = (await answers.add(ASKED, 7)).key
        first, second = ShownPassage(FIRST, ("c.md", "d.md")), ShownPassage(SECOND)
        assert await answers.number(key, [first]) == [1]
        assert await answers.number(key, [second, first]) == [2, 1]
        assert await answers.number(other, [second, second]) == [1, 1]
        assert await answers.passage(key, 1) == first
        assert await answers.passage(key, 2) == second
        assert await answers.passage(other, 2) is None


async def test_another_passage_in_the_place_of_one_gets_a_number_of_its_own(
    engine: Engine,
) -> None:
    """The archive has changed: what the earlier number means must not."""
    before, after = (ShownPassage(PassageKey("a.md", 3, content)) for content in (1, 2**64 - 1))
    async with engine.open() as opened:
        key = (await opened.answers.add(ASKED, 7)).key
        assert await opened.answers.number(key, [before]) == [1]
        assert await opened.answers.number(key, [after, before]) == [2, 1]
        assert await opened.answers.passage(key, 1) == before
        assert await opened.answers.passage(key, 2) == after


async def test_an_answer_of_an_earlier_version_keeps_its_passages_by_their_place(
    tmp_path: Path,
) -> None:
    path = tmp_path / "s"
    async with State.open(path) as opened:
        key = (await opened.answers.add(ASKED, 7)).key
    with closing(sqlite3.connect(path)) as connection:
        earlier = empty_database(5)
        [(answer,)] = connection.execute("SELECT asked FROM answer").fetchall()
        fields = json.loads(answer)
        del fields["added"]
        row = connection.execute(
            "SELECT key, at, user, ?, shared FROM answer", [json.dumps(fields)]
        )
        earlier.execute("INSERT INTO answer VALUES (?, ?, ?, ?, ?)", row.fetchone())
        earlier.executemany(
            "INSERT INTO answer_passage VALUES (?, ?, ?, ?, ?)",
            [(key, 1, "a.md", 0, "[]"), (key, 2, "b.md", 7, '["c.md"]')],
        )
        keyring = connection.execute("SELECT * FROM keyring").fetchall()
        earlier.executemany("INSERT INTO keyring VALUES (?, ?)", keyring)
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        earlier.commit()
        earlier.backup(connection)
    async with State.open(path) as opened:
        kept = await opened.answers.get(key, 7)
        assert kept is not None
        assert kept.request == ASKED
        assert await opened.answers.passage(key, 2) == ShownPassage(SECOND, ("c.md",))
        shown = ShownPassage(PassageKey("b.md", 7, 5))
        assert await opened.answers.number(key, [shown]) == [3]


async def test_a_question_in_a_thread_goes_on_from_the_last_answer_there(engine: Engine) -> None:
    clock = Clock()
    async with engine.open(clock=clock) as opened:
        answers = opened.answers
        first, second = [(await answers.add(ASKED, user)).key for user in (7, 8)]
        await answers.continue_in([30, 31], first)
        await answers.continue_in([30], second)
    async with engine.open(clock=clock) as opened:
        answers = opened.answers
        last = await answers.last_in(30, 7)
        assert last is not None
        assert (last.key, last.is_own) == (second, False)
        other = await answers.last_in(31, 7)
        assert other is not None
        assert (other.key, other.is_own) == (first, True)
        assert await answers.last_in(32, 7) is None
        await opened.forget(8)
        assert await answers.last_in(30, 7) is None
        clock.now += LIFE + 1
        assert await answers.last_in(31, 7) is None
    assert engine.rows("SELECT channel FROM conversation") == [(31,)]


async def test_a_user_has_one_vote_and_may_change_it(engine: Engine) -> None:
    async with engine.open() as opened:
        answers = opened.answers
        key = (await answers.add(ASKED, 7)).key
        await answers.vote(key, 7, helpful=True)
        await answers.vote(key, 8, helpful=True)
        await answers.vote(key, 7, helpful=False)
        found = [await answers.get(key, user) for user in (7, 8, 9)]
        assert [answer and answer.vote for answer in found] == [False, True, None]


async def test_of_two_that_share_at_once_one_does(engine: Engine) -> None:
    async with engine.open() as opened:
        key = (await opened.answers.add(ASKED, 7)).key
        both = await asyncio.gather(
            *(opened.answers.set_shared(key, shared=True) for _ in range(2))
        )
        assert sorted(both) == [False, True]
        kept = await opened.answers.get(key, 7)
        assert kept is not None
        assert kept.shared
        assert await opened.answers.set_shared(key, shared=False)

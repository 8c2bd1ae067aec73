"""A copy of what is precious is made every day, and holds nothing of a user."""

import asyncio
import os
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.settings import OWN_SYNONYMS
from bot.state import FILE_NAME, State
from bot.state.answers import AskRequest
from bot.state.copies import MAX_DAILY, copies_of, newest_daily, write_copy, write_daily
from bot.state.guilds import GuildSettings
from bot.state.questions import Question
from bot.state.schema import PRECIOUS, migrate
from bot.state.watches import AddResult, NewPost, WatchTarget
from corpus.hidden import HiddenArticles
from corpus.model import Filters
from tests.bot.state.test_database import Clock, rows
from tests.disks import full_disk

OWN = "只有我會問的問題"
FIRST = date(2026, 11, 29)
CHOSEN = GuildSettings("zh-CN", channels=frozenset({5}))


async def use(state: State) -> None:
    await state.guilds.set(1, CHOSEN)
    for text in ("颱風", "removed"):
        await state.watches.add(WatchTarget(1, 10, "news"), text, Filters())
    [_, removed] = await state.watches.all()
    await state.watches.remove(1, removed.id)
    await state.watches.keep(["a.md"], [])
    await state.questions.log(Question(OWN, 7, 99, "zh-TW", 1, 5))
    await state.answers.add(AskRequest(OWN, Filters(), private=True), 7)


async def test_a_copy_holds_all_that_is_precious_and_no_question_or_answer(tmp_path: Path) -> None:
    path, copy = tmp_path / FILE_NAME, tmp_path / "copy"
    hidden = HiddenArticles(tmp_path).file
    (tmp_path / OWN_SYNONYMS).write_text("颱風, 台風\n", encoding="utf-8")
    hidden.write_bytes(b"tea.md\n\xff")  # also when it cannot be read
    async with State.open(path) as state:
        await use(state)
        await asyncio.to_thread(write_copy, path, copy)
    for table in PRECIOUS:
        everything = f"SELECT * FROM {table} ORDER BY 1"  # noqa: S608
        assert rows(copy, everything) == rows(path, everything)
    for table in ("question", "answer", "answer_passage", "conversation", "vote"):
        assert rows(copy, f"SELECT * FROM {table}") == []  # noqa: S608
    assert OWN.encode() in path.read_bytes()
    assert OWN.encode() not in copy.read_bytes()
    assert dict(rows(copy, "SELECT name, content FROM file")) == {
        OWN_SYNONYMS: "颱風, 台風\n".encode(),
        hidden.name: b"tea.md\n\xff",
    }
    assert copy.stat().st_mode & 0o777 == 0o600


async def test_a_copy_in_the_files_place_is_a_state(tmp_path: Path) -> None:
    path, copy = tmp_path / FILE_NAME, tmp_path / "copy"
    async with State.open(path) as state:
        await use(state)
    write_copy(path, copy)
    async with State.open(copy) as state:
        assert await state.guilds.get(1) == CHOSEN
        [watch] = await state.watches.all()
        assert await state.watches.add(watch.target, "茶", Filters()) is AddResult.SAVED
        # That of the removed one is not given again.
        assert [watch.id for watch in await state.watches.all()] == [1, 3]


async def test_a_copy_beside_a_bot_that_writes_is_of_one_moment(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    async with State.open(path) as state:
        copying = asyncio.create_task(
            asyncio.to_thread(lambda: [write_copy(path, tmp_path / f"{n}") for n in range(20)])
        )
        number = 0
        while not copying.done():
            number += 1
            # Both of a choice are written together.
            await state.guilds.set(1, GuildSettings(page_size=number, channels=frozenset({number})))
        await copying
    for n in range(20):
        sizes = rows(tmp_path / f"{n}", "SELECT page_size FROM guild")
        assert sizes == rows(tmp_path / f"{n}", "SELECT channel FROM guild_channel")


async def test_one_copy_a_day_is_made_and_the_last_seven_are_kept(tmp_path: Path) -> None:
    clock = Clock()
    path = tmp_path / FILE_NAME
    days: list[str] = []
    async with State.open(path, clock=clock) as state:
        for day in range(MAX_DAILY + 3):
            await state.guilds.set(1, GuildSettings(page_size=day))
            assert await state.copy_daily()
            assert not await state.copy_daily()
            days = [copy.name for copy in copies_of(path, "daily")]
            clock.now += 86_400
    assert len(days) == MAX_DAILY
    newest = newest_daily(path)
    assert newest is not None
    assert newest.name == days[-1]
    assert rows(newest, "SELECT page_size FROM guild") == [(MAX_DAILY + 2,)]


async def test_a_damaged_copy_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    async with State.open(path) as state:
        await use(state)
    for day in range(2):
        write_daily(path, FIRST + timedelta(days=day))
    first, second = copies_of(path)
    second.write_bytes(second.read_bytes()[:5000])
    assert newest_daily(path) == first
    first.write_bytes(b"")
    assert newest_daily(path) is None
    first.unlink()
    assert newest_daily(path) is None


async def test_a_full_disk_leaves_no_half_copy(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    async with State.open(path) as state:
        await use(state)
    for room in (0, 20_000, 60_000):
        with full_disk(room), pytest.raises((OSError, sqlite3.Error)):
            write_daily(path, FIRST)
        assert copies_of(path) == []
    assert sorted(tmp_path.iterdir()) == [path]
    assert write_daily(path, FIRST)


async def test_a_copy_of_an_older_schema_has_that_schema(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, 0, 1)
        connection.execute("INSERT INTO guild VALUES (1, 'zh-CN')")
    write_copy(path, tmp_path / "copy")
    assert rows(tmp_path / "copy", "PRAGMA user_version") == [(1,)]
    assert rows(tmp_path / "copy", "SELECT * FROM guild") == [(1, "zh-CN")]


async def test_what_is_deleted_in_a_copy_leaves_it_as_old_as_it_is(tmp_path: Path) -> None:
    """Else a copy that is looked into now and then would never be 30 days old."""
    clock, path = Clock(), tmp_path / FILE_NAME
    async with State.open(path, clock=clock) as state:
        await use(state)
        await state.watches.add_own(7, "zh-TW", WatchTarget(None, 77), OWN, Filters())
        ids = [watch.id for watch in await state.watches.all()]
        await state.watches.keep(["b.md"], [NewPost(id_, ["early"]) for id_ in ids])
        clock.now += 20 * 86_400
        await state.watches.keep(["c.md"], [NewPost(id_, ["late"]) for id_ in ids])
        await state.copy_daily()
        [copy] = copies_of(path)
        os.utime(copy, (clock.now, clock.now))
        posts = "SELECT blocks FROM watch_post ORDER BY id"
        assert rows(copy, posts) == [('["early"]',)] * 2 + [('["late"]',)] * 2
        clock.now += 11 * 86_400
        await state.forget_old(clock.now)
        assert rows(copy, posts) == [('["late"]',)] * 2
        assert b"early" not in copy.read_bytes()
        await state.forget(7)
        assert rows(copy, posts) == [('["late"]',)]
        assert copy.stat().st_mtime == clock.now - 11 * 86_400
        clock.now += 20 * 86_400
        await state.forget_old(clock.now)
    assert copies_of(path) == []

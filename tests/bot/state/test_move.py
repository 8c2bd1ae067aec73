"""The state moves from its file into PostgreSQL: all of it, or nothing."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import psycopg
import pytest

from bot.database_url import DatabaseUrl
from bot.errors import StateError
from bot.state import FILE_NAME, State
from bot.state.answers import AskRequest, PassageKey, ShownPassage
from bot.state.copies import copies_of
from bot.state.postgres import move as moving
from bot.state.postgres.move import TABLES, move
from bot.state.restore import contents
from bot.state.watches import DigestKind, NewPost, WatchTarget
from corpus.model import Filters
from tests.bot.state.test_database import EVERYTHING_CHOSEN, question
from tests.postgres.fixtures import on_postgres

pytestmark = on_postgres

ASKED = AskRequest("颱風\0？", Filters(source="中央社"), private=True)
DAILY = DigestKind.ON_THIS_DAY, date(2026, 11, 28)


async def fill(path: Path) -> str:
    """Put something into every table; return the key of an answer."""
    async with State.open(path) as state:
        await state.guilds.set(1, EVERYTHING_CHOSEN)
        await state.synced_commands.set(1, None, "a")
        await state.watches.add(WatchTarget(1, 10, "news"), "Tea\0", Filters(tag="x"))
        await state.watches.add(WatchTarget(1, 10, "news"), "", Filters(), DAILY)
        await state.watches.add_own(7, "zh-TW", WatchTarget(None, 70), "茶", Filters())
        await state.watches.add(WatchTarget(1, 11, "news"), "gone", Filters())
        await state.watches.remove(1, 4)
        await state.watches.keep(["a.md"], [NewPost(1, ["x", "y"]), NewPost(3, ["z"])])
        await state.watches.keep(["b.md"], [], came_at=1.5)
        await state.questions.log(question("\U0010ffff \\N \t\n"))
        key = (await state.answers.add(ASKED, 7)).key
        await state.answers.number(key, [ShownPassage(PassageKey("a.md", 0, 2**64 - 1), ("b.md",))])
        await state.answers.vote(key, 8, helpful=False)
        await state.answers.continue_in([5], key)
        await state._database.write(("INSERT INTO damage VALUES ('f', 1, 2, 1, NULL)", ()))
        await state.synonyms.replace("", "a = b\n")
        state.hidden.add({"h.md": "https://example.org/h"})
        return key


def tables(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        counts = "SELECT count(*) FROM footnote."
        return {table: connection.execute(counts + table).fetchone()[0] for table in TABLES}


async def test_everything_is_there_after_a_move_and_goes_on(
    postgres_url: str, tmp_path: Path
) -> None:
    path, url = tmp_path / FILE_NAME, DatabaseUrl.parse(postgres_url)
    key = await fill(path)
    async with State.open(path) as state:
        watches, posts = await state.watches.all(), await state.watches.pending()
        hashes = state._database.user_hash(7)
    counts = move(path, url)
    assert {table: counts[table] for table in TABLES} == tables(postgres_url)
    assert sorted(file.name for file in tmp_path.iterdir()) == [copies_of(path)[0].name]
    assert all(counts.values()), "each table is tried"
    assert not path.exists(), "the questions in it would outlive their 30 days"
    [copy] = copies_of(path)
    assert contents(copy).watches == 3
    async with State.open(path, database_url=url) as state:
        assert await state.guilds.get(1) == EVERYTHING_CHOSEN
        assert state._database.user_hash(7) == hashes
        assert [watch.id for watch in await state.watches.all()] == [1, 2, 3]
        assert (await state.watches.all())[1:] == watches[1:]
        assert await state.watches.pending() == posts
        assert await state.watches.unknown(["a.md", "b.md", "c.md"]) == {"c.md"}
        assert await state.watches.arrived(1, 2) == {"b.md"}
        stored = await state.answers.get(key, 7)
        assert stored is not None
        assert stored.is_own
        assert stored.request.filters == ASKED.filters
        shown = await state.answers.passage(key, 1)
        assert shown == ShownPassage(PassageKey("a.md", 0, 2**64 - 1), ("b.md",))
        assert await state.synced_commands.get(1) == {None: "a"}
        assert await state.synonyms.read() == "a = b\n"
        assert state.hidden.addresses() == {"h.md": "https://example.org/h"}
        # No id is given again, also not that of a watch that was removed.
        await state.watches.add(WatchTarget(1, 11), "new", Filters())
        assert [watch.id for watch in await state.watches.all()] == [1, 2, 3, 5]
        await state.questions.log(question())
        # What was moved is forgotten in the copy beside the old file, too.
        assert (await state.forget(7)).watches == 1
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM recipient").fetchone() == (0,)


async def test_a_database_in_use_takes_no_other_state(postgres_url: str, tmp_path: Path) -> None:
    url = DatabaseUrl.parse(postgres_url)
    async with State.open(tmp_path / "none", database_url=url) as state:
        await state.questions.log(question())
    path = tmp_path / FILE_NAME
    await fill(path)
    before = path.read_bytes()
    with pytest.raises(StateError, match=r"already holds a state \(1 rows of question\)"):
        move(path, url)
    assert path.read_bytes() == before
    assert tables(postgres_url)["guild"] == 0
    assert copies_of(path) == []


async def test_a_database_that_a_bot_has_only_been_started_with_takes_a_state(
    postgres_url: str, tmp_path: Path
) -> None:
    url = DatabaseUrl.parse(postgres_url)
    async with State.open(tmp_path / "none", database_url=url) as state:
        await state.synced_commands.set(1, None, "other")
    await fill(tmp_path / FILE_NAME)
    move(tmp_path / FILE_NAME, url)
    async with State.open(tmp_path / "none", database_url=url) as state:
        assert await state.synced_commands.get(1) == {None: "a"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE watch SET tag = 'y' WHERE id = 1",
        "DELETE FROM vote",
        "INSERT INTO known_article VALUES ('c.md', NULL)",
    ],
)
async def test_a_row_that_did_not_arrive_as_it_was_undoes_all(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path = tmp_path / FILE_NAME
    await fill(path)

    def disturb(_source: sqlite3.Connection, target: moving.Connection) -> None:
        target.execute(change)  # type: ignore[arg-type]

    monkeypatch.setattr(moving, "_leave_ids", disturb)
    with pytest.raises(StateError, match="nothing was moved"):
        move(path, DatabaseUrl.parse(postgres_url))
    assert path.exists()
    assert set(tables(postgres_url).values()) == {0, 1}, "only the key of a start"


async def test_without_a_state_there_is_nothing_to_move(postgres_url: str, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="nothing to move"):
        move(tmp_path / FILE_NAME, DatabaseUrl.parse(postgres_url))

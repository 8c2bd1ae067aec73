"""The state file is made, brought up to date, read and written, and never overwritten."""

import asyncio
import os
import sqlite3
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from bot.errors import StateError
from bot.state import Forgotten, State
from bot.state.copies import MAX_BACKUPS, copies_of
from bot.state.database import DatabaseError, UnreachableError, WriteQueue
from bot.state.guilds import GuildSettings
from bot.state.questions import LIFE, Question
from bot.state.schema import APPLICATION_ID, MIGRATIONS, VERSION, migrate
from bot.state.watches import AddResult, DigestKind, NewPost, WatchTarget
from corpus.model import Filters


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


EVERYTHING_CHOSEN = GuildSettings(
    "zh-CN",
    private=True,
    page_size=3,
    channels=frozenset({5, 6}),
    without_sources=frozenset({"社論"}),
)


def question(
    text: str = "問題", *, hits: int = 1, elapsed_ms: float = 5, user: int = 7
) -> Question:
    return Question(text, user, 99, "zh-TW", hits, elapsed_ms)


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


async def test_nothing_is_deleted_that_is_not_old_by_both_clocks(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "s"
    async with State.open(path, clock=clock) as opened:
        await opened.questions.log(question())
        copy = tmp_path / "s.daily-2026-11-29"
        copy.touch()
        os.utime(copy, (clock.now, clock.now))
        await opened.forget_old(clock.now + 2 * LIFE)
        right, clock.now = clock.now, clock.now + 2 * LIFE
        await opened.forget_old(right)
    # A start alone deletes nothing, whatever its clock says.
    async with State.open(path, clock=clock):
        pass
    assert len(rows(path, "SELECT text FROM question")) == 1
    assert copy.exists()


async def test_a_user_is_kept_as_a_hash_that_differs_between_bots(tmp_path: Path) -> None:
    hashes: list[object] = []
    for name in ("one", "two"):
        async with State.open(tmp_path / name) as opened:
            await opened.questions.log(question(user=123456789012345678))
            await opened.questions.log(question(user=123456789012345678))
        found = [row[0] for row in rows(tmp_path / name, "SELECT user FROM question")]
        assert found[0] == found[1]
        assert b"123456789012345678" not in (tmp_path / name).read_bytes()
        hashes.append(found[0])
    assert hashes[0] != hashes[1]


async def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    async with State.open(tmp_path / "s"):
        assert (tmp_path / "s").stat().st_mode & 0o077 == 0


async def test_concurrent_writes_share_one_transaction(tmp_path: Path) -> None:
    def transactions() -> int:
        return int.from_bytes((tmp_path / "s").read_bytes()[24:28])  # the change counter

    async with State.open(tmp_path / "s") as opened:
        before = transactions()
        await asyncio.gather(*(opened.questions.log(question()) for _ in range(50)))
        assert transactions() == before + 1
        assert (await opened.questions.figures(seconds=60)).total == 50


async def test_writes_that_wait_end_with_the_queue(caplog: pytest.LogCaptureFixture) -> None:
    async def commit(_: object) -> list[list[int]]:
        await asyncio.Event().wait()
        raise AssertionError

    queue = WriteQueue(commit)
    first = asyncio.create_task(queue.add([("SELECT 1", ())]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # the first is being committed
    second = asyncio.create_task(queue.add([("SELECT 2", ())]))
    await asyncio.sleep(0)
    await queue.finish(0)
    # Not cancelled: nobody cancelled these tasks.
    for writing in (first, second):
        with pytest.raises(UnreachableError, match="the bot stopped"):
            await writing
    assert "given up" in caplog.text


async def test_writes_that_are_tried_one_by_one_end_with_the_queue() -> None:
    is_alone = asyncio.Event()

    async def commit(writes: Sequence[object]) -> list[list[int]]:
        if len(writes) == 1:
            is_alone.set()
            await asyncio.Event().wait()
        raise DatabaseError("one of them is refused")

    queue = WriteQueue(commit)
    writing = [asyncio.create_task(queue.add([("SELECT 1", ())])) for _ in range(3)]
    await is_alone.wait()
    await queue.finish(0)
    done, waiting = await asyncio.wait(writing, timeout=5)
    for task in waiting:
        task.cancel()
    assert not waiting
    assert {type(task.exception()) for task in done} == {UnreachableError}


async def test_every_older_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    for version in range(1, VERSION + 1):
        path = tmp_path / f"v{version}"
        connection = sqlite3.connect(path)
        for statements in MIGRATIONS[:version]:
            for sql in statements:
                connection.execute(sql)
        connection.execute("INSERT INTO guild (id, locale) VALUES (3, 'zh-CN')")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
        connection.close()
        async with State.open(path) as opened:
            assert await opened.guilds.get(3) == GuildSettings("zh-CN")
        assert rows(path, "PRAGMA user_version") == [(VERSION,)]
        copies = [f"v{version}.schema-{version}"] if version < VERSION else []
        assert [copy.name for copy in tmp_path.glob(f"v{version}.*")] == copies
        for copy in copies:
            assert rows(tmp_path / copy, "PRAGMA user_version") == [(version,)]
            assert rows(tmp_path / copy, "SELECT id FROM guild") == [(3,)]
            assert (tmp_path / copy).stat().st_mode & 0o077 == 0


async def test_watches_of_before_regular_lists_go_on_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "s"
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, 0, 3)
    for id_, question_, posted_at in ((4, "颱風", 5.0), (9, "茶", None)):
        connection.execute(
            "INSERT INTO watch VALUES (?, 1, 10, 'news', ?, NULL, NULL, '天氣', 1.0, ?)",
            (id_, question_, posted_at),
        )
    connection.execute("DELETE FROM watch WHERE id = 9")
    connection.execute("INSERT INTO watch_post VALUES (1, 4, 'nonce', '[\"x\"]', 0, 9e9)")
    connection.execute("INSERT INTO known_article VALUES ('a.md')")
    connection.close()
    async with State.open(path) as opened:
        [watch] = await opened.watches.of_guild(1)
        assert (watch.id, watch.question, watch.posted_at) == (4, "颱風", 5.0)
        assert (watch.digest, watch.locale, watch.is_paused) == (None, None, False)
        assert [post.blocks for post in await opened.watches.pending()] == [("x",)]
        assert await opened.watches.unknown(["a.md", "b.md"]) == {"b.md"}
        assert await opened.watches.arrived(0, 1e12) == set()
        digest = DigestKind.WEEKLY, date(2026, 11, 23)
        assert await opened.watches.add(watch.target, "", Filters(), digest) is AddResult.SAVED
        assert (await opened.watches.of_guild(1))[1].id == 10


async def test_only_the_latest_copies_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "s"
    for older in range(-MAX_BACKUPS, 0):
        (tmp_path / f"s.schema-{older + 1}").touch()
    connection = sqlite3.connect(path)
    for sql in MIGRATIONS[0]:
        connection.execute(sql)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    async with State.open(path):
        pass
    assert len(list(tmp_path.glob("s.schema-*"))) == MAX_BACKUPS
    assert (tmp_path / "s.schema-1").stat().st_size


async def test_a_copy_is_forgotten_after_30_days(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "s"
    for name, days in (("s.schema-1", 31), ("s.schema-2", 29)):
        (tmp_path / name).touch()
        made = clock.now - days * 86_400
        os.utime(tmp_path / name, (made, made))
    async with State.open(path, clock=clock) as opened:
        await opened.forget_old(clock.now)
    assert [copy.name for copy in tmp_path.glob("s.schema-*")] == ["s.schema-2"]


async def refused(path: Path) -> str:
    before = path.read_bytes()
    with pytest.raises(StateError) as caught:
        async with State.open(path):
            pass
    assert path.read_bytes() == before
    return str(caught.value)


async def test_a_newer_schema_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    async with State.open(path):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    assert "newer version" in await refused(path)


async def test_someone_elses_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (a)")
    connection.commit()
    connection.close()
    assert "not a state file" in await refused(path)


async def test_a_file_that_never_was_a_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_bytes(b"words, nothing but words " * 100)
    assert "not a state file" in await refused(path)


async def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be used: Is a directory"):
        async with State.open(tmp_path):
            pass


async def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(StateError, match="cannot be used: File exists"):
        async with State.open(tmp_path / "var" / "state.sqlite"):
            pass


async def test_a_user_who_asks_to_be_forgotten_is_and_others_are_not(tmp_path: Path) -> None:
    path = tmp_path / "s"
    own = "只有我會問的問題"
    async with State.open(path) as opened:
        for _ in range(2):
            await opened.questions.log(question(own))
        await opened.questions.log(question("of another", user=8))
        mine, other = (opened._database.user_hash(user) for user in (7, 8))
        answer = "INSERT INTO answer (key, at, user, asked) VALUES (?, ?, ?, '{}')"
        vote = "INSERT INTO vote VALUES (?, ?, 1)"
        now = opened._database.now()
        await opened._database.write(
            (answer, ("a", now, mine)),
            (answer, ("b", now, other)),
            (vote, ("a", other)),
            (vote, ("b", mine)),
            (vote, ("b", other)),
        )
        for user, text in ((7, own), (8, "of another")):
            await opened.watches.add_own(user, "zh-TW", WatchTarget(None, user), text, Filters())
            await opened.watches.keep([], [NewPost(user - 6, [text])])
        assert await opened.copy_daily()
        assert await opened.forget(7) == Forgotten(questions=2, answers=1, votes=1, watches=1)
        assert await opened.forget(7) == Forgotten(0, 0, 0, 0)
    assert rows(path, "SELECT text FROM question") == [("of another",)]
    assert rows(path, "SELECT key FROM answer") == [("b",)]
    assert rows(path, "SELECT answer, user FROM vote") == [("b", other)]
    assert own.encode() not in path.read_bytes()
    [copy] = copies_of(path)
    assert own.encode() not in copy.read_bytes()
    for file in (path, copy):
        assert rows(file, "SELECT user FROM recipient") == [(other,)]
        assert rows(file, "SELECT question FROM watch") == [("of another",)]
        assert rows(file, "SELECT blocks FROM watch_post") == [('["of another"]',)]


async def test_a_copy_that_is_damaged_or_of_an_earlier_version_keeps_nobody_from_being_forgotten(
    tmp_path: Path,
) -> None:
    path = tmp_path / "s"
    async with State.open(path) as opened:
        await opened.copy_daily()
        [daily] = copies_of(path)
        daily.rename(tmp_path / "s.daily-2020-01-01")
        (tmp_path / "s.daily-2020-01-02").write_bytes(b"no database, but words" * 99)
        old = sqlite3.connect(tmp_path / "s.schema-1")
        old.execute("CREATE TABLE keyring (name)")
        old.close()
        await opened.watches.add_own(7, "zh-TW", WatchTarget(None, 7), "茶", Filters())
        await opened.copy_daily()
        assert (await opened.forget(7)).watches == 1
    for copy in copies_of(path)[0], copies_of(path)[2]:
        assert rows(copy, "SELECT * FROM recipient") == []


async def test_no_table_with_a_user_is_left_out_when_one_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "s"
    async with State.open(path):
        pass
    with_user = rows(
        path,
        "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND c.name = 'user' ORDER BY m.name",
    )
    assert with_user == [("answer",), ("question",), ("recipient",), ("vote",)]

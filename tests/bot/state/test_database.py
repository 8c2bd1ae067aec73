"""The state file is made, brought up to date, read and written, and never overwritten."""

import asyncio
import os
import random
import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.errors import StateError
from bot.state import Forgotten, State, questions
from bot.state.answers import AskRequest
from bot.state.copies import MAX_BACKUPS, copies_of
from bot.state.database import DELETED_AT_ONCE
from bot.state.guilds import GuildSettings
from bot.state.questions import LIFE, Question, QuestionCount, QuestionFigures
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


async def test_what_a_server_chose_outlives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.sqlite"
    async with State.open(path) as opened:
        assert await opened.guilds.get(1) == GuildSettings()
        await opened.guilds.set(1, EVERYTHING_CHOSEN)
    async with State.open(path) as opened:
        assert await opened.guilds.get(1) == EVERYTHING_CHOSEN
        assert await opened.guilds.get(2) == GuildSettings()
        await opened.guilds.set(1, GuildSettings(private=False))
        assert await opened.guilds.get(1) == GuildSettings(private=False)


async def test_a_users_latest_questions_come_back_once_each(tmp_path: Path) -> None:
    clock = Clock()
    async with State.open(tmp_path / "s", clock=clock) as opened:
        for text in ("a", "b", "a", "c", "b"):
            clock.now += 1
            await opened.questions.log(question(text))
        await opened.questions.log(question("of another", user=8))
        assert await opened.questions.recent(7, limit=2) == ["b", "c"]


async def test_what_two_members_of_a_server_asked_lately_is_popular_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "MAX_RECENT_OF_GUILD", 9)
    clock = Clock()
    async with State.open(tmp_path / "s", clock=clock) as opened:

        async def ask(text: str, user: int, guild: int = 3, hits: int = 1) -> None:
            clock.now += 1
            asked = replace(question(text, user=user, hits=hits), guild_id=guild)
            await opened.questions.log(asked)

        for user in (1, 2):
            await ask("long ago", user)
        for user in (1, 2, 3):
            await ask("of three", user)
            await ask("of one", 1)
        for user in (1, 2):
            await ask("elsewhere", user, guild=4)
            await ask("of two", user)
        assert await opened.questions.popular(3, limit=4) == ["of three", "of two"]
        assert await opened.questions.popular(3, limit=1) == ["of three"]
        for user in (1, 2):
            await ask("without a hit", user, hits=0)
        assert await opened.questions.popular(3, limit=4) == ["of two", "of three"]
        assert await opened.questions.popular(5, limit=4) == []
        clock.now += LIFE
        assert await opened.questions.popular(3, limit=4) == []


async def test_questions_are_counted_within_their_time(tmp_path: Path) -> None:
    clock = Clock()
    async with State.open(tmp_path / "s", clock=clock) as opened:
        assert await opened.questions.figures(seconds=60) == QuestionFigures(0, 0, None, None)
        await opened.questions.log(question(elapsed_ms=1000))
        clock.now += 61
        for elapsed in range(1, 21):
            await opened.questions.log(question(hits=elapsed % 2, elapsed_ms=elapsed))
        assert await opened.questions.figures(seconds=60) == QuestionFigures(20, 10, 10, 19)


async def test_a_question_is_forgotten_after_30_days(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "s"
    async with State.open(path, clock=clock) as opened:
        await opened.questions.log(question("old"))
        clock.now += LIFE + 1
        await opened.questions.log(question("new"))
        # It is not shown any more, whether or not it was deleted already.
        assert await opened.questions.recent(7, limit=9) == ["new"]
        await opened.forget_old(clock.now)
        assert rows(path, "SELECT text FROM question") == [("new",)]
        clock.now += LIFE + 1
        await opened.forget_old(clock.now)
    assert rows(path, "SELECT text FROM question") == []


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


async def test_many_old_questions_are_deleted_in_steps(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "s"
    async with State.open(path, clock=clock) as opened:
        old = 2 * DELETED_AT_ONCE + 1
        await asyncio.gather(*(opened.questions.log(question(str(n))) for n in range(old)))
        clock.now += LIFE + 1
        await opened.questions.log(question("new"))
        await opened.forget_old(clock.now)
    assert rows(path, "SELECT text FROM question") == [("new",)]


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


async def test_what_discord_was_given_is_kept_for_each_server(tmp_path: Path) -> None:
    async with State.open(tmp_path / "s") as opened:
        await opened.synced_commands.set(1, None, "a")
        await opened.synced_commands.set(1, 5, "b")
        await opened.synced_commands.set(1, 5, "c")
        await opened.synced_commands.set(2, None, "d")
        assert await opened.synced_commands.get(1) == {None: "a", 5: "c"}
        await opened.synced_commands.set(1, 5, None)
        assert await opened.synced_commands.get(1) == {None: "a"}


async def test_a_cancelled_write_is_brought_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "s"
    async with State.open(path) as opened:
        writes = [asyncio.create_task(opened.guilds.set(n, EVERYTHING_CHOSEN)) for n in range(20)]
        await asyncio.sleep(0)
        for write in writes:
            write.cancel()
        await asyncio.gather(*writes, return_exceptions=True)
        await opened.guilds.set(99, GuildSettings("en-US"))
        assert (await opened.guilds.get(99)).locale == "en-US"
    assert rows(path, "SELECT count(*) FROM guild") == [(21,)]


async def test_a_failed_write_leaves_nothing_behind_and_the_next_succeeds(tmp_path: Path) -> None:
    async with State.open(tmp_path / "s") as opened:
        await opened.questions.log(question())
        with pytest.raises(OverflowError):
            await opened.questions.log(Question("x", 7, 2**63, "zh-TW", 1, 5))
        await opened.questions.log(question())
        assert (await opened.questions.figures(seconds=60)).total == 2


async def test_of_writes_at_once_one_that_fails_takes_no_other_with_it(tmp_path: Path) -> None:
    async with State.open(tmp_path / "s") as opened:
        asked = [Question("x", 7, guild_id, "zh-TW", 1, 5) for guild_id in (1, 2**63, 2)]
        outcomes = await asyncio.gather(*map(opened.questions.log, asked), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [type(None), OverflowError, type(None)]
        assert (await opened.questions.figures(seconds=60)).total == 2


async def test_concurrent_writes_share_one_transaction(tmp_path: Path) -> None:
    def transactions() -> int:
        return int.from_bytes((tmp_path / "s").read_bytes()[24:28])  # the change counter

    async with State.open(tmp_path / "s") as opened:
        before = transactions()
        await asyncio.gather(*(opened.questions.log(question()) for _ in range(50)))
        assert transactions() == before + 1
        assert (await opened.questions.figures(seconds=60)).total == 50


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


async def test_what_was_asked_most_comes_first_and_so_does_what_found_nothing(
    tmp_path: Path,
) -> None:
    clock = Clock()
    async with State.open(tmp_path / "s", clock=clock) as opened:
        await opened.questions.log(question("before"))
        clock.now += 61
        for text, hits in (("a", 1), ("b", 1), ("b", 0), ("c", 0), ("c", 0)):
            clock.now += 1
            await opened.questions.log(question(text, hits=hits))
        asked, missed = await opened.questions.most_frequent(
            seconds=60, limit=2, unanswered_limit=9
        )
        assert asked == [
            QuestionCount("c", 2, 2, clock.now),
            QuestionCount("b", 2, 1, clock.now - 2),
        ]
        assert [count.text for count in missed] == ["c", "b"]


async def test_a_long_log_is_counted_in_parts_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    rng = random.Random(4)
    expected: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    async with State.open(tmp_path / "s", clock=clock) as opened:
        for _ in range(300):
            clock.now += 1
            text, hits = (
                rng.choice("甲乙丙丁戊ab0\U0001f300") * rng.randint(1, 3),
                rng.randint(0, 1),
            )
            await opened.questions.log(question(text, hits=hits))
            expected[text] += 1
            missed[text] += not hits
        for size in (1, 7, 1_000):
            monkeypatch.setattr("bot.state.questions.COUNTED_AT_ONCE", size)
            asked, unanswered = await opened.questions.most_frequent(
                seconds=1_000, limit=5, unanswered_limit=99
            )
            assert [count.times for count in asked] == [n for _, n in expected.most_common(5)]
            assert all(count.times == expected[count.text] for count in asked)
            assert {count.text: count.unanswered for count in unanswered} == +missed


async def test_of_too_many_questions_and_answers_the_oldest_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.state.MAX_ROWS", 700)
    clock, path = Clock(), tmp_path / "s"
    async with State.open(path, clock=clock) as opened:
        for number in range(701 + DELETED_AT_ONCE):
            clock.now += 1
            await opened.questions.log(question(str(number)))
        asked = AskRequest("x", Filters(), private=True)
        last = (await opened.answers.add(asked, 7)).key
        await opened.forget_old(clock.now)
        assert await opened.answers.get(last, 7) is not None
    assert rows(path, "SELECT min(CAST(text AS INTEGER)), count(*) FROM question") == [
        (1 + DELETED_AT_ONCE, 700)
    ]


async def test_of_two_changes_at_once_none_undoes_the_other(tmp_path: Path) -> None:
    async with State.open(tmp_path / "s") as opened:
        changes = (
            lambda old: replace(old, locale="en-US"),
            lambda old: replace(old, page_size=2),
            lambda old: replace(old, private=False),
        )
        await asyncio.gather(*(opened.guilds.change(1, change) for change in changes))
        assert await opened.guilds.get(1) == GuildSettings("en-US", private=False, page_size=2)

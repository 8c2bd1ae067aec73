"""PostgreSQL: its tables are those of the state file, and what it refuses is told in a sentence."""

import asyncio
import gc
import logging
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from bot.database_url import DatabaseUrl
from bot.errors import StateError
from bot.interactions import failures
from bot.localization import Texts
from bot.state import DatabaseError, State
from bot.state.database import UnreachableError
from bot.state.postgres import database, leases, pool, schema
from bot.state.postgres.move import TABLES
from bot.state.postgres.session import Session
from bot.state.schema import empty_database
from corpus import CorpusError
from tests.bot.state.test_database import EVERYTHING_CHOSEN, question
from tests.postgres.fixtures import on_postgres
from tests.postgres.server import PASSWORD, USER, Server

pytestmark = on_postgres

SHARED = {"hidden_article", "reindex_request", "synonyms"}
"""What several processes share that one process has in files or in memory."""


def opening(url: str, folder: Path):  # noqa: ANN201 (an async context manager)
    return State.open(folder / "s", database_url=DatabaseUrl.parse(url))


async def refusal(url: str, folder: Path) -> str:
    with pytest.raises(StateError) as caught:
        async with opening(url, folder):
            pass
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith(".")
    assert PASSWORD not in said
    assert f"{USER}:" not in said
    return said


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing remember that a server was away."""
    monkeypatch.setattr(pool, "AWAY_SECONDS", 0.0)


def test_the_tables_and_their_columns_are_those_of_the_state_file(
    postgres_url: str, tmp_path: Path
) -> None:
    """Held so that a new table, or a new column, comes to both."""
    schema.prepare(DatabaseUrl.parse(postgres_url), tmp_path / "none")
    ours = empty_database()
    columns = ours.execute(
        """SELECT m.name, c.name, c."notnull" OR c.pk > 0 FROM sqlite_master AS m
        JOIN pragma_table_info(m.name) AS c
        WHERE m.type = 'table' AND m.name <> 'sqlite_sequence'"""
    ).fetchall()
    with psycopg.connect(postgres_url) as connection:
        theirs = connection.execute(
            """SELECT table_name, column_name, is_nullable = 'NO' FROM information_schema.columns
            WHERE table_schema = 'footnote' AND table_name <> 'revision'
                AND table_name <> ALL(%s)""",
            ([*leases.TABLES],),
        ).fetchall()
    assert {(table, name, bool(required)) for table, name, required in columns} == {
        column for column in theirs if column[0] not in SHARED
    }
    assert {table for table, *_ in theirs} == {*TABLES, *SHARED}


def test_the_head_is_alembics() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema._MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


async def test_a_start_without_anything_to_migrate_imports_no_alembic(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opening(postgres_url, tmp_path) as state:
        await state.guilds.set(1, EVERYTHING_CHOSEN)
    monkeypatch.setitem(__import__("sys").modules, "alembic", None)  # an import of it would fail
    async with opening(postgres_url, tmp_path) as state:
        assert await state.guilds.get(1) == EVERYTHING_CHOSEN


async def test_of_bots_that_start_at_once_each_finds_the_same_key(
    postgres_url: str,
) -> None:
    url = DatabaseUrl.parse(postgres_url)
    keys = await asyncio.gather(*(asyncio.to_thread(schema.prepare, url) for _ in range(4)))
    assert len(set(keys)) == 1


async def test_a_database_of_a_newer_version_is_left_alone(
    postgres_url: str, tmp_path: Path
) -> None:
    async with opening(postgres_url, tmp_path):
        pass
    with psycopg.connect(postgres_url) as connection:
        connection.execute("UPDATE footnote.revision SET version_num = '9999'")
    assert "newer version of this bot (revision 9999" in await refusal(postgres_url, tmp_path)


async def test_what_else_is_in_the_database_is_left_alone(
    postgres_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE public.guild (theirs text)")
    async with opening(postgres_url, tmp_path) as state:
        await state.guilds.set(1, EVERYTHING_CHOSEN)
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT * FROM public.guild").fetchall() == []
        connection.execute("DROP TABLE public.guild")


async def test_an_empty_database_does_not_hide_a_state_file(
    postgres_url: str, tmp_path: Path
) -> None:
    async with State.open(tmp_path / "s") as state:
        await state.guilds.set(1, EVERYTHING_CHOSEN)
    assert "run `python -m bot state move`" in await refusal(postgres_url, tmp_path)


async def test_a_wrong_password_is_told(postgres_url: str, tmp_path: Path) -> None:
    _, _, rest = postgres_url.rpartition("@")
    said = await refusal(f"postgresql://{USER}:wrong@{rest}", tmp_path)
    assert "password authentication failed for the user of DATABASE_URL" in said
    assert "wrong" not in said


async def test_a_database_that_is_not_there_is_told(postgres_url: str, tmp_path: Path) -> None:
    said = await refusal(postgres_url.rpartition("/")[0] + "/nowhere", tmp_path)
    assert 'database "nowhere" does not exist' in said


async def test_a_server_that_is_away_at_the_start_is_told(tmp_path: Path) -> None:
    for hosts in ("127.0.0.1:1", "127.0.0.1:1,127.0.0.1:2"):
        assert "Connection refused" in await refusal(f"postgresql://u:p@{hosts}/f", tmp_path)


async def test_an_option_that_postgresql_does_not_know_is_told(
    postgres_url: str, tmp_path: Path
) -> None:
    assert 'invalid connection option "colour"' in await refusal(
        f"{postgres_url}?colour=blue", tmp_path
    )


async def test_a_version_too_old_is_told(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MIN_SERVER", 99)
    assert "DATABASE_URL needs 99 or newer" in await refusal(postgres_url, tmp_path)


async def test_a_user_without_the_right_to_create_is_told(
    postgres_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS guest")
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    _, _, rest = postgres_url.rpartition("@")
    said = await refusal(f"postgresql://guest:guest@{rest}", tmp_path)
    assert "permission denied for database" in said


async def test_a_server_lost_in_use_is_told_and_used_again_once_it_is_back(
    tmp_path: Path, own_server: Server
) -> None:
    async with opening(own_server.url("postgres"), tmp_path) as state:
        await state.guilds.set(1, EVERYTHING_CHOSEN)
        assert await state.guilds.get(1) == EVERYTHING_CHOSEN
        await state.questions.log(question())
        own_server.kill()
        for work in (state.questions.log(question()), state.questions.recent(7, limit=1)):
            with pytest.raises(DatabaseError, match=r"cannot be reached|failed") as caught:
                await work
            assert PASSWORD not in str(caught.value)
        # What a server's moderators chose is still known.
        assert await state.guilds.get(1) == EVERYTHING_CHOSEN
        own_server.start()
        await state.questions.log(question("again"))
        assert await state.questions.recent(7, limit=9) == ["again", "問題"]


async def test_connections_that_a_restart_ended_are_not_noticed(
    tmp_path: Path, own_server: Server
) -> None:
    async with opening(own_server.url("postgres"), tmp_path) as state:
        await state.questions.log(question())
        own_server.kill()
        own_server.start()
        await state.questions.log(question())
        assert (await state.questions.figures(seconds=60)).total == 2


async def test_while_the_server_is_away_it_is_not_asked_each_time(
    tmp_path: Path, own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opening(own_server.url("postgres"), tmp_path) as state:
        own_server.kill()
        monkeypatch.setattr(pool, "AWAY_SECONDS", 60.0)
        for _ in range(2):  # the first finds the broken connection, or no connection at all
            with pytest.raises(DatabaseError):
                await state.questions.log(question())
        own_server.start()
        with pytest.raises(DatabaseError, match="cannot be reached"):
            await state.questions.log(question())


async def test_a_server_with_much_to_do_is_not_taken_for_one_that_is_away(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opening(postgres_url, tmp_path) as state:
        async with AsyncExitStack() as busy:
            for _ in range(pool.MAX_SESSIONS):
                await busy.enter_async_context(state._database._connected())
            monkeypatch.setattr(pool, "MAX_WAIT", 0.1)
            with pytest.raises(DatabaseError, match="has too much to do"):
                await state.questions.log(question())
        monkeypatch.undo()
        await state.questions.log(question())


async def test_a_statement_that_takes_too_long_is_ended_and_no_other_is_refused(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opening(postgres_url, tmp_path) as state:
        monkeypatch.setattr(database, "STATEMENT_SECONDS", 0.2)
        with pytest.raises(DatabaseError, match="took more than"):
            await state._database.rows("SELECT pg_sleep(600)", ())
        monkeypatch.undo()
        await state.questions.log(question())


async def test_the_server_ends_a_statement_that_its_client_gives_up(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "max_seconds", 1.0)
    async with opening(postgres_url, tmp_path) as state:
        with pytest.raises(UnreachableError, match="statement timeout"):
            await state._database.write(("SELECT pg_sleep(600)", ()))
        # It holds the lock no more.
        await state.questions.log(question())


async def test_a_session_on_its_way_is_waited_for_by_all_and_closed_with_the_pool(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, may_open, opened = pool.connect, asyncio.Event(), list[Session]()

    async def connect_slowly(*arguments: object, **options: object) -> Session:
        await may_open.wait()
        opened.append(await connect(*arguments, **options))  # type: ignore[arg-type]
        return opened[-1]

    monkeypatch.setattr(pool, "connect", connect_slowly)
    monkeypatch.setattr(pool, "AWAY_SECONDS", 0.0)
    schema.prepare(DatabaseUrl.parse(postgres_url))
    sessions = pool.SessionPool(DatabaseUrl.parse(postgres_url))
    monkeypatch.setattr(pool, "MAX_WAIT", 0.1)
    with pytest.raises(DatabaseError, match="cannot be reached"):
        async with sessions.session():
            pass
    may_open.set()
    monkeypatch.setattr(pool, "MAX_WAIT", 30.0)
    async with sessions.session() as first:
        assert opened == [first], "what the first asked for, the second gets"
        await sessions.close()
    assert first.closed
    may_open.clear()
    asking = asyncio.create_task(sessions.session().__aenter__())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await sessions.close()
    await asyncio.wait([asking])
    assert len(opened) == 1


async def test_hiding_while_it_is_away_is_the_librarys_error_and_told_as_the_databases(
    tmp_path: Path, own_server: Server
) -> None:
    t = Texts().get("en-US")
    async with opening(own_server.url("postgres"), tmp_path) as state:
        await asyncio.to_thread(state.hidden.add, {"a.md": "https://example.org/a"})
        own_server.kill()
        for work in (
            partial(state.hidden.add, {"b.md": ""}),
            partial(state.hidden.remove, "a.md"),
        ):
            with pytest.raises(CorpusError) as caught:
                await asyncio.to_thread(work)
            assert failures._sentence(caught.value, "hide", t) == t("error-database")
        assert state.hidden.addresses() == {"a.md": "https://example.org/a"}


async def test_a_session_that_fails_to_open_after_all_have_left_is_not_told_as_a_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    may_fail, has_failed = asyncio.Event(), asyncio.Event()

    async def fail_late(*_: object, **__: object) -> Session:
        await may_fail.wait()
        has_failed.set()
        raise psycopg.OperationalError("connection timeout expired")

    monkeypatch.setattr(pool, "connect", fail_late)
    monkeypatch.setattr(pool, "MAX_WAIT", 0.01)
    sessions = pool.SessionPool(DatabaseUrl.parse("postgresql://127.0.0.1:1/none"))
    with pytest.raises(DatabaseError, match="cannot be reached"):
        async with sessions.session():
            pass
    may_fail.set()
    await has_failed.wait()
    await asyncio.sleep(0)
    del sessions
    gc.collect()
    assert not caplog.records


async def test_no_log_holds_the_password(
    tmp_path: Path, own_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with opening(own_server.url("postgres"), tmp_path) as state:
        own_server.kill()
        with pytest.raises(DatabaseError):
            await state.questions.log(question())
    assert PASSWORD not in caplog.text
    assert PASSWORD not in repr(DatabaseUrl.parse(own_server.url("postgres")))


async def test_of_a_batch_that_cannot_be_written_each_waits_only_once(
    tmp_path: Path, own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    async with opening(own_server.url("postgres"), tmp_path) as state:
        own_server.kill()
        commit = state._database._writes._commit

        async def count(writes):  # noqa: ANN001, ANN202
            nonlocal asked
            asked += 1
            return await commit(writes)

        monkeypatch.setattr(state._database._writes, "_commit", count)
        writes = (state.questions.log(question()) for _ in range(20))
        outcomes = await asyncio.gather(*writes, return_exceptions=True)
        assert all(isinstance(outcome, DatabaseError) for outcome in outcomes)
        assert asked == 1


def test_sqlite_is_all_that_is_imported_without_a_database_url() -> None:
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    code = (
        "import sys, bot.state, bot.app, bot.cli.state;"
        "print([n for n in ('psycopg', 'sqlalchemy', 'alembic') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert found.stdout == "[]\n"

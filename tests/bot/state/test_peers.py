"""Processes that share a database: each hears what another changes, and one leads."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest

from bot.database_url import DatabaseUrl
from bot.state import State, peers
from bot.state.database import NotLeaderError
from bot.state.guilds import GuildSettings
from bot.state.peers import Topic
from bot.state.postgres import database, leader, schema, session
from bot.state.postgres.session import Session, keep_open
from bot.state.watches import NewPost, WatchTarget
from corpus.model import Filters
from tests.bot.state.test_database import Clock, question
from tests.postgres.fixtures import on_postgres
from tests.postgres.server import Server

pytestmark = on_postgres

PATIENCE = 20.0  # seconds


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(session, "MIN_DELAY", 0.05)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that sets no event a test could wait for."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def two_of(url: str, folder: Path, stack: AsyncExitStack) -> tuple[State, State]:
    first, second = [
        await stack.enter_async_context(
            State.open(folder / name / "s", database_url=DatabaseUrl.parse(url))
        )
        for name in "ab"
    ]
    return first, second


def heard(state: State, topic: Topic) -> asyncio.Queue[str | None]:
    """Return what a process hears from now on."""
    queue = asyncio.Queue[str | None]()
    state.notifications.listen(topic, queue.put_nowait)
    return queue


async def test_what_one_process_changes_of_a_server_the_others_read_anew(
    postgres_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        first, second = await two_of(postgres_url, tmp_path, stack)
        news, own_news = heard(second, Topic.GUILD), heard(first, Topic.GUILD)
        assert await second.guilds.get(1) == await second.guilds.get(2) == GuildSettings()
        await first.guilds.set(1, GuildSettings("en-US"))
        async with asyncio.timeout(2):
            assert await news.get() == "1"
        assert await second.guilds.get(1) == GuildSettings("en-US")
        assert list(second.guilds._known) == [2, 1]
        assert own_news.empty()


async def test_what_cannot_be_understood_does_not_end_what_is_heard(
    postgres_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with AsyncExitStack() as stack:
        first, second = await two_of(postgres_url, tmp_path, stack)

        def fail(_: str | None) -> None:
            raise TypeError("of a later version")

        second.notifications.listen(Topic.GUILD, fail)
        news = heard(second, Topic.GUILD)
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            for payload in ("", "x", "another program's words", "ab guild"):
                connection.execute("SELECT pg_notify('footnote', %s)", (payload,))
        await first.guilds.set(7, GuildSettings("en-US"))
        async with asyncio.timeout(PATIENCE):
            assert await news.get() == "7"
        assert "A notification about guild was not understood" in caplog.text


async def test_a_process_leads_though_something_of_it_cannot_begin(
    postgres_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with AsyncExitStack() as stack:
        state, _ = await two_of(postgres_url, tmp_path, stack)
        elected = asyncio.Event()

        def fail() -> None:
            raise RuntimeError("not ready")

        state.leadership.on_elected(fail)
        state.leadership.on_elected(elected.set)
        state.leadership.stand()
        async with asyncio.timeout(PATIENCE):
            await elected.wait()
        assert state.leadership.is_leader
        assert "was not begun" in caplog.text


async def test_what_ends_by_an_error_that_nobody_expected_is_told_at_once_and_begins_anew(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    sessions: list[Session] = []
    begun_anew = asyncio.Event()

    async def use(session: Session) -> None:
        sessions.append(session)
        if len(sessions) == 1:
            raise KeyError("x")
        begun_anew.set()
        await asyncio.Event().wait()

    keeping = asyncio.create_task(keep_open(DatabaseUrl.parse(postgres_url), use, "a test"))
    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait(
                [keeping, asyncio.create_task(begun_anew.wait())], return_when="FIRST_COMPLETED"
            )
        assert begun_anew.is_set()
        assert sessions[0].closed
        assert "What a connection is kept for, a test, failed and begins anew." in caplog.text
        assert "KeyError" in caplog.text
    finally:
        begun_anew.set()
        keeping.cancel()
        await asyncio.wait([keeping])


async def test_hiding_holds_though_the_list_cannot_be_read_after_it(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as stack:
        first, second = await two_of(postgres_url, tmp_path, stack)
        news = heard(second, Topic.HIDDEN)
        monkeypatch.setattr(first.hidden, "read", None)
        await asyncio.to_thread(first.hidden.add, {"a.md": "https://example.org/a"})
        assert [*first.hidden.addresses()] == ["a.md"]
        async with asyncio.timeout(PATIENCE):
            await news.get()
        await until(lambda: [*second.hidden.addresses()] == ["a.md"])


async def test_a_refresh_is_tried_again_after_an_error_that_nobody_expected(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(peers, "RETRY_SECONDS", 0)
    tries: list[int] = []
    done = asyncio.Event()

    async def work() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise KeyError("x")
        done.set()

    peers.Refresh(work, "A list").ask()
    async with asyncio.timeout(PATIENCE):
        await done.wait()
    assert "A list cannot be read, and will be tried again" in caplog.text


async def test_a_refresh_that_is_closed_is_not_begun_again() -> None:
    done: list[int] = []

    async def work() -> None:
        done.append(1)

    refresh = peers.Refresh(work, "A list")
    await refresh.close()
    refresh.ask()
    for _ in range(3):
        await asyncio.sleep(0)
    assert not done


async def test_a_change_that_fails_is_told_to_nobody(postgres_url: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        first, second = await two_of(postgres_url, tmp_path, stack)
        news = heard(second, Topic.GUILD)
        outcomes = await asyncio.gather(
            first.guilds.set(1, GuildSettings(page_size=2**40)),
            first.guilds.set(2, GuildSettings(page_size=2)),
            return_exceptions=True,
        )
        assert [outcome is None for outcome in outcomes] == [False, True]
        async with asyncio.timeout(PATIENCE):
            assert await news.get() == "2"


async def test_what_is_read_while_it_changes_is_not_remembered(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as stack:
        first, second = await two_of(postgres_url, tmp_path, stack)
        news, read = heard(second, Topic.GUILD), second.guilds._read

        async def read_slowly(guild_id: int) -> GuildSettings:
            settings = await read(guild_id)
            await first.guilds.set(guild_id, GuildSettings("zh-CN"))
            await news.get()
            return settings

        monkeypatch.setattr(second.guilds, "_read", read_slowly)
        await second.guilds.get(1)
        monkeypatch.undo()
        assert await second.guilds.get(1) == GuildSettings("zh-CN")


async def test_after_a_lost_connection_everything_counts_as_changed(
    own_server: Server, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        first, second = await two_of(own_server.url("postgres"), tmp_path, stack)
        news = heard(second, Topic.GUILD)
        await first.guilds.set(1, GuildSettings("en-US"))
        assert await news.get() == "1"
        assert await second.guilds.get(1) == GuildSettings("en-US")
        own_server.kill()
        own_server.start()
        with psycopg.connect(own_server.url("postgres")) as connection:
            connection.execute("UPDATE footnote.guild SET locale = 'zh-CN'")
        async with asyncio.timeout(PATIENCE):
            assert await news.get() is None
        assert await second.guilds.get(1) == GuildSettings("zh-CN")


async def test_one_process_leads_and_another_does_once_it_has_gone(
    postgres_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        url = DatabaseUrl.parse(postgres_url)
        second = await stack.enter_async_context(State.open(tmp_path / "b", database_url=url))
        elected = asyncio.Event()
        second.leadership.on_elected(elected.set)
        async with State.open(tmp_path / "a", database_url=url) as first:
            assert not first.leadership.is_leader, "it has not stood"
            first.leadership.stand()
            await until(lambda: first.leadership.is_leader)
            second.leadership.stand()
            with pytest.raises(NotLeaderError):
                await second._database.check_leads()
            await first._database.check_leads()
            assert not elected.is_set()
        async with asyncio.timeout(PATIENCE):
            await elected.wait()
        await second._database.check_leads()


async def test_a_leader_that_has_lost_its_lock_stores_and_posts_nothing(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as stack:
        first, second = await two_of(postgres_url, tmp_path, stack)
        first.leadership.stand()
        await until(lambda: first.leadership.is_leader)
        await first.watches.add(WatchTarget(1, 10, "news"), "tea", Filters())
        await first.watches.keep(["a"], [NewPost(1, ["x"])])
        [post] = await first.watches.pending()
        assert await first.watches.is_waiting(post)
        # It hangs: it does not notice that the server has ended its session.
        monkeypatch.setattr(leader, "POLL_SECONDS", 3600.0)
        await asyncio.sleep(0.2)  # until it is in that wait
        monkeypatch.setattr(leader, "POLL_SECONDS", 0.05)
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            proof = leader.PROOF.replace("SELECT 1", "SELECT pg_terminate_backend(pid)")
            connection.execute(proof.replace("AND pid = ?", ""))  # type: ignore[arg-type]
        second.leadership.stand()
        await until(lambda: second.leadership.is_leader)
        assert first.leadership.is_leader, "as far as it knows"
        for work in (
            first.watches.is_waiting(post),
            first.watches.keep(["b"], [NewPost(1, ["y"])]),
        ):
            with pytest.raises(NotLeaderError):
                await work
        assert await second.watches.unknown(["a", "b"]) == {"b"}, "all of it or nothing"
        assert await second.watches.pending() == [post]
        await second.watches.mark_posted(post)
        assert not await second.watches.is_waiting(post)


async def test_a_new_leader_sees_all_that_the_one_before_it_has_written(
    postgres_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        first, second = await two_of(postgres_url, tmp_path, stack)
        with psycopg.connect(postgres_url) as writing:
            # A transaction that the former leader has begun.
            writing.execute(schema.WRITE_LOCK)  # type: ignore[arg-type]
            first.leadership.stand()
            await asyncio.sleep(0.3)
            assert not first.leadership.is_leader
        await until(lambda: first.leadership.is_leader)
        assert not second.leadership.is_leader


async def test_a_leader_that_says_nothing_is_replaced(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leader, "SILENCE_SECONDS", 1)
    async with AsyncExitStack() as stack:
        first, second = await two_of(postgres_url, tmp_path, stack)
        first.leadership.stand()
        await until(lambda: first.leadership.is_leader)
        monkeypatch.setattr(leader, "POLL_SECONDS", 3600.0)
        await asyncio.sleep(0.2)
        monkeypatch.setattr(leader, "POLL_SECONDS", 0.05)
        second.leadership.stand()
        await until(lambda: second.leadership.is_leader)


async def test_only_the_leader_deletes_what_is_old(postgres_url: str, tmp_path: Path) -> None:
    clock = Clock()
    url = DatabaseUrl.parse(postgres_url)
    async with State.open(tmp_path / "a", database_url=url, clock=clock) as state:
        await state.questions.log(question())
        clock.now += 31 * 86_400
        await state.forget_old(clock.now)
        with psycopg.connect(postgres_url) as connection:
            count = "SELECT count(*) FROM footnote.question"
            assert connection.execute(count).fetchone() == (1,)
            state.leadership.stand()
            await until(lambda: state.leadership.is_leader)
            await state.forget_old(clock.now)
            connection.rollback()
            assert connection.execute(count).fetchone() == (0,)


async def test_one_process_at_a_time_gives_discord_the_commands(
    postgres_url: str, tmp_path: Path
) -> None:
    steps: list[str] = []

    async def change(name: str, state: State) -> None:
        async with state.synced_commands.changing() as is_alone:
            assert is_alone
            steps.append(name)
            await asyncio.sleep(0.1)
            steps.append(name)

    async with AsyncExitStack() as stack:
        first, second = await two_of(postgres_url, tmp_path, stack)
        await asyncio.gather(change("a", first), change("b", second))
    assert steps in (list("aabb"), list("bbaa"))


async def test_a_process_that_takes_too_long_with_the_commands_keeps_no_other_from_starting(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "MAX_ALONE_SECONDS", 0.1)
    async with AsyncExitStack() as stack:
        first, second = await two_of(postgres_url, tmp_path, stack)
        async with first.synced_commands.changing(), second.synced_commands.changing() as is_alone:
            assert not is_alone


async def test_an_article_hidden_by_one_process_is_hidden_from_all(
    postgres_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        first, second = await two_of(postgres_url, tmp_path, stack)
        await asyncio.to_thread(first.hidden.add, {"a.md": "https://example.org/a", "b.md": ""})
        assert first.hidden.addresses().keys() == {"a.md", "b.md"}
        async with asyncio.timeout(2):
            await until(lambda: second.hidden.addresses() == first.hidden.addresses())
        shown = await asyncio.to_thread(second.hidden.remove, "https://example.org/a")
        assert shown == ("a.md",)
        await until(lambda: first.hidden.addresses() == {"b.md": ""})
    async with State.open(
        tmp_path / "c", database_url=DatabaseUrl.parse(postgres_url)
    ) as restarted:
        assert restarted.hidden.addresses() == {"b.md": ""}


async def test_of_synonyms_that_two_processes_change_none_undoes_the_other(
    postgres_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        first, second = await two_of(postgres_url, tmp_path, stack)
        news = heard(second, Topic.SYNONYMS)
        assert await first.synonyms.read() == ""
        assert await first.synonyms.replace("", "a = b\n")
        assert not await second.synonyms.replace("", "c = d\n")
        assert await second.synonyms.read() == "a = b\n"
        async with asyncio.timeout(2):
            await news.get()

"""A reindex is for all processes that share a database, whichever of them was asked for it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest

from bot.database_url import DatabaseUrl
from bot.services import shared_reindexing
from bot.services.shared_reindexing import OwnIndexReindexer, SharedIndexReindexer
from bot.state import State
from bot.state.peers import Topic
from bot.state.postgres import leader, session
from corpus.errors import CorpusError, ReindexCancelledError
from corpus.library import Library
from corpus.model import IndexReport, Progress, Skipped
from tests.postgres.fixtures import on_postgres

pytestmark = on_postgres

REPORT = IndexReport(3, 4, 1, 0, 0, (Skipped("a.md", "is empty"),), 1.0, problem="It is away.")
HALFWAY = Progress("read", 1, 2)


class HeldLibrary(Library):
    """A library whose reindex is half done until it is let go, then ends as it is told."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder, folder)
        self.begun: list[bool] = []
        self.opened = 0
        self.may_end = asyncio.Event()
        self.failure: Exception | None = None

    async def open(self) -> None:
        self.opened += 1

    async def reindex(
        self, *, full: bool = False, on_progress: Callable[[Progress], None] | None = None
    ) -> IndexReport:
        self.begun.append(full)
        assert on_progress is not None
        on_progress(HALFWAY)
        await self.may_end.wait()
        if self.failure is not None:
            raise self.failure
        return REPORT

    async def cancel_reindex(self) -> bool:
        self.failure = ReindexCancelledError("The reindex was cancelled.")
        self.may_end.set()
        return True


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that sets no event a test could wait for."""
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def until_asked(process: "Process") -> None:
    async with asyncio.timeout(20):
        while await process.state.reindexes.waiting() is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class Process:
    """What a process has of a reindex."""

    def __init__(
        self, state: State, folder: Path, kind: type[OwnIndexReindexer | SharedIndexReindexer]
    ) -> None:
        self.state = state
        self.library = HeldLibrary(folder)
        self.reindexer = kind(self.library, state, lambda _: None)

    async def lead(self) -> None:
        self.state.leadership.stand()
        await until(lambda: self.state.leadership.is_leader)


@pytest.fixture(params=[SharedIndexReindexer])
async def two(
    request: pytest.FixtureRequest,
    postgres_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[tuple[Process, Process]]:
    monkeypatch.setattr(leader, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(session, "MIN_DELAY", 0.05)
    monkeypatch.setattr(shared_reindexing, "PROGRESS_SECONDS", 0.05)
    async with AsyncExitStack() as stack:
        processes: list[Process] = []
        for name in "ab":
            opening = State.open(
                tmp_path / name / "s", database_url=DatabaseUrl.parse(postgres_url)
            )
            state = await stack.enter_async_context(opening)
            processes.append(Process(state, tmp_path / name, request.param))
        first, second = processes
        yield first, second
        for process in processes:
            process.library.may_end.set()
            await process.reindexer.close()


async def test_the_leader_builds_and_who_asked_sees_progress_and_report(
    two: tuple[Process, Process],
) -> None:
    leading, other = two
    await leading.lead()
    task = await other.reindexer.start_everywhere(full=True)
    await until(lambda: other.reindexer.progress == HALFWAY)
    assert leading.library.begun == [True]
    assert leading.reindexer.running_progress == HALFWAY
    leading.library.may_end.set()
    assert await task == REPORT
    assert other.library.begun == []
    await until(lambda: other.library.opened == 1)
    await until(lambda: not leading.reindexer.is_running)
    assert leading.reindexer.failure == other.reindexer.failure == "It is away."


async def test_a_process_that_asked_nothing_knows_that_one_runs_and_may_cancel_it(
    two: tuple[Process, Process],
) -> None:
    leading, other = two
    await leading.lead()
    task = leading.reindexer.start()
    await until(lambda: other.reindexer.running_progress == HALFWAY)
    assert await other.reindexer.cancel()
    with pytest.raises(ReindexCancelledError):
        await task
    assert not other.reindexer.is_running
    assert not await other.reindexer.cancel()


async def test_its_failure_is_told_to_all(two: tuple[Process, Process]) -> None:
    leading, other = two
    await leading.lead()
    leading.library.failure = CorpusError("The archive is away.")
    leading.library.may_end.set()
    with pytest.raises(CorpusError, match=r"^The archive is away\.$"):
        await other.reindexer.start()
    await until(lambda: leading.reindexer.failure == "The archive is away.")


async def test_what_was_asked_for_before_there_is_a_leader_is_done_once_there_is(
    two: tuple[Process, Process],
) -> None:
    leading, other = two
    task = other.reindexer.start()
    leading.library.may_end.set()
    await until(lambda: other.reindexer.is_running)
    assert leading.library.begun == []
    await leading.lead()
    assert await task == REPORT


async def test_what_was_asked_for_and_has_not_begun_may_be_cancelled_by_any_process(
    two: tuple[Process, Process],
) -> None:
    leading, other = two
    for canceller in two:
        task = other.reindexer.start()
        await until_asked(other)
        assert await canceller.reindexer.cancel()
        with pytest.raises(ReindexCancelledError, match=r"^The reindex was cancelled\.$"):
            await task
        assert not await canceller.reindexer.cancel()
    await leading.lead()
    leading.library.may_end.set()
    assert await other.reindexer.start(full=True) == REPORT
    assert leading.library.begun == [True], "what was cancelled is not done"


class SlowReading:
    """Holds what a process has read of the requests that wait."""

    def __init__(self, process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
        self._read = process.state.reindexes.waiting
        self.has_read, self.may_go_on = asyncio.Event(), asyncio.Event()
        monkeypatch.setattr(process.state.reindexes, "waiting", self._waiting)

    async def _waiting(self) -> bool | None:
        read = await self._read()
        if read is not None:
            self.has_read.set()
            await self.may_go_on.wait()
        return read


@pytest.mark.parametrize("by_leader", [True, False])
async def test_what_is_cancelled_while_the_leader_reads_it_is_not_built(
    two: tuple[Process, Process], monkeypatch: pytest.MonkeyPatch, *, by_leader: bool
) -> None:
    leading, other = two
    await leading.lead()
    reading = SlowReading(leading, monkeypatch)
    heard = asyncio.Queue[str | None]()
    leading.state.notifications.listen(Topic.CANCEL, heard.put_nowait)
    task = leading.reindexer.start()
    async with asyncio.timeout(20):
        await reading.has_read.wait()
        assert await (leading if by_leader else other).reindexer.cancel()
        if not by_leader:
            await heard.get()
    reading.may_go_on.set()
    with pytest.raises(ReindexCancelledError):
        await task
    leading.library.may_end.set()
    assert await leading.reindexer.start(full=True) == REPORT
    assert leading.library.begun == [True]


async def test_what_the_leader_begins_while_it_cancels_is_cancelled(
    two: tuple[Process, Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    leading, _ = two
    await leading.lead()
    reading = SlowReading(leading, monkeypatch)
    cancel = leading.state.reindexes.cancel

    async def cancel_slowly(outcome: Mapping[str, object], said: str) -> bool:
        reading.may_go_on.set()
        await until(lambda: bool(leading.library.begun))
        return await cancel(outcome, said)

    monkeypatch.setattr(leading.state.reindexes, "cancel", cancel_slowly)
    task = leading.reindexer.start()
    async with asyncio.timeout(20):
        await reading.has_read.wait()
        assert await leading.reindexer.cancel()
    with pytest.raises(ReindexCancelledError):
        await task
    await until(lambda: not leading.reindexer.is_running)
    assert isinstance(leading.library.failure, ReindexCancelledError)


@pytest.mark.parametrize("two", [OwnIndexReindexer], indirect=True)
@pytest.mark.parametrize("runs_full", [False, True])
async def test_a_full_reindex_comes_after_a_running_one_that_is_none(
    two: tuple[Process, Process], *, runs_full: bool
) -> None:
    first, second = two
    first.library.may_end.set()
    heard = asyncio.Queue[str | None]()
    second.state.notifications.listen(Topic.REINDEX, heard.put_nowait)
    running = second.reindexer.start(full=runs_full)
    await (await first.reindexer.start_everywhere(full=True))
    async with asyncio.timeout(20):
        await heard.get()
    second.library.may_end.set()
    await running
    await until(lambda: not second.reindexer.is_running)
    assert second.library.begun == ([True] if runs_full else [False, True])


@pytest.mark.parametrize("two", [OwnIndexReindexer], indirect=True)
async def test_a_request_that_is_seen_twice_is_done_once(
    two: tuple[Process, Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = two
    first.library.may_end.set()
    await until(lambda: first.reindexer._has_looked)
    requests = first.state.reindexes
    add, keys = requests.add, list[str]()

    async def add_and_look(*arguments: str, full: bool) -> object:
        added = await add(*arguments, full=full)
        await until(lambda: not first.reindexer.is_running)
        await first.reindexer._look()
        keys.extend(await requests.latest())
        return added

    monkeypatch.setattr(requests, "add", add_and_look)
    await (await first.reindexer.start_everywhere())
    first.reindexer._asked(f"new {keys[0]}")
    await until(lambda: not first.reindexer.is_running)
    assert first.library.begun == [False]


@pytest.mark.parametrize("two", [OwnIndexReindexer], indirect=True)
async def test_each_process_with_an_index_of_its_own_reindexes_it(
    two: tuple[Process, Process],
) -> None:
    first, second = two
    for process in two:
        process.library.may_end.set()
    assert await (await first.reindexer.start_everywhere(full=True)) == REPORT
    await until(lambda: second.library.begun == [True])
    assert first.library.begun == [True], "not told by itself"


@pytest.mark.parametrize("two", [OwnIndexReindexer], indirect=True)
@pytest.mark.parametrize("full", [False, True])
async def test_after_a_lost_connection_only_what_was_missed_is_done(
    two: tuple[Process, Process], postgres_url: str, *, full: bool
) -> None:
    first, second = two
    for process in two:
        process.library.may_end.set()
    await (await first.reindexer.start_everywhere())
    await until(lambda: second.library.begun == [False])
    heard = asyncio.Queue[str | None]()
    second.state.notifications.listen(Topic.REINDEX, heard.put_nowait)
    with psycopg.connect(postgres_url, autocommit=True) as connection:

        def lose() -> None:
            connection.execute(
                """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE query LIKE 'LISTEN%' OR query = 'SELECT 1' AND pid <> pg_backend_pid()"""
            )

        lose()
        async with asyncio.timeout(20):
            assert await heard.get() is None
        # As by a process that is heard while nobody listens.
        connection.execute(
            "INSERT INTO footnote.reindex_request VALUES ('missed', %s, %s, NULL)",
            (first.state.reindexes._database.now(), full),
        )
        lose()
        async with asyncio.timeout(20):
            assert await heard.get() is None
    await until(lambda: first.library.begun == second.library.begun == [False, full])

"""Whatever the order of uses, restarts, damage and restores: what was acknowledged is kept.

One machine over both databases; what only a file can suffer is a part of the file's.
"""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, closing
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot.database_url import DatabaseUrl
from bot.state import FILE_NAME, State
from bot.state.answers import AskRequest, PassageKey, ShownPassage
from bot.state.copies import copies_of
from bot.state.guilds import GuildSettings
from bot.state.postgres import leader
from bot.state.questions import LIFE, Question
from bot.state.restore import back_up, restore
from bot.state.watches import AddResult, DigestKind, NewPost, WatchTarget
from corpus.model import Filters
from tests.bot.state.conftest import leading
from tests.bot.state.test_database import Clock
from tests.postgres.fixtures import on_postgres

T = TypeVar("T")

FIRST_DAY = date(2026, 11, 23)
GUILDS, USERS = st.integers(1, 3), st.integers(1, 3)
TABLES = "question answer answer_passage conversation vote watch watch_post guild recipient".split()
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
SETTINGS = st.builds(
    GuildSettings,
    locale=st.none() | st.sampled_from(["zh-TW", "zh-CN", "en-US"]),
    private=st.none() | st.booleans(),
    page_size=st.none() | st.integers(1, 5),
    channels=st.frozensets(st.integers(1, 99), max_size=3),
    without_sources=st.frozensets(TEXTS, max_size=2),
)


@dataclass
class Precious:
    """What a backup holds."""

    settings: dict[int, GuildSettings] = field(default_factory=dict)
    watches: dict[int, tuple[int, str]] = field(default_factory=dict)
    """Server and question by id."""
    own: dict[int, tuple[int, str]] = field(default_factory=dict)
    """User and question by id."""
    lists: dict[int, tuple[int, DigestKind, date]] = field(default_factory=dict)
    """Server, kind and the period that a list was last made for, by id."""
    waiting: list[tuple[int, str, float]] = field(default_factory=list)
    """Posts: of which watch, the text, when it was found."""
    arrived: dict[str, float] = field(default_factory=dict)
    """When each article came."""


@dataclass
class Asked:
    """An answer with its votes."""

    user: int
    at: float
    votes: dict[int, bool] = field(default_factory=dict)
    shown: list[PassageKey] = field(default_factory=list)
    """Passages, in the order of their numbers."""


class StateMachine(RuleBasedStateMachine):
    """A state beside a model of what it has acknowledged."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.loop = asyncio.new_event_loop()
        self.precious = Precious()
        self.questions: list[tuple[int, str, float]] = []
        self.answers: dict[str, Asked] = {}
        self.given: set[int] = set()
        self.conversations: dict[int, str] = {}
        """The answer that each channel goes on from."""
        self.taken_down: set[str] = set()

    def opening(self) -> AbstractAsyncContextManager[State]:
        raise NotImplementedError

    def count_rows_of(self, user: bytes, table: str) -> int:
        """Return how many rows of a table, wherever it is kept, hold the hash of a user."""
        raise NotImplementedError

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    @initialize()
    def start(self) -> None:
        self.stack = AsyncExitStack()
        self.state = self.run(self.stack.enter_async_context(self.opening()))

    def stop(self) -> None:
        self.run(self.stack.aclose())

    def teardown(self) -> None:
        self.stop()
        self.run(self.loop.shutdown_default_executor())
        self.loop.close()

    @rule(guild=GUILDS, chosen=SETTINGS)
    def choose(self, guild: int, chosen: GuildSettings) -> None:
        self.run(self.state.guilds.set(guild, chosen))
        self.precious.settings[guild] = chosen

    @rule(guild=GUILDS, question=st.sampled_from("abc"))
    def watch(self, guild: int, question: str) -> None:
        target = WatchTarget(guild, guild * 10, "news")
        result = self.run(self.state.watches.add(target, question, Filters()))
        is_there = (guild, question) in self.precious.watches.values()
        assert result is (AddResult.EXISTS if is_there else AddResult.SAVED)
        if not is_there:
            self.precious.watches[self.newest()] = guild, question

    @rule(data=st.data())
    def unwatch(self, data: st.DataObject) -> None:
        if self.precious.watches:
            id_ = data.draw(st.sampled_from(sorted(self.precious.watches)))
            guild, _ = self.precious.watches.pop(id_)
            assert self.run(self.state.watches.remove(guild, id_))
            self.drop_waiting()

    @rule(user=USERS, question=st.sampled_from("abc"))
    def watch_oneself(self, user: int, question: str) -> None:
        target = WatchTarget(None, user * 1000)
        adding = self.state.watches.add_own(user, "zh-TW", target, question, Filters())
        is_there = (user, question) in self.precious.own.values()
        assert self.run(adding) is (AddResult.EXISTS if is_there else AddResult.SAVED)
        if not is_there:
            self.precious.own[self.newest()] = user, question

    @rule(data=st.data())
    def unwatch_oneself(self, data: st.DataObject) -> None:
        if self.precious.own:
            id_ = data.draw(st.sampled_from(sorted(self.precious.own)))
            user, _ = self.precious.own.pop(id_)
            assert not self.run(self.state.watches.remove_own(user % 3 + 1, id_))
            assert self.run(self.state.watches.remove_own(user, id_))
            self.drop_waiting()

    @rule(guild=GUILDS, kind=st.sampled_from(DigestKind))
    def list_regularly(self, guild: int, kind: DigestKind) -> None:
        target = WatchTarget(guild, guild * 10, "news")
        adding = self.state.watches.add(target, "", Filters(), (kind, FIRST_DAY))
        known = {(guild_, kind_) for guild_, kind_, _ in self.precious.lists.values()}
        is_there = (guild, kind) in known
        assert self.run(adding) is (AddResult.EXISTS if is_there else AddResult.SAVED)
        if not is_there:
            self.precious.lists[self.newest()] = guild, kind, FIRST_DAY

    @rule(kind=st.sampled_from(DigestKind), days=st.integers(0, 3))
    def make_lists(self, kind: DigestKind, days: int) -> None:
        period = FIRST_DAY + timedelta(days=days)
        due = self.run(self.state.watches.due(kind, period))
        expected = {
            id_
            for id_, (_, own, last) in self.precious.lists.items()
            if own == kind and last < period
        }
        assert {watch.id for watch in due} == expected
        self.run(self.state.watches.keep_digests(kind, period, []))
        for id_ in expected:
            guild, _, _ = self.precious.lists[id_]
            self.precious.lists[id_] = guild, kind, period

    @rule(article=st.sampled_from("abcd"), found=TEXTS, data=st.data())
    def find(self, article: str, found: str, data: st.DataObject) -> None:
        """Let an article come that watches post."""
        ids = sorted(self.precious.watches | self.precious.own)
        matching = data.draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
        posts = [NewPost(id_, [found]) for id_ in matching]
        came_at = self.clock.now
        is_new = self.run(self.state.watches.unknown([article])) == {article}
        assert is_new is (article not in self.precious.arrived)
        self.run(self.state.watches.keep([article], posts, came_at=came_at))
        self.precious.arrived.setdefault(article, came_at)
        self.precious.waiting += [(id_, found, came_at) for id_ in matching]

    @rule()
    def post(self) -> None:
        """Post what waits longest."""
        for pending in self.run(self.state.watches.pending(limit=1)):
            self.run(self.state.watches.mark_posted(pending))
            [found] = pending.blocks
            first = next(
                post for post in self.precious.waiting if post[:2] == (pending.watch_id, found)
            )
            self.precious.waiting.remove(first)

    def drop_waiting(self) -> None:
        """Forget the posts of watches that are gone, and those of more than 30 days."""
        ids = self.precious.watches.keys() | self.precious.own.keys()
        oldest = self.clock.now - LIFE
        self.precious.waiting = [
            post for post in self.precious.waiting if post[0] in ids and post[2] >= oldest
        ]

    @rule(path=st.sampled_from("abcd"))
    def take_down(self, path: str) -> None:
        hiding = asyncio.to_thread(self.state.hidden.add, {path: f"https://example.org/{path}"})
        self.run(hiding)
        self.taken_down.add(path)

    def newest(self) -> int:
        """Return the id of the watch that was just saved."""
        new = max(watch.id for watch in self.run(self.state.watches.all()))
        assert new not in self.given, "no id is given again"
        self.given.add(new)
        return new

    @rule(user=USERS, text=TEXTS)
    def ask(self, user: int, text: str) -> None:
        self.run(self.state.questions.log(Question(text, user, 1, "zh-TW", 1, 5)))
        self.questions.append((user, text, self.clock.now))
        stored = self.run(self.state.answers.add(AskRequest(text, Filters(), private=True), user))
        self.answers[stored.key] = Asked(user, self.clock.now)

    @rule(user=USERS, helpful=st.booleans(), data=st.data())
    def vote(self, user: int, *, helpful: bool, data: st.DataObject) -> None:
        if self.answers:
            key = data.draw(st.sampled_from(sorted(self.answers)))
            self.run(self.state.answers.vote(key, user, helpful=helpful))
            self.answers[key].votes[user] = helpful

    @rule(ordinal=st.integers(0, 2), content=st.integers(1, 2), data=st.data())
    def show(self, ordinal: int, content: int, data: st.DataObject) -> None:
        """Show a passage, which the archive may have changed meanwhile."""
        if self.answers:
            key = data.draw(st.sampled_from(sorted(self.answers)))
            passage = PassageKey("a.md", ordinal, 2**64 - content)
            numbers = self.run(self.state.answers.number(key, [ShownPassage(passage)]))
            shown = self.answers[key].shown
            if passage not in shown:
                shown.append(passage)
            assert numbers == [shown.index(passage) + 1]

    @rule(channel=st.integers(1, 2), data=st.data())
    def go_on(self, channel: int, data: st.DataObject) -> None:
        if self.answers:
            key = data.draw(st.sampled_from(sorted(self.answers)))
            self.run(self.state.answers.continue_in([channel], key))
            self.conversations[channel] = key

    @rule(user=USERS)
    def forget(self, user: int) -> None:
        self.run(self.state.forget(user))
        own = self.precious.own
        self.precious.own = {id_: kept for id_, kept in own.items() if kept[0] != user}
        self.questions = [asked for asked in self.questions if asked[0] != user]
        self.answers = {key: asked for key, asked in self.answers.items() if asked.user != user}
        for asked in self.answers.values():
            asked.votes.pop(user, None)
        self.drop_waiting()
        for table in ("question", "recipient"):
            assert self.count_rows_of(self.state._database.user_hash(user), table) == 0

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        self.clock.now += days * 86_400
        self.run(self.state.forget_old(self.clock.now))
        oldest = self.clock.now - LIFE
        self.questions = [asked for asked in self.questions if asked[2] >= oldest]
        self.answers = {key: asked for key, asked in self.answers.items() if asked.at >= oldest}
        self.drop_waiting()

    @rule()
    def restart(self) -> None:
        self.stop()
        self.start()

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        for guild in range(1, 4):
            expected = self.precious.settings.get(guild, GuildSettings())
            assert self.run(self.state.guilds.get(guild)) == expected
        everything = self.run(self.state.watches.all())
        assert {
            watch.id: (watch.target.guild_id, watch.question)
            for watch in everything
            if watch.digest is None and watch.target.guild_id is not None
        } == self.precious.watches
        assert {
            watch.id: (watch.target.guild_id, watch.digest) for watch in everything if watch.digest
        } == {id_: (guild, kind) for id_, (guild, kind, _) in self.precious.lists.items()}
        for user in range(1, 4):
            own = {watch.id: watch.question for watch in self.run(self.state.watches.of_user(user))}
            kept = self.precious.own.items()
            assert own == {id_: question for id_, (by, question) in kept if by == user}
            recent = self.run(self.state.questions.recent(user, limit=999))
            assert set(recent) == {text for by, text, _ in self.questions if by == user}
        for key, asked in self.answers.items():
            for user in range(1, 4):
                stored = self.run(self.state.answers.get(key, user))
                assert stored is not None
                assert (stored.is_own, stored.vote) == (asked.user == user, asked.votes.get(user))
            for number, passage in enumerate(asked.shown, 1):
                assert self.run(self.state.answers.passage(key, number)) == ShownPassage(passage)
        for channel in (1, 2):
            last = self.run(self.state.answers.last_in(channel, 1))
            key = self.conversations.get(channel)
            assert (last and last.key) == (key if key in self.answers else None)
        waiting = [
            (pending.watch_id, *pending.blocks)
            for pending in self.run(self.state.watches.pending(limit=999))
        ]
        assert sorted(waiting) == sorted(post[:2] for post in self.precious.waiting)
        for article, at in self.precious.arrived.items():
            assert article in self.run(self.state.watches.arrived(at, at + 1))
        assert set(self.state.hidden.addresses()) == self.taken_down


class FileStateMachine(StateMachine):
    """A state in a file, beside which there are copies and backups."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / FILE_NAME
        self.backup: Precious | None = None
        self.taken_down_then: set[str] = set()
        """In the backup."""

    def opening(self) -> AbstractAsyncContextManager[State]:
        return State.open(self.path, clock=self.clock)

    def count_rows_of(self, user: bytes, table: str) -> int:
        count = 0
        for file in (self.path, *copies_of(self.path)):
            with closing(sqlite3.connect(file)) as connection:
                sql = f'SELECT count(*) FROM {table} WHERE "user" = ?'  # noqa: S608
                count += connection.execute(sql, (user,)).fetchone()[0]
        return count

    def teardown(self) -> None:
        super().teardown()
        shutil.rmtree(self.folder)

    @rule()
    def back_up(self) -> None:
        back_up(self.path, self.folder / "backup")
        self.backup = deepcopy(self.precious)
        self.taken_down_then = set(self.taken_down)

    @rule()
    def restore(self) -> None:
        if self.backup is not None:
            self.stop()
            restore(self.path, self.folder / "backup")
            self.precious = deepcopy(self.backup)
            self.drop_waiting()
            self.taken_down |= self.taken_down_then
            self.start()

    @rule(table=st.sampled_from(TABLES))
    def damage(self, table: str) -> None:
        """Overwrite the first page of a table, with a copy of this moment beside the file."""
        for copy in copies_of(self.path):
            copy.unlink()
        assert self.run(self.state.copy_daily())
        self.stop()
        with closing(sqlite3.connect(self.path)) as connection:
            (root,) = connection.execute(
                "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
            ).fetchone()
        with self.path.open("r+b") as file:
            file.seek((root - 1) * 4096)
            file.write(b"\xff" * 4096)
        # Said to be lost.
        self.questions, self.answers, self.conversations = [], {}, {}
        self.start()
        assert self.run(self.state.damages())


class PostgresStateMachine(StateMachine):
    """A state in PostgreSQL, of a process that leads."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS footnote CASCADE")

    def opening(self) -> AbstractAsyncContextManager[State]:
        return leading(Path("none"), DatabaseUrl.parse(self.url), clock=self.clock)

    def count_rows_of(self, user: bytes, table: str) -> int:
        with psycopg.connect(self.url, options="-c search_path=footnote") as connection:
            sql = f'SELECT count(*) FROM {table} WHERE "user" = %s'  # noqa: S608
            [(count,)] = connection.execute(sql.encode(), (user,)).fetchall()
        return count


RUNS = settings(max_examples=15, stateful_step_count=20, deadline=None)

TestFile = FileStateMachine.TestCase
TestFile.settings = RUNS


@on_postgres
def test_a_state_in_postgresql(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "POLL_SECONDS", 0.05)
    run_state_machine_as_test(lambda: PostgresStateMachine(postgres_url), settings=RUNS)

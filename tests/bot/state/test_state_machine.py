"""Whatever the order of uses, restarts, damage and restores: what was acknowledged is kept."""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack, closing
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.state import FILE_NAME, State
from bot.state.answers import AskRequest
from bot.state.copies import copies_of
from bot.state.guilds import GuildSettings
from bot.state.questions import LIFE, Question
from bot.state.restore import back_up, restore
from bot.state.watches import AddResult, WatchTarget
from corpus.model import Filters
from tests.bot.state.test_database import Clock

T = TypeVar("T")

GUILDS, USERS = st.integers(1, 3), st.integers(1, 3)
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


@dataclass
class Asked:
    """An answer with its votes."""

    user: int
    at: float
    votes: dict[int, bool] = field(default_factory=dict)


class StateMachine(RuleBasedStateMachine):
    """A state beside a model of what it has acknowledged."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / FILE_NAME
        self.clock = Clock()
        self.loop = asyncio.new_event_loop()
        self.precious = Precious()
        self.questions: list[tuple[int, str, float]] = []
        self.answers: dict[str, Asked] = {}
        self.given: set[int] = set()
        self.backup: Precious | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    @initialize()
    def start(self) -> None:
        self.stack = AsyncExitStack()
        opening = State.open(self.path, clock=self.clock)
        self.state = self.run(self.stack.enter_async_context(opening))

    def stop(self) -> None:
        self.run(self.stack.aclose())

    def teardown(self) -> None:
        self.stop()
        self.loop.close()
        shutil.rmtree(self.folder)

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
            new = max(watch.id for watch in self.run(self.state.watches.all()))
            assert new not in self.given, "no id is given again"
            self.given.add(new)
            self.precious.watches[new] = guild, question

    @rule(data=st.data())
    def unwatch(self, data: st.DataObject) -> None:
        if self.precious.watches:
            id_ = data.draw(st.sampled_from(sorted(self.precious.watches)))
            guild, _ = self.precious.watches.pop(id_)
            assert self.run(self.state.watches.remove(guild, id_))

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

    @rule(user=USERS)
    def forget(self, user: int) -> None:
        self.run(self.state.forget(user))
        self.questions = [asked for asked in self.questions if asked[0] != user]
        self.answers = {key: asked for key, asked in self.answers.items() if asked.user != user}
        for asked in self.answers.values():
            asked.votes.pop(user, None)

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        self.clock.now += days * 86_400
        self.run(self.state.forget_old(self.clock.now))
        oldest = self.clock.now - LIFE
        self.questions = [asked for asked in self.questions if asked[2] >= oldest]
        self.answers = {key: asked for key, asked in self.answers.items() if asked.at >= oldest}

    @rule()
    def restart(self) -> None:
        self.stop()
        self.start()

    @rule()
    def back_up(self) -> None:
        back_up(self.path, self.folder / "backup")
        self.backup = deepcopy(self.precious)

    @rule()
    def restore(self) -> None:
        if self.backup is not None:
            self.stop()
            restore(self.path, self.folder / "backup")
            self.precious = deepcopy(self.backup)
            self.start()

    @rule(table=st.sampled_from(["question", "answer", "vote", "watch", "guild"]))
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
        self.questions, self.answers = [], {}
        self.start()
        assert self.run(self.state.damages())

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        for guild in range(1, 4):
            expected = self.precious.settings.get(guild, GuildSettings())
            assert self.run(self.state.guilds.get(guild)) == expected
        watches = {
            watch.id: (watch.target.guild_id, watch.question)
            for watch in self.run(self.state.watches.all())
        }
        assert watches == self.precious.watches
        for user in range(1, 4):
            recent = self.run(self.state.questions.recent(user, limit=999))
            assert set(recent) == {text for by, text, _ in self.questions if by == user}
        for key, asked in self.answers.items():
            for user in range(1, 4):
                stored = self.run(self.state.answers.get(key, user))
                assert stored is not None
                assert (stored.is_own, stored.vote) == (asked.user == user, asked.votes.get(user))


TestState = StateMachine.TestCase
TestState.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)

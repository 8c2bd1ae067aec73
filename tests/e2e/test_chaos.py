"""Faults in a random order, of every kind, on one bot: after each, what was promised still holds."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import signal
import sys
from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

import pytest

from bot.state import FILE_NAME
from corpus.engines.local import generation
from tests.bot.state.test_database import rows
from tests.disks import full_disk
from tests.e2e.loopback.faults import RESET, Fault
from tests.e2e.loopback.payloads import ADMINISTRATOR, MANAGE_CHANNELS, MEMBER, OWNER
from tests.e2e.process import BotProcess
from tests.e2e.questions import SAMPLE
from tests.e2e.test_disk import QUESTION, UNMEASURED, ended

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.e2e.loopback.client import Interaction, Loopback
    from tests.e2e.loopback.payloads import Caller
    from tests.e2e.loopback.seen import Message
    from tests.soak import Soak

pytestmark = [
    pytest.mark.usefixtures("packed_dictionary"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux fills a disk for one process"),
]

READER = MEMBER.speaking("en-US")
KEEPER = OWNER.speaking("en-US")
MODERATOR = MEMBER.with_permissions(ADMINISTRATOR | MANAGE_CHANNELS).speaking("en-US")
MAX_WATCHES = 15
CLOCK_JUMP = 60 * 86_400.0  # seconds
REFUSED = 2  # exit status


class Chaos:
    """One bot that is ended and started again, what it has acknowledged, and its faults."""

    def __init__(self, loopback: Loopback, folder: Path, rng: random.Random) -> None:
        self._loopback = loopback
        self._folder = folder
        self._rng = rng
        self._lives = AsyncExitStack()
        self._bot: BotProcess | None = None
        self._starts = 0
        self._asked = 0
        self._expected: list[str] = []
        """Links of the answer from a clean build."""
        self.watched = set[str]()
        """What a moderator was told is watched."""
        self.said_lost = 0
        self.faults: dict[str, Callable[[], Awaitable[None]]] = {
            "kill": self.kill,
            "disk full": self.fill_disk,
            "connection reset": lambda: self.fail(Fault(RESET), callbacks=False),
            "5xx": lambda: self.fail(Fault("503"), callbacks=True),
            "clock jump": self.jump_clock,
            "flipped bit": self.flip_bit,
            "moved folder": self.move_archive,
        }

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._lives.aclose()

    @property
    def bot(self) -> BotProcess:
        assert self._bot is not None
        return self._bot

    @property
    def state(self) -> Path:
        return self._folder / "data" / FILE_NAME

    async def start(self) -> None:
        """Start the bot, and wait until it is connected with all its commands."""
        self._bot = await self._lives.enter_async_context(self._new())
        self._starts += 1
        await self.bot.meanwhile(self._loopback.wait_connected(times=self._starts))
        await self.bot.meanwhile(self._loopback.commands())

    async def end(self, number: signal.Signals) -> None:
        """End the bot by a signal, and see that it wrote no traceback."""
        self.bot.stop(number)
        assert await self.bot.wait_for_exit() == (0 if number == signal.SIGTERM else -number)
        assert "Traceback" not in self.bot.stderr, self.bot.stderr
        await self._lives.aclose()

    async def index(self) -> None:
        """Bring the index up to date, and note what a clean build answers."""
        assert "up to date" in (await self.reindex()).text
        if not self._expected:
            # One is taken down: no fault brings it back.
            hidden, *_ = (await self.ask()).links
            hiding = await self._loopback.slash("archive hide", {"path": hidden}, caller=KEEPER)
            assert "Hidden" in (await self.bot.meanwhile(hiding.final_message())).text
            await self.reindex()
            self._expected = (await self.ask()).links
            assert self._expected
            assert hidden not in self._expected

    async def reindex(self) -> Message:
        interaction = await self._loopback.slash("archive reindex", caller=KEEPER)
        return await ended(self.bot, interaction)

    async def ask(self) -> Message:
        """Ask; every question gets a word."""
        self._asked += 1
        interaction = await self._loopback.slash("ask", QUESTION, caller=READER)
        return await self.bot.meanwhile(interaction.final_message())

    async def watch(self) -> None:
        """Add a watch of a server or of a member; remember it if it was acknowledged."""
        question = f"鯨魚{self._asked}號"
        interaction = await self._watch(question, READER if self._asked % 3 == 0 else MODERATOR)
        text = (await self.bot.meanwhile(interaction.final_message())).text
        if "will be posted" in text or "will be sent to you" in text:
            self.watched.add(question)

    async def check(self) -> None:
        """See that answers are those of a clean build, and that what was acknowledged is there."""
        assert (await self.ask()).links == self._expected
        if len(self.watched) < MAX_WATCHES:
            await self.watch()
        kept = {question for (question,) in rows(self.state, "SELECT question FROM watch")}
        assert self.watched <= kept

    async def kill(self) -> None:
        """Kill it while it works."""
        await self._loopback.slash("archive reindex", {"full": True}, caller=KEEPER)
        await self._loopback.slash("ask", QUESTION, caller=READER)
        if len(self.watched) < MAX_WATCHES:
            await self._watch(f"不一定{self._asked}")
        await asyncio.sleep(self._rng.uniform(0, 1))
        await self.end(signal.SIGKILL)
        await self.start()

    async def fill_disk(self) -> None:
        """Let no file grow: questions are answered all the same, and what is not saved is said."""
        with full_disk(pid=self.bot.pid):
            assert (await self.ask()).links == self._expected
            interaction = await self._watch("滿了")
            text = (await self.bot.meanwhile(interaction.final_message())).text
            assert "could not be saved" in text or "will be posted" not in text

    async def fail(self, fault: Fault, *, callbacks: bool) -> None:
        """Let Discord fail once under an answer."""
        await self._loopback.fail(fault, callbacks=callbacks)
        assert (await self.ask()).links == self._expected

    async def jump_clock(self) -> None:
        """Start it with a clock that is 60 days off, and then with the right one."""
        await self.end(signal.SIGTERM)
        await self._loopback.set_clock(self._rng.choice([-CLOCK_JUMP, CLOCK_JUMP]))
        async with self._new() as refused:
            assert await refused.wait_for_exit() == REFUSED
        assert "This machine's clock says" in refused.stderr
        await self._loopback.set_clock(0)
        await self.start()

    async def flip_bit(self) -> None:
        """Flip a bit of the state or of the index of a bot that was ended, and start it."""
        await self.end(signal.SIGTERM)
        in_state = self._rng.random() < 0.5
        if in_state:
            file = self.state
        else:
            folder = generation.current(self._folder / "data")
            file = self._rng.choice(
                sorted(path for path in folder.iterdir() if path.stat().st_size)
            )
        intact = file.read_bytes()
        damaged = bytearray(intact)
        damaged[self._rng.randrange(len(damaged))] ^= 1 << self._rng.randrange(8)
        file.write_bytes(damaged)
        try:
            await self.start()
        except AssertionError:
            # Taken for one of a later version or another program: refused, and left as it is.
            if not in_state:
                raise
            assert file.read_bytes() == bytes(damaged)
            await self._lives.aclose()
            file.write_bytes(intact)
            await self.start()
        if not in_state:
            await self.index()
            return
        kept = {question for (question,) in rows(self.state, "SELECT question FROM watch")}
        lost = self.watched - kept
        if lost and re.search("could not be read, and|could not be read came", self.bot.stderr):
            self.said_lost += len(lost)
        else:
            # SQLite has no checksums: a bit of one text is another text.
            assert len(lost) <= 1
        self.watched &= kept

    async def move_archive(self) -> None:
        """Move the archive away: the old index answers, and the reason is said."""
        posts = self._folder / "posts"
        posts.rename(self._folder / "away")
        try:
            told = (await self.reindex()).text
            assert "up to date" not in told
            assert (await self.ask()).links == self._expected
        finally:
            (self._folder / "away").rename(posts)

    def _new(self) -> BotProcess:
        return BotProcess.on(
            self._loopback,
            self._folder,
            ARCHIVE=str(self._folder / "posts"),
            ASK_COOLDOWN="0",
            REINDEX_EVERY="0",
            **UNMEASURED,
        )

    async def _watch(self, question: str, caller: Caller = MODERATOR) -> Interaction:
        return await self._loopback.slash("watch add", {"question": question}, caller=caller)


async def test_random_faults_lose_nothing_and_leave_no_question_without_a_word(
    loopback: Loopback, tmp_path: Path, soak: Soak
) -> None:
    count, seed = soak.times(7, 200), random.SystemRandom().randrange(2**32) if soak.full else 17
    print(f"chaos: seed {seed}")  # noqa: T201 (to repeat a failure)
    rng = random.Random(seed)
    shutil.copytree(SAMPLE, tmp_path / "posts")
    done = Counter[str]()
    async with Chaos(loopback, tmp_path, rng) as chaos:
        await chaos.index()
        kinds = list(chaos.faults)
        for number in range(count):
            # One of each first, so that a short run has all.
            kind = kinds[number] if number < len(kinds) else rng.choice(kinds)
            await chaos.faults[kind]()
            await chaos.check()
            done[kind] += 1
        await chaos.end(signal.SIGTERM)
    assert chaos.watched
    soak.note(
        f"{count} random faults: answers of a clean build, nothing acknowledged lost unsaid",
        f"{', '.join(f'{n} {kind}' for kind, n in done.items())}; {len(chaos.watched)} watches"
        f" kept, {chaos.said_lost} said to be lost; seed {seed}",
    )

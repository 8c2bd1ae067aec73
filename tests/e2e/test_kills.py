"""The whole bot killed while it reindexes and saves: nothing is mixed, nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from bot.state import FILE_NAME, State
from tests.e2e.loopback.payloads import ADMINISTRATOR, GUILD, MANAGE_CHANNELS, MEMBER, OWNER
from tests.e2e.process import BotProcess

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.loopback.client import Loopback
    from tests.e2e.loopback.seen import Message
    from tests.soak import Soak

pytestmark = pytest.mark.usefixtures("packed_dictionary")

READER = MEMBER.speaking("zh-TW")
KEEPER = OWNER.speaking("en-US")
MODERATOR = MEMBER.with_permissions(ADMINISTRATOR | MANAGE_CHANNELS).speaking("en-US")
POSTS = 60
LANGUAGES = {"zh-TW": "繁體中文", "zh-CN": "简体中文", "en-US": "English"}
MAX_WATCHES = 20
MAX_PRESSES = 28  # of one life of the bot, which takes 30 a minute from a user


def write_generation(archive: Path, number: int) -> None:
    """Write every post anew, so that each tells which generation it is of."""
    archive.mkdir(exist_ok=True)
    for post in range(POSTS):
        rng = random.Random(post)
        # Different enough that none is folded into another.
        rest = "".join(chr(rng.randint(0x4E00, 0x9000)) for _ in range(60))
        front = f"title: 第{post}篇\ndate: 2024-01-01\nfrom: https://example.org/{post}\n"
        text = f"---\n{front}---\n颱風世代{number}{rest}。\n"
        (archive / f"2024-01-01-{post}.md").write_text(text, encoding="utf-8")


def check_generation(answer: Message) -> None:
    """Make sure that an answer has hits and that all of them are of one generation."""
    generations = re.findall(r"世代(\d+)", answer.text)
    assert len(generations) > 1, answer.text
    assert len(set(generations)) == 1, answer.text


@dataclass(slots=True)
class Users:
    """People who use one bot until it is killed."""

    loopback: Loopback
    watched: set[str] = field(default_factory=set)
    """What they were told is watched."""
    language: str | None = None
    """What they were last told the language is."""
    choosing: str | None = None
    """What they have chosen since, without having been told."""
    answers: int = 0
    saved: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once they were told that something is watched."""
    _count: int = 0

    async def ask(self) -> None:
        interaction = await self.loopback.slash("ask", {"question": "颱風"}, caller=READER)
        check_generation(await interaction.final_message())
        self.answers += 1

    async def read(self) -> None:
        while True:
            await self.ask()

    async def reindex(self) -> None:
        await self.loopback.slash("archive reindex", caller=KEEPER)

    async def watch(self, question: str) -> None:
        named = {"question": question}
        interaction = await self.loopback.slash("watch add", named, caller=MODERATOR)
        assert "will be posted" in (await interaction.final_message()).text
        self.watched.add(question)
        self.saved.set()

    async def save(self) -> None:
        """Add watches and choose languages, one after another, and remember what was confirmed."""
        opened = await self.loopback.slash("settings", caller=MODERATOR)
        shown = await opened.final_message()
        for _ in range(MAX_PRESSES):
            self._count += 1
            if len(self.watched) < MAX_WATCHES:
                await self.watch(f"鯨魚{self._count}")
            self.choosing = list(LANGUAGES)[self._count % len(LANGUAGES)]
            chosen = await self.loopback.select(
                shown, "settings:language", [self.choosing], caller=MODERATOR
            )
            shown = await chosen.final_message()
            assert LANGUAGES[self.choosing] in shown.text
            self.language = self.choosing
        await asyncio.Event().wait()  # until the bot is killed


async def check_saved(users: Users, data_dir: Path) -> None:
    """Make sure that the state is whole and holds what users were told; leave room for more."""
    async with State.open(data_dir / FILE_NAME) as state:
        assert not await state.damages()
        watches = await state.watches.of_guild(GUILD.id)
        assert users.watched <= {watch.question for watch in watches}
        locale = (await state.guilds.get(GUILD.id)).locale
        assert locale in {users.language, users.choosing}
        # What was saved without having been told counts from here on.
        users.language = locale
        users.watched = {watch.question for watch in watches}
        if len(watches) > MAX_WATCHES // 2:
            for watch in watches:
                await state.watches.remove(GUILD.id, watch.id)
            users.watched.clear()


async def test_a_bot_that_is_killed_loses_nothing_and_answers_again(
    loopback: Loopback, tmp_path: Path, soak: Soak
) -> None:
    kills = soak.times(3, 50)
    rng = random.Random(7)
    archive = tmp_path / "posts"
    users = Users(loopback)
    starts: list[float] = []
    write_generation(archive, 0)
    saved = 0
    for number in range(kills + 1):
        began = time.monotonic()
        async with BotProcess.on(
            loopback, tmp_path, ARCHIVE=str(archive), ASK_COOLDOWN="0", REINDEX_EVERY="0"
        ) as bot:
            await bot.meanwhile(loopback.wait_connected(times=number + 1))
            await bot.meanwhile(loopback.commands())
            if number == 0:
                built = await loopback.slash("archive reindex", caller=KEEPER)
                await bot.meanwhile(built.final_message(lambda m: "up to date" in m.text))
            await bot.meanwhile(users.ask())
            if number:
                starts.append(time.monotonic() - began)
            write_generation(archive, number + 1)
            before = len(users.watched)
            using = asyncio.gather(users.read(), users.read(), users.reindex(), users.save())
            # Not before anything was saved, however slow the machine is.
            first = asyncio.create_task(users.saved.wait())
            await asyncio.wait([using, first], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait([using], timeout=rng.uniform(0.1, 1.5))
            first.cancel()
            bot.stop(signal.SIGKILL)
            assert await bot.wait_for_exit() == -signal.SIGKILL
            assert "Traceback" not in bot.stderr
            using.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await using  # what went wrong for one of them goes wrong here
        saved += len(users.watched) - before
        await check_saved(users, tmp_path / "data")
    assert saved
    soak.note(
        "kill -9 of the bot, reindexing and saving: no mixed generation, nothing lost",
        f"{kills + 1} killed, {users.answers} answers whole, {saved} watches kept",
    )
    soak.timed("… from the start of its process to the first answer", starts, within=2)

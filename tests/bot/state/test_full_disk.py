"""The state on a full disk, and killed while it is brought up to date."""

import asyncio
import logging
import random
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import StateError
from bot.state import State
from bot.state.guilds import GuildSettings
from bot.state.questions import LIFE, Question
from bot.state.schema import APPLICATION_ID, MIGRATIONS
from tests.disks import full_disk
from tests.soak import Soak

CHOSEN = GuildSettings("zh-CN")
OPEN = """
import asyncio, sys
from pathlib import Path
from bot.state import State

async def main():
    print("opening", flush=True)
    async with State.open(Path(sys.argv[1])):
        pass

asyncio.run(main())
"""


def write_first_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for sql in MIGRATIONS[0]:
            connection.execute(sql)
        connection.execute("INSERT INTO guild (id, locale) VALUES (1, 'zh-CN')")
        row = (b"7" * 16, "問" * 99)
        question = "INSERT INTO question (at, text, user, locale, hits, elapsed_ms)"
        connection.executemany(
            f"{question} VALUES ({time.time()}, ?2, ?1, 'zh-TW', 1, 5)", [row] * 2000
        )
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()


async def chosen(path: Path) -> GuildSettings:
    async with State.open(path) as opened:
        assert not await opened.damages()
        return await opened.guilds.get(1)


async def test_a_full_disk_keeps_nobody_from_reading(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.sqlite"
    async with State.open(path, clock=lambda: time.time() - 2 * LIFE) as opened:
        await opened.guilds.set(1, CHOSEN)
        await opened.questions.log(Question("old", 7, 99, "zh-TW", 1, 5))
    with full_disk():
        async with State.open(path) as opened:
            assert await opened.guilds.get(1) == CHOSEN
            with pytest.raises(sqlite3.OperationalError):
                await opened.forget_old(time.time())
            with pytest.raises(sqlite3.OperationalError):
                await opened.guilds.set(1, GuildSettings("en-US"))
            assert await opened.guilds.get(1) == CHOSEN
    assert not [entry for entry in caplog.records if entry.levelno >= logging.WARNING]
    assert await chosen(path) == CHOSEN


async def test_an_update_that_finds_no_room_leaves_the_file_as_it_was(
    tmp_path: Path, soak: Soak
) -> None:
    path = tmp_path / "state.sqlite"
    write_first_version(path)
    before = path.read_bytes()
    rng = random.Random(5)
    rooms = [0, *(rng.randrange(len(before)) for _ in range(soak.times(10, 200)))]
    for room in rooms:
        with full_disk(room), pytest.raises(StateError, match="cannot be used: "):
            await chosen(path)
        assert path.read_bytes() == before
        # The copy from before it may have found room.
        assert {*tmp_path.iterdir()} <= {path, tmp_path / "state.sqlite.schema-1"}
    assert await chosen(path) == CHOSEN
    soak.note("a state updated on a full disk: as it was", f"{len(rooms)} of {len(rooms)}")


async def test_an_update_that_is_killed_is_done_by_the_next_start(
    tmp_path: Path, soak: Soak
) -> None:
    rng = random.Random(6)
    kills = soak.times(5, 50)
    for number in range(kills):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / "state.sqlite"
        write_first_version(path)
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-c", OPEN, path, stdout=asyncio.subprocess.PIPE
        )
        assert bot.stdout
        await bot.stdout.readline()
        await asyncio.sleep(rng.uniform(0, 0.1))
        if bot.returncode is None:
            bot.kill()
        await bot.wait()
        assert await chosen(path) == CHOSEN
        copy = folder / "state.sqlite.schema-1"
        assert sorted(folder.iterdir()) == [path, copy]
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("SELECT locale FROM guild").fetchall() == [("zh-CN",)]
            assert connection.execute("SELECT count(*) FROM question").fetchall() == [(0,)]
    soak.note("kill -9 of a state's update: done by the next start", f"{kills} killed, 0 lost")

"""A host runs the bot from the Procfile, with the index in what it built elsewhere."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.loopback.client import ROOT
from tests.e2e.process import BotProcess
from tests.e2e.test_bot_process import QUESTION, answered, hits, ready
from tests.e2e.test_load import free_port
from tests.folders import make_once

if TYPE_CHECKING:
    from tests.e2e.loopback.client import Loopback
    from tests.soak import Soak

PROGRAMS = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
IN_THE_SLUG = {"DATA_DIR": "", "PYTHONPATH": "", "PATH": PROGRAMS}
"""The default data folder, no code but the slug's own, and `python` is this one."""
_LISTENS = "0A"  # the state of a socket in /proc
_THIS_MACHINE = f"{int.from_bytes(IPv4Address('127.0.0.1').packed, sys.byteorder):08X}"


def build(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Do what Heroku does at the end of a build: run the hook with the config vars set."""
    return subprocess.run(
        [folder / "bin" / "post_compile"],
        cwd=folder,
        env={**os.environ, **IN_THE_SLUG, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def check_out(folder: Path) -> Path:
    """Fill and return a folder with what a host gets."""
    without = shutil.ignore_patterns("__pycache__")
    for name in ("bin", "bot", "corpus"):
        shutil.copytree(ROOT / name, folder / name, ignore=without)
    shutil.copy(ROOT / "Procfile", folder)
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of what a host gets."""
    return check_out(tmp_path / "build")


@pytest.fixture(scope="session")
def built_slug(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a slug with its index, to be copied."""

    def make(empty: Path) -> None:
        built = build(check_out(empty), ARCHIVE="")
        assert built.returncode == 0, built.stderr

    return make_once(tmp_path_factory, "slug", make)


@pytest.fixture
def slug(built_slug: Path, tmp_path: Path) -> Path:
    """Return where a host has moved what it built."""
    return shutil.copytree(built_slug, tmp_path / "app")


async def test_a_dyno_with_its_index_in_the_slug_answers_at_once(
    loopback: Loopback, slug: Path, soak: Soak
) -> None:
    seconds: list[float] = []
    for time_ in range(soak.times(1, 10)):
        started = time.perf_counter()
        async with BotProcess.on(loopback, slug, **IN_THE_SLUG) as bot:
            await ready(bot, loopback, times=time_ + 1)
            assert hits(await answered(bot, loopback, QUESTION))
            seconds.append(time.perf_counter() - started)
            bot.stop()
            assert await bot.wait_for_exit() == 0
        assert "Building" not in bot.stderr
        assert "Indexed" not in bot.stderr
    soak.timed("a dyno with its index in the slug answers after a start", seconds, within=2)


async def test_honcho_runs_the_procfile_and_ends_it(
    loopback: Loopback, slug: Path, soak: Soak
) -> None:
    async with BotProcess.on(
        loopback, slug, "start", "worker", module="honcho", **IN_THE_SLUG
    ) as honcho:
        await ready(honcho, loopback)
        assert hits(await answered(honcho, loopback, QUESTION))
        stopped = time.perf_counter()
        honcho.stop()
        status = await honcho.wait_for_exit()
        soak.timed("honcho ends the bot after SIGTERM", [time.perf_counter() - stopped], within=2)
    assert status == 128 + signal.SIGTERM  # what honcho says for itself after that signal
    await loopback.journal.wait_for("disconnected", code=1000)
    assert "Stopping." in honcho.stdout
    assert "Traceback" not in honcho.stdout


def listening(pid: int) -> set[str]:
    """Return the addresses that a process listens on, as the kernel writes them (Linux)."""
    files: set[str] = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            files.add(str(file.readlink()))
    tables = [Path(f"/proc/{pid}/net/{name}").read_text() for name in ("tcp", "tcp6")]
    rows = [row.split() for table in tables for row in table.splitlines()[1:]]
    return {row[1] for row in rows if row[3] == _LISTENS and f"socket:[{row[9]}]" in files}


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells who listens")
async def test_nothing_listens_without_a_port_and_only_this_machine_is_heard_with_one(
    loopback: Loopback, tmp_path: Path
) -> None:
    async with BotProcess.on(loopback, tmp_path) as bot:
        await ready(bot, loopback)
        assert not listening(bot.pid)
        bot.stop()
        await bot.wait_for_exit()
    port = free_port()
    async with BotProcess.on(loopback, tmp_path, PORT=str(port)) as bot:
        await ready(bot, loopback, times=2)
        assert listening(bot.pid) == {f"{_THIS_MACHINE}:{port:04X}"}


def test_a_build_with_settings_that_cannot_be_used_fails_the_deploy(checkout: Path) -> None:
    built = build(checkout, ARCHIVE="nowhere")
    assert built.returncode == 1
    assert "ARCHIVE" in built.stderr


def test_a_build_without_the_repository_leaves_the_index_to_the_bot(checkout: Path) -> None:
    built = build(checkout, ARCHIVE="http://127.0.0.1:9/posts.git")
    assert built.returncode == 0
    assert "cannot be reached" in built.stderr
    assert "not in the slug" in built.stderr

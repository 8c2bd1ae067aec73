"""process: `python -m bot` as its keeper or a host runs it, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from tests.e2e.loopback.follow import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence

    from tests.e2e.loopback.client import Loopback

Result = TypeVar("Result")

SETTINGS = frozenset(
    {
        "DISCORD_TOKEN",
        "ARCHIVE",
        "ARCHIVE_NAME",
        "ARCHIVE_EXAMPLES",
        "DATA_DIR",
        "ADMIN_IDS",
        "ADMIN_GUILD",
        "GIT_HOSTS",
        "GIT_POLL",
        "DATABASE_URL",
        "SHARDS",
        "SEARCH_URL",
        "REINDEX_EVERY",
        "USER_DICT",
        "SYNONYMS",
        "ASK_COOLDOWN",
        "DEFAULT_LOCALE",
        "LOG_LEVEL",
        "LOG_FORMAT",
        "PORT",
        "HEALTH_HOST",
        "DISCORD_API_URL",
        "SENTRY_DSN",
    }
)
"""The bot's own settings, none of which a test may take from the machine it runs on."""


class BotProcess:
    """One `python -m bot` with a folder of its own, ended when its block ends."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        settings: Mapping[str, str],
        program: Sequence[str | Path] = (sys.executable, "-m", "bot"),
    ) -> None:
        self._folder = folder
        self._command = (*program, *arguments)
        environ = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        self._environment = {**environ, "DATA_DIR": str(folder / "data"), **settings}
        self._first: Callable[[], object] | None = None
        self._errors = _Lines()
        self._output = _Lines()

    @classmethod
    def on(
        cls, discord: Loopback, folder: Path, *arguments: str, module: str = "bot", **settings: str
    ) -> Self:
        """Return a bot that logs in to this loopback Discord, started by `module` if need be."""
        login = {"DISCORD_TOKEN": discord.rules.token, "DISCORD_API_URL": discord.api_url}
        program = (sys.executable, "-m", module)
        return cls(folder, *arguments, settings={**login, **settings}, program=program)

    def first_doing(self, first: Callable[[], object]) -> Self:
        """Let the process do something before it becomes a bot."""
        self._first = first
        return self

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._folder,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            preexec_fn=self._first,
        )
        self._reading = asyncio.gather(
            _read(self._process.stdout, self._output),
            _read(self._process.stderr, self._errors),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._reading

    @property
    def pid(self) -> int:
        """Its process id, which is also that of the group its children are in."""
        return self._process.pid

    @property
    def stderr(self) -> str:
        """What it has written on standard error so far."""
        return "".join(self._errors)

    @property
    def stdout(self) -> str:
        """What it has written on standard output so far."""
        return "".join(self._output)

    async def wait_for_line(
        self, pattern: str, *, times: int = 1, patience: float = PATIENCE
    ) -> None:
        """Wait until so many lines on standard error match, those so far included.

        Raises:
            AssertionError: They did not in time.
        """
        try:
            async with asyncio.timeout(patience):
                while sum(bool(re.search(pattern, line)) for line in self._errors) < times:
                    await self._errors.grown.wait()
        except TimeoutError:
            raise AssertionError(f"{pattern!r} is not said in:\n{self.stderr}") from None

    def children(self) -> list[int]:
        """Return the processes that it started and that still run, orphans too (Linux)."""
        return [pid for pid in _running(self.pid) if pid != self.pid]

    async def meanwhile(self, waiting: Coroutine[None, None, Result]) -> Result:
        """Wait for something that only a running bot makes happen.

        Raises:
            AssertionError: The bot ended first.
        """
        wanted = asyncio.create_task(waiting)
        ended = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait({wanted, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not wanted.done():
                await self._reading
                raise AssertionError(f"the bot ended with {ended.result()}:\n{self.stderr}")
            return wanted.result()
        finally:
            for task in (wanted, ended):
                task.cancel()
            await asyncio.wait({wanted, ended})

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send the bot, and not its children, a signal."""
        self._process.send_signal(number)

    async def wait_for_exit(self, *, patience: float = PATIENCE) -> int:
        """Wait until the bot is gone, and whoever else has its pipes; return its exit status.

        Raises:
            AssertionError: It did not end in time.
        """
        try:
            async with asyncio.timeout(patience):
                status = await self._process.wait()
                await self._reading
        except TimeoutError:
            raise AssertionError(f"the bot did not end:\n{self.stderr}") from None
        return status


class _Lines(list[str]):
    """The lines of a stream so far, and an event that is set when there is one more."""

    def __init__(self) -> None:
        self.grown = asyncio.Event()


async def _read(stream: asyncio.StreamReader | None, lines: _Lines) -> None:
    if stream is None:
        raise AssertionError("a pipe was asked for")
    while line := await stream.readline():
        lines.append(line.decode())
        lines.grown.set()
        lines.grown = asyncio.Event()


def _running(group: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = stat.read_text("ascii", "replace").rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                yield int(stat.parent.name)

"""process: `python -m bot` as its keeper or a host runs it, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, Self, TypeVar

from tests.e2e.loopback.follow import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from pathlib import Path

    from tests.e2e.loopback.client import Loopback

Result = TypeVar("Result")

SETTINGS = frozenset(
    {
        "DISCORD_TOKEN",
        "ARCHIVE",
        "DATA_DIR",
        "ADMIN_IDS",
        "ADMIN_GUILD",
        "GIT_HOSTS",
        "GIT_POLL",
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
        module: str = "bot",
    ) -> None:
        self._folder = folder
        self._command = (module, *arguments)
        kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        self._environment = {**kept, "DATA_DIR": str(folder / "data"), **settings}
        self._errors: list[str] = []
        self._output: list[str] = []

    @classmethod
    def on(
        cls, discord: Loopback, folder: Path, *arguments: str, module: str = "bot", **settings: str
    ) -> Self:
        """Return a bot that logs in to this loopback Discord, started by `module` if need be."""
        login = {"DISCORD_TOKEN": discord.rules.token, "DISCORD_API_URL": discord.api_url}
        return cls(folder, *arguments, settings={**login, **settings}, module=module)

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *self._command,
            cwd=self._folder,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        self._reading = asyncio.gather(
            _read(self._process.stdout, self._output), _read(self._process.stderr, self._errors)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._reading

    @property
    def said(self) -> str:
        """What it has written on standard error so far."""
        return "".join(self._errors)

    @property
    def printed(self) -> str:
        """What it has written on standard output so far."""
        return "".join(self._output)

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
                raise AssertionError(f"the bot ended with {ended.result()}:\n{self.said}")
            return wanted.result()
        finally:
            for task in (wanted, ended):
                task.cancel()
            await asyncio.wait({wanted, ended})

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send the bot, and not its children, a signal."""
        self._process.send_signal(number)

    async def ended(self) -> int:
        """Wait until the bot and every process it started are gone; return its exit status.

        A child inherits the pipes that are read here, so they end with the last of them.
        """
        async with asyncio.timeout(PATIENCE):
            status = await self._process.wait()
            await self._reading
        return status


async def _read(stream: asyncio.StreamReader | None, lines: list[str]) -> None:
    if stream is None:
        raise AssertionError("a pipe was asked for")
    while line := await stream.readline():
        lines.append(line.decode())

"""``python -m bot check``: are settings, archive and index in order?"""

import asyncio
import base64
import binascii
import errno
import platform
import re
import shutil
import sqlite3
import tempfile
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlencode

from rich.console import Console
from rich.text import Text

from bot import host
from bot.cli import output, program
from bot.errors import StateError
from bot.monitoring import logs
from bot.settings import DEFAULT, Environment, Settings, Variable, variables
from corpus import (
    ArchiveError,
    EngineError,
    IndexUnusableError,
    Remote,
    Stats,
    WrongArchiveError,
    newest_commit,
    scan,
)

READY, NOT_READY, WRONG = 0, 1, 2

_PACKAGES = ("discord.py", "rank-bm25", "jieba", "rjieba", "aiosqlite", "numpy", "dulwich")
_INDEX_PER_ARCHIVE = 2
"""Bytes of an index for each byte of the archive, at most, as measured."""
_SMALLEST_INDEX = 5_000_000  # bytes, with jieba's dictionary beside it
# By the bits of https://docs.discord.com/developers/topics/permissions: what /watch needs to post.
# Answers to commands need none.
_PERMISSIONS = {
    "View Channels": 10,
    "Send Messages": 11,
    "Embed Links": 14,
    "Read Message History": 16,
    "Create Public Threads": 35,
    "Send Messages in Threads": 38,
}

NOT_A_BOTS = (
    "is no bot token (three parts with dots between): the client secret, the public key and the"
    " application ID are others; get it under Bot, Reset Token"
)
"""What to say of a token that is of no application."""

_SNOWFLAKE = re.compile(rb"[0-9]{15,20}")


async def check(settings: Settings, environment: Environment, console: Console) -> int:
    """Print the state of everything the bot needs.

    Returns:
        0 where it could answer now, 1 where not, 2 where only other settings help.

    Raises:
        ClockError: this machine's clock is far off.
    """
    host.check_clock(datetime.now(UTC))
    return await _Check(settings, environment, console).run()


class _Check:
    """One run, which remembers its worst finding."""

    def __init__(self, settings: Settings, environment: Environment, console: Console) -> None:
        self._settings = settings
        self._environment = environment
        self._console = console
        self._status = READY

    async def run(self) -> int:
        self._list_settings()
        self._list_versions()
        self._check_token()
        self._list_shards()
        archive_bytes = await self._check_archive()
        stats = await self._check_index()
        await self._check_database()
        self._check_data_folder(stats, archive_bytes)
        if stats:
            self._list_contents(stats)
        self._conclude()
        return self._status

    def _list_settings(self) -> None:
        known = list(variables())
        width = max(len(variable.name) for variable in known)
        self._console.print(Text("Settings", style="bold"))
        for variable in known:
            source = self._environment.source(variable.name)
            # Values, which may be Chinese and so two columns wide, come last.
            line = Text(f"  {variable.name:{width}}  {source:11}  {self._shown(variable)}".rstrip())
            if source == DEFAULT:
                line.stylize("dim")
            self._console.print(line, soft_wrap=True)
        self._console.print()
        for sentence in self._settings.unknown_variables:
            self._warn("Unknown variable", sentence)

    def _shown(self, variable: Variable) -> str:
        """Return the value in force, without secrets."""
        match variable.name:
            case "DISCORD_TOKEN" | "SENTRY_DSN" as name:
                return "(set, not shown)" if self._environment.written(name) else ""
            case "ARCHIVE":
                return self._settings.archive_location
            case "DATABASE_URL":
                return str(self._settings.database_url or "")
            case "DATA_DIR":
                return str(self._settings.data_dir)
            case name:
                written = self._environment.written(name) or variable.default
                return logs.redact(written, self._settings.secrets)

    def _list_versions(self) -> None:
        packages = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
        python = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
        self._say("Versions", f"{python}, {packages}")

    def _check_token(self) -> None:
        token = self._settings.token
        if token is None:
            self._warn(
                "Token", "not set: the bot cannot log in to Discord, only the terminal works"
            )
            return
        application = application_id(token)
        if application is None:
            self._fail("Token", NOT_A_BOTS)
            return
        self._say("Token", f"of application {application}; whether Discord takes it, a start shows")
        permissions = ", ".join(_PERMISSIONS)
        self._say("Invite link", f"{invite_url(application)} ({permissions})")

    def _list_shards(self) -> None:
        if self._settings.shards is not None:
            self._say("Shards", f"{self._settings.shards}, and no others")

    async def _check_archive(self) -> int:
        """Report whether the archive can be read; return its bytes, 0 if unknown."""
        archive = self._settings.archive
        try:
            if isinstance(archive, Remote):
                commit = await asyncio.to_thread(newest_commit, archive)
                self._say("Archive", f"{archive.name}, a git repository, now at {commit[:12]}")
                return 0
            paths = await asyncio.to_thread(scan, archive)
        except WrongArchiveError as error:
            self._fail("Archive", str(error), WRONG)
            return 0
        except ArchiveError as error:
            # The last copy, if there is one, goes on answering.
            self._warn("Archive", str(error))
            return 0
        if not paths:
            self._fail("Archive", output.no_posts(str(archive)), WRONG)
            return 0
        self._say("Archive", f"{archive}: {len(paths)} posts")
        return sum(_size(archive / path) for path in paths)

    async def _check_index(self) -> Stats | None:
        settings = self._settings
        if not settings.data_dir.is_dir():
            self._fail("Index", f"none yet: run {_reindex()}")
            return None
        async with settings.library() as library:
            try:
                await library.open()
            except IndexUnusableError as error:
                self._fail("Index", f"{error} Run {_reindex()}.")
                return None
            except EngineError as error:
                self._fail("Index", str(error))
                return None
            stats = await library.stats()
        if not stats.articles and not stats.skipped:
            self._fail("Index", output.no_posts(settings.archive_location), WRONG)
            return stats
        covers = f", {stats.first_date} to {stats.last_date}" if stats.first_date else ""
        self._say(
            "Index",
            f"{stats.articles} articles, {stats.passages} passages, {stats.terms} terms{covers};"
            f" built {stats.built_at}, {stats.bytes / 1e6:.1f} MB",
        )
        if stats.commit:
            self._say("Commit", stats.commit)
        return stats

    async def _check_database(self) -> None:
        url = self._settings.database_url
        if url is None:
            return
        from bot.state.postgres.schema import check  # noqa: PLC0415 (an extra)

        try:
            self._say("Database", f"{url}: {await asyncio.to_thread(check, url)}")
        except StateError as error:
            self._fail("Database", str(error), WRONG)

    def _check_data_folder(self, stats: Stats | None, archive_bytes: int) -> None:
        folder = self._settings.data_dir
        there = next(path for path in (folder, *folder.parents) if path.exists())
        try:
            # Permissions alone do not tell of a file among the parents, or of a read-only disk.
            with tempfile.TemporaryDirectory(dir=there):
                pass
        except OSError as error:
            state = "cannot be written" if there == folder else "cannot be made"
            text = f"{folder} {state} ({there}: {error.strerror}): let DATA_DIR name another"
            is_full = error.errno in {errno.ENOSPC, errno.EDQUOT}
            # On a full disk the index that is there goes on answering.
            tell = self._warn if is_full and stats else self._fail
            tell("Data folder", text)
            return
        index_bytes = stats.bytes if stats else archive_bytes * _INDEX_PER_ARCHIVE
        free, needed = shutil.disk_usage(there).free, index_bytes + _SMALLEST_INDEX
        text = f"{folder}, {free / 1e6:,.0f} MB free"
        if free < needed:
            text += (
                f", but the next index takes about {needed / 1e6:,.0f} MB: make space, or let"
                " DATA_DIR name a folder on a larger disk"
            )
            # The one that is there goes on answering.
            if stats:
                self._warn("Data folder", text)
            else:
                self._fail("Data folder", text, WRONG)
        elif self._settings.database_url is None and (loss := host.data_loss(folder)):
            self._warn("Data folder", f"{text}; what servers set and watch will be lost: {loss}")
        else:
            self._say("Data folder", text)

    def _list_contents(self, stats: Stats) -> None:
        for source in stats.sources:
            dates = f" ({source.first_date} to {source.last_date})" if source.first_date else ""
            name = source.name or "no source"
            self._console.print(Text(f"  {source.articles:6} {name}{dates}"), soft_wrap=True)
        output.print_skipped(self._console, stats.skipped)
        output.print_noted(self._console, stats.noted)

    def _conclude(self) -> None:
        self._console.print()
        if self._status != READY:
            self._console.print("Not ready: see what is marked with ✗.", style="red")
        elif self._settings.token is None:
            ready = f"Ready to answer in the terminal: `{program()} ask QUESTION`."
            self._console.print(ready, soft_wrap=True, highlight=False)
        else:
            ready = Text(f"Ready: `{program()}` starts the bot.", style="green")
            self._console.print(ready, soft_wrap=True)

    def _say(self, what: str, state: str, sign: str = "✓", style: str = "green") -> None:
        line = Text.assemble((f"{sign} ", style), (f"{what}: ", "bold"), state)
        self._console.print(line, soft_wrap=True)

    def _warn(self, what: str, state: str) -> None:
        self._say(what, state, "!", "yellow")

    def _fail(self, what: str, state: str, status: int = NOT_READY) -> None:
        self._say(what, state, "✗", "red")
        self._status = max(self._status, status)


def application_id(token: str) -> int | None:
    """Return the ID of the application that ``token`` is of; None: it is no bot token.

    A bot token is three parts with dots between, the first of which is the ID in base64.
    """
    head, *others = token.split(".")
    if len(others) != 2 or not all(others):  # noqa: PLR2004 (three parts)
        return None
    try:
        decoded = base64.b64decode(head + "=" * (-len(head) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return int(decoded) if _SNOWFLAKE.fullmatch(decoded) else None


def invite_url(application: int) -> str:
    """Return the address at which a server's manager lets the bot in."""
    query = {
        "client_id": application,
        "scope": "bot applications.commands",
        "permissions": sum(1 << bit for bit in _PERMISSIONS.values()),
    }
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"


def _reindex() -> str:
    return f"`{program()} reindex`"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0

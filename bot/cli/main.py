"""The command line: ``footnote [ask|timeline|reindex|check|init|state|completion]``."""

import argparse
import asyncio
import io
import os
import re
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

import shtab

from bot import __version__
from bot.cli import program
from bot.errors import BotError, ClockError, SettingsError
from bot.monitoring import logs
from bot.settings import SECRET_SETTINGS, Environment, Settings, load
from corpus import (
    MAX_CANDIDATES,
    CorpusError,
    DiskFullError,
    Library,
    QueryError,
    Sort,
    WrongArchiveError,
    give_back_freed,
)

ANSWERED, FAILED, USAGE = 0, 1, 2
INTERRUPTED = 130

_SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")
_USAGE_ERRORS = (ClockError, DiskFullError, QueryError, SettingsError, WrongArchiveError)
"""Errors that trying again does not mend."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    if options.command == "completion":
        sys.stdout.write(_completion(options.shell))
        return ANSWERED
    give_back_freed()
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace")):
        # JSON is UTF-8 whatever the locale, and no character may end a run of many questions.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
    secrets = frozenset[str]()
    try:
        # Each command imports what it alone needs: a bot no terminal, a terminal no Discord.
        if options.command == "init":
            from rich.console import Console  # noqa: PLC0415

            from bot.cli.init import init  # noqa: PLC0415

            return init(os.environ, Path.cwd(), Console())
        environ = dict(os.environ)  # from which the secrets are about to go
        environment = Environment.read(environ, Path.cwd())
        settings = load(environ, Path.cwd())
        secrets = settings.secrets
        for name in SECRET_SETTINGS:
            # Children read untrusted articles, and inherit the rest of the environment.
            os.environ.pop(name, None)
        return asyncio.run(_run(options, settings, environment))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of the answers has gone; the rest of the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ANSWERED
    except (BotError, CorpusError, OSError) as error:
        for sentence in _sentences(error):
            sys.stderr.write(logs.redact(sentence, secrets) + "\n")
        return USAGE if isinstance(error, _USAGE_ERRORS) else FAILED


def _sentences(error: Exception) -> tuple[str, ...]:
    if isinstance(error, SettingsError):
        return error.problems
    if isinstance(error, OSError):
        return (f"{error.filename or 'The disk'} cannot be used: {error.strerror or error}.",)
    return (str(error),)


async def _run(options: argparse.Namespace, settings: Settings, environment: Environment) -> int:
    if options.command is not None:
        # The report of a check has what libraries would say, such as that a host is asked again.
        is_check = options.command == "check"
        logs.configure("WARNING", "bare", secrets=settings.secrets, own_only=is_check)
        settings = settings.for_a_command
    if options.command == "check":
        from rich.console import Console  # noqa: PLC0415

        if options.reading is not None:
            from bot.cli.reading import print_file  # noqa: PLC0415

            return print_file(Console(), await settings.library().preview(options.reading))
        from bot.cli.check import check  # noqa: PLC0415

        return await check(settings, environment, Console())
    if options.command == "state":
        from bot.cli.state import state  # noqa: PLC0415

        await state(options.action, getattr(options, "file", None), settings)
        return ANSWERED
    if options.command is None:
        from bot.app import run  # noqa: PLC0415

        await run(settings)
        return ANSWERED
    from bot.cli.ask import ask, reindex, timeline  # noqa: PLC0415

    command = {"ask": ask, "timeline": timeline, "reindex": reindex}[options.command]
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with _library(settings) as library:
        await command(library, options, settings)
    return ANSWERED


@asynccontextmanager
async def _library(settings: Settings) -> AsyncGenerator[Library]:
    """Open the library, with what a database holds for it where there is one."""
    if settings.database_url is None:
        async with settings.library() as library:
            yield library
        return
    from bot.state import FILE_NAME, State  # noqa: PLC0415
    from bot.state.library import opened_library  # noqa: PLC0415

    path = settings.data_dir / FILE_NAME
    async with (
        State.open(path, database_url=settings.database_url) as state,
        opened_library(settings, state) as library,
    ):
        yield library


def _completion(shell: str) -> str:
    """Return a script with which ``shell`` completes the command ``footnote``."""
    # A script that is made once: asking this program at each Tab would take a second.
    parser = _parser()
    parser.prog = "footnote"
    return shtab.complete(parser, shell) + "\n"


class _Parser(argparse.ArgumentParser):
    """A parser that names the choice nearest to one that is misspelt."""

    def error(self, message: str) -> NoReturn:
        """End the process with usage and ``message``."""
        # The public hook of the class; the message is its only source in Python 3.11 to 3.13.
        misspelt = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)$", message)
        if misspelt:
            choices = misspelt[2].replace("'", "").split(", ")
            if nearest := get_close_matches(misspelt[1], choices, 1):
                message += f"; did you mean {nearest[0]}?"
        super().error(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=program(), description="Answers questions from an archive of articles.")
    parser.add_argument("--version", action="version", version=f"footnote {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", help="without one, the Discord bot runs"
    )
    ask = commands.add_parser("ask", help="answer a question in the terminal")
    ask.add_argument("question", nargs="+", metavar="QUESTION", help="with --json: - reads lines")
    ask.add_argument("--json", action="store_true", help="print one JSON object a question")
    ask.add_argument("--limit", type=_limit, default=5, metavar="N", help="hits to show (5)")
    ask.add_argument("--source", help="only articles of this source")
    ask.add_argument("--author", help="only articles by this author")
    ask.add_argument("--tag", help="only articles with this tag")
    ask.add_argument("--after", metavar="DATE", help="2021, 2021-01 or 2021-01-06, inclusive")
    ask.add_argument("--before", metavar="DATE", help="likewise")
    ask.add_argument(
        "--sort", choices=[order.value for order in Sort], default=Sort.RELEVANCE.value
    )
    ask.add_argument("--explain", action="store_true", help="show each score in its parts")
    timeline = commands.add_parser("timeline", help="tell a story, a sentence a day, oldest first")
    timeline.add_argument("question", nargs="+", metavar="QUESTION")
    timeline.add_argument("--json", action="store_true", help="print one JSON object")
    timeline.add_argument("--after", metavar="DATE", help="2021, 2021-01 or 2021-01-06, inclusive")
    timeline.add_argument("--before", metavar="DATE", help="likewise")
    reindex = commands.add_parser("reindex", help="bring the index up to date with the archive")
    reindex.add_argument("--full", action="store_true", help="even where nothing has changed")
    reindex.add_argument("--json", action="store_true", help="print the report as JSON")
    state = commands.add_parser("state", help="back up, restore or move what servers set and watch")
    actions = state.add_subparsers(dest="action", metavar="ACTION", required=True)
    backup = actions.add_parser("backup", help="copy it to a file, also while a bot runs")
    _completed_as_file(backup.add_argument("file", type=Path, metavar="FILE"))
    restore = actions.add_parser("restore", help="put a backup in its place, while no bot runs")
    _completed_as_file(
        restore.add_argument(
            "file", type=Path, metavar="FILE", help="a backup, or a copy by its name"
        )
    )
    actions.add_parser("list", help="name the copies in the data folder")
    actions.add_parser("move", help="move it to DATABASE_URL, while no bot runs")
    commands.add_parser("init", help="write .env by asking")
    check = commands.add_parser(
        "check", help="say whether settings, archive and index are in order"
    )
    _completed_as_file(
        check.add_argument(
            "--reading", metavar="PATH", help="show a post as it is read, beside what is left out"
        )
    )
    completion = commands.add_parser("completion", help="print what lets a shell complete these")
    completion.add_argument("shell", choices=_SHELLS)
    return parser


def _completed_as_file(action: argparse.Action) -> None:
    action.complete = shtab.FILE  # pyright: ignore[reportAttributeAccessIssue] (shtab's protocol)


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_CANDIDATES:
        raise argparse.ArgumentTypeError(f"{text} is no number from 1 to {MAX_CANDIDATES}")
    return int(text)

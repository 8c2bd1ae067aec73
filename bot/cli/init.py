"""``python -m bot init``: writes ``.env`` by asking."""

import os
import re
import sys
from collections.abc import Mapping
from getpass import getpass
from pathlib import Path

from rich.console import Console
from rich.prompt import Prompt
from rich.text import Text

from bot.cli import program
from bot.cli.check import NOT_A_BOTS, application_id, invite_url
from bot.errors import SettingsError
from bot.settings import DOTENV, EXAMPLE, Variable, load, variables

_FIRST_SETTINGS = ("DISCORD_TOKEN", "ARCHIVE", "DATA_DIR", "ADMIN_IDS", "DEFAULT_LOCALE")
"""The settings that a first start may need; the file explains the others."""
_SECRET = "DISCORD_TOKEN"  # noqa: S105 (its name)
_NEEDS_NO_QUOTES = re.compile(r"[\w@%+=:,./#-]*", re.ASCII)


def init(environ: Mapping[str, str], cwd: Path, console: Console) -> int:
    """Ask for the settings that matter first, write them to ``cwd/.env`` and say what is next.

    Nothing is written before all is answered, and never over a file that is there.

    Raises:
        SettingsError: there is one already, or nobody to ask.
        KeyboardInterrupt: the user has had enough.
        OSError: it cannot be written.
    """
    path = cwd / DOTENV
    if os.path.lexists(path):
        raise SettingsError((f"{path} is there already: edit it, or move it away first.",))
    if not sys.stdin.isatty():
        raise SettingsError(
            ("init asks questions: run it in a terminal, or set variables of the environment.",)
        )
    console.print("Enter keeps the default. Everything can be changed later in .env.")
    answers: dict[str, str] = {}
    for variable in variables():
        if variable.name in _FIRST_SETTINGS:
            answers[variable.name] = _answer(variable, answers, cwd, console)
    _write(path, answers)
    console.print(f"\nWrote {path}, which only you can read.", soft_wrap=True, highlight=False)
    if application := application_id(answers[_SECRET]):
        link = f"Put the bot on your server: {invite_url(application)}"
        console.print(Text(link), soft_wrap=True)
    if set_already := [name for name in _FIRST_SETTINGS if environ.get(name)]:
        console.print(f"The environment sets {', '.join(set_already)}, which wins over the file.")
    console.print(_next_step(answers, environ), soft_wrap=True, highlight=False)
    return 0


def _next_step(answers: Mapping[str, str], environ: Mapping[str, str]) -> str:
    if answers[_SECRET] or environ.get(_SECRET):
        return f"Next: `{program()} check`, then `{program()}`."
    return (
        f"{_SECRET} is still missing: write it into {DOTENV}, then `{program()}` starts the bot."
        f" Until then, `{program()} ask QUESTION` answers in the terminal."
    )


def _answer(variable: Variable, before: Mapping[str, str], cwd: Path, console: Console) -> str:
    """Ask until the answer can be used together with those before it."""
    console.print()
    console.print(Text(variable.explanation, style="dim"))
    while True:
        answer = _typed(variable, console).strip()
        try:
            load({**before, variable.name: answer}, cwd)
        except SettingsError as error:
            for problem in error.problems:
                console.print(Text(problem, style="red"))
            continue
        if variable.name == _SECRET and answer and application_id(answer) is None:
            console.print(Text(f"{variable.name} {NOT_A_BOTS}.", style="red"))
            continue
        return answer


def _typed(variable: Variable, console: Console) -> str:
    try:
        if variable.name == _SECRET:
            # Unlike rich's, asks only once nothing that is typed is shown any more.
            return getpass(f"{variable.name}: ")
        return Prompt.ask(
            Text(variable.name, style="bold"),
            console=console,
            default=variable.default,
            show_default=bool(variable.default),
        )
    except EOFError as error:
        raise KeyboardInterrupt from error


def _write(path: Path, answers: Mapping[str, str]) -> None:
    """Write the example with ``answers`` filled in, for the eyes of its owner alone."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for name, answer in answers.items():
        line = f"{name}={_quoted(answer)}"
        text = re.sub(rf"^{name}=.*$", lambda _, line=line: line, text, flags=re.MULTILINE)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 (of a descriptor)
            file.write(text)
    except OSError:
        path.unlink()
        raise


def _quoted(value: str) -> str:
    if _NEEDS_NO_QUOTES.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"

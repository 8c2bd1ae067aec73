"""What README.md and docs/ say can be done: their commands run, and what they name is there.

A block's kind says what becomes of it, see docs/contributing.md: `sh` is run, `console` needs a
host, a token or the network and only has what is ours in it checked, `ini` holds settings.
"""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from itertools import takewhile
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from bot.cli.main import _parser
from bot.state import FILE_NAME, State
from bot.state.copies import write_copy
from bot.state.guilds import GuildSettings
from bot.state.schema import migrate
from tests.e2e.process import SETTINGS
from tests.folders import with_dictionary
from tests.pages import PAGES, ROOT, blocks, headings, inline, spans, tokens

if TYPE_CHECKING:
    from pathlib import Path

ALL_PAGES = [*PAGES, *(ROOT / name for name in ("PRIVACY.md", "CHANGELOG.md", "bench/README.md"))]
KINDS = {"sh", "console", "ini", "toml", "yaml", "json", "text", "mermaid"}
NOT_OF_A_CHECKOUT = {".git", ".env", ".venv", "var"}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def settings_known() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (names,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    return set(names.split())


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, dictionary_cache: Path) -> Path:
    """A checkout in which something has been asked, and a reader's file of questions."""
    folder = tmp_path_factory.mktemp("checkout")
    for entry in ROOT.iterdir():
        if entry.name not in NOT_OF_A_CHECKOUT:
            (folder / entry.name).symlink_to(entry)
    (folder / "questions.txt").write_text("什麼是黑潮\n", encoding="utf-8")
    tools = folder / ".venv" / "bin"
    tools.mkdir(parents=True)
    (tools / "activate").write_text('PATH="$PWD/.venv/bin:$PATH"\n')
    _program(tools / "python", f'exec {shlex.quote(sys.executable)} "$@"')
    make = shutil.which("make") or "make"
    # What sets up, checks or runs without end is only made to say what it would do.
    dry = f'case $1 in setup|ask) exec {make} "$@";; *) exec {make} --dry-run "$@";; esac'
    _program(tools / "make", dry)
    (folder / ".venv" / ".runtime").touch()
    with_dictionary(folder / "var", dictionary_cache)
    _leave_a_state(folder / "var" / FILE_NAME)
    _run('make ask Q="什麼是黑潮"', folder)
    return folder


def _leave_a_state(path: Path) -> None:
    """Leave what a bot leaves that was updated: a state, and its copies."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, 0, 2)

    async def start() -> None:
        async with State.open(path) as state:
            await state.guilds.set(1, GuildSettings("zh-TW"))
            await state.copy_daily()

    asyncio.run(start())
    write_copy(path, path.parent.parent / "footnote-backup.sqlite")
    (path.parent.parent / ".env").write_text("LOG_LEVEL=INFO\n", encoding="utf-8")


def _run(block: str, checkout: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    done = subprocess.run(
        ["sh", "-ec", block],  # noqa: S607 (whichever the reader has)
        cwd=checkout,
        env={**kept, "PATH": f"{checkout / '.venv' / 'bin'}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def _to_run() -> dict[str, str]:
    """Return where each block that is run stands first: translations repeat them."""
    found: dict[str, str] = {}
    for page in PAGES:
        for number, block in enumerate(blocks(page, "sh"), 1):
            found.setdefault(block, f"{page.name} {number}")
    return found


@pytest.mark.parametrize("block", _to_run().keys(), ids=_to_run().values())
def test_what_a_page_says_to_run_runs(block: str, checkout: Path) -> None:
    _run(block, checkout)


@each_page
def test_every_block_says_what_it_is(page: Path) -> None:
    assert {token.info for token in tokens(page) if token.type == "fence"} <= KINDS


@each_page
def test_what_needs_a_host_calls_this_project_rightly(page: Path) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    known = settings_known() | {"Q", "PYTHON", *re.findall(r"^ARG (\w+)", dockerfile, re.MULTILINE)}
    for block in blocks(page, "console"):
        for line in block.splitlines():
            if not line.startswith("$ "):
                continue
            words = shlex.split(line[2:], comments=True)
            assert {name for word in words if (name := _assigned(word))} <= known, line
            call = takewhile(lambda word: word not in {">", "|", "&&"}, words)
            _check_call([word for word in call if not _assigned(word)])


def _assigned(word: str) -> str | None:
    match = re.match(r"([A-Z][A-Z0-9_]*)=", word)
    return match[1] if match else None


def _check_call(words: list[str]) -> None:
    match words:
        case ["make", *named]:
            assert {name for name in named if not name.startswith("-")} <= targets()
        case [program, "-m", "bot", *arguments] if "python" in program:
            _parser().parse_args(arguments)
        case ["footnote", *arguments]:
            _parser().parse_args(arguments)
        case [program, *arguments] if program.endswith("pytest"):
            files = [
                argument.partition("::")[0]
                for argument in arguments
                if argument.startswith("tests")
            ]
            assert all((ROOT / file).exists() for file in files), words
        case _:
            pass


OTHERS_SETTINGS = {"OPENSEARCH_URL", "POSTGRES_PASSWORD", "SSL_CERT_FILE"}
"""Of the tests, of compose.yaml, and of OpenSSL."""


@each_page
def test_every_setting_that_is_named_exists(page: Path) -> None:
    written = [line for block in blocks(page, "ini") for line in block.splitlines()]
    named = {name for line in written if (name := _assigned(line))}
    named |= {
        span.partition("=")[0] for span in spans(page) if re.match(r"[A-Z]+_[A-Z_]+(=|$)", span)
    }
    assert named <= settings_known() | OTHERS_SETTINGS


@each_page
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = [span for span in spans(page) if re.match(r"(bot|corpus|tests|bench|docs)/", span)]
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.name)
def test_every_link_and_picture_leads_somewhere(page: Path) -> None:
    for token in inline(page):
        address = token.attrGet("href") or token.attrGet("src")
        if address is None or urlsplit(str(address)).scheme:
            continue
        path, _, anchor = unquote(str(address)).partition("#")
        target = page.parent / path if path else page
        assert target.exists(), address
        assert not anchor or anchor in _anchors(target), address


def _anchors(page: Path) -> set[str]:
    """Return where links can lead, as GitHub makes it of a heading."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(page)
    }

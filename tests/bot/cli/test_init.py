"""``python -m bot init`` at a terminal, as someone who types."""

import contextlib
import io
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.settings import load
from tests.e2e.loopback.rules import APPLICATION_ID, TOKEN
from tests.e2e.process import SETTINGS

ENTER = ""


class Terminal:
    """A command at a terminal of its own."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self._own, theirs = pty.openpty()
        environment = {name: text for name, text in os.environ.items() if name not in SETTINGS}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "init"],
            cwd=folder,
            env={**environment, "TERM": "dumb", **variables},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            # What runs in the background of a shell ignores it, and so would what it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
        os.close(theirs)
        self.shown = ""
        self._read_up_to = 0

    def read_until(self, text: str) -> None:
        """Wait until the command has shown ``text`` after what was waited for before."""
        while (found := self.shown.find(text, self._read_up_to)) < 0:
            self.shown += os.read(self._own, 4096).decode()
        self._read_up_to = found + len(text)

    def type(self, line: str) -> None:
        os.write(self._own, f"{line}\n".encode())

    def interrupt(self) -> None:
        """Press Ctrl-C until it is heard: one that comes just before a read begins is not."""
        while self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)

    def ended(self) -> int:
        # Linux: reading from a terminal that nobody holds any more is an error.
        with contextlib.suppress(OSError):
            while more := os.read(self._own, 4096):
                self.shown += more.decode()
        return self._process.wait()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._own)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    started = Terminal(tmp_path)
    yield started
    started.close()


@pytest.fixture
def terminal_with_token(tmp_path: Path) -> Iterator[Terminal]:
    started = Terminal(tmp_path, DISCORD_TOKEN=TOKEN)
    yield started
    started.close()


def answer(terminal: Terminal, answers: Sequence[tuple[str, str]]) -> None:
    for prompt, line in answers:
        terminal.read_until(prompt)
        terminal.type(line)


def test_the_answers_become_a_dotenv_that_only_its_owner_reads(
    terminal: Terminal, tmp_path: Path
) -> None:
    posts = tmp_path / "my posts # 1's"
    posts.mkdir()
    answer(
        terminal,
        [
            ("DISCORD_TOKEN: ", TOKEN),
            ("ARCHIVE: ", "nowhere"),
            ("ARCHIVE: ", str(posts)),
            ("DATA_DIR (./var): ", ENTER),
            ("ADMIN_IDS: ", "me"),
            ("ADMIN_IDS: ", "223456789012345678"),
            ("DEFAULT_LOCALE (zh-TW): ", ENTER),
        ],
    )
    assert terminal.ended() == 0
    assert TOKEN not in terminal.shown
    assert "ARCHIVE must be a folder that exists" in terminal.shown
    assert "ADMIN_IDS must be Discord IDs" in terminal.shown
    assert f"client_id={APPLICATION_ID}" in terminal.shown
    assert "python -m bot check" in terminal.shown
    written = tmp_path / ".env"
    assert written.stat().st_mode & 0o777 == 0o600
    settings = load({}, tmp_path)
    assert (settings.token, settings.archive) == (TOKEN, posts)
    assert settings.admin_ids == {223456789012345678}
    assert settings.data_dir == tmp_path / "var"
    assert "# How often a repository is asked" in written.read_text(encoding="utf-8")


def test_without_a_token_it_says_what_is_missing_and_not_to_start_the_bot(
    terminal: Terminal, tmp_path: Path
) -> None:
    prompts = ("DISCORD_TOKEN: ", "ARCHIVE: ", "DATA_DIR (./var): ", "ADMIN_IDS: ")
    answer(terminal, [(prompt, ENTER) for prompt in (*prompts, "DEFAULT_LOCALE (zh-TW): ")])
    assert terminal.ended() == 0
    assert "DISCORD_TOKEN is still missing: write it into .env" in terminal.shown
    assert "python -m bot ask QUESTION" in terminal.shown
    assert "Next: " not in terminal.shown
    assert (tmp_path / ".env").exists()


def test_a_token_in_the_environment_is_not_missing(terminal_with_token: Terminal) -> None:
    prompts = ("DISCORD_TOKEN: ", "ARCHIVE: ", "DATA_DIR (./var): ", "ADMIN_IDS: ")
    terminal = terminal_with_token
    answer(terminal, [(prompt, ENTER) for prompt in (*prompts, "DEFAULT_LOCALE (zh-TW): ")])
    assert terminal.ended() == 0
    assert "The environment sets DISCORD_TOKEN, which wins over the file." in terminal.shown
    assert "still missing" not in terminal.shown
    assert "Next: " in terminal.shown


def test_what_is_no_bot_token_is_asked_again(terminal: Terminal, tmp_path: Path) -> None:
    answer(terminal, [("DISCORD_TOKEN: ", "kD8c-3fJm_Qa0Lx9PwTz7RbYvN2sUeGh")])
    terminal.read_until("is no bot token")
    terminal.read_until("DISCORD_TOKEN: ")
    assert not (tmp_path / ".env").exists()


def test_an_interruption_leaves_nothing_behind(terminal: Terminal, tmp_path: Path) -> None:
    answer(terminal, [("DISCORD_TOKEN: ", TOKEN)])
    terminal.read_until("ARCHIVE: ")
    terminal.interrupt()
    assert terminal.ended() == 130
    assert "Traceback" not in terminal.shown
    assert list(tmp_path.iterdir()) == []


def test_a_dotenv_that_is_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("LOG_LEVEL=DEBUG\n")
    assert main(["init"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / ".env").read_text() == "LOG_LEVEL=DEBUG\n"


def test_without_a_terminal_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert main(["init"]) == 2
    assert "run it in a terminal" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []

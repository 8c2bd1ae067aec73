"""What messages tell a user to type is what their shell finds."""

from pathlib import Path

import pytest

from bot.cli import program


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an environment of its own, in which a shell stands."""
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "footnote"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.executable", str(programs / "python"))
    return tmp_path


@pytest.mark.parametrize(
    ("started", "typed"),
    [
        ("bot/__main__.py", ".venv/bin/python -m bot"),
        (".venv/bin/footnote", ".venv/bin/footnote"),
        ("/home/me/.local/bin/footnote", "footnote"),
    ],
)
def test_an_environment_that_is_not_activated_is_named_by_its_path(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, started: str, typed: str
) -> None:
    monkeypatch.setenv("PATH", str(checkout))
    monkeypatch.setattr("sys.argv", [started])
    assert program() == typed


@pytest.mark.parametrize(
    ("started", "typed"), [("bot/__main__.py", "python -m bot"), ("footnote", "footnote")]
)
def test_an_activated_environment_needs_no_path(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, started: str, typed: str
) -> None:
    programs = checkout / ".venv" / "bin"
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin")
    monkeypatch.setattr("sys.argv", [str(programs / started)])
    assert program() == typed

"""What a keeper can get wrong: one sentence that says what to change, and exit status 2."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from errno import EACCES, ENOENT, ENOSPC
from pathlib import Path

import pytest

from bot import host
from bot.cli.main import main
from corpus.__main__ import corpus_error
from corpus.errors import ArchiveError, CorpusError, DiskFullError
from corpus.indexing.job import Job
from tests.bot.test_app import TOKEN
from tests.corpus.git_server import Origin, serving
from tests.disks import full_disk
from tests.e2e.process import SETTINGS

COMMANDS = ("check", "reindex", "ask")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A working directory, and a git server to name in it."""

    folder: Path
    address: str
    """Of a repository that holds posts on the branch main and none on the branch empty."""

    def command(self, command: str) -> list[str]:
        return ["ask", "颱風"] if command == "ask" else [command]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    origin = Origin(tmp_path_factory.mktemp("git") / "origin")
    empty = origin.commit({"README.md": "# 沒有文章\n"})
    origin.repo.refs[b"refs/heads/empty"] = empty.encode()
    origin.commit({"_posts/tea.md": "---\ntitle: 茶\n---\n高山茶種在海拔一千公尺以上。\n"})
    with serving(origin.repo) as served:
        yield served


@pytest.fixture
def workspace(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Workspace(tmp_path, address)


def sentence(captured: str) -> str:
    """Return the one line that was said."""
    (line,) = captured.splitlines()
    assert line.endswith(".")
    return line


def no_folder(workspace: Workspace) -> dict[str, str]:
    return {"ARCHIVE": str(workspace.folder / "nowhere")}


def no_address(_: Workspace) -> dict[str, str]:
    return {"ARCHIVE": "https://"}


def unreadable_line(workspace: Workspace) -> dict[str, str]:
    (workspace.folder / ".env").write_text("LOG_LEVEL=INFO\nARCHIVE posts\n")
    return {}


def one_folder_for_both(workspace: Workspace) -> dict[str, str]:
    (workspace.folder / "posts").mkdir()
    return {"ARCHIVE": "posts", "DATA_DIR": "./posts/"}


def server_among_users(_: Workspace) -> dict[str, str]:
    return {"ADMIN_GUILD": "223456789012345678", "ADMIN_IDS": "1" * 18 + ",223456789012345678"}


def one_file_for_both(workspace: Workspace) -> dict[str, str]:
    (workspace.folder / "words.txt").write_text("詞\n", encoding="utf-8")
    return {"USER_DICT": "words.txt", "SYNONYMS": "./words.txt"}


def host_left_out(_: Workspace) -> dict[str, str]:
    return {"ARCHIVE": "https://example.org/posts.git", "GIT_HOSTS": "example.com"}


@pytest.mark.parametrize("command", [*COMMANDS, None])
@pytest.mark.parametrize(
    ("prepare", "named"),
    [
        (no_folder, ["ARCHIVE", "nowhere", "https address"]),
        (no_address, ["ARCHIVE", "https://example.org/posts.git"]),
        (unreadable_line, [".env line 2", "NAME=value"]),
        (one_folder_for_both, ["ARCHIVE", "DATA_DIR"]),
        (server_among_users, ["ADMIN_IDS", "ADMIN_GUILD", "223456789012345678"]),
        (one_file_for_both, ["USER_DICT", "SYNONYMS"]),
        (host_left_out, ["ARCHIVE", "example.org", "GIT_HOSTS"]),
    ],
)
def test_settings_that_cannot_be_meant(
    prepare: Callable[[Workspace], Mapping[str, str]],
    named: list[str],
    command: str | None,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in prepare(workspace).items():
        monkeypatch.setenv(name, value)
    assert main(workspace.command(command) if command else []) == 2
    text = sentence(capsys.readouterr().err)
    assert [part for part in named if part not in text] == []


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("archive", "named"),
    [
        ("{address}/nowhere", "There is no git repository at"),
        ("{address}#gone", "has no branch gone. It has empty, main."),
        ("{address}#empty", "holds no posts"),
        ("file://{folder}", "There is no git repository at"),
        ("{folder}", "holds no posts"),
    ],
)
def test_an_archive_that_is_none(
    archive: str,
    named: str,
    command: str,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    written = archive.format(address=workspace.address, folder=workspace.folder)
    monkeypatch.setenv("ARCHIVE", written)
    if command == "check":
        main(["reindex"])  # without, it knows of a repository only that there is a commit
        capsys.readouterr()
        monkeypatch.setenv("ARCHIVE", written)  # each command takes it from the environment
    assert main(workspace.command(command)) == 2
    captured = capsys.readouterr()
    assert named in captured.out + captured.err
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://127.0.0.1:9/posts.git", "Connection refused."),
        ("https://keeper:s3cret@posts.invalid/posts.git", ""),  # the resolver's words
    ],
)
def test_a_host_that_is_not_there_may_come_back(
    address: str,
    reason: str,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ARCHIVE", address)
    assert main(workspace.command("reindex")) == 1
    text = sentence(capsys.readouterr().err)
    assert f"cannot be reached: {reason}" in text
    assert "Pool" not in text
    assert "s3cret" not in text


@pytest.mark.parametrize("command", ["check", None])
def test_a_clock_that_was_never_set(
    command: str | None,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setattr(host, "EARLIEST", host.EARLIEST.replace(year=9999))
    assert main(workspace.command(command) if command else []) == 2
    assert "clock" in sentence(capsys.readouterr().err)


def test_a_disk_too_small_is_told_before_it_is_filled(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = shutil.disk_usage(workspace.folder)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert main(["check"]) == 2
    assert "1 MB free, but the next index takes about 5 MB" in capsys.readouterr().out


def full_database() -> sqlite3.Error:
    """Return what SQLite says where no page more fits."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("PRAGMA max_page_count = 1")
        connection.execute("CREATE TABLE passage (text)")
    except sqlite3.Error as error:
        return error
    finally:
        connection.close()
    raise AssertionError("the page took it")


@pytest.mark.parametrize(
    ("error", "kind", "named"),
    [
        (OSError(ENOSPC, "No space left on device", "/data/index-1/terms"), DiskFullError, "space"),
        (full_database(), DiskFullError, "space in /data"),
        (OSError(EACCES, "Permission denied", "/data/index.lock"), CorpusError, "/data/index.lock"),
        (sqlite3.OperationalError("disk I/O error"), CorpusError, "/data cannot be used"),
        (ArchiveError("It cannot be reached."), ArchiveError, "It cannot be reached."),
    ],
)
def test_what_a_build_met_becomes_a_sentence(
    error: CorpusError | OSError | sqlite3.Error, kind: type[CorpusError], named: str
) -> None:
    raised = corpus_error(error, Job(archive="/posts", data_dir="/data"))
    assert type(raised) is kind
    assert named in sentence(str(raised))


def test_a_temporary_folder_that_cannot_be_used_is_no_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "file" / "sub"))
    # As the module tempfile raises it, whatever the reason.
    error = FileNotFoundError(ENOENT, "No usable temporary directory found in ['/tmp']")
    raised = corpus_error(error, Job(archive="/posts", data_dir="/data"))
    assert type(raised) is CorpusError
    assert "Not a directory" in sentence(str(raised))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with full_disk():
        assert type(corpus_error(error, Job(archive="/posts", data_dir="/data"))) is DiskFullError
    assert [path.name for path in tmp_path.iterdir()] == ["file"]

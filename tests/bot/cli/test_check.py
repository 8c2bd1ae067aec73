"""``python -m bot check``, as a newcomer reads it."""

import asyncio
import errno
import io
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import discord
import pytest
from rich.cells import cell_len
from rich.console import Console

from bot import host
from bot.cli import program
from bot.cli.check import application_id, check, invite_url
from bot.settings import Environment, Settings, load, variables
from tests.corpus.git_server import Origin, serving
from tests.e2e.loopback.rules import APPLICATION_ID, TOKEN
from tests.e2e.process import SETTINGS

Checked = Callable[..., tuple[int, str]]


@pytest.fixture
def checked(settings: Settings, tmp_path: Path) -> Checked:
    """Give what checks an indexed archive and returns the status and what a pipe gets."""
    places = {"ARCHIVE": str(settings.archive), "DATA_DIR": str(settings.data_dir)}

    def run(**environ: str) -> tuple[int, str]:
        written = {**places, **environ}
        console = Console(file=io.StringIO(), width=40)
        environment = Environment.read(written, tmp_path)
        status = asyncio.run(check(load(written, tmp_path), environment, console))
        assert isinstance(console.file, io.StringIO)
        return status, console.file.getvalue()

    return run


def line(output: str, beginning: str) -> str:
    """Return the one line that begins so, whatever sign is before it."""
    (found,) = [line for line in output.splitlines() if line[2:].startswith(beginning)]
    return found


def test_every_setting_is_listed_with_its_source(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DEFAULT_LOCALE=en-US\nLOG_LEVEL=DEBUG\n")
    _, output = checked(LOG_LEVEL="")
    assert line(output, "ARCHIVE ").split()[1] == "environment"
    assert line(output, "DEFAULT_LOCALE").split()[1:] == [".env", "en-US"]
    assert line(output, "LOG_LEVEL").split()[1:] == ["default", "INFO"]
    assert line(output, "ASK_COOLDOWN").split()[1:] == ["default", "8/60s"]


def test_the_example_explains_every_setting_there_is() -> None:
    assert {variable.name for variable in variables()} == SETTINGS
    assert all(variable.explanation.endswith((".", "empty")) for variable in variables())


def test_shards_by_hand_are_named(checked: Checked) -> None:
    _, output = checked(SHARDS="0-3/16")
    assert line(output, "SHARDS ").split()[1:] == ["environment", "0-3/16"]
    assert line(output, "Shards:").endswith("0 to 3 of 16, and no others")


def test_a_database_is_listed_without_its_password(checked: Checked) -> None:
    database = "postgresql://me:hidden@127.0.0.1:1/footnote"
    status, output = checked(DATABASE_URL=database)
    assert line(output, "DATABASE_URL").endswith("postgresql://127.0.0.1:1/footnote")
    assert "Connection refused" in line(output, "Database:")
    assert status == 2
    assert "hidden" not in output


def test_a_pipe_gets_plain_lines_whole_and_aligned(checked: Checked, tmp_path: Path) -> None:
    posts = tmp_path / "很長的資料夾名稱" / ("文章" * 20)
    posts.mkdir(parents=True)
    _, output = checked(ARCHIVE=str(posts))
    assert "\x1b" not in output
    listed = output.split("\n\n")[0].splitlines()[1:]
    columns = {
        cell_len(line[: line.index(source)])
        for line in listed
        for source in ("environment", "default")
        if f" {source}" in line
    }
    assert len(columns) == 1
    assert str(posts) in line(output, "ARCHIVE ")


def test_all_is_in_order(checked: Checked) -> None:
    status, output = checked(DISCORD_TOKEN=TOKEN)
    assert status == 0
    assert TOKEN not in output
    assert f"application {APPLICATION_ID}" in line(output, "Token")
    assert f"client_id={APPLICATION_ID}" in line(output, "Invite link")
    assert "View Channels, Send Messages" in line(output, "Invite link")
    assert "4 posts" in line(output, "Archive")
    assert "3 articles, 3 passages" in line(output, "Index")
    assert "MB free" in line(output, "Data folder")
    assert "discord.py 2" in line(output, "Versions")
    assert "2020-01-01-broken.md: " in output
    assert "missing" not in output
    assert output.endswith(f"Ready: `{program()}` starts the bot.\n")


def test_a_client_secret_is_no_token(checked: Checked) -> None:
    status, output = checked(DISCORD_TOKEN="kD8c-3fJm_Qa0Lx9PwTz7RbYvN2sUeGh")  # noqa: S106 (of nobody)
    assert status == 1
    assert line(output, "Token").startswith("✗")
    assert "client secret" in output
    assert "Not ready" in output
    assert "oauth2" not in output


def test_a_disk_that_is_emptied_is_a_warning(
    checked: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNO", "worker.1")
    status, output = checked()
    assert status == 0
    assert line(output, "Data folder").startswith("!")
    assert "Heroku" in output
    monkeypatch.setattr(host, "data_loss", lambda _: None)
    assert line(checked()[1], "Data folder").startswith("✓")


def test_a_disk_too_small_for_the_next_index_is_a_warning(
    checked: Checked, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    status, output = checked()
    assert status == 0
    assert line(output, "Data folder").startswith("!")
    assert "1 MB free, but the next index" in output


def test_a_data_folder_that_cannot_be_made_is_told_with_the_reason(
    checked: Checked, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    status, output = checked(DATA_DIR=str(tmp_path / "file" / "sub" / "var"))
    assert status == 1
    told = line(output, "Data folder")
    assert told.startswith("✗")
    assert f"cannot be made ({tmp_path / 'file'}: Not a directory)" in told
    assert "MB" not in told
    assert (tmp_path / "file").is_file()


@pytest.mark.parametrize(("number", "status"), [(errno.EROFS, 1), (errno.ENOSPC, 0)])
def test_a_data_folder_that_takes_no_file_is_told_with_the_reason(
    checked: Checked, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    found, output = checked()
    assert found == status
    assert os.strerror(number) in line(output, "Data folder")


def test_variables_that_nothing_reads_are_named_without_their_values(
    checked: Checked, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("# mine\nARCHVE=/a-secret\nTZ=another-secret\n")
    status, output = checked(LOGLEVEL="a-secret-too")
    assert status == 0
    assert ".env line 2 sets ARCHVE, which nothing reads: is ARCHIVE meant?" in output
    assert ".env line 3 sets TZ, which nothing reads.\n" in output
    assert "The environment sets LOGLEVEL, which nothing reads: is LOG_LEVEL meant?" in output
    assert "secret" not in output


def test_a_repository_s_password_is_never_shown(checked: Checked, tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin")
    commit = origin.commit({"a.md": "---\ntitle: 茶\n---\n高山茶。\n"})
    with serving(origin.repo) as address:
        secret = address.replace("http://", "http://keeper:s3cret@")
        _, output = checked(ARCHIVE=secret)
        assert f"{address}, a git repository, now at {commit[:12]}" in line(output, "Archive")
        assert "another archive" in line(output, "Index")
    status, offline = checked(ARCHIVE=secret)
    assert status == 1
    assert line(offline, "Archive").startswith("!")
    assert "s3cret" not in output + offline
    assert "keeper" not in output + offline


def test_a_bot_token_names_its_application() -> None:
    assert application_id(TOKEN) == APPLICATION_ID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kD8c-3fJm_Qa0Lx9PwTz7RbYvN2sUeGh",  # a client secret's shape
        str(APPLICATION_ID),
        TOKEN.rsplit(".", 1)[0],
        f"{TOKEN}.more",
        TOKEN.replace(".", "..", 1),
        "a-token.of-some.forty-characters-or-so_0123",
        "bm90IGFuIGlk.abcdef.abcdefghijklmnopqrstuvwxyz0",
        "詞.詞.詞",
    ],
)
def test_another_secret_is_no_bot_token(text: str) -> None:
    assert application_id(text) is None


def test_the_link_asks_for_what_posts_and_threads_need_and_no_more() -> None:
    expected = discord.utils.oauth_url(
        APPLICATION_ID,
        permissions=discord.Permissions(
            view_channel=True,
            send_messages=True,
            embed_links=True,
            read_message_history=True,
            create_public_threads=True,
            send_messages_in_threads=True,
        ),
        scopes=("bot", "applications.commands"),
    )
    assert invite_url(APPLICATION_ID) == expected

"""A misspelt variable is named, another program's is not, and no secret is shown."""

from pathlib import Path

import pytest

from bot.settings import Environment, load, variables
from bot.unknown_variables import misspelt_in_environment, unknown_in_dotenv

KNOWN = [variable.name for variable in variables()]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ARCHVE", "ARCHIVE"),
        ("archive", "ARCHIVE"),
        ("DATADIR", "DATA_DIR"),
        ("LOGLEVEL", "LOG_LEVEL"),
        ("ADMIN_ID", "ADMIN_IDS"),
        ("GIT_HOST", "GIT_HOSTS"),
        ("DISCORD_TOKEN_", "DISCORD_TOKEN"),
        ("SYNONYM", "SYNONYMS"),
        ("REINDEX_EVRY", "REINDEX_EVERY"),
        ("port", "PORT"),
    ],
)
def test_a_near_miss_in_the_environment_is_told_with_the_name_that_is_meant(
    name: str, meant: str
) -> None:
    (sentence,) = misspelt_in_environment([name, *KNOWN], KNOWN)
    assert sentence == f"The environment sets {name}, which nothing reads: is {meant} meant?"


@pytest.mark.parametrize(
    "name",
    "PATH HOME HOST HOSTNAME LOGNAME SHELL LANG TERM USER EDITOR TMPDIR SPORT SSH_PORT PORTS"
    " DATABASE_URL REDIS_URL XDG_DATA_DIRS NPM_LOG_LEVEL GIT_ASKPASS LC_ALL PYTHONPATH"
    " HTTP_PROXY no_proxy DYNO FLY_APP_NAME RAILWAY_ENVIRONMENT_NAME CI DEBUG PIP_INDEX_URL".split(),
)
def test_what_other_programs_read_is_no_near_miss(name: str) -> None:
    assert not misspelt_in_environment([name], KNOWN)


def test_every_unknown_variable_of_dotenv_is_told_with_its_line() -> None:
    lines = {"ARCHIVE": 1, "ARCHVE": 2, "REDIS_PASSWORD": 4, "DISCORD_BOT_TOKEN": 7}
    assert unknown_in_dotenv(".env", lines, KNOWN) == [
        ".env line 2 sets ARCHVE, which nothing reads: is ARCHIVE meant?",
        ".env line 4 sets REDIS_PASSWORD, which nothing reads.",
        ".env line 7 sets DISCORD_BOT_TOKEN, which nothing reads: is DISCORD_TOKEN meant?",
    ]


def test_what_compose_reads_of_the_same_file_is_not_unknown() -> None:
    lines = {"POSTGRES_PASSWORD": 1, "COMPOSE_PROFILES": 2, "COMPOSE_PROJECT_NAME": 3}
    assert unknown_in_dotenv(".env", lines, KNOWN) == []
    assert unknown_in_dotenv(".env", {"POSTGRES_PASSWORT": 1}, KNOWN)


@pytest.mark.parametrize(
    "secret",
    [
        "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA.GaBcDe.abcdefghijklmnopqrstuvwxyz0123456789AB",
        "kD8cV3fJmPQa0Lx9PwTz7RbYvN2sUeGh",
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "correct-horse",
    ],
)
def test_a_secret_before_an_equals_sign_is_not_shown(tmp_path: Path, secret: str) -> None:
    (tmp_path / ".env").write_text(f"LOG_LEVEL=INFO\n{secret}==\n")
    (sentence,) = load({}, tmp_path).unknown_variables
    assert sentence == ".env line 2 sets a variable, which nothing reads."


def test_the_settings_in_force_have_no_unknown_variable(tmp_path: Path) -> None:
    written = "".join(f"{variable.name}={variable.default}\n" for variable in variables())
    (tmp_path / ".env").write_text(written)
    assert not Environment.read({"HOME": "/root"}, tmp_path).unknown

"""The environment and .env become settings, or every problem is told at once."""

from pathlib import Path

import pytest

from bot.settings import Rate, Settings, SettingsError, ShardRange, load, sample_archive
from corpus.remote import Remote

TOKEN = "a-token.of-some.forty-characters-or-so_0123"  # noqa: S105 (of no bot)


def problems(environ: dict[str, str], cwd: Path) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(environ, cwd)
    return caught.value.problems


def test_nothing_set_gives_the_sample_and_the_defaults(tmp_path: Path) -> None:
    assert load({}, tmp_path) == Settings(
        archive=sample_archive(), data_dir=tmp_path / "var", ask_cooldown=Rate(8, 60)
    )


def test_every_variable_is_read(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "words.txt").write_text("詞\n", encoding="utf-8")
    environ = {
        "DISCORD_TOKEN": TOKEN,
        "ARCHIVE": "posts",
        "DATA_DIR": "data",
        "ADMIN_IDS": "123456789012345678, 223456789012345678",
        "ADMIN_GUILD": "323456789012345678",
        "USER_DICT": "words.txt",
        "SEARCH_URL": "memory:",
        "ASK_COOLDOWN": "100/1h",
        "ARCHIVE_NAME": "Night Ferry",
        "ARCHIVE_EXAMPLES": "颱風？ | 豆腐怎麼做？|",
        "DEFAULT_LOCALE": "zh-CN",
        "LOG_LEVEL": "debug",
        "LOG_FORMAT": "json",
        "DISCORD_API_URL": "http://127.0.0.1:8080/api/v10/",
    }
    assert load(environ, tmp_path) == Settings(
        token=TOKEN,
        archive=tmp_path / "posts",
        data_dir=tmp_path / "data",
        admin_ids=frozenset({123456789012345678, 223456789012345678}),
        admin_guild=323456789012345678,
        user_dict=tmp_path / "words.txt",
        search_url="memory:",
        ask_cooldown=Rate(100, 3600),
        archive_name="Night Ferry",
        archive_examples=("颱風？", "豆腐怎麼做？"),
        default_locale="zh-CN",
        log_level="DEBUG",
        log_format="json",
        api_url="http://127.0.0.1:8080/api/v10",
    )


def test_the_real_environment_wins_over_dotenv_even_when_empty(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=DEBUG\nDEFAULT_LOCALE=en-US\nASK_COOLDOWN=0\n")
    settings = load({"LOG_LEVEL": "ERROR", "DEFAULT_LOCALE": ""}, tmp_path)
    assert (settings.log_level, settings.default_locale) == ("ERROR", "zh-TW")
    assert settings.ask_cooldown is None


def test_a_dollar_in_dotenv_is_no_reference(tmp_path: Path) -> None:
    written = "${LOG_LEVEL}-abcdefghijklmnopqrstuvwxyz"
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN={written}\n")
    assert load({"LOG_LEVEL": "INFO"}, tmp_path).token == written


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = problems(
        {
            "DISCORD_TOKEN": "two words",
            "ARCHIVE": "nowhere",
            "DATA_DIR": "file",
            "ADMIN_IDS": "me",
            "ADMIN_GUILD": "-1",
            "USER_DICT": "nowhere.txt",
            "SEARCH_URL": "http://example.org",
            "ASK_COOLDOWN": "often",
            "ARCHIVE_NAME": "**bold**",
            "ARCHIVE_EXAMPLES": "長" * 61,
            "DEFAULT_LOCALE": "fr",
            "LOG_LEVEL": "loud",
            "LOG_FORMAT": "xml",
            "DISCORD_API_URL": "http://example.org/api",
            "SOMETHING_ELSE": "ignored",
        },
        tmp_path,
    )
    assert [sentence.split()[0] for sentence in found] == [
        "DISCORD_TOKEN",
        "ARCHIVE",
        "DATA_DIR",
        "ADMIN_IDS",
        "ADMIN_GUILD",
        "USER_DICT",
        "SEARCH_URL",
        "ASK_COOLDOWN",
        "ARCHIVE_NAME",
        "ARCHIVE_EXAMPLES",
        "DEFAULT_LOCALE",
        "LOG_LEVEL",
        "LOG_FORMAT",
        "DISCORD_API_URL",
    ]
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in found)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("LOG_LEVEL=INFO\n\n# a note\nnonsense\n", 4),
        ('\n\nLOG_LEVEL="INFO\n', 3),
        ("A=1\n'B = 2\n", 2),
    ],
)
def test_an_unreadable_line_of_dotenv_is_told_with_its_number(
    text: str, line: int, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(text)
    assert f".env line {line} " in problems({}, tmp_path)[0]


def test_a_dotenv_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("DISCORD_TOKEN=詞".encode("utf-16"))
    assert "cannot be read" in problems({}, tmp_path)[0]


def test_a_repository_is_an_archive_whose_password_is_never_shown(tmp_path: Path) -> None:
    address = "https://keeper:s3cret@example.org/posts.git#main"
    loaded = load({"ARCHIVE": address}, tmp_path)
    assert isinstance(loaded.archive, Remote)
    assert loaded.archive.name == "https://example.org/posts.git#main"
    assert "s3cret" not in repr(loaded)
    hosts = {"ARCHIVE": address, "GIT_HOSTS": "git.example.org"}
    assert "s3cret" not in (text := problems(hosts, tmp_path)[0])
    assert "GIT_HOSTS" in text


@pytest.mark.parametrize("url", ["git@example.org:a/b", "http://example.org/posts.git"])
def test_another_address_is_declined_plainly(url: str, tmp_path: Path) -> None:
    assert "https" in problems({"ARCHIVE": url}, tmp_path)[0]


def test_times_are_read(tmp_path: Path) -> None:
    loaded = load({"REINDEX_EVERY": "1d", "GIT_POLL": "0"}, tmp_path)
    assert (loaded.reindex_every, loaded.git_poll) == (86_400, None)
    warnings = problems({"REINDEX_EVERY": "often", "GIT_POLL": "5", "GIT_HOSTS": "a/b"}, tmp_path)
    assert [problem.split()[0] for problem in warnings] == [
        "GIT_HOSTS",
        "REINDEX_EVERY",
        "GIT_POLL",
    ]


@pytest.mark.parametrize(
    ("written", "shards"),
    [
        ("0-3/16", ShardRange(0, 3, 16)),
        ("15/16", ShardRange(15, 15, 16)),
        ("0-0/1", ShardRange(0, 0, 1)),
    ],
)
def test_shards_are_read(written: str, shards: ShardRange, tmp_path: Path) -> None:
    assert load({"SHARDS": written}, tmp_path).shards == shards


@pytest.mark.parametrize(
    "written",
    ["16", "0-3", "3-0/16", "0-16/16", "16/16", "0/0", "-1/4", "0-3/16,5/16", "0-1/99999", "a/b"],
)
def test_shards_that_cannot_be_are_declined(written: str, tmp_path: Path) -> None:
    [problem] = problems({"SHARDS": written}, tmp_path)
    assert problem.startswith("SHARDS must be shards and the number of all of them, like 0-3/16")
    assert problem.endswith(f"it is “{written}”.")


def test_a_token_is_never_shown(tmp_path: Path) -> None:
    assert TOKEN not in repr(load({"DISCORD_TOKEN": TOKEN}, tmp_path))
    broken = f"{TOKEN} {TOKEN}"
    assert TOKEN not in str(problems({"DISCORD_TOKEN": broken}, tmp_path))


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/api",
        "ftp://localhost/api",
        "https://",
        "https://user@example.org/api",
        "https://example.org/api?a=1",
        "http://[::1",
    ],
)
def test_an_api_address_that_could_leak_the_token_is_declined(url: str, tmp_path: Path) -> None:
    assert "DISCORD_API_URL" in problems({"DISCORD_API_URL": url}, tmp_path)[0]


@pytest.mark.parametrize("url", ["https://example.org/api", "http://localhost:1", "http://[::1]:1"])
def test_an_api_address_over_https_or_on_this_machine_is_taken(url: str, tmp_path: Path) -> None:
    assert load({"DISCORD_API_URL": url}, tmp_path).api_url == url


def test_the_example_file_is_readable_and_means_the_defaults(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / ".env.example"
    (tmp_path / ".env").write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    with_example = load({}, tmp_path)
    (tmp_path / ".env").unlink()
    assert with_example == load({}, tmp_path)

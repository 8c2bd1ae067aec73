"""What servers set and watch is backed up beside a running bot, and restored while none runs."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.database_url import DatabaseUrl
from bot.settings import OWN_SYNONYMS
from bot.single_instance import single_instance
from bot.state import FILE_NAME, State
from bot.state.answers import AskRequest
from bot.state.copies import copies_of, write_copy
from bot.state.guilds import GuildSettings
from bot.state.questions import Question
from bot.state.schema import migrate
from bot.state.watches import WatchTarget
from corpus.hidden import HiddenArticles
from corpus.model import Filters
from tests.bot.state.test_database import rows
from tests.disks import full_disk
from tests.postgres.fixtures import on_postgres
from tests.postgres.server import PASSWORD

BEFORE, AFTER = GuildSettings("zh-CN", channels=frozenset({5})), GuildSettings("en-US")
ASKED = AskRequest("\u98b1\u98a8", Filters(), private=True)

Run = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.usefixtures("logging_restored")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def run(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Give what runs `state` in a data folder and returns its status, output and complaints."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, data_dir: Path = data) -> tuple[int, str, str]:
        monkeypatch.setenv("DATA_DIR", str(data_dir))
        status = main(["state", *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def use(data: Path, settings: GuildSettings, *watches: str) -> str:
    """Set and watch something, ask, and return the key of the answer."""

    async def in_a_bot() -> str:
        async with State.open(data / FILE_NAME) as state:
            await state.guilds.set(1, settings)
            for watch in await state.watches.all():
                await state.watches.remove(1, watch.id)
            for question in watches:
                await state.watches.add(WatchTarget(1, 10, "news"), question, Filters())
            await state.questions.log(Question("\u98b1\u98a8", 7, 1, "zh-TW", 1, 5))
            return (await state.answers.add(ASKED, 7)).key

    return asyncio.run(in_a_bot())


def seen(data: Path, key: str = "") -> tuple[GuildSettings, list[str], bool]:
    async def by_a_bot() -> tuple[GuildSettings, list[str], bool]:
        async with State.open(data / FILE_NAME) as state:
            watches = [watch.question for watch in await state.watches.all()]
            answer = await state.answers.get(key, 7)
            return await state.guilds.get(1), watches, answer is not None and answer.is_own

    return asyncio.run(by_a_bot())


def test_a_backup_beside_a_running_bot_is_restored_once_it_has_stopped(
    run: Run, data: Path, tmp_path: Path
) -> None:
    use(data, BEFORE, "a", "b")
    (data / OWN_SYNONYMS).write_text("a, b\n")
    backup = tmp_path / "backup.sqlite"
    with single_instance(data):
        status, said, complaints = run("backup", backup)
        assert (status, complaints) == (0, "")
        assert said == f"{backup}: settings of 1 servers, 2 watches, synonyms.\n"
        assert backup.stat().st_mode & 0o777 == 0o600
        key = use(data, AFTER, "c")
        (data / OWN_SYNONYMS).write_text("c, d\n")
        before = (data / FILE_NAME).read_bytes()
        status, said, complaints = run("restore", backup)
        assert (status, said) == (1, "")
        assert complaints.endswith("stop it before you restore.\n")
        assert (data / FILE_NAME).read_bytes() == before
    status, said, _ = run("restore", backup)
    assert (status, said.partition(":")[0]) == (0, f"Restored from {backup}")
    # The questions and answers of the same bot stay.
    assert seen(data, key) == (BEFORE, ["a", "b"], True)
    assert (data / OWN_SYNONYMS).read_text() == "a, b\n"
    # And back again.
    [replaced] = copies_of(data / FILE_NAME, "replaced")
    assert run("restore", replaced.name)[0] == 0
    assert seen(data, key) == (AFTER, ["c"], True)
    assert (data / OWN_SYNONYMS).read_text() == "c, d\n"


def test_what_was_taken_down_stays_away_after_a_restore(
    run: Run, data: Path, tmp_path: Path
) -> None:
    use(data, BEFORE, "a")
    hidden = HiddenArticles(data)
    run("backup", tmp_path / "none hidden")
    hidden.add({"tea.md": "https://example.org/tea", "typhoon.md": ""})
    _, said, _ = run("backup", tmp_path / "two hidden")
    assert said.endswith(": settings of 1 servers, 1 watches, 2 hidden articles.\n")
    # Hidden since: a backup of before does not bring it back.
    assert run("restore", tmp_path / "none hidden")[0] == 0
    assert hidden.paths() == {"tea.md", "typhoon.md"}
    # Shown again since, and another one hidden: both stay away.
    hidden.remove("tea.md")
    hidden.add({"black.md": ""})
    assert run("restore", tmp_path / "two hidden")[0] == 0
    assert hidden.paths() == {"tea.md", "typhoon.md", "black.md"}
    # On a new host, what was hidden on the old one.
    elsewhere = tmp_path / "elsewhere"
    assert run("restore", tmp_path / "two hidden", data_dir=elsewhere)[0] == 0
    assert HiddenArticles(elsewhere).addresses() == {
        "tea.md": "https://example.org/tea",
        "typhoon.md": "",
    }


def test_nothing_is_restored_while_it_cannot_be_read_what_is_hidden(
    run: Run, data: Path, tmp_path: Path
) -> None:
    use(data, BEFORE, "a")
    hidden = HiddenArticles(data)
    hidden.add({"tea.md": ""})
    run("backup", tmp_path / "backup")
    use(data, AFTER)
    hidden.file.write_bytes(b"\xff")
    status, said, complaints = run("restore", tmp_path / "backup")
    assert (status, said, complaints.count("\n")) == (1, "", 1)
    assert "hidden.txt cannot be read" in complaints
    assert seen(data)[0] == AFTER
    assert hidden.file.read_bytes() == b"\xff"


def test_on_another_host_the_users_of_the_other_bot_are_forgotten(
    run: Run, data: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    use(old, BEFORE, "a")
    assert run("backup", "backup.sqlite", data_dir=old)[0] == 0
    assert run("restore", "backup.sqlite")[0] == 0
    assert seen(data) == (BEFORE, ["a"], False)
    use(data, AFTER)
    third = tmp_path / "third"
    key = use(third, AFTER)
    assert run("restore", "backup.sqlite", data_dir=third)[0] == 0
    # Nobody could find or delete what is theirs by a key of another bot.
    assert seen(third, key) == (BEFORE, ["a"], False)
    for table in ("question", "answer", "vote", "answer_passage", "conversation"):
        assert rows(third / FILE_NAME, f"SELECT * FROM {table}") == []  # noqa: S608


def test_the_copies_are_listed_and_restored_by_name(run: Run, data: Path) -> None:
    use(data, BEFORE, "a")

    async def copy() -> None:
        async with State.open(data / FILE_NAME) as state:
            await state.copy_daily()

    asyncio.run(copy())
    use(data, AFTER)
    [daily] = copies_of(data / FILE_NAME)
    (data / f"{FILE_NAME}.daily-1999-01-01").write_text("no copy")
    status, said, _ = run("list")
    lines = said.splitlines()
    assert status == 0
    assert lines[0].endswith("UTC  damaged")
    assert lines[1].startswith(f"{daily.name}  ")
    assert lines[1].endswith("UTC  settings of 1 servers, 1 watches")
    assert run("restore", daily.name)[0] == 0
    assert seen(data)[:2] == (BEFORE, ["a"])


def test_a_backup_of_an_earlier_version_is_restored(run: Run, data: Path, tmp_path: Path) -> None:
    early = tmp_path / "early.sqlite"
    connection = sqlite3.connect(early, isolation_level=None)
    migrate(connection, 0, 1)
    connection.execute("INSERT INTO guild VALUES (1, 'zh-CN')")
    connection.close()
    before = early.read_bytes()
    assert run("restore", early)[0] == 0
    assert seen(data)[0] == GuildSettings("zh-CN")
    assert early.read_bytes() == before


def test_what_is_no_backup_changes_nothing(run: Run, data: Path, tmp_path: Path) -> None:
    use(data, BEFORE, "a")
    good = tmp_path / "good"
    write_copy(data / FILE_NAME, good)
    content = good.read_bytes()
    later = bytearray(content)
    later[60:64] = (99).to_bytes(4)
    contents = {
        "There is no file": None,
        "is not a state file": b"words " * 100,
        "is damaged": content[:9000],
        "newer version": bytes(later),
    }
    before = (data / FILE_NAME).read_bytes()
    for sentence, wrong in contents.items():
        source = tmp_path / f"{len(sentence)}"
        if wrong is not None:
            source.write_bytes(wrong)
        status, said, complaints = run("restore", source)
        assert (status, said, complaints.count("\n")) == (1, "", 1)
        assert sentence in complaints
        assert str(source) in complaints
        assert (data / FILE_NAME).read_bytes() == before
    assert {path.name for path in data.iterdir()} <= {FILE_NAME, "bot.lock"}


def test_a_backup_that_cannot_be_written_is_a_sentence(
    run: Run, data: Path, tmp_path: Path
) -> None:
    assert "nothing to back up" in run("backup", "x")[2]
    use(data, BEFORE)
    status, _, complaints = run("backup", tmp_path / "none" / "x")
    assert (status, complaints.count("\n")) == (1, 1)
    assert "No such file" in complaints
    assert "is the state itself" in run("backup", data / FILE_NAME)[2]
    with full_disk(20_000):
        status, _, complaints = run("backup", "x")
    assert (status, complaints.count("\n")) == (1, 1)
    assert not (tmp_path / "x").exists()


def test_a_restore_that_finds_no_room_changes_nothing(run: Run, data: Path, tmp_path: Path) -> None:
    use(data, BEFORE, "a")
    backup = tmp_path / "backup"
    synonyms, hidden = data / OWN_SYNONYMS, HiddenArticles(data)
    synonyms.write_text("a, b\n")
    hidden.add({"tea.md": ""})
    write_copy(data / FILE_NAME, backup)
    use(data, AFTER, "b")
    synonyms.write_text("c, d\n")
    hidden.remove("tea.md")
    for room in (0, 20_000, 60_000):
        with full_disk(room):
            status, _, complaints = run("restore", backup)
        assert (status, complaints.count("\n")) == (1, 1)
        assert seen(data)[:2] == (AFTER, ["b"])
        assert synonyms.read_text() == "c, d\n"
        assert hidden.paths() == frozenset()
        assert not list(data.glob("*.txt.new"))


@on_postgres
def test_a_state_is_moved_to_a_database_while_no_bot_runs_and_told_table_by_table(
    run: Run, data: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = use(data, BEFORE, "a", "b")
    status, _, complaints = run("move")
    assert (status, complaints) == (
        1,
        "DATABASE_URL is not set: let it name the database to move the state to.\n",
    )
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    with single_instance(data):
        status, _, complaints = run("move")
        assert status == 1
        assert "stop it before you move the state" in complaints
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    status, said, complaints = run("move")
    assert (status, complaints) == (0, "")
    assert "        2 watch\n" in said
    assert "Moved to postgresql://" in said
    assert PASSWORD not in said

    async def by_a_bot() -> tuple[GuildSettings, bool]:
        url = DatabaseUrl.parse(postgres_url)
        async with State.open(data / FILE_NAME, database_url=url) as state:
            return await state.guilds.get(1), await state.answers.get(key, 7) is not None

    assert asyncio.run(by_a_bot()) == (BEFORE, True)
    for action in ("backup", "restore"):
        monkeypatch.setenv("DATABASE_URL", postgres_url)
        status, _, complaints = run(action, "file")
        assert status == 1
        assert complaints.startswith("The state is in postgresql://")
        assert PASSWORD not in complaints

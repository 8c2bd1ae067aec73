"""A damaged state file: put aside as it is, told of, and never written over."""

import logging
import os
import random
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import StateError
from bot.state import State
from bot.state.answers import AskRequest
from bot.state.guilds import GuildSettings
from bot.state.questions import LIFE, Question
from bot.state.schema import APPLICATION_ID, MIGRATIONS
from corpus.model import Filters
from tests.soak import Soak

CHOSEN = GuildSettings("zh-CN", page_size=3)
HEADER = 100  # bytes


@pytest.fixture
async def whole(tmp_path: Path) -> bytes:
    """Return a state file of some pages."""
    path = tmp_path / "whole"
    async with State.open(path) as opened:
        await opened.guilds.set(1, CHOSEN)
        for number in range(30):
            await opened.questions.log(Question(f"問{number}" * 99, 7, 99, "zh-TW", 1, 5))
            await opened.answers.add(AskRequest(f"問{number}", Filters(), private=True), 7)
    content = path.read_bytes()
    path.unlink()
    return content


def beside(path: Path) -> list[Path]:
    return sorted(other for other in path.parent.iterdir() if other != path)


async def reopened(path: Path) -> GuildSettings:
    async with State.open(path) as opened:
        assert [damage.file for damage in await opened.damages()] == [
            copy.name for copy in beside(path)
        ]
        return await opened.guilds.get(1)


def damages(whole: bytes) -> dict[str, bytes]:
    middle = len(whole) // 2
    return {
        "emptied": b"",
        "cut in the header": whole[:50],
        "cut in the middle": whole[:middle],
        "the last byte cut off": whole[:-1],
        "zeroed": bytes(len(whole)),
        "the first page zeroed": bytes(4096) + whole[4096:],
        "a page overwritten": whole[:middle] + b"\xff" * 4096 + whole[middle + 4096 :],
    }


async def test_what_is_damaged_is_put_aside_and_the_admins_are_told(
    tmp_path: Path, whole: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    for what, content in damages(whole).items():
        caplog.clear()
        folder = tmp_path / what
        folder.mkdir()
        path = folder / "state.sqlite"
        path.write_bytes(content)
        chosen = await reopened(path)
        # What can be read is carried over, see test_salvage.py.
        is_lost = what in {"emptied", "cut in the header", "zeroed"}
        assert chosen == (GuildSettings() if is_lost else CHOSEN), what
        (aside,) = beside(path)
        assert aside.read_bytes() == content, what
        (record,) = [entry for entry in caplog.records if entry.levelno == logging.ERROR]
        assert aside.name in record.getMessage()
        # It goes on being told of until someone takes it away.
        assert await reopened(path) == chosen
        aside.unlink()
        assert await reopened(path) == chosen


async def test_a_flipped_bit_is_noticed_or_harmless_and_nothing_is_written_over(
    tmp_path: Path, whole: bytes, soak: Soak
) -> None:
    rng = random.Random(3)
    header = range(8 * HEADER)
    bits = [*rng.sample(header, 80), *rng.sample(range(8 * len(whole)), soak.times(80, 2000))]
    outcomes: Counter[str] = Counter()
    for bit in dict.fromkeys(bits):
        folder = tmp_path / str(bit)
        folder.mkdir(exist_ok=True)
        path = folder / "state.sqlite"
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        refused = None
        try:
            await reopened(path)
        except StateError as error:
            refused = error
        if refused is not None:
            outcomes["refused with a sentence"] += 1
            assert path.read_bytes() == flipped, (bit, refused)
            assert not beside(path), (bit, refused)
        elif beside(path):
            outcomes["put aside"] += 1
            assert [copy.read_bytes() for copy in beside(path)] == [flipped], bit
        else:
            outcomes["opened: in a text, or in what is not used"] += 1
    assert outcomes["put aside"]
    counts = ", ".join(f"{count} {what}" for what, count in outcomes.most_common())
    soak.note("a bit of the state flipped: never overwritten, no traceback", counts)


async def test_a_journal_goes_with_the_file_it_belongs_to(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(bytes(len(whole)))
    (tmp_path / "state.sqlite-journal").write_bytes(b"what a killed write left")
    async with State.open(path):
        pass
    aside, journal = beside(path)
    assert journal.name == f"{aside.name}-journal"
    assert journal.read_bytes() == b"what a killed write left"


async def test_a_journal_without_its_file_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    hot = tmp_path / "state.sqlite-journal"
    async with State.open(path) as opened:
        await opened.guilds.set(1, CHOSEN)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(
            "PRAGMA cache_size = 1; BEGIN; UPDATE guild SET locale = 'ja';"
            "CREATE TABLE big (a); INSERT INTO big VALUES (zeroblob(99999));"
        )
        left = hot.read_bytes()
    path.unlink()
    hot.write_bytes(left)
    assert await reopened(path) == GuildSettings()


async def test_what_was_put_aside_is_forgotten_with_the_questions_it_holds(tmp_path: Path) -> None:
    now = time.time()
    path = tmp_path / "state.sqlite"
    for days in (29, 31):
        aside = tmp_path / f"state.sqlite.damaged-{days}"
        aside.touch()
        os.utime(aside, (now - days * 86_400,) * 2)
    async with State.open(path) as opened:
        await opened.forget_old(now)
        assert [damage.file for damage in await opened.damages()] == ["state.sqlite.damaged-29"]
    path.write_bytes(b"")
    os.utime(path, (now - 2 * LIFE,) * 2)
    # Those days are counted from when it was found.
    assert await reopened(path) == GuildSettings()
    assert len(beside(path)) == 2


async def test_a_database_without_our_number_is_not_taken_for_ours(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID + 1}")
    before = path.read_bytes()
    with pytest.raises(StateError, match="not a state file"):
        await reopened(path)
    assert path.read_bytes() == before


async def test_a_table_that_lost_its_name_is_noticed(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(whole.replace(b"CREATE TABLE guild (", b"CREATE TABLE guile ("))
    assert await reopened(path) == CHOSEN
    assert len(beside(path)) == 1


async def test_a_finding_that_is_no_text_is_told_all_the_same(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "state.sqlite"
    # The name of an index, which SQLite quotes where it complains of it.
    path.write_bytes(whole.replace(b"CREATE INDEX answer_at", b"CREATE INDEX answer\xac\xac\xac"))
    assert await reopened(path) == CHOSEN
    assert len(beside(path)) == 1


async def test_a_damaged_file_of_an_older_schema_is_not_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        for sql in MIGRATIONS[0][1:]:
            connection.execute(sql)
        connection.execute("CREATE TABLE keyring (name TEXT)")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
    assert await reopened(path) == GuildSettings()
    assert ".damaged-" in beside(path)[0].name

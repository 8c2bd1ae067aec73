"""What servers set and watch outlives a damaged state file."""

import asyncio
import logging
import random
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from bot.errors import StateError
from bot.state import FILE_NAME, State
from bot.state.answers import AskRequest, PassageKey, ShownPassage
from bot.state.copies import write_daily
from bot.state.guilds import GuildSettings
from bot.state.questions import Question
from bot.state.schema import VERSION, migrate
from bot.state.watches import DigestKind, NewPost, Watch, WatchTarget
from corpus.model import Filters
from tests.disks import full_disk
from tests.soak import Soak

DAY = date(2026, 11, 29)
GUILDS = range(1, 31)


@dataclass(frozen=True)
class Precious:
    """What must not be lost."""

    settings: dict[int, GuildSettings]
    watches: list[Watch]
    key: bytes


async def fill(state: State, *, questions: int = 200) -> None:
    """Use a state as some servers do in a month."""
    for guild in GUILDS:
        await state.guilds.set(
            guild,
            GuildSettings(
                ("zh-TW", "zh-CN", None)[guild % 3],
                private=bool(guild % 2),
                page_size=1 + guild % 5,
                channels=frozenset(range(guild * 10, guild * 10 + guild % 4)),
                without_sources=frozenset({"社論", "轉載"} if guild % 5 == 0 else ()),
            ),
        )
        for number in range(guild % 6):
            target = WatchTarget(guild, guild * 10 + number, f"頻道-{number}")
            await state.watches.add(target, f"颱風 {guild} {number}", Filters(tag="天氣"))
        own = WatchTarget(None, guild * 1000)
        await state.watches.add_own(guild, "zh-TW", own, f"高山茶 {guild}", Filters())
        digest = DigestKind(("on-this-day", "weekly")[guild % 2]), DAY
        await state.watches.add(WatchTarget(guild, guild * 10, "頻道"), "", Filters(), digest)
    watch = (await state.watches.all())[0]
    names = [f"https://example.org/{number:05}" for number in range(1466)]
    await state.watches.keep(names, [NewPost(watch.id, ["一則" * 99])])
    await asyncio.gather(
        *(
            state.questions.log(Question(f"問{number}" * 9, number % 50, 99, "zh-TW", 1, 5))
            for number in range(questions)
        )
    )
    for number in range(questions):
        request = AskRequest(f"問{number}" * 9, Filters(), private=True)
        answer = await state.answers.add(request, number % 50)
        shown = [ShownPassage(PassageKey(f"_posts/{n}.md", n)) for n in range(5)]
        await state.answers.number(answer.key, shown)


async def precious(path: Path) -> Precious:
    async with State.open(path) as state:
        return Precious(
            {guild: await state.guilds.get(guild) for guild in GUILDS},
            await state.watches.all(),
            state._database.user_key,
        )


def lost_of(expected: Precious, found: Precious) -> int:
    """Return how many settings and watches are gone or changed; all without the users' key."""
    if found.key != expected.key:
        return len(expected.settings) + len(expected.watches)
    settings = sum(found.settings[guild] != own for guild, own in expected.settings.items())
    return settings + sum(watch not in found.watches for watch in expected.watches)


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state file in use, with the copy of a day beside it; not to be changed."""
    path = tmp_path_factory.mktemp("lived-in") / FILE_NAME

    async def live() -> None:
        async with State.open(path) as state:
            await fill(state)

    asyncio.run(live())
    write_daily(path, DAY)
    return path


def copied(lived_in: Path, folder: Path, *, with_daily: bool) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / FILE_NAME
    path.write_bytes(lived_in.read_bytes())
    if with_daily:
        daily = f"{FILE_NAME}.daily-{DAY}"
        (folder / daily).write_bytes(lived_in.with_name(daily).read_bytes())
    return path


def root_of(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()
        return root


def zero_page(path: Path, number: int) -> None:
    with path.open("r+b") as file:
        file.seek((number - 1) * 4096)
        file.write(bytes(4096))


@pytest.mark.parametrize("with_daily", [True, False], ids=["with a daily copy", "without one"])
async def test_a_flipped_bit_costs_hardly_ever_a_setting_or_a_watch(
    tmp_path: Path, lived_in: Path, soak: Soak, *, with_daily: bool
) -> None:
    expected = await precious(copied(lived_in, tmp_path / "whole", with_daily=False))
    rng = random.Random(17)
    outcomes: Counter[str] = Counter()
    times = soak.times(40, 400)
    lost: list[int] = []
    for number in range(times):
        path = copied(lived_in, tmp_path / str(number), with_daily=with_daily)
        bit = rng.randrange(8 * lived_in.stat().st_size)
        flipped = bytearray(path.read_bytes())
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        try:
            lost.append(lost_of(expected, await precious(path)))
        except StateError:
            assert path.read_bytes() == flipped
            outcomes["refused, file untouched"] += 1
            continue
        is_noticed = any(".damaged-" in entry.name for entry in path.parent.iterdir())
        noticed = "noticed" if is_noticed else "in a text or unused"
        outcomes[f"{noticed}, {'not all' if lost[-1] else 'all'} kept"] += 1
    counts = ", ".join(f"{count} {what}" for what, count in outcomes.most_common())
    if with_daily:
        kept = times - sum(map(bool, lost))
        # What is left are bits inside a text, which SQLite cannot notice.
        assert times - kept <= times // 20, outcomes
        soak.note(
            "a bit of a state in use flipped, with a daily copy: every setting and watch kept, 99 %",
            f"{kept} of {times}: {counts}",
            kept=kept >= 0.99 * times,
        )
        return
    # Nothing has the record that the bit is in, of which its neighbours may be part.
    assert max(lost) <= 5, lost
    every = len(expected.settings) + len(expected.watches)
    soak.note(
        f"… without a copy: of {every} settings and watches at most 5 lost",
        f"{max(lost)} at most, {sum(lost) / len(lost):.2f} on average: {counts}",
    )


async def test_any_bit_of_the_header_or_the_schema_may_flip(
    tmp_path: Path, lived_in: Path, soak: Soak
) -> None:
    expected = await precious(copied(lived_in, tmp_path / "whole", with_daily=False))
    rng = random.Random(18)
    kept = 0
    times = soak.times(40, 400)
    for number in range(times):
        path = copied(lived_in, tmp_path / str(number), with_daily=True)
        bit = rng.randrange(8 * 100) if number % 2 else rng.randrange(8 * 4096)
        flipped = bytearray(path.read_bytes())
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        try:
            assert await precious(path) == expected, bit
            kept += 1
        except StateError:
            assert path.read_bytes() == flipped, bit
    assert kept >= times * 0.95
    soak.note(
        "… of its header and schema: all kept, or refused as it is", f"{kept} of {times} kept"
    )


def overwrite_schema(path: Path) -> None:
    """Break the schema's row of one table: SQLite then reads no table at all."""
    content = path.read_bytes()
    path.write_bytes(content.replace(b"CREATE TABLE answer (", b"CREATE TABLF answer (", 1))


async def test_a_broken_schema_hides_no_table(tmp_path: Path, lived_in: Path) -> None:
    expected = await precious(copied(lived_in, tmp_path / "whole", with_daily=False))
    path = copied(lived_in, tmp_path / "broken", with_daily=False)
    overwrite_schema(path)
    assert await precious(path) == expected


async def test_what_cannot_be_read_comes_from_the_daily_copy_and_the_rest_from_the_file(
    tmp_path: Path, lived_in: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = copied(lived_in, tmp_path / "s", with_daily=True)
    before = await precious(path)
    newer = GuildSettings("en-US", page_size=2)
    async with State.open(path) as state:
        await state.guilds.set(1, newer)
    zero_page(path, root_of(path, "watch"))
    damaged = path.read_bytes()
    after = await precious(path)
    assert after.settings == {**before.settings, 1: newer}
    assert after.watches == before.watches
    assert after.key == before.key
    async with State.open(path) as state:
        [damage] = await state.damages()
        assert (damage.guilds, damage.watches) == (len(GUILDS), len(before.watches))
        assert (damage.is_whole, damage.copy) == (False, f"{FILE_NAME}.daily-{DAY}")
        # Its ids are not given again: someone may be about to choose one.
        last = before.watches[-1]
        assert last.target.guild_id is not None
        assert await state.watches.remove(last.target.guild_id, last.id)
        await state.watches.add(last.target, "another", Filters())
        assert (await state.watches.all())[-1].id > last.id
    assert (path.parent / damage.file).read_bytes() == damaged
    (record,) = [entry for entry in caplog.records if entry.levelno == logging.ERROR]
    message = record.getMessage()
    assert f"{len(GUILDS)} servers and {len(before.watches)} watches" in message
    assert f"came from {FILE_NAME}.daily-{DAY}" in message
    assert "Lost: the questions" in message


async def test_without_a_copy_it_is_said_that_there_may_have_been_more(
    tmp_path: Path, lived_in: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = copied(lived_in, tmp_path / "s", with_daily=False)
    before = await precious(path)
    zero_page(path, root_of(path, "watch"))
    after = await precious(path)
    assert after.settings == before.settings
    assert after.watches == []
    assert "There may have been more" in caplog.text
    async with State.open(path) as state:
        [damage] = await state.damages()
        assert (damage.watches, damage.is_whole, damage.copy) == (0, False, None)


async def test_rows_on_both_sides_of_a_damaged_page_are_carried_over(
    tmp_path: Path, lived_in: Path
) -> None:
    path = copied(lived_in, tmp_path / "s", with_daily=False)
    async with State.open(path) as state:
        for number in range(25):
            await state.watches.add(WatchTarget(99, 990, "news"), f"{number:03}" * 300, Filters())
    before = await precious(path)
    root = root_of(path, "watch")
    page = path.read_bytes()[(root - 1) * 4096 : root * 4096]
    # An interior page: the places of its cells stand after a header of 12 bytes, and each begins
    # with the number of a leaf.
    middle = 12 + 2 * (int.from_bytes(page[3:5]) // 2)
    cell = int.from_bytes(page[middle : middle + 2])
    zero_page(path, int.from_bytes(page[cell : cell + 4]))
    after = await precious(path)
    assert after.settings == before.settings
    assert set(after.watches) < set(before.watches)
    assert before.watches[0] in after.watches
    assert before.watches[-1] in after.watches


async def test_a_members_watches_go_with_what_is_known_of_the_member(
    tmp_path: Path, lived_in: Path
) -> None:
    path = copied(lived_in, tmp_path / "s", with_daily=False)
    before = await precious(path)
    zero_page(path, root_of(path, "recipient"))
    after = await precious(path)
    assert after.settings == before.settings
    assert after.watches == [watch for watch in before.watches if watch.target.guild_id]
    path = copied(lived_in, tmp_path / "copied", with_daily=True)
    zero_page(path, root_of(path, "recipient"))
    assert await precious(path) == before


@pytest.mark.parametrize("version", range(2, VERSION))
async def test_a_damaged_file_of_an_earlier_version_has_all_that_it_had(
    version: int, tmp_path: Path
) -> None:
    path = tmp_path / FILE_NAME
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, 0, version)
        for number in range(99):
            values = (number + 1, f"頻道-{number}" * 99, f"問題 {number}")
            connection.execute(
                "INSERT INTO watch (id, guild, channel, channel_name, question, at)"
                " VALUES (?, 1, 10, ?, ?, 1.0)",
                values,
            )
        connection.execute("INSERT INTO known_article (name) VALUES ('a.md')")
    zero_page(path, root_of(path, "question"))
    async with State.open(path) as state:
        assert [watch.id for watch in await state.watches.all()] == [*range(1, 100)]
        assert await state.watches.unknown(["a.md"]) == set()
        [damage] = await state.damages()
        assert (damage.watches, damage.is_whole) == (99, True)


async def test_a_setting_that_is_no_text_any_more_is_noticed(
    tmp_path: Path, lived_in: Path
) -> None:
    path = copied(lived_in, tmp_path / "s", with_daily=True)
    before = await precious(path)
    content = path.read_bytes()
    assert content.count("頻道-4".encode())
    path.write_bytes(content.replace("頻道-4".encode(), b"\xff\xfe\xfd\xfc\xfb\xfa-4"))
    assert await precious(path) == before
    async with State.open(path) as state:
        assert len(await state.damages()) == 1


async def test_no_article_is_taken_for_new_where_the_known_ones_cannot_all_be_read(
    tmp_path: Path, lived_in: Path
) -> None:
    path = copied(lived_in, tmp_path / "s", with_daily=True)
    zero_page(path, root_of(path, "known_article"))
    names = {f"https://example.org/{number:05}" for number in range(1466)}
    async with State.open(path) as state:
        # With none at all, an archive is taken for one that is seen for the first time.
        assert await state.watches.unknown(names) == names
        [damage] = await state.damages()
        assert damage.is_whole


async def test_on_a_full_disk_a_damaged_file_is_left_as_it_is(
    tmp_path: Path, lived_in: Path
) -> None:
    expected = await precious(copied(lived_in, tmp_path / "whole", with_daily=False))
    path = copied(lived_in, tmp_path / "s", with_daily=False)
    overwrite_schema(path)
    damaged = path.read_bytes()
    for room in (0, 10_000, 100_000):
        with full_disk(room), pytest.raises(StateError, match="cannot be used"):
            await precious(path)
        assert path.read_bytes() == damaged
    for leftover in path.parent.glob("*.damaged-*"):
        leftover.unlink()
    assert await precious(path) == expected

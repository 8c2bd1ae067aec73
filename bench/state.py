"""How long the pages and completions of a bot take over a long question log."""

import argparse
import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from bot.messages.examples import MAX_EXAMPLES
from bot.state import FILE_NAME, State
from bot.state.questions import LIFE, Question

_USERS = 5_000
_ADMIN_LIMIT, _UNANSWERED_LIMIT = 5_000, 10
_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """What a long log costs. In seconds, the median of some tries where nothing else is said."""

    megabytes: float
    """Of the file."""
    opened: float
    page: float
    """Of ``/archive questions``."""
    page_processor: float
    """Of it, in processor time; once."""
    press: float
    """A press waits so long beside it, at most."""
    completion_of_busiest: float
    """For the user who asked a tenth of all."""
    completion: float
    """For a user like others."""
    examples: float
    """Of ``/help``."""
    status: float
    """Of ``/archive status``."""
    logged: float


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench state", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="questions in the log")
    rows = parser.parse_args(arguments).rows
    with tempfile.TemporaryDirectory() as folder:
        measured = asyncio.run(measure(Path(folder) / FILE_NAME, rows))
    print(f"{rows:,} questions, {measured.megabytes:.0f} MB; median of {_REPEATS}:")
    print(f"  opened in {measured.opened:.2f} s")
    print(f"  /archive questions: {measured.page * 1000:.0f} ms (≤ 500)")
    print(f"    of processor time: {measured.page_processor * 1000:.0f} ms")
    print(f"  a press beside it waits at most {measured.press * 1000:.0f} ms")
    for user, seconds in (
        ("who asked a tenth of all", measured.completion_of_busiest),
        ("like others", measured.completion),
    ):
        print(f"  completion of a user {user}: {seconds * 1000:.1f} ms (≤ 20)")
    print(f"  /help's examples: {measured.examples * 1000:.1f} ms (≤ 20)")
    print(f"  /archive status: {measured.status * 1000:.0f} ms")
    print(f"  a question logged in {measured.logged * 1000:.1f} ms")
    return 0


async def measure(path: Path, rows: int) -> Figures:
    """Return what a log of ``rows`` questions costs, in a new state at ``path``."""
    async with State.open(path):
        pass
    _fill(path, rows)
    start = time.perf_counter()
    async with State.open(path) as state:
        opened = time.perf_counter() - start
        page = await _median(lambda: _page(state))
        before = time.process_time()
        await _page(state)
        page_processor = time.process_time() - before
        presses: list[float] = []
        beside = asyncio.create_task(_page(state))
        while not beside.done():
            presses.append(await _timed(lambda: state.answers.get("a key", 7)))
            await asyncio.sleep(0.01)
        await beside
        return Figures(
            megabytes=path.stat().st_size / 1e6,
            opened=opened,
            page=page,
            page_processor=page_processor,
            press=max(presses),
            completion_of_busiest=await _median(lambda: state.questions.recent(0, limit=25)),
            completion=await _median(lambda: state.questions.recent(7, limit=25)),
            examples=await _median(lambda: state.questions.popular(1, limit=MAX_EXAMPLES)),
            status=await _median(lambda: state.questions.figures(seconds=86_400)),
            logged=await _median(lambda: state.questions.log(_question(0))),
        )


async def _page(state: State) -> None:
    await state.questions.most_frequent(
        seconds=LIFE, limit=_ADMIN_LIMIT, unanswered_limit=_UNANSWERED_LIMIT
    )


async def _median(work: Callable[[], Awaitable[object]]) -> float:
    return sorted([await _timed(work) for _ in range(_REPEATS)])[_REPEATS // 2]


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await work()
    return time.perf_counter() - start


def _question(number: int) -> Question:
    return Question(f"颱風的名字是誰取的 {number}", 0, 1, "zh-TW", 1, 5)


def _fill(path: Path, rows: int) -> None:
    """Write a month of questions, most of them asked a few times, at once."""
    rng = random.Random(1)  # noqa: S311 (reproducible, nothing secret)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (key,) = connection.execute("SELECT key FROM keyring").fetchone()
        users = [_hash(key, user) for user in range(_USERS)]
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.executemany(
            """INSERT INTO question (at, text, user, guild, locale, hits, elapsed_ms)
            VALUES (?, ?, ?, 1, 'zh-TW', ?, 5)""",
            _rows(rng, rows, users),
        )
        connection.execute("COMMIT")


def _rows(
    rng: random.Random, rows: int, users: Sequence[bytes]
) -> Iterator[tuple[float, str, bytes, int]]:
    now = time.time()
    for number in range(rows):
        user = users[0] if rng.random() < 0.1 else rng.choice(users)  # noqa: PLR2004
        text = _question(rng.randrange(1 + rows // 3)).text
        yield now - LIFE * (1 - number / rows) + 60, text, user, rng.choice((0, 5, 200))


def _hash(key: bytes, user: int) -> bytes:

    return blake2b(str(user).encode(), key=key, digest_size=16).digest()

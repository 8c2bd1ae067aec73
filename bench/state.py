"""How long the pages and completions of a bot take over a long question log."""

import argparse
import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from hashlib import blake2b
from pathlib import Path

from bot.messages.examples import MAX_EXAMPLES
from bot.state import FILE_NAME, State
from bot.state.questions import LIFE, Question

_USERS = 5_000
_ADMIN_LIMIT, _UNANSWERED_LIMIT = 5_000, 10
_REPEATS = 5


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench state", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="questions in the log")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder) / FILE_NAME, options.rows))
    return 0


async def _measure(path: Path, rows: int) -> None:
    async with State.open(path):
        pass
    _fill(path, rows)
    start = time.perf_counter()
    async with State.open(path) as state:
        print(f"{rows:,} questions, {path.stat().st_size / 1e6:.0f} MB; median of {_REPEATS}:")
        print(f"  opened in {time.perf_counter() - start:.2f} s")
        waits: list[float] = []
        page = asyncio.create_task(_median(lambda: _page(state)))
        while not page.done():
            waits.append(await _timed(lambda: state.answers.get("a key", 7)))
            await asyncio.sleep(0.01)
        print(f"  /archive questions: {await page * 1000:.0f} ms (≤ 500)")
        before = time.process_time()
        await _page(state)
        print(f"    of processor time: {(time.process_time() - before) * 1000:.0f} ms")
        print(f"  a press beside it waits at most {max(waits) * 1000:.0f} ms")
        for user, name in ((0, "who asked a tenth of all"), (7, "like others")):
            seconds = await _median(lambda user=user: state.questions.recent(user, limit=25))
            print(f"  completion of a user {name}: {seconds * 1000:.1f} ms (≤ 20)")
        seconds = await _median(lambda: state.questions.popular(1, limit=MAX_EXAMPLES))
        print(f"  /help's examples: {seconds * 1000:.1f} ms (≤ 20)")
        seconds = await _median(lambda: state.questions.figures(seconds=86_400))
        print(f"  /archive status: {seconds * 1000:.0f} ms")
        seconds = await _median(lambda: state.questions.log(_question(0)))
        print(f"  a question logged in {seconds * 1000:.1f} ms")


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

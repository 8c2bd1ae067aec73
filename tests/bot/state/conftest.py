"""The databases of the state, which all pass the same tests."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.database_url import DatabaseUrl
from bot.state import State
from bot.state.postgres import leader
from tests.postgres.fixtures import on_postgres

Rows = list[tuple[Any, ...]]


class SqliteFile:
    """A state file."""

    def __init__(self, folder: Path) -> None:
        self.open: Callable[..., AbstractAsyncContextManager[State]] = partial(
            State.open, folder / "s"
        )
        self._path = folder / "s"

    def rows(self, sql: str) -> Rows:
        with closing(sqlite3.connect(self._path)) as connection:
            return connection.execute(sql).fetchall()


class PostgresDatabase:
    """A database of a PostgreSQL."""

    def __init__(self, folder: Path, url: str) -> None:
        self.open: Callable[..., AbstractAsyncContextManager[State]] = partial(
            leading, folder / "s", DatabaseUrl.parse(url)
        )
        self._url = url

    def rows(self, sql: str) -> Rows:
        with psycopg.connect(self._url, options="-c search_path=footnote") as connection:
            return connection.execute(sql).fetchall()  # type: ignore[arg-type]


@asynccontextmanager
async def leading(path: Path, url: DatabaseUrl, **options: Any) -> AsyncIterator[State]:  # noqa: ANN401
    """Open the state of a process that leads, unless another does already."""
    async with State.open(path, database_url=url, **options) as state:
        elected = asyncio.Event()
        state.leadership.on_elected(elected.set)
        state.leadership.stand()
        with suppress(TimeoutError):
            await asyncio.wait_for(elected.wait(), 1.0)
        yield state


Engine = SqliteFile | PostgresDatabase


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=on_postgres)])
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Engine:
    """Give a database that holds no state yet."""
    if request.param == "sqlite":
        return SqliteFile(tmp_path)
    monkeypatch.setattr(leader, "POLL_SECONDS", 0.05)
    return PostgresDatabase(tmp_path, request.getfixturevalue("postgres_url"))

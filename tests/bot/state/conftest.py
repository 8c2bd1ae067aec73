"""The databases of the state, which all pass the same tests."""

import sqlite3
from collections.abc import Callable  # noqa: TC003
from contextlib import AbstractAsyncContextManager, closing
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.database_url import DatabaseUrl
from bot.state import State
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
            State.open, folder / "s", database_url=DatabaseUrl.parse(url)
        )
        self._url = url

    def rows(self, sql: str) -> Rows:
        with psycopg.connect(self._url, options="-c search_path=footnote") as connection:
            return connection.execute(sql).fetchall()  # type: ignore[arg-type]


Engine = SqliteFile | PostgresDatabase


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=on_postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Give a database that holds no state yet."""
    if request.param == "sqlite":
        return SqliteFile(tmp_path)
    return PostgresDatabase(tmp_path, request.getfixturevalue("postgres_url"))

"""Moves the state from its file into PostgreSQL, while no bot uses either.

All of it blocks: call it from a thread.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import sql

from bot.database_url import DatabaseUrl
from bot.errors import StateError
from bot.state import file
from bot.state.copies import files_beside, write_copy
from bot.state.postgres.schema import WRITE_LOCK, Connection, connected, prepare, storable
from bot.state.synonyms import read_text
from corpus import CorpusError, HiddenArticles

TABLES = (
    "keyring",
    "guild",
    "guild_channel",
    "guild_without_source",
    "command_sync",
    "recipient",
    "watch",
    "watch_post",
    "known_article",
    "question",
    "answer",
    "answer_passage",
    "vote",
    "conversation",
    "damage",
)
"""All of them, each after those that it refers to."""
_MADE_BY_A_START = {"keyring", "command_sync"}
_WITH_IDS = ("watch", "watch_post", "question")
_ROWS_AT_ONCE = 1_000

Row = tuple[Any, ...]


def move(path: Path, url: DatabaseUrl) -> Mapping[str, int]:
    """Move the state at ``path`` into the database, all or nothing; return its rows by table.

    The synonyms and the hidden articles go with it, which lie in files beside it.

    What is precious stays beside it as ``state.sqlite.replaced-<time>``, for 30 days.

    Raises:
        StateError: there is no file, it cannot be read, or the database cannot be used, holds a
            state already, or has not got what it was given. Both are left as they were.
    """
    if not path.is_file():
        raise StateError(f"There is no state at {path}, so there is nothing to move.")
    file.prepare(path)
    try:
        prepare(url)
        with (
            closing(sqlite3.connect(path, isolation_level=None)) as source,
            connected(url) as target,
        ):
            source.execute("BEGIN")
            with target.transaction():
                target.execute(WRITE_LOCK)
                _check_empty(target, url)
                counts = {table: _copy(source, target, table) for table in TABLES}
                _leave_ids(source, target)
                for table in TABLES:
                    _compare(source, target, table, url)
                counts |= _move_files(path.parent, target)
                replaced = f"{path.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
                write_copy(path, path.with_name(replaced))
        for moved in (path, *files_beside(path.parent)):
            moved.unlink(missing_ok=True)
    except (OSError, sqlite3.Error, CorpusError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error).rstrip(".")
        raise StateError(f"The state {path} could not be moved: {said}.") from error
    return counts


def _move_files(folder: Path, target: Connection) -> dict[str, int]:
    """Copy what the files beside a state hold; return how many rows it makes.

    Raises:
        CorpusError: one cannot be read.
    """
    synonyms, _ = files_beside(folder)
    text, hidden = read_text(synonyms), HiddenArticles(folder).addresses()
    if text:
        target.execute("UPDATE synonyms SET text = %s", (storable(text),))
    with target.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO hidden_article VALUES (%s, %s) ON CONFLICT DO NOTHING", [*hidden.items()]
        )
    return {"synonyms": bool(text), "hidden_article": len(hidden)}


def _check_empty(target: Connection, url: DatabaseUrl) -> None:
    for table in TABLES:
        if table not in _MADE_BY_A_START and _count(target, table):
            raise StateError(
                f"{url} already holds a state ({_count(target, table)} rows of {table}): move into"
                " an empty database."
            )
        target.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


def _count(target: Connection, table: str) -> int:
    counting = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    row = target.execute(counting).fetchone()
    assert row is not None
    return row[0]


def _copy(source: sqlite3.Connection, target: Connection, table: str) -> int:
    """Copy a table; return how many rows were written."""
    names = _columns(source, table)
    copying = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    written = 0
    with target.cursor() as cursor, cursor.copy(copying) as copy:
        for row in source.execute(_select(table, names)):
            copy.write_row([storable(value) for value in row])
            written += 1
    return written


def _compare(source: sqlite3.Connection, target: Connection, table: str, url: DatabaseUrl) -> None:
    """Check that every row came to the database as it was.

    Raises:
        StateError: one did not.
    """
    names = _columns(source, table)
    theirs = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, _key(source, table))),
    )
    with target.cursor(name="compare") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(theirs)
        rows: Iterator[Row] = iter(cursor)
        ours = source.execute(f"{_select(table, names)} ORDER BY {', '.join(_key(source, table))}")
        for row in ours:
            if next(rows, None) != tuple(map(storable, row)):
                raise StateError(f"{url} did not take all rows of {table}: nothing was moved.")
        if next(rows, None) is not None:
            raise StateError(f"{url} has more rows of {table} than it took: nothing was moved.")


def _leave_ids(source: sqlite3.Connection, target: Connection) -> None:
    """See that no id is given again, also not that of a watch that was removed."""
    for table in _WITH_IDS:
        [(last,)] = source.execute(f"SELECT max(id) FROM {table}").fetchall()  # noqa: S608
        given = source.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)
        ).fetchone()
        newest = max(last or 0, given[0] if given else 0)
        if newest:
            target.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (table, newest))


def _columns(source: sqlite3.Connection, table: str) -> list[str]:
    return [name for (name,) in source.execute("SELECT name FROM pragma_table_info(?)", (table,))]


def _key(source: sqlite3.Connection, table: str) -> list[str]:
    return [
        name
        for (name,) in source.execute(
            "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,)
        )
    ]


def _select(table: str, names: list[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"SELECT {quoted} FROM {table}"  # noqa: S608

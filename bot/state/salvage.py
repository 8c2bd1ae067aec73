"""Carries the precious tables of a damaged state file over into a new one.

SQLite finds every table through the schema on a file's first page, so one wrong bit there hides
all of them. Here each table is read through a first page made for it alone, which holds a right
header and this one table: only damage in its own pages can hide its rows.
"""

import re
import sqlite3
import struct
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.state.schema import PRECIOUS, VERSION, empty_database

_PYTHON_TYPES = {"INTEGER": int, "REAL": float, "TEXT": str, "BLOB": bytes}
_SIZE_AT = 28  # of the number of pages, in the header
_HEAD = 100  # bytes of it
_VERSION_AT = slice(60, 64)  # of the schema's version in it
_MAX_ROOT_BYTES = 4
_ROOTS = "SELECT name, rootpage FROM sqlite_master WHERE type = 'table'"
_IDS = "sqlite_sequence"  # the last id given of each table
_NEEDED = frozenset(PRECIOUS) - {"known_article"}
_NAME = "salvaged"  # of each table while it is read
_ID_GAP = 100  # watches that may have been removed since

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    type: str
    is_required: bool
    key: int
    """Its place in the primary key, from 1; 0: it is not part of it."""


@dataclass(frozen=True, slots=True)
class SalvagedTable:
    """What could be read of a table."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    is_whole: bool
    """Whether SQLite finds nothing wrong with it."""


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What a new state file got from a damaged one."""

    guilds: int
    """Servers with settings."""
    watches: int
    is_whole: bool
    """Whether these are all there were."""
    copy: str | None
    """The name of the copy that gave what could not be read."""


def carry_over(work: Path, connection: sqlite3.Connection, copy: Path | None) -> CarriedOver:
    """Insert what can be read into a new state; what cannot comes from a copy, if there is one.

    Args:
        work: a copy of the damaged file. Its first page is overwritten.
        connection: to the new state, within a transaction.
        copy: an earlier copy of the precious tables.
    """
    tables = salvage(work)
    for table in tables:
        # Articles that are missing there would be taken for new and be posted again. With none at
        # all the archive is taken for one that is seen for the first time, and nothing is posted.
        if table.is_whole or table.name in _NEEDED:
            _insert(connection, table.name, table.columns, table.rows)
    damaged = [table for table in tables if not table.is_whole and table.name in _NEEDED]
    if not damaged:
        copy = None
    if copy is not None:
        with closing(_connect(copy)) as earlier:
            for table in damaged:
                # A copy from before an update may lack some of the columns.
                columns = [c.name for c in _columns(earlier, table.name) if c.name in table.columns]
                sql = f"SELECT {', '.join(columns)} FROM {table.name}"  # noqa: S608
                if columns:
                    _insert(connection, table.name, columns, earlier.execute(sql).fetchall())
    # A member's watch without its member would be nobody's to remove.
    connection.execute(
        "DELETE FROM watch WHERE guild = 0 AND channel NOT IN (SELECT channel FROM recipient)"
    )
    connection.execute("DELETE FROM watch_post WHERE watch NOT IN (SELECT id FROM watch)")
    _leave_ids(connection)
    (guilds,) = connection.execute(
        "SELECT count(*) FROM (SELECT id FROM guild UNION SELECT guild FROM guild_channel"
        " UNION SELECT guild FROM guild_without_source)"
    ).fetchone()
    (watches,) = connection.execute("SELECT count(*) FROM watch").fetchone()
    return CarriedOver(guilds, watches, not damaged, copy.name if copy is not None else None)


def _insert(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], rows: Sequence[Row]
) -> None:
    """Insert the rows that break no rule of the table and are not there yet."""
    marks = ", ".join("?" * len(columns))
    connection.executemany(
        f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608
        rows,
    )


def _leave_ids(connection: sqlite3.Connection) -> None:
    """See that no id is given again: one that was offered as a choice must mean the same watch."""
    (last,) = connection.execute(f"SELECT max(seq) FROM {_IDS} WHERE name = 'watch'").fetchone()  # noqa: S608
    connection.execute(f"DELETE FROM {_IDS} WHERE name = 'watch'")  # noqa: S608
    connection.execute(f"INSERT INTO {_IDS} VALUES ('watch', ?)", ((last or 0) + _ID_GAP,))  # noqa: S608


def salvage(work: Path) -> list[SalvagedTable]:
    """Return what can be read of each precious table.

    Args:
        work: a copy of the damaged file. Its first page is overwritten.
    """
    with closing(empty_database()) as example:
        roots = _roots(work)
        expected = _tables_of(work) | roots.keys()
        # Where all else fails: in a file that never was of an earlier version.
        likely: dict[str, int] = dict(example.execute(_ROOTS))
        return [
            _salvaged(example, work, table, roots.get(table, likely[table]))
            if table in expected
            else _of_later_version(example, table)
            for table in (*PRECIOUS, _IDS)
        ]


def _tables_of(work: Path) -> frozenset[str]:
    """Return the tables of the version that the file names; those of this one if it is none."""
    with work.open("rb") as file:
        version = int.from_bytes(file.read(_HEAD)[_VERSION_AT])
    with closing(empty_database(version if 1 <= version < VERSION else VERSION)) as example:
        return frozenset(name for name, _ in example.execute(_ROOTS))


def _roots(work: Path) -> dict[str, object]:
    """Return the number of each table's first page, from the schema or its bytes if damaged."""
    try:
        with closing(_connect(work)) as connection:
            return dict(connection.execute(_ROOTS))
    except (sqlite3.Error, UnicodeDecodeError):
        content = work.read_bytes()
    roots: dict[str, object] = {}
    for table in (*PRECIOUS, _IDS):
        # A record of the schema: its type, two names, the page's number, the statement.
        name = re.escape(table.encode())
        pattern = rb"%b%b(.{1,%d}?)CREATE TABLE %b\b" % (name, name, _MAX_ROOT_BYTES, name)
        if match := re.search(pattern, content, re.DOTALL):
            roots[table] = int.from_bytes(match[1])
    return roots


def _of_later_version(example: sqlite3.Connection, table: str) -> SalvagedTable:
    names = tuple(column.name for column in _columns(example, table))
    return SalvagedTable(table, names, (), is_whole=True)


def _salvaged(example: sqlite3.Connection, work: Path, table: str, root: object) -> SalvagedTable:
    columns = _columns(example, table)
    sql: str = example.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[
        0
    ]
    names = tuple(column.name for column in columns)
    page_size: int = example.execute("PRAGMA page_size").fetchone()[0]
    pages = work.stat().st_size // page_size
    if not isinstance(root, int) or not 1 < root <= pages:
        return SalvagedTable(table, names, (), is_whole=False)
    has_rowid = "WITHOUT ROWID" not in sql
    page = bytearray(_first_page(columns, root, has_rowid=has_rowid))
    struct.pack_into(">I", page, _SIZE_AT, pages)
    with work.open("r+b") as file:
        file.write(page)
    try:
        with closing(_connect(work)) as connection:
            rows, are_all = _rows(connection, columns, has_rowid=has_rowid)
            is_whole = are_all and _finding(connection) == "ok"
    except sqlite3.Error:
        return SalvagedTable(table, names, (), is_whole=False)
    return SalvagedTable(table, names, rows, is_whole)


def _finding(connection: sqlite3.Connection) -> str:
    try:
        finding: str = connection.execute(f"PRAGMA integrity_check({_NAME})").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return str(error)
    return finding


def _columns(connection: sqlite3.Connection, table: str) -> list[Column]:
    return [
        # SQLite itself gives the columns of its own table no type.
        Column(name, kind or ("INTEGER" if name == "seq" else "TEXT"), bool(is_required), key)
        for _, name, kind, is_required, _, key in connection.execute(f"PRAGMA table_info({table})")
    ]


def _first_page(columns: Sequence[Column], root: int, *, has_rowid: bool) -> bytes:
    """Return the first page of a database with the one table, which begins at page ``root``.

    It has no index: what it is stored in is all that is read.
    """
    keys = [column.name for column in sorted(columns, key=lambda c: c.key) if column.key]
    definitions = [f"{column.name} {column.type}" for column in columns]
    is_alias = has_rowid and [c.type for c in columns if c.key] == ["INTEGER"]
    if is_alias or not has_rowid:
        definitions.append(f"PRIMARY KEY ({', '.join(keys)})")
    options = "" if has_rowid else "WITHOUT ROWID"
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(f"CREATE TABLE {_NAME} ({', '.join(definitions)}) {options}")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET rootpage = ?", (root,))
        page_size: int = connection.execute("PRAGMA page_size").fetchone()[0]
        return connection.serialize()[:page_size]


def _rows(
    connection: sqlite3.Connection, columns: Sequence[Column], *, has_rowid: bool
) -> tuple[list[Row], bool]:
    """Return the rows on both sides of what cannot be read, and whether that is all of them."""
    keys = [column.name for column in sorted(columns, key=lambda c: c.key) if column.key]
    order = ["rowid"] if has_rowid else keys
    names = ", ".join(column.name for column in columns)
    found: dict[Row, Row] = {}
    is_whole = True
    for direction in ("ASC", "DESC"):
        by = ", ".join(f"{key} {direction}" for key in order)
        sql = f"SELECT {', '.join(order)}, {names} FROM {_NAME} ORDER BY {by}"  # noqa: S608
        try:
            for row in connection.execute(sql):
                key, values = row[: len(order)], row[len(order) :]
                if all(map(_fits, columns, values)):
                    found.setdefault(key, values)
                else:
                    is_whole = False
        except sqlite3.Error:
            is_whole = False
        else:
            break  # it came to the end
    return list(found.values()), is_whole


def _fits(column: Column, value: object) -> bool:
    if value is None:
        return not column.is_required
    return isinstance(value, _PYTHON_TYPES[column.type])


def _connect(work: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{work.as_uri()}?mode=ro&immutable=1", uri=True)
    connection.text_factory = _text
    return connection


def _text(written: bytes) -> object:
    """Return the text, or something that fits no column where it is no longer one."""
    try:
        return written.decode()
    except UnicodeDecodeError:
        return NotImplemented

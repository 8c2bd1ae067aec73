"""The state file before it is opened: created, checked, quarantined or migrated.

    state.sqlite                    the state
    state.sqlite.damaged-<time>     a damaged file, as it was found

Beside it lie the copies of :mod:`bot.state.copies`.

All of it blocks: call it from a thread.
"""

import logging
import os
import secrets
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.errors import StateError
from bot.state.copies import KINDS, copies_of, newest_daily, sync_folder, write_schema_copy
from bot.state.salvage import carry_over
from bot.state.schema import APPLICATION_ID, PRECIOUS, VERSION, empty_database, migrate, transaction
from corpus import is_sqlite_corruption

_MAX_VERSION = 1_000  # a higher one is no later version but damage
_MAGIC = b"SQLite format 3\0"
_HEAD = 100  # bytes
_ID_AT = slice(68, 72)  # of the application's number in it
_FORMATS = frozenset({1, 2})  # that the file may say it is written and read by
_SCHEMA_FORMATS = range(1, 5)
_OWN_TABLE = "keyring"  # in every version

_log = logging.getLogger(__name__)


class _DamagedError(Exception):
    """The file is the state's, but damaged."""


def prepare(path: Path) -> bytes:
    """Create, check or migrate the file at ``path``; return the key of the users' hashes.

    A damaged file is quarantined as it is. A new state takes its place, with the precious tables as
    far as they can be read, and else as in the last daily copy.

    Raises:
        StateError: the file cannot be read or written, is no state of ours or comes from a newer
            version. It is left as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _open_or_create(path)
        except (_DamagedError, sqlite3.DatabaseError, UnicodeDecodeError) as error:
            # SQLite's own words may quote what is no longer text.
            if isinstance(error, sqlite3.Error) and not is_sqlite_corruption(error):
                raise
            _replace_damaged(path, " ".join(str(error).split()))
            return _open_or_create(path)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise StateError(f"The state file {path} cannot be used: {reason}.") from error


def check(copy: Path, source: Path) -> bytes:
    """Check a copy of a state and bring it up to date; return the key of its users' hashes.

    Args:
        copy: changed where its version is an earlier one.
        source: what to call it in an error.

    Raises:
        StateError: it is damaged, no state of ours or comes from a newer version.
    """
    try:
        _check_head(copy)
        with closing(_connect(copy)) as connection:
            version = _verified(connection, copy)
            if version < VERSION:
                migrate(connection, version)
            return _key(connection)
    except (_DamagedError, UnicodeDecodeError, sqlite3.DatabaseError) as error:
        if isinstance(error, sqlite3.Error) and not is_sqlite_corruption(error):
            raise
        raise StateError(f"{source} is damaged ({error}): restore another copy.") from error
    except StateError as error:
        raise StateError(str(error).replace(str(copy), str(source))) from error


def quarantined_files(path: Path) -> list[Path]:
    """Return the quarantined files of the state at ``path``, the latest last."""
    return copies_of(path, "damaged")


def forget_copies(path: Path, *, before: float) -> None:
    """Delete the copies beside ``path`` that are older than ``before``, in seconds since 1970."""
    for kind in (*KINDS, "damaged"):
        # With their journals, and with what a kill left of a copy: they hold questions, too.
        for copy in path.parent.glob(f"{path.name}.{kind}-*"):
            if copy.stat().st_mtime < before:
                copy.unlink()


def _open_or_create(path: Path) -> bytes:
    if not path.exists():
        _create(path)
    _check_head(path)
    with closing(_connect(path)) as connection:
        version = _verified(connection, path)
        if version < VERSION:
            write_schema_copy(path, version)
            migrate(connection, version)
        return _key(connection)


def _create(path: Path) -> None:
    """Create the file whole or not at all: an empty one counts as damaged."""
    new = _fresh(path)
    _journal(path).unlink(missing_ok=True)
    with closing(_connect(new)) as connection:
        migrate(connection, 0)
    new.replace(path)


def _fresh(path: Path) -> Path:
    """Return an empty file beside ``path``, to be renamed to it."""
    new = path.with_name(f"{path.name}.new")
    for leftover in (new, _journal(new)):
        leftover.unlink(missing_ok=True)
    new.touch(mode=0o600)
    return new


def _check_head(path: Path) -> None:
    """Check that the file is a database; a foreign one is left where it is."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise _DamagedError("it is empty")
    is_ours = head[_ID_AT] == APPLICATION_ID.to_bytes(4)
    if not head.startswith(_MAGIC):
        if head.strip(b"\0") and not is_ours:
            raise _foreign(path)
        raise _DamagedError("its header is not as written")
    # SQLite takes these for those of a later version of itself.
    if is_ours and not (_FORMATS.issuperset(head[18:20]) and head[47] in _SCHEMA_FORMATS):
        raise _DamagedError("its header is not as written")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = FULL")  # the first read of the file
    except BaseException:
        connection.close()
        raise
    return connection


def _verified(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the file's schema, after checking that it is ours and whole."""
    parts = _parts(connection)
    tables = {table for table, _ in parts}
    is_ours = _scalar(connection, "PRAGMA application_id") == APPLICATION_ID
    if tables and _OWN_TABLE not in tables and not is_ours:
        raise _foreign(path)
    if not is_ours:
        raise _DamagedError("its header is not as written")
    version = _scalar(connection, "PRAGMA user_version")
    if VERSION < version <= _MAX_VERSION:
        raise StateError(
            f"The state file {path} comes from a newer version of this bot (schema {version}, this"
            f" one knows {VERSION}): update the bot."
        )
    if path.stat().st_size % _scalar(connection, "PRAGMA page_size"):
        raise _DamagedError("its end is missing")
    # Of all tables alike the indexes would be read twice: 8.5 s of a million questions, not 0.5 s.
    finding = _scalar(connection, "PRAGMA quick_check(1)")
    if finding != "ok":
        raise _DamagedError(finding)
    _check_schema(parts, version)
    for table in tables.intersection(PRECIOUS):
        _check_table(connection, table)
    return version


def _check_schema(parts: set[tuple[str, str]], version: int) -> None:
    """Check that the tables are those of the version that the file names."""
    if not 1 <= version <= VERSION:
        raise _DamagedError("its header is not as written")
    with closing(empty_database(version)) as example:
        if _parts(example) - parts:
            raise _DamagedError("tables are missing")
    if version < VERSION:
        with closing(empty_database(version + 1)) as example:
            if not _parts(example) - parts:
                raise _DamagedError("its header is not as written")


def _check_table(connection: sqlite3.Connection, table: str) -> None:
    """Check a table with its indexes, and that its texts are text."""
    finding = _scalar(connection, f"PRAGMA integrity_check({table})")
    if finding != "ok":
        raise _DamagedError(finding)
    try:
        for _ in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608
            pass
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
        raise _DamagedError(f"a text of {table} is none") from error


def _foreign(path: Path) -> StateError:
    return StateError(f"{path} is not a state file of this bot; it was left as it is.")


def _parts(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Return the names of each column and index, with their table's."""
    return set(
        connection.execute(
            """SELECT m.name, c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
            WHERE m.type = 'table'
            UNION ALL SELECT tbl_name, name FROM sqlite_master WHERE type = 'index'"""
        )
    )


def _key(connection: sqlite3.Connection) -> bytes:
    with transaction(connection):
        connection.execute(
            "INSERT OR IGNORE INTO keyring VALUES ('user', ?)", (secrets.token_bytes(32),)
        )
    return _scalar(connection, "SELECT key FROM keyring WHERE name = 'user'")


def _replace_damaged(path: Path, finding: str) -> None:
    """Put a new state in the file's place, and keep the file with its journal."""
    found_at = datetime.now(UTC)
    aside = path.with_name(f"{path.name}.damaged-{found_at:%Y%m%dT%H%M%S%fZ}")
    work, new = path.with_name(f"{path.name}.salvage"), _fresh(path)
    copy = newest_daily(path)
    try:
        work.touch(mode=0o600)  # a copy is as private as the state
        shutil.copyfile(path, work)
        with closing(_connect(new)) as connection:
            migrate(connection, 0)
            with transaction(connection):
                carried = carry_over(work, connection, copy)
                connection.execute(
                    "INSERT INTO damage VALUES (?, ?, ?, ?, ?)",
                    (aside.name, carried.guilds, carried.watches, carried.is_whole, carried.copy),
                )
    finally:
        work.unlink(missing_ok=True)
    # At no moment is there neither: what is missing would begin empty at the next start.
    aside.touch(mode=0o600)
    shutil.copy2(path, aside)
    if _journal(path).exists():
        _journal(path).rename(_journal(aside))
    new.replace(path)
    sync_folder(path.parent)
    os.utime(aside)  # its 30 days begin now
    if carried.is_whole:
        extent = "These are all there were."
    elif carried.copy is not None:
        extent = f"What could not be read came from {carried.copy}."
    else:
        extent = "There may have been more: they could not be read, and there is no daily copy."
    _log.error(
        "The state file %s is damaged (%s). It was put aside as %s, and a new one has taken its"
        " place. Carried over: the settings of %d servers and %d watches. %s Lost: the questions of"
        " 30 days, and the buttons of earlier answers.",
        path,
        finding,
        aside.name,
        carried.guilds,
        carried.watches,
        extent,
    )


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _scalar(connection: sqlite3.Connection, sql: str) -> Any:  # noqa: ANN401 (a column)
    row = connection.execute(sql).fetchone()
    return row[0] if row else None

"""The state file before it is opened: created, checked, quarantined or migrated.

    state.sqlite                    the state
    state.sqlite.schema-<n>         a copy from before a migration, of the last few
    state.sqlite.damaged-<time>     a damaged file, as it was found

All of it blocks: call it from a thread.
"""

import logging
import os
import secrets
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.errors import StateError
from bot.state.schema import APPLICATION_ID, MIGRATIONS, VERSION
from corpus import is_sqlite_corruption

MAX_BACKUPS = 3  # copies of earlier schemas

_MAGIC = b"SQLite format 3\0"
_HEAD = 4096  # bytes: the first page, which also names the first table
_OWN_TABLE = "keyring"  # which is this one in every version

_log = logging.getLogger(__name__)


class _DamagedError(Exception):
    """The file is the state's, but damaged."""


def prepare(path: Path) -> bytes:
    """Create, check or migrate the file at ``path``; return the key of the users' hashes.

    A damaged file is quarantined as it is, and an empty state takes its place.

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
            _quarantine(path, " ".join(str(error).split()))
            return _open_or_create(path)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise StateError(f"The state file {path} cannot be used: {reason}.") from error


def quarantined_files(path: Path) -> list[Path]:
    """Return the quarantined files of the state at ``path``, the latest last."""
    found = path.parent.glob(f"{path.name}.damaged-*")
    return sorted(copy for copy in found if not copy.name.endswith("-journal"))


def forget_copies(path: Path, *, before: float) -> None:
    """Delete the copies beside ``path`` that are older than ``before``, in seconds since 1970."""
    for kind in ("schema", "damaged"):
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
            _back_up(connection, path, version)
            _migrate(connection, version)
        return _key(connection)


def _create(path: Path) -> None:
    """Create the file whole or not at all: an empty one counts as damaged."""
    new = path.with_name(f"{path.name}.new")
    for leftover in (new, _journal(new), _journal(path)):
        leftover.unlink(missing_ok=True)
    new.touch(mode=0o600)
    with closing(_connect(new)) as connection:
        _migrate(connection, 0)
    new.replace(path)


def _check_head(path: Path) -> None:
    """Check that the file is a database; a foreign one is left where it is."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise _DamagedError("it is empty")
    if not head.startswith(_MAGIC):
        if head.strip(b"\0") and _OWN_TABLE.encode() not in head:
            raise _foreign(path)
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
    columns = _columns(connection)
    tables = {table for table, _ in columns}
    if tables and _OWN_TABLE not in tables:
        raise _foreign(path)
    if _scalar(connection, "PRAGMA application_id") != APPLICATION_ID:
        raise _DamagedError("its header is not as written")
    version = _scalar(connection, "PRAGMA user_version")
    if version > VERSION:
        raise StateError(
            f"The state file {path} comes from a newer version of this bot (schema {version}, this"
            f" one knows {VERSION}): update the bot."
        )
    if path.stat().st_size % _scalar(connection, "PRAGMA page_size"):
        raise _DamagedError("its end is missing")
    finding = _scalar(connection, "PRAGMA integrity_check(1)")
    if finding != "ok":
        raise _DamagedError(finding)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as example:
        _migrate(example, 0, version)
        if version < 1 or _columns(example) - columns:
            raise _DamagedError("tables are missing")
    return version


def _foreign(path: Path) -> StateError:
    return StateError(f"{path} is not a state file of this bot; it was left as it is.")


def _columns(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Return the name of each column with its table's."""
    return set(
        connection.execute(
            "SELECT m.name, c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c"
            " WHERE m.type = 'table'"
        )
    )


def _migrate(connection: sqlite3.Connection, version: int, to: int = VERSION) -> None:
    with _transaction(connection):
        for statements in MIGRATIONS[version:to]:
            for sql in statements:
                connection.execute(sql)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {to}")


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Copy the file before its schema changes, and delete all but the latest copies."""
    new = path.with_name(f"{path.name}.copy")
    copy = path.with_name(f"{path.name}.schema-{version}")
    new.unlink(missing_ok=True)  # of an interrupted attempt
    try:
        new.touch(mode=0o600)
        connection.execute("VACUUM INTO ?", (str(new),))
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.replace(copy)
    finally:
        new.unlink(missing_ok=True)
    _log.info("Kept a copy of the state from before its update: %s", copy)
    copies = path.parent.glob(f"{path.name}.schema-*")
    for old in sorted(copies, key=_schema_of)[:-MAX_BACKUPS]:
        old.unlink()


def _schema_of(copy: Path) -> int:
    number = copy.name.rpartition("-")[2]
    return int(number) if number.isdigit() else 0


def _key(connection: sqlite3.Connection) -> bytes:
    with _transaction(connection):
        connection.execute(
            "INSERT OR IGNORE INTO keyring VALUES ('user', ?)", (secrets.token_bytes(32),)
        )
    return _scalar(connection, "SELECT key FROM keyring WHERE name = 'user'")


def _quarantine(path: Path, finding: str) -> None:
    """Rename the file, together with the journal that may still mend it."""
    found_at = datetime.now(UTC)
    aside = path.with_name(f"{path.name}.damaged-{found_at:%Y%m%dT%H%M%S%fZ}")
    path.rename(aside)
    if _journal(path).exists():
        _journal(path).rename(_journal(aside))
    os.utime(aside)  # its 30 days begin now
    _log.error(
        "The state file %s is damaged (%s). It was put aside as %s, and an empty one has taken its"
        " place: settings, watches and the buttons of earlier answers are gone. To bring them back,"
        " end the bot and put a copy in the file's place.",
        path,
        finding,
        aside.name,
    )


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Generator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk ends it by itself
            connection.rollback()
        raise
    connection.commit()


def _scalar(connection: sqlite3.Connection, sql: str) -> Any:  # noqa: ANN401 (a column)
    row = connection.execute(sql).fetchone()
    return row[0] if row else None

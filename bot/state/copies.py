"""Copies of what is precious, each a state file of its own, without questions and answers.

    state.sqlite.daily-<day>        of the last 7 days on which the bot ran
    state.sqlite.schema-<n>         from before an update, of the last few
    state.sqlite.replaced-<time>    from before a restore

What admins keep in files beside the state goes with it: synonyms and hidden articles.

All of it blocks: call it from a thread.
"""

import logging
import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from bot.settings import OWN_SYNONYMS
from bot.state.schema import APPLICATION_ID, PRECIOUS, migrate, transaction
from corpus import HiddenArticles, is_sqlite_corruption

MAX_DAILY = 7
MAX_BACKUPS = 3  # of earlier schemas
KINDS = ("daily", "schema", "replaced")

_BUSY_SECONDS = 30.0  # a bot that writes without a pause lets few others in

_log = logging.getLogger(__name__)


def write_copy(path: Path, target: Path) -> None:
    """Copy what is precious of the state at ``path``, beside whoever has it open.

    ``target`` is written whole or not at all, readable by
    its owner only.

    Raises:
        OSError, sqlite3.Error: it cannot be written, or the state cannot be read.
    """
    new = target.with_name(f"{target.name}.new")
    _remove(new)  # of an interrupted attempt
    try:
        new.touch(mode=0o600)
        with closing(sqlite3.connect(new, isolation_level=None, uri=True)) as copy:
            migrate(copy, 0, _version(path))
            # One moment of the source, which is never locked to write.
            with attached(copy, path), transaction(copy, "DEFERRED"):
                insert_precious(copy)
            _insert_files(copy, path.parent)
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.replace(target)
        sync_folder(target.parent)
    finally:
        _remove(new)


@contextmanager
def attached(connection: sqlite3.Connection, path: Path) -> Generator[None]:
    """Attach the state at ``path`` as ``source``."""
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000:.0f}")
    # Not read-only: what a killed write left must be undone before it is read.
    connection.execute("ATTACH ? AS source", (f"{path.absolute().as_uri()}?mode=rw",))
    try:
        yield
    finally:
        connection.execute("DETACH source")


def insert_precious(connection: sqlite3.Connection) -> None:
    """Insert the precious tables of the attached source, within a transaction."""
    tables = {name for (name,) in connection.execute("SELECT name FROM main.sqlite_master")}
    for table in PRECIOUS:
        if table in tables:
            columns = connection.execute(f"PRAGMA main.table_info({table})").fetchall()
            names = ", ".join(name for _, name, *_ in columns)
            connection.execute(
                f"INSERT INTO main.{table} ({names}) SELECT {names} FROM source.{table}"  # noqa: S608
            )
    if "sqlite_sequence" in tables:
        # An id is never given again, also not that of a watch that was removed.
        connection.execute(
            """INSERT INTO main.sqlite_sequence SELECT name, seq FROM source.sqlite_sequence
            WHERE name NOT IN (SELECT name FROM main.sqlite_sequence)"""
        )
        connection.execute(
            """UPDATE main.sqlite_sequence SET seq = max(seq, coalesce(
            (SELECT s.seq FROM source.sqlite_sequence AS s WHERE s.name = sqlite_sequence.name), 0
            ))"""
        )


def files_beside(folder: Path) -> tuple[Path, Path]:
    """Return the files of the synonyms edited on Discord and of the hidden articles."""
    return folder / OWN_SYNONYMS, HiddenArticles(folder).file


def _insert_files(connection: sqlite3.Connection, folder: Path) -> None:
    with transaction(connection):
        connection.execute(
            "CREATE TABLE file (name TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT, WITHOUT ROWID"
        )
        # As they are: one that cannot be read by now is no reason for having no copy.
        connection.executemany(
            "INSERT INTO file VALUES (?, ?)",
            [(file.name, file.read_bytes()) for file in files_beside(folder) if file.is_file()],
        )


def write_daily(path: Path, day: date) -> bool:
    """Copy the state once a day, and delete all but the last copies; return whether it was due."""
    target = path.with_name(f"{path.name}.daily-{day.isoformat()}")
    if target.exists():
        return False
    write_copy(path, target)
    for old in copies_of(path, "daily")[:-MAX_DAILY]:
        old.unlink()
    return True


def write_schema_copy(path: Path, version: int) -> None:
    """Copy the state before its schema changes, and delete all but the latest such copies."""
    copy = path.with_name(f"{path.name}.schema-{version}")
    write_copy(path, copy)
    _log.info("Kept a copy of the state from before its update: %s", copy)
    for old in sorted(copies_of(path, "schema"), key=_schema_of)[:-MAX_BACKUPS]:
        old.unlink()


def newest_daily(path: Path) -> Path | None:
    """Return the newest daily copy that is whole."""
    return next((copy for copy in reversed(copies_of(path, "daily")) if _is_whole(copy)), None)


def copies_of(path: Path, *kinds: str) -> list[Path]:
    """Return the copies of the state at ``path``, by name."""
    found = (copy for kind in kinds or KINDS for copy in path.parent.glob(f"{path.name}.{kind}-*"))
    return sorted(copy for copy in found if not copy.name.endswith(("-journal", ".new")))


def forget_in_copies(path: Path, user: bytes) -> None:
    """Delete what the copies of the state at ``path`` hold of a user.

    A damaged copy is passed over: nothing is ever restored from it.

    Args:
        path: of the state.
        user: their hash.

    Raises:
        sqlite3.Error: a copy cannot be written.
    """
    own = "channel IN (SELECT channel FROM recipient WHERE user = ?)"
    for damaged in _delete_in_copies(
        path, "recipient", ("watch", own), ("recipient", own), value=user
    ):
        _log.warning("%s is damaged, and was left as it is.", damaged)


def forget_posts_in_copies(path: Path, *, before: float) -> None:
    """Delete the posts in the copies that have waited since ``before``, in seconds since 1970.

    Raises:
        OSError, sqlite3.Error: a copy cannot be written.
    """
    _delete_in_copies(path, "watch_post", ("watch_post", "found_at < ?"), value=before)


def _delete_in_copies(
    path: Path, known_by: str, *deletions: tuple[str, str], value: bytes | float
) -> list[Path]:
    """Delete rows in all copies that have the table ``known_by``; return those that are damaged.

    Args:
        path: of the state.
        known_by: earlier versions had no such table.
        deletions: a table, and a condition on a row.
        value: in each condition.
    """
    damaged: list[Path] = []
    for copy in copies_of(path):
        made = copy.stat()
        try:
            with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute("PRAGMA foreign_keys = ON")
                table = "SELECT 1 FROM sqlite_master WHERE name = ?"
                if connection.execute(table, (known_by,)).fetchone() is None:
                    continue
                with transaction(connection, "DEFERRED"):
                    for name, condition in deletions:
                        connection.execute(f"DELETE FROM {name} WHERE {condition}", (value,))  # noqa: S608
        except sqlite3.Error as error:
            if not is_sqlite_corruption(error):
                raise
            damaged.append(copy)
        # Its 30 days began when it was made.
        os.utime(copy, ns=(made.st_atime_ns, made.st_mtime_ns))
    return damaged


def _version(path: Path) -> int:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000:.0f}")
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        return version


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file, whole or not at all.

    Raises:
        OSError: it could not be written, and is as it was.
    """
    draft(path, content).replace(path)
    sync_folder(path.parent)


def draft(path: Path, content: bytes) -> Path:
    """Return a new file beside ``path``, written through to the disk, to be renamed to it.

    Raises:
        OSError: it could not be written; there is none.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        new.unlink(missing_ok=True)
        raise
    return new


def sync_folder(folder: Path) -> None:
    """See that a renamed file survives a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _schema_of(copy: Path) -> int:
    number = copy.name.rpartition("-")[2]
    return int(number) if number.isdigit() else 0


def _is_whole(copy: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            # An empty file is whole, too, but no state.
            return opened.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,) and (
                opened.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
            )
    except sqlite3.Error:
        return False


def _remove(new: Path) -> None:
    for leftover in (new, new.with_name(f"{new.name}-journal")):
        leftover.unlink(missing_ok=True)

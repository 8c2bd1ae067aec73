"""Puts what is precious in a copy into the state, while no bot has it open.

What is hidden stays hidden, and what the copy hides is hidden again: an article that was taken down
since must not come back with it.

The questions and answers stay, unless the copy comes from another bot: its key gives users other
hashes, so nobody could find or delete what is theirs.

All of it blocks: call it from a thread.
"""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import StateError
from bot.state import file
from bot.state.copies import (
    attached,
    draft,
    files_beside,
    insert_precious,
    sync_folder,
    write_copy,
)
from bot.state.schema import PRECIOUS, transaction
from corpus import CorpusError, HiddenArticles

_OF_USERS = ("vote", "conversation", "answer_passage", "answer", "question")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a copy holds."""

    guilds: int
    """Servers with settings."""
    watches: int
    has_synonyms: bool
    """Whether words edited on Discord are in it."""
    hidden: int
    """Articles."""


def back_up(path: Path, target: Path) -> Contents:
    """Copy what is precious in the state at ``path`` to a file, also beside a running bot.

    Raises:
        StateError: there is no state, it cannot be read, or the file cannot be written.
    """
    if not path.is_file():
        raise StateError(f"There is no state at {path} yet, so there is nothing to back up.")
    if target.exists() and target.samefile(path):
        raise StateError(f"{target} is the state itself: name another file.")
    try:
        write_copy(path, target)
        return contents(target)
    except OSError as error:
        raise StateError(f"{target} cannot be written: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise StateError(f"The state {path} could not be copied to {target}: {error}.") from error


def restore(path: Path, source: Path) -> Contents:
    """Put what is precious in a copy into the state at ``path``, all or nothing.

    What was there before is copied first, as ``state.sqlite.replaced-<time>``.

    Raises:
        StateError: the copy is no whole state of this or an earlier version, the state cannot be
            written, or the hidden articles cannot be read.
    """
    work = path.with_name(f"{path.name}.restore")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not source.is_file():
            raise StateError(f"There is no file {source} to restore.")
        work.touch(mode=0o600)  # it holds the key of the users
        shutil.copyfile(source, work)
        try:
            new_key = file.check(work, source)
            old_key = file.prepare(path)
            replaced = f"{path.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
            write_copy(path, path.with_name(replaced))
            files = _files_to_write(work, path.parent)
            drafts: dict[Path, Path] = {}
            try:
                for target, content in files.items():
                    drafts[target] = draft(target, content)
                with closing(sqlite3.connect(path, isolation_level=None, uri=True)) as connection:
                    for pragma in ("synchronous = FULL", "secure_delete = ON"):
                        connection.execute(f"PRAGMA {pragma}")
                    with attached(connection, work):
                        _replace(connection, forget_users=new_key != old_key)
                for target, new in drafts.items():
                    new.replace(target)
                sync_folder(path.parent)
            finally:
                for new in drafts.values():
                    new.unlink(missing_ok=True)
            return contents(work)
        finally:
            work.unlink(missing_ok=True)
            work.with_name(f"{work.name}-journal").unlink(missing_ok=True)
    except OSError as error:
        raise StateError(f"{source} could not be restored: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise StateError(f"{source} could not be restored: {error}.") from error
    except CorpusError as error:
        raise StateError(f"{source} could not be restored: {error}") from error


def contents(copy: Path) -> Contents:
    """Return what a copy holds.

    Raises:
        sqlite3.Error: it is none.
    """
    with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        guilds = {
            guild
            for table, column in _GUILD_TABLES.items()
            if table in tables
            for (guild,) in connection.execute(f"SELECT {column} FROM {table}")  # noqa: S608
        }
        synonyms, hidden = files_beside(copy.parent)
        files = _files(connection) if "file" in tables else {}
        return Contents(
            len(guilds),
            _count(connection, "watch") if "watch" in tables else 0,
            synonyms.name in files,
            sum(bool(line.strip()) for line in files.get(hidden.name, b"").split(b"\n")),
        )


_GUILD_TABLES = {"guild": "id", "guild_channel": "guild", "guild_without_source": "guild"}


def _count(connection: sqlite3.Connection, table: str) -> int:
    count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
    return count


def _replace(connection: sqlite3.Connection, *, forget_users: bool) -> None:
    with transaction(connection):
        for table in (*reversed(PRECIOUS), *(_OF_USERS if forget_users else ())):
            connection.execute(f"DELETE FROM main.{table}")  # noqa: S608
        insert_precious(connection)


def _files_to_write(copy: Path, folder: Path) -> dict[Path, bytes]:
    """Return what to write of each file that a copy holds; others stay as they are.

    Raises:
        CorpusError: the hidden articles of either cannot be read.
    """
    with closing(sqlite3.connect(copy)) as connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'file'").fetchone()
        files = _files(connection) if known else {}
    synonyms, hidden = files_beside(folder)
    if hidden.name in files:
        files[hidden.name] = HiddenArticles(folder).merged(files[hidden.name])
    return {file: files[file.name] for file in (synonyms, hidden) if file.name in files}


def _files(connection: sqlite3.Connection) -> dict[str, bytes]:
    return dict(connection.execute("SELECT name, content FROM file").fetchall())

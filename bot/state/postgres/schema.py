"""The database before it is opened: its version is checked, and its tables are brought up to date.

All of it blocks: call it from a thread.
"""

import re
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg.waiting import wait

from bot.database_url import DatabaseUrl
from bot.errors import StateError

SCHEMA = "footnote"
"""PostgreSQL's: what else is in the database is left alone."""
VERSION_TABLE = "revision"
HEAD = "0004"
"""The newest revision of ``migrations``."""
MIN_SERVER = 14
WRITE_LOCK = "SELECT pg_advisory_xact_lock(1181708148)"  # "Foot"
"""Lets one transaction write at a time, as SQLite does: each may rely on what it reads."""

CONNECT_SECONDS = 5
MAX_SECONDS = 35.0
"""For an answer while the tables are made, brought up to date or filled."""
NO_ANSWER = "the server does not answer"

_Result = TypeVar("_Result")

_MIGRATIONS = Path(__file__).with_name("migrations")


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that is closed where the server does not answer, as a `session.Session` is."""

    def wait(
        self, gen: PQGen[_Result], interval: float = 0.1, timeout: float | None = None
    ) -> _Result:
        """Wait for the server.

        Raises:
            psycopg.OperationalError: it does not answer, and the connection is lost.
        """
        try:
            return wait(gen, self.pgconn.socket, interval, timeout or MAX_SECONDS)
        except BaseException as error:
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            self.pgconn.finish()
            if not isinstance(error, psycopg.OperationalError):
                raise
            raise psycopg.OperationalError(NO_ANSWER) from error


def session_settings(max_seconds: float) -> bytes:
    """Return SQL that sets up a connection, whose client gives an answer up after so many seconds.

    The server itself ends a little earlier what takes too long or holds the lock of a bot that has
    gone: it goes on with a statement whose client has only closed the connection.
    """
    return f"""SET search_path TO {SCHEMA}; SET statement_timeout TO '{max_seconds * 0.9:.3f}s';
        SET lock_timeout TO '5s'; SET idle_in_transaction_session_timeout TO '10s'""".encode()


def parameters(url: DatabaseUrl) -> dict[str, Any]:
    """Return what to connect with."""
    return {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": CONNECT_SECONDS * 1000,
        "application_name": SCHEMA,
        "client_encoding": "utf8",
        **url.parameters,
    }


@contextmanager
def connected(url: DatabaseUrl) -> Generator[Connection]:
    """Connect, and say in one sentence what keeps PostgreSQL from doing what the block asks.

    Raises:
        StateError: it cannot be reached, or refuses something.
    """
    try:
        with Connection.connect(**parameters(url), autocommit=True) as connection:
            connection.execute(session_settings(MAX_SECONDS))
            yield connection
    except psycopg.Error as error:
        raise StateError(f"{url} cannot hold the state: {reason(error)}.") from error


def prepare(url: DatabaseUrl, path: Path | None = None) -> bytes:
    """Create or migrate the tables; return the key of the users' hashes.

    Args:
        url: of the database.
        path: of a state file; where there is one, no tables are created that would hide it.

    Raises:
        StateError: the database cannot be used, or comes from a newer version. It is left as it
            was.
    """
    with connected(url) as connection:
        _check_server(connection, url)
        before = revision(connection)
        if before is None and path is not None and path.exists():
            raise StateError(
                f"{url} holds no state yet, but {path} does: run `python -m bot state move`, or"
                " move the file away to begin anew."
            )
        if before != HEAD:
            _migrate(url, before)
        with connection.transaction():
            connection.execute(
                "INSERT INTO keyring VALUES ('user', %s) ON CONFLICT DO NOTHING",
                (secrets.token_bytes(32),),
            )
        row = connection.execute("SELECT key FROM keyring WHERE name = 'user'").fetchone()
        assert row is not None
        return row[0]


def check(url: DatabaseUrl) -> str:
    """Return what the database is, without changing it.

    Raises:
        StateError: it cannot be used.
    """
    with connected(url) as connection:
        version = _check_server(connection, url)
        found = revision(connection)
    state = f"revision {found} of the state" if found else "no state yet; a start creates it"
    return f"PostgreSQL {version}, {state}"


def _check_server(connection: Connection, url: DatabaseUrl) -> int:
    """Return the version of the server, which is new enough."""
    version = connection.info.server_version // 10_000
    if version < MIN_SERVER:
        raise StateError(
            f"{url} is PostgreSQL {version}, but DATABASE_URL needs {MIN_SERVER} or newer."
        )
    return version


def revision(connection: Connection) -> str | None:
    """Return the revision of the tables; ``None``: there are none."""
    row = connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.{VERSION_TABLE}",)).fetchone()
    if row is None or row[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM revision").fetchone()
    return row[0] if row else None


def _migrate(url: DatabaseUrl, before: str | None) -> None:
    """Bring the tables up to date in one transaction; of two bots that start at once, one does."""
    # Half a second and 30 MB, and most starts have nothing to migrate.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415
    from sqlalchemy import NullPool, create_engine, text  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if before is not None and before not in known:
        raise _newer(url, before)
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: _connection(url), poolclass=NullPool
    )
    try:
        with engine.begin() as migrating:
            migrating.execute(text(WRITE_LOCK))
            migrating.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            config.attributes["connection"] = migrating
            command.upgrade(config, "head")
    except CommandError as error:
        # Begun by a later version since the revision was read.
        raise _newer(url, "unknown") from error
    except DBAPIError as error:
        raise (error.orig if isinstance(error.orig, psycopg.Error) else error) from None


def _newer(url: DatabaseUrl, found: str) -> StateError:
    return StateError(
        f"{url} comes from a newer version of this bot (revision {found}, this one knows"
        f" {HEAD}): update the bot."
    )


def _connection(url: DatabaseUrl) -> Connection:
    connection = Connection.connect(**parameters(url), autocommit=True)
    connection.execute(session_settings(MAX_SECONDS))
    connection.autocommit = False
    return connection


def storable(value: object) -> object:
    """Return a value as PostgreSQL can hold it: no text holds a NUL."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


def reason(error: psycopg.Error) -> str:
    """Return what PostgreSQL or its client says, in one line and without the user's name."""
    lines = (error.diag.message_primary or str(error)).strip().splitlines() or [repr(error)]
    line = next((line for line in reversed(lines) if "failed: " in line), lines[0])
    said = line.rpartition("failed: ")[2].removeprefix("FATAL:").strip().rstrip(".")
    return re.sub(r'(user|role) "[^"]*"', r"the \1 of DATABASE_URL", said)

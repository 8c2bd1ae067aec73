"""Connections that are not of the pool: a session of their own is what they are for."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection

from bot.database_url import DatabaseUrl
from bot.state.database import DatabaseError, UnreachableError
from bot.state.postgres.schema import SESSION, parameters, reason

MIN_DELAY, MAX_DELAY = 0.5, 5.0  # seconds before another try
ANSWER_SECONDS = 5.0
"""After which a server that does not answer counts as lost."""
LOCKS = 1181708148  # "Foot"
"""The first number of each advisory lock that a session holds; the second says what for."""

Session = AsyncConnection[tuple[Any, ...]]

_log = logging.getLogger(__name__)


def database_error(url: DatabaseUrl, error: psycopg.Error) -> DatabaseError:
    """Return an error of the client as one that tells in a sentence what failed."""
    if isinstance(error, psycopg.OperationalError):
        return UnreachableError(f"{url} failed: {reason(error)}")
    return DatabaseError(f"{url} refused a statement: {reason(error)}")


@asynccontextmanager
async def opened(url: DatabaseUrl) -> AsyncGenerator[Session]:
    """Open a session, which ends with the block.

    Raises:
        psycopg.Error: it cannot be opened.
    """
    async with await AsyncConnection.connect(**parameters(url), autocommit=True) as session:
        await session.execute(SESSION)
        yield session


async def keep_open(url: DatabaseUrl, use: Callable[[Session], Awaitable[None]], what: str) -> None:
    """Call ``use`` with a session, and with a new one whenever that is lost, until cancelled.

    Args:
        url: of the database.
        use: raises `psycopg.Error`, `OSError` or `TimeoutError` where its session is lost.
        what: it is for, in the log.
    """
    delay = MIN_DELAY
    while True:
        try:
            async with opened(url) as session:
                delay = MIN_DELAY
                await use(session)
        except (psycopg.Error, OSError, TimeoutError) as error:
            said = reason(error) if isinstance(error, psycopg.Error) else repr(error)
            _log.info("The connection to %s for %s was lost: %s.", url, what, said)
        await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)
        delay = min(2 * delay, MAX_DELAY)


async def check(session: Session) -> None:
    """See that the server still answers.

    Raises:
        psycopg.Error, TimeoutError: it does not.
    """
    async with asyncio.timeout(ANSWER_SECONDS):
        await session.execute("SELECT 1")


@asynccontextmanager
async def holding(url: DatabaseUrl, lock: int, max_wait: float) -> AsyncGenerator[bool]:
    """Hold an advisory lock while the block runs; give whether it was free in time.

    Raises:
        DatabaseError: the database does not do what is asked of it.
    """
    try:
        async with opened(url) as session:
            await session.execute(
                f"SET statement_timeout TO 0; SET lock_timeout TO '{max_wait:.3f}s'".encode()
            )
            try:
                await session.execute("SELECT pg_advisory_lock(%s, %s)", (LOCKS, lock))
            except psycopg.errors.LockNotAvailable:
                yield False
            else:
                yield True
    except psycopg.Error as error:
        raise database_error(url, error) from error

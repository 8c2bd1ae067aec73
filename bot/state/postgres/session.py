"""Sessions: connections that are lost, and say so, where the server does not answer in time."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg.waiting import wait_async

from bot.database_url import DatabaseUrl
from bot.state.database import DatabaseError, UnreachableError
from bot.state.postgres.schema import NO_ANSWER, parameters, reason, session_settings

MIN_DELAY, MAX_DELAY = 0.5, 5.0  # seconds before another try
ANSWER_SECONDS = 5.0
"""After which a server that does not answer counts as lost."""
STATEMENT_SECONDS = 10.0
"""For a statement, or a transaction; the server gives up on a lock after five."""
LOCKS = 1181708148  # "Foot"
"""The first number of each advisory lock that a session holds; the second says what for."""

_Result = TypeVar("_Result")

_log = logging.getLogger(__name__)


class Session(AsyncConnection[tuple[Any, ...]]):
    """A connection that is closed at once where a statement is cancelled or not answered.

    A server that hangs keeps its connections and the kernel beneath it acknowledges what is sent,
    so neither TCP nor psycopg ever gives it up. And when a statement is cancelled, psycopg asks the
    server to cancel it, and waits up to ten seconds for that. So each wait for an answer on an open
    session has a limit here, and a cancelled one ends at once. Connecting has a limit of its own
    (``connect_timeout``); the look-up of the host's name before it has none.
    """

    max_seconds: float = STATEMENT_SECONDS
    """For an answer of the server."""

    async def wait(
        self,
        gen: PQGen[_Result],
        interval: float = 0.1,
        timeout: float | None = None,  # noqa: ASYNC109 (psycopg's)
    ) -> _Result:
        """Wait for the server; psycopg calls this for whatever it does on an open session.

        Args:
            gen: what is to be done.
            interval: of psycopg's looks at the connection, in seconds.
            timeout: seconds for what may well not come, as a notification.

        Raises:
            psycopg.OperationalError: the server does not answer, and the session is lost.
        """
        try:
            async with asyncio.timeout(self.max_seconds if timeout is None else None):
                return await wait_async(gen, self.pgconn.socket, interval, timeout)
        except BaseException as error:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            if isinstance(error, TimeoutError):
                raise psycopg.OperationalError(NO_ANSWER) from error
            raise


def database_error(url: DatabaseUrl, error: psycopg.Error) -> DatabaseError:
    """Return an error of the client as one that tells in a sentence what failed."""
    if isinstance(error, psycopg.OperationalError):
        return UnreachableError(f"{url} failed: {reason(error)}")
    return DatabaseError(f"{url} refused a statement: {reason(error)}")


async def connect(url: DatabaseUrl, **options: Any) -> Session:  # noqa: ANN401 (of psycopg)
    """Open a session, which the caller closes.

    Raises:
        psycopg.Error: it cannot be opened.
    """
    session = await Session.connect(**parameters(url), autocommit=True, **options)
    try:
        await session.execute(session_settings(session.max_seconds))
    except BaseException:
        await session.close()
        raise
    return session


@asynccontextmanager
async def opened(url: DatabaseUrl) -> AsyncGenerator[Session]:
    """Open a session, which ends with the block.

    Raises:
        psycopg.Error: it cannot be opened.
    """
    async with await connect(url) as session:
        yield session


async def keep_open(url: DatabaseUrl, use: Callable[[Session], Awaitable[None]], what: str) -> None:
    """Call ``use`` with a session, and with a new one whenever that is lost, until cancelled.

    Args:
        url: of the database.
        use: raises `psycopg.Error`, `OSError` or `TimeoutError` where its session is lost. After
            any other error it is called again, too: a process without it would go on half.
        what: it is for, in the log.
    """
    loop = asyncio.get_running_loop()
    delay = MIN_DELAY
    while True:
        began = loop.time()
        try:
            async with opened(url) as session:
                await use(session)
        except (psycopg.Error, OSError, TimeoutError) as error:
            said = reason(error) if isinstance(error, psycopg.Error) else repr(error)
            _log.info("The connection to %s for %s was lost: %s.", url, what, said)
        except Exception:  # noqa: BLE001 (as said)
            _log.exception("What a connection is kept for, %s, failed and begins anew.", what)
        if loop.time() - began > MAX_DELAY:
            delay = MIN_DELAY
        await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)
        delay = min(2 * delay, MAX_DELAY)


async def check(session: Session, max_seconds: float) -> None:
    """See that the server still answers.

    Raises:
        psycopg.Error, TimeoutError: it does not, and the session is closed.
    """
    try:
        async with asyncio.timeout(max_seconds):
            await session.execute("SELECT 1")
    except BaseException:
        await session.close()
        raise


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
            session.max_seconds = max_wait + ANSWER_SECONDS
            try:
                await session.execute("SELECT pg_advisory_lock(%s, %s)", (LOCKS, lock))
            except psycopg.errors.LockNotAvailable:
                yield False
            else:
                yield True
    except psycopg.Error as error:
        raise database_error(url, error) from error

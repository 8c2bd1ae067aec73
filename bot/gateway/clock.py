"""Is this machine's clock right? One that is far off makes every certificate look invalid."""

import logging
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp

from bot.errors import ClockError

EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
"""This program is younger: a clock that says less was never set."""
MOST_SECONDS_OFF = 120

# Of OpenSSL's X509_verify_cert: the certificate's days begin later, or are over.
_NOT_NOW = frozenset({9, 10})

_log = logging.getLogger(__name__)


def check(now: datetime) -> None:
    """Make sure that ``now`` can be.

    Raises:
        ClockError: it is before this program was written.
    """
    if now < EARLIEST:
        raise ClockError(
            f"This machine's clock says {now:%Y-%m-%d}, which is over: set it, best by NTP."
        )


def is_blamed_by(error: BaseException | None) -> bool:
    """Whether a certificate was refused for its days: Discord's and the forges' are in order."""
    seen: list[BaseException] = []  # one that hides its own cause is that cause's context, a ring
    while error is not None and error not in seen:
        if isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in _NOT_NOW:
            return True
        seen.append(error)
        error = error.__cause__ or error.__context__
    return False


def compared() -> aiohttp.TraceConfig:
    """Return what warns, once, where the first server that answers has another time."""
    trace = aiohttp.TraceConfig()
    is_compared = False

    async def compare(
        _: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams
    ) -> None:
        nonlocal is_compared
        if is_compared:
            return
        is_compared = True
        try:
            theirs = parsedate_to_datetime(end.response.headers["Date"])
        except (KeyError, ValueError):
            return
        off = (datetime.now(UTC) - theirs).total_seconds()
        if abs(off) > MOST_SECONDS_OFF:
            _log.warning(
                "This machine's clock is %.0f s %s: set it, best by NTP.",
                abs(off),
                "ahead" if off > 0 else "behind",
            )

    trace.on_request_end.append(compare)
    return trace

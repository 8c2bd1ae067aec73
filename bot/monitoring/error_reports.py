"""Reports errors to the Sentry project of ``SENTRY_DSN``: where in the code, and nothing of anyone.

An error's message and the values of variables may hold a question, a user's ID or a secret. So a
report is not cleaned of these but made anew from what cannot hold them: the names of errors, the
lines of code, and the number that finds the rest in the log.
"""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bot import __version__
from bot.monitoring.logs import OWN_LOGGERS, redact

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

MAX_GOODBYE = 0.3  # seconds for reports that wait, of the two in which the bot ends

_KEPT = ("event_id", "timestamp", "level", "logger", "platform", "release", "sdk")
_KEPT_OF_FRAME = (
    "filename",
    "function",
    "module",
    "lineno",
    "in_app",
    "pre_context",
    "context_line",
    "post_context",
)
_NUMBER = re.compile(r"[0-9a-f]{8}")


@asynccontextmanager
async def sending_errors(dsn: str | None, secrets: Iterable[str]) -> AsyncGenerator[None]:
    """Report what is logged as an error until the block ends; ``None``: report nothing.

    Args:
        dsn: the address of a project of Sentry, or of a server that speaks its protocol.
        secrets: texts to leave out, which should be in no report anyway.
    """
    if dsn is None:
        yield
        return
    import sentry_sdk  # noqa: PLC0415 (of an extra)
    from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415

    hidden = tuple(secret for secret in secrets if secret)
    sentry_sdk.init(
        dsn,
        release=f"footnote@{__version__}",
        before_send=lambda event, hint: _report(event, hint, hidden),
        # Nothing else is sent: no sessions, traces, logs or breadcrumbs, and no name of the host.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration(level=None, event_level=logging.ERROR)],
        auto_session_tracking=False,
        max_breadcrumbs=0,
        include_local_variables=False,
        send_default_pii=False,
        send_client_reports=False,
        server_name="",
        spotlight=False,
    )
    try:
        yield
    finally:
        await asyncio.to_thread(sentry_sdk.get_client().close, MAX_GOODBYE)


def _report(event: "Event", hint: "Hint", secrets: tuple[str, ...]) -> "Event":
    """Return a report of ``event``, made of what may be sent alone."""
    full: dict[str, Any] = dict(event)
    report: dict[str, Any] = {name: full[name] for name in _KEPT if name in full}
    report["exception"] = {"values": [_error(value) for value in _values(full)]}
    record: logging.LogRecord | None = hint.get("log_record")
    if record is not None and record.name.partition(".")[0] in OWN_LOGGERS:
        # The sentence without what is put into it: a library may have put it in already.
        report["logentry"] = {"message": str(record.msg)}
        number = record.args[0] if isinstance(record.args, tuple) and record.args else None
        if isinstance(number, str) and _NUMBER.fullmatch(number):
            report["tags"] = {"number_in_the_log": number}
    return _redacted(report, secrets)


def _values(event: dict[str, Any]) -> list[dict[str, Any]]:
    return (event.get("exception") or {}).get("values") or []


def _error(value: dict[str, Any]) -> dict[str, Any]:
    frames = (value.get("stacktrace") or {}).get("frames") or []
    kept = [{name: frame[name] for name in _KEPT_OF_FRAME if name in frame} for frame in frames]
    return {
        "type": value.get("type"),
        "module": value.get("module"),
        "stacktrace": {"frames": kept},
    }


def _redacted(value: Any, secrets: tuple[str, ...]) -> Any:  # noqa: ANN401 (what JSON holds)
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, dict):
        return {name: _redacted(inner, secrets) for name, inner in value.items()}
    if isinstance(value, list):
        return [_redacted(inner, secrets) for inner in value]
    return value

"""Writes log records to standard error, as text or JSON, without any secret."""

import logging
import re
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from secrets import token_hex
from types import TracebackType
from typing import Any, TextIO

from pythonjsonlogger import json

_REDACTED = "[redacted]"
_SECRET_SHAPES = (
    # The token of an interaction or a webhook in a URL, and in a payload of the gateway.
    re.compile(r"(?<=/)((?:interactions|webhooks)/[0-9]+/)[^/\s'\"?]+"),
    re.compile(r"""((?:"|')token(?:"|')\s*:\s*)(?:"[^"]*"|'[^']*')"""),
    # A bot token, whoever wrote it down.
    re.compile(r"()\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"),
    # An interaction's token by its beginning, base64 for "interaction:".
    re.compile(r"()\baW50ZXJhY3Rpb24[\w+/=-]+"),
    # The user, the password or both in an address, also in one that lost its beginning.
    re.compile(r"(://)[^\s/@'\"]{1,500}@"),
    re.compile(r"()(?<![^\s/=(\"'“])[^\s/:@\"'“]{1,100}:[^\s/@\"']{1,400}@(?=\w)"),
    # What an HTTP request authenticates itself with.
    re.compile(r"(?i)(authorization['\"]?\s*[:,=]\s*['\"]?)(?:(?:basic|bearer|bot)\s+)?[^\s'\"]+"),
)
_TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_BARE = "%(message)s"
_JSON_NAMES = {
    "asctime": "time",
    "levelname": "level",
    "name": "logger",
    "message": "message",
    "exc_info": "traceback",
    "stack_info": "stack",
}
_NUMBER = "_number_in_the_log"
OWN_LOGGERS = frozenset({"bot", "corpus"})

_log = logging.getLogger(__name__)


def configure(
    level: str,
    log_format: str,
    *,
    secrets: Iterable[str] = (),
    own_only: bool = False,
    stream: TextIO | None = None,
) -> None:
    """Send every record of at least ``level`` to standard error, without any of ``secrets``.

    Errors that end the process or a thread go the same way: Python would write them unredacted.

    Args:
        level: a name of :mod:`logging`.
        log_format: ``text``, ``json``, or ``bare`` for the message alone.
        secrets: texts to leave out, beside all that looks like a secret.
        own_only: leave out what libraries write.
        stream: replaces standard error.
    """
    handler = _Handler(stream or sys.stderr)
    if log_format == "json":
        handler.setFormatter(JsonFormatter(secrets))
    else:
        handler.setFormatter(TextFormatter(secrets, _BARE if log_format == "bare" else _TEXT))
    if own_only:
        handler.addFilter(lambda record: record.name.partition(".")[0] in OWN_LOGGERS)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # It logs each statement with its parameters, which hold what people asked.
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)
    # It warns of intents that slash commands do not need.
    logging.getLogger("discord.state").setLevel(logging.ERROR)
    # Below this they log whole interactions: who asked, and what.
    for name in ("discord.gateway", "discord.http", "discord.webhook", "discord.client"):
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLogger().level))
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(
        args.exc_type, args.exc_value, args.exc_traceback, "A thread ended with an error."
    )
    sys.unraisablehook = lambda args: _uncaught(
        args.exc_type, args.exc_value, args.exc_traceback, f"{args.err_msg}: {args.object!r}"
    )


def log_unexpected(error: BaseException, where: str) -> str:
    """Log an unexpected error once, and return the number that finds it in the log."""
    number: str | None = getattr(error, _NUMBER, None)
    if number is None:
        number = token_hex(4)
        _log.error("Error %s in %s.", number, where, exc_info=error)
        setattr(error, _NUMBER, number)
    return number


def _uncaught(
    kind: type[BaseException],
    error: BaseException | None,
    traceback: TracebackType | None,
    message: str = "The bot ended with an error that it does not know.",
) -> None:
    _log.critical(message, exc_info=(kind, error or kind(), traceback))


class _Handler(logging.StreamHandler[TextIO]):
    """Writes records; of one that cannot be written, shows no arguments as Python would."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the base class's)
        """Write the line of code that the record came from, and the kind of error."""
        error = sys.exception()
        source = f"{record.pathname}:{record.lineno}"
        sentence = f"A log record of {source} could not be written: {type(error).__name__}.\n"
        try:
            self.stream.write(sentence)
        except (OSError, ValueError):
            return  # nobody reads it any more


class TextFormatter(logging.Formatter):
    """One line a record, a traceback below it."""

    def __init__(self, secrets: Iterable[str] = (), form: str = _TEXT) -> None:
        super().__init__(form, "%Y-%m-%d %H:%M:%S")
        self._secrets = tuple(secret for secret in secrets if secret)

    def format(self, record: logging.LogRecord) -> str:
        """Return ``record`` without secrets."""
        return redact(super().format(record), self._secrets)


class JsonFormatter(json.JsonFormatter):
    """One JSON object a line."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__([*_JSON_NAMES], rename_fields=_JSON_NAMES, json_ensure_ascii=False)
        self._secrets = tuple(secret for secret in secrets if secret)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 (the base class's)
        """Return the time in UTC, as ISO 8601."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Return ``log_data`` without secrets, and without the fields that are empty."""
        # Before the quotes of a payload are escaped, so that their shapes are still there.
        return {
            name: redact(str(value), self._secrets)
            for name, value in log_data.items()
            if value is not None
        }


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return ``text`` without ``secrets`` and without anything of a token's shape."""
    for secret in secrets:
        text = text.replace(secret, _REDACTED)
    for shape in _SECRET_SHAPES:
        text = shape.sub(rf"\g<1>{_REDACTED}", text)
    return text

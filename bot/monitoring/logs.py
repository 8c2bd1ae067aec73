"""Log records -> standard error, as text or JSON, with every secret taken out first."""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from secrets import token_hex
from types import TracebackType
from typing import TextIO

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
_NUMBER = "_number_in_the_log"

_log = logging.getLogger(__name__)


def configure(
    level: str, log_format: str, *, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Send every record of at least ``level`` to standard error, without any of ``secrets``.

    So goes whatever ends the process or a thread, which Python would write there as it is.

    Args:
        level: a name of :mod:`logging`.
        log_format: ``text``, ``json``, or ``bare`` for the message alone.
        secrets: what must not be seen, beside all that looks like a secret.
        stream: where to write instead.
    """
    handler = _Handler(stream or sys.stderr)
    if log_format == "json":
        handler.setFormatter(JsonFormatter(secrets))
    else:
        handler.setFormatter(TextFormatter(secrets, _BARE if log_format == "bare" else _TEXT))
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
    """Log an error that nobody expected, once, and return the number that finds it in the log."""
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
    """Writes records; of one that cannot be written it shows no arguments, as Python would."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the base class's)
        """Name the place in the code that the record came from, and what was wrong with it."""
        error = sys.exception()
        place = f"{record.pathname}:{record.lineno}"
        sentence = f"A log record of {place} could not be written: {type(error).__name__}.\n"
        try:
            self.stream.write(sentence)
        except (OSError, ValueError):
            return  # nobody reads any more


class TextFormatter(logging.Formatter):
    """One line a record, a traceback below it."""

    def __init__(self, secrets: Iterable[str] = (), form: str = _TEXT) -> None:
        super().__init__(form, "%Y-%m-%d %H:%M:%S")
        self._secrets = tuple(secret for secret in secrets if secret)

    def format(self, record: logging.LogRecord) -> str:
        """Return ``record`` without secrets."""
        return redact(super().format(record), self._secrets)


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if secret)

    def format(self, record: logging.LogRecord) -> str:
        """Return ``record`` without secrets."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        if record.stack_info:
            fields["stack"] = self.formatStack(record.stack_info)
        # Before the quotes of a payload are escaped, so that their shapes are still there.
        clean = {name: redact(text, self._secrets) for name, text in fields.items()}
        return json.dumps(clean, ensure_ascii=False)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return ``text`` without ``secrets`` and without anything of a token's shape."""
    for secret in secrets:
        text = text.replace(secret, _REDACTED)
    for shape in _SECRET_SHAPES:
        text = shape.sub(rf"\g<1>{_REDACTED}", text)
    return text

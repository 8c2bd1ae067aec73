"""Log records -> standard error, as text or JSON, with every secret taken out first."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
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
)


def configure(
    level: str, log_format: str, *, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Send every record of at least ``level`` to standard error, without any of ``secrets``."""
    formatter = JsonFormatter if log_format == "json" else TextFormatter
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # It logs each statement with its parameters, which hold what people asked.
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)
    # It warns of intents that slash commands do not need.
    logging.getLogger("discord.state").setLevel(logging.ERROR)
    # Below this they log whole interactions: who asked, and what.
    for name in ("discord.gateway", "discord.http", "discord.webhook", "discord.client"):
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLogger().level))
    logging.captureWarnings(capture=True)


class TextFormatter(logging.Formatter):
    """One line a record, a traceback below it."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
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

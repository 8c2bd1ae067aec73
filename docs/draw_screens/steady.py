"""What would differ from run to run, held still: clocks, measurements, random numbers."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache
from unittest.mock import patch
from zoneinfo import ZoneInfo

from bot import localization
from bot.localization import Formatter

NOW = datetime(2026, 7, 1, 9, 41, tzinfo=ZoneInfo("Asia/Taipei"))
"""When the reader looks at a message."""


def _ago(**span: float) -> str:
    return f"<t:{int((NOW - timedelta(**span)).timestamp())}:R>"


_FIXED: Mapping[str, Mapping[str, str | float]] = {
    "error-cooldown": {"seconds": 42},
    "error-unexpected": {"id": "5f0c2a9b"},
    "export-note": {"day": f"{NOW:%Y-%m-%d}"},
    "reindex-seconds": {"seconds": 0.6},
    "status-built": {"when": _ago(hours=5), "size": 0.4},
    "status-generation": {"name": "`index-0123456789ab`"},
    "status-latency": {"p50": 6, "p95": 31},
    "status-memory": {"megabytes": 134},
    "status-process": {"when": _ago(days=3)},
    "watch-posted": {"when": _ago(hours=2)},
}
"""The arguments of a text that a clock or a measurement gives, by its message id."""

_parsed = cache(localization._bundle)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
"""The texts of a language, read once for all scenes."""


@contextmanager
def held_still() -> Generator[None]:
    """Let texts say fixed times and numbers, and be read once."""
    format_text = Formatter.__call__

    def fixed(self: Formatter, message_id: str, /, **arguments: str | float | date) -> str:
        return format_text(self, message_id, **{**arguments, **_FIXED.get(message_id, {})})

    with patch.object(Formatter, "__call__", fixed), patch.object(localization, "_bundle", _parsed):
        yield

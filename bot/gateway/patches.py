"""An event of the gateway that discord.py cannot read costs itself alone.

The library takes an error there for the end of the connection, and so of the bot: a field that
Discord leaves out one day would end it again and again.
"""

from collections.abc import Callable
from typing import Any

from bot.monitoring import logs

Parsers = dict[str, Callable[[Any], None]]

_NEEDED = frozenset({"READY"})  # without which there is no connection


def keep_apart(parsers: Parsers) -> None:
    """Let what a parser raises be logged and the event dropped, but for those nothing goes without.

    Args:
        parsers: what reads the data of an event, by the event's name; changed in place.
    """
    for name in parsers.keys() - _NEEDED:
        parsers[name] = _apart(name, parsers[name])


def _apart(name: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
    def parse_or_drop(data: Any) -> None:  # noqa: ANN401 (JSON)
        try:
            parse(data)
        except Exception as error:  # noqa: BLE001 (whatever is wrong with it, the next may be right)
            logs.log_unexpected(error, f"the event {name}, which is dropped")

    return parse_or_drop

"""How articles were read, in the terminal: what of them, and what was left out for which reason."""

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from bot.messages.markdown import one_line
from corpus import SourceReading

SOURCES_SHOWN = 10
_MAX_NAME_CHARS = 100


def print_sources(console: Console, reading: tuple[SourceReading, ...]) -> None:
    """Print how much of each source was read, the first of many."""
    if not reading:
        return
    console.print(f"Characters read and left out of {len(reading)} sources:", highlight=False)
    for source in reading[:SOURCES_SHOWN]:
        name = one_line(source.source, _MAX_NAME_CHARS) or "no source"
        console.print(
            Text(f"  {name}: {source.read:,} read, {_left_out(source.left_out)}"), soft_wrap=True
        )
    if len(reading) > SOURCES_SHOWN:
        console.print(f"  … and {len(reading) - SOURCES_SHOWN} more", highlight=False)


def _left_out(chars: Mapping[str, int]) -> str:
    """Return in English how many characters were left out, by reason."""
    if not chars:
        return "none left out"
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in chars.items())
    return f"{sum(chars.values()):,} left out ({reasons})"

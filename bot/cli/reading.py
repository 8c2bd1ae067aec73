"""How articles were read, in the terminal: what of them, and what was left out for which reason."""

from collections import Counter
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from bot.messages.markdown import one_line
from corpus import ArticleReading, FileReading, SourceReading

READ, NOT_READ = 0, 1
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


def print_file(console: Console, reading: FileReading) -> int:
    """Print a file as it is read, and what of it is left out, each piece with its reason.

    Returns:
        0 where an article was read, else 1.
    """
    for article in reading.articles:
        _print_article(console, article)
    for entry in reading.skipped:
        path = one_line(entry.path, _MAX_NAME_CHARS)
        console.print(Text(f"{path}: {entry.reason}", style="red"), soft_wrap=True)
    return READ if reading.articles else NOT_READ


def _print_article(console: Console, article: ArticleReading) -> None:
    console.print(Text(one_line(article.title, _MAX_NAME_CHARS), style="bold cyan"), soft_wrap=True)
    console.print(Text(one_line(article.path, _MAX_NAME_CHARS), style="dim"), soft_wrap=True)
    if article.note:
        console.print(Text(article.note, style="yellow"), soft_wrap=True)
    console.print(Text(f"\nRead, {article.chars:,} characters:", style="bold"))
    heading = ""
    for paragraph in article.paragraphs:
        if paragraph.heading != heading:
            heading = paragraph.heading
            console.print(Text(f"  § {heading}" if heading else "  §"), soft_wrap=True)
        console.print(Text(f"  {paragraph.text}"), soft_wrap=True)
    chars = Counter[str]()
    for piece in article.left_out:
        chars[piece.reason] += len(piece.text)
    console.print(Text(f"\n{_left_out(dict(chars.most_common())).capitalize()}", style="bold"))
    width = max((len(piece.reason) for piece in article.left_out), default=0)
    for piece in article.left_out:
        line = Text.assemble((f"  {piece.reason:{width}}  ", "yellow"), piece.text)
        console.print(line, soft_wrap=True)
    console.print()

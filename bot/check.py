"""``python -m bot check``: are settings, archive and index in order? Said plainly."""

import asyncio
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot import terminal
from bot.settings import Settings
from corpus import archive
from corpus.errors import ArchiveError, IndexUnusableError
from corpus.remote import Remote


async def check(settings: Settings, console: Console) -> int:
    """Print the state of everything the bot needs; return 0 where it could answer now, else 1."""
    _say(console, "Token", "set" if settings.token else "not set: the bot cannot log in to Discord")
    _say(console, "Data folder", str(settings.data_dir))
    if isinstance(settings.archive, Remote):
        _say(console, "Archive", f"{settings.archive.name}, a git repository")
    elif not await _tell_of_folder(settings.archive, console):
        return 1
    if not settings.data_dir.is_dir():
        _say(console, "Index", "none yet: run `python -m bot reindex`")
        return 1
    async with settings.library() as library:
        try:
            await library.open()
        except IndexUnusableError as error:
            _say(console, "Index", f"{error} Run `python -m bot reindex`.")
            return 1
        stats = await library.stats()
    if stats.commit:
        _say(console, "Commit", stats.commit)
    covers = f", {stats.first_date} to {stats.last_date}" if stats.first_date else ""
    _say(
        console,
        "Index",
        f"{stats.articles} articles, {stats.passages} passages, {stats.terms} terms{covers};"
        f" built {stats.built_at}, {stats.bytes / 1e6:.1f} MB",
    )
    for source in stats.sources:
        dates = f" ({source.first_date} to {source.last_date})" if source.first_date else ""
        console.print(Text(f"  {source.articles:6} {source.name or 'no source'}{dates}"))
    terminal.print_skipped(console, stats.skipped)
    return 0


async def _tell_of_folder(folder: Path, console: Console) -> bool:
    """Print what the folder holds; return whether that is anything."""
    try:
        paths = await asyncio.to_thread(archive.scan, folder)
    except ArchiveError as error:
        _say(console, "Archive", str(error))
        return False
    if not paths:
        _say(console, "Archive", f"{folder} holds no posts (.md, .markdown, .html)")
        return False
    _say(console, "Archive", f"{folder}: {len(paths)} posts")
    return True


def _say(console: Console, what: str, state: str) -> None:
    console.print(Text.assemble((f"{what}: ", "bold"), state), soft_wrap=True)

"""``python -m bot state``: backs up, restores and moves what servers set and watch."""

import asyncio
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import StateError
from bot.settings import Settings
from bot.single_instance import single_instance
from bot.state import FILE_NAME
from bot.state.copies import copies_of
from bot.state.restore import Contents, back_up, contents, restore


async def state(action: str, file: Path | None, settings: Settings) -> None:
    """Do one action on the state of the data folder.

    Raises:
        StateError: it cannot be done.
        DataFolderError: a bot runs, so nothing can be restored or moved.
    """
    path = settings.data_dir / FILE_NAME
    if action == "move":
        await _move(path, settings)
        return
    if action == "list":
        await asyncio.to_thread(_list, path)
        return
    if settings.database_url is not None:
        raise StateError(
            f"The state is in {settings.database_url}: back it up and restore it with pg_dump and"
            " pg_restore, or unset DATABASE_URL for the state file."
        )
    assert file is not None
    if action == "backup":
        copied = await asyncio.to_thread(back_up, path, file)
        _say(f"{file}: {_described(copied)}.")
        return
    copies = {copy.name: copy for copy in copies_of(path)}
    source = file if file.exists() else copies.get(str(file), file)  # its name is enough
    with single_instance(settings.data_dir, advice="stop it before you restore"):
        restored = await asyncio.to_thread(restore, path, source)
    _say(f"Restored from {source}: {_described(restored)}.")


async def _move(path: Path, settings: Settings) -> None:
    url = settings.database_url
    if url is None:
        raise StateError("DATABASE_URL is not set: let it name the database to move the state to.")
    from bot.state.postgres.move import move  # noqa: PLC0415 (an extra)

    with single_instance(settings.data_dir, advice="stop it before you move the state"):
        counts = await asyncio.to_thread(move, path, url)
    for table, rows in counts.items():
        _say(f"{rows:>9,} {table}")
    _say(f"Moved to {url}, and compared row by row.")


def _list(path: Path) -> None:
    for copy in copies_of(path):
        made = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
        try:
            what = _described(contents(copy))
        except sqlite3.Error:
            what = "damaged"
        _say(f"{copy.name}  {made:%Y-%m-%d %H:%M} UTC  {what}")


def _described(held: Contents) -> str:
    synonyms = ", synonyms" if held.has_synonyms else ""
    hidden = f", {held.hidden} hidden articles" if held.hidden else ""
    return f"settings of {held.guilds} servers, {held.watches} watches{synonyms}{hidden}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")

"""Reads one file of an archive in a child process, to show it as it is read."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import Any

from corpus.errors import CorpusError
from corpus.indexing.parent import child_environment
from corpus.model import ArticleReading, FileReading, LeftOut, Paragraph, Skipped


async def read_file(root: Path, path: str) -> FileReading:
    """Return how a file is read, and what of it is left out.

    Args:
        root: the folder of the archive.
        path: of the file in it.

    Raises:
        CorpusError: the child that reads it crashed, or took too long.
    """
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "corpus.indexing.reader", str(root), path),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
        env=child_environment(),
    )
    try:
        output, _ = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise CorpusError(f"{path} crashes the program that reads it, or takes too long.")
    return _file_reading(json.loads(output))


def _file_reading(message: dict[str, Any]) -> FileReading:
    return FileReading(
        tuple(
            ArticleReading(
                path=article["path"],
                title=article["title"],
                paragraphs=tuple(Paragraph(**part) for part in article["paragraphs"]),
                chars=article["chars"],
                left_out=tuple(LeftOut(**piece) for piece in article["left_out"]),
                note=article["note"],
            )
            for article in message["articles"]
        ),
        tuple(Skipped(**entry) for entry in message["skipped"]),
    )

"""A trend as a picture, drawn in a child process: what matplotlib takes is given back."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from dataclasses import asdict, dataclass
from pathlib import Path

MAX_SECONDS = 20.0  # seconds; it takes one, and a few where fonts are looked at for the first time


@dataclass(frozen=True, slots=True)
class Chart:
    """What a picture shows, in the reader's language."""

    buckets: tuple[str, ...]
    """What the x axis says, from left to right."""
    lines: tuple[tuple[str, tuple[float | None, ...]], ...]
    """For each term its name and, for each bucket, a percentage; ``None`` leaves a gap."""
    y_label: str


class ChartError(Exception):
    """The picture could not be drawn; the message is for the log."""


async def draw(chart: Chart, cache: Path) -> bytes:
    """Return ``chart`` as a PNG.

    Args:
        chart: what to show.
        cache: a folder for what the next picture need not find out again.

    Raises:
        ChartError: the child failed, or took too long.
    """
    package_root = str(Path(__file__).parents[2])
    search_path = os.pathsep.join(filter(None, [package_root, os.environ.get("PYTHONPATH")]))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.chart",
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, "PYTHONPATH": search_path, "MPLCONFIGDIR": str(cache)},
    )
    try:
        async with asyncio.timeout(MAX_SECONDS):
            picture, said = await process.communicate(json.dumps(asdict(chart)).encode())
    except TimeoutError as error:
        raise ChartError(f"a picture took more than {MAX_SECONDS:.0f} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    if process.returncode:
        raise ChartError(f"no picture: {said.decode(errors='replace').strip()[-500:]}")
    return picture

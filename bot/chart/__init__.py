"""A trend as a picture, drawn in a child process: what matplotlib takes is given back."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

MAX_SECONDS = 20.0  # seconds; it takes one, and a few where fonts are looked at for the first time


@dataclass(frozen=True, slots=True)
class Chart:
    """What a picture shows, in the reader's language."""

    buckets: tuple[str, ...]
    """What the x axis says, from left to right; a line break in it is drawn as one."""
    lines: tuple[tuple[str, tuple[float | None, ...]], ...]
    """For each term its name and, for each bucket, a percentage; ``None`` leaves a gap."""
    y_label: str
    faded: tuple[bool, ...]
    """For each bucket, whether it has so few articles that its percentages say little."""
    peaks: tuple[tuple[int, int], ...] = ()
    """The points to number from 1 on: of which line, in which bucket."""
    buckets_per_year: int = 1
    first_of_year: int = 0
    """The first bucket with which a year begins."""

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        """Return the chart whose fields were written as JSON, which has lists for tuples."""
        lines = tuple((name, tuple(values)) for name, values in fields.pop("lines"))
        peaks = tuple((line, bucket) for line, bucket in fields.pop("peaks"))
        return cls(lines=lines, peaks=peaks, **fields)


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

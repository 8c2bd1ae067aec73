"""Draws docs/answer.png: what the terminal shows for a question about the sample archive.

Needs Chromium and a font with Chinese characters (Debian: chromium, fonts-noto-cjk).
"""

import asyncio
import io
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot import terminal
from corpus.library import Library

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "corpus" / "sample"
QUESTION = "颱風警報什麼時候發布？"

PAGE = """\
<!DOCTYPE html><meta charset="utf-8">
<style>
body {{ margin: 0; padding: 14px 18px; background: {background}; color: {foreground}; }}
pre {{ margin: 0; font: 15px/1.5 "Noto Sans Mono CJK TC", monospace; }}
{stylesheet}
</style>
<pre>{code}</pre>
"""


async def page() -> str:
    """Ask the sample archive and return the answer as the terminal shows it, in HTML."""
    console = Console(record=True, width=86, file=io.StringIO(), force_terminal=True)
    with tempfile.TemporaryDirectory() as data_dir:
        async with Library(SAMPLE, Path(data_dir)) as library:
            await library.reindex()
            result = await library.search(QUESTION, limit=2)
    console.print(Text.assemble(("$ ", "dim"), f'make ask Q="{QUESTION}"\n'))
    terminal.print_result(console, result)
    return console.export_html(code_format=PAGE)


def main() -> None:
    """Draw the page."""
    with tempfile.TemporaryDirectory() as folder:
        html = Path(folder) / "answer.html"
        html.write_text(asyncio.run(page()), "utf-8")
        subprocess.run(
            [  # noqa: S607 (wherever the system has it)
                "chromium",
                *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
                *("--disable-background-networking", "--disable-component-update"),
                *("--force-device-scale-factor=2", "--window-size=780,420", "--hide-scrollbars"),
                f"--user-data-dir={folder}/profile",
                f"--screenshot={HERE / 'answer.png'}",
                html.as_uri(),
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    sys.exit(main())

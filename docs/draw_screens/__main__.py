"""``python -m docs.draw_screens [NAME …]``: draws every scenario, or those named.

Needs Chromium and a font with Chinese characters (Debian: chromium, fonts-noto-cjk).
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from corpus.analysis.analyzer import Analyzer
from docs.draw_screens.camera import camera
from docs.draw_screens.page import Shown, page_html
from docs.draw_screens.reader import Reader
from docs.draw_screens.scenarios import SCENARIOS, Scenario
from docs.draw_screens.stage import build_index, stage

FOLDER = Path(__file__).parents[1] / "screens"
THEMES = ("light", "dark")
WIDTHS = {"phone": 390, "desktop": 720}  # CSS pixels
ZONE = ZoneInfo("Asia/Taipei")


class Played(NamedTuple):
    """A scenario that has happened."""

    scenario: Scenario
    shown: Shown
    moment: datetime


async def play(scenarios: Sequence[Scenario]) -> list[Played]:
    """Let the bot show what each scenario leads to."""
    analyzer = Analyzer()
    with tempfile.TemporaryDirectory() as folder:
        await build_index(Path(folder))
        played: list[Played] = []
        for scenario in scenarios:
            async with stage(scenario.locale, Path(folder), analyzer) as opened:
                shown = await scenario.scene(opened)
                played.append(Played(scenario, shown, datetime.now(ZONE)))
    return played


def main() -> None:
    """Draw into docs/screens, one file a scenario, theme and width."""
    known = sorted({scenario.name for scenario in SCENARIOS})
    parser = argparse.ArgumentParser(prog="python -m docs.draw_screens", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    names = parser.parse_args().names or known
    if unknown := set(names) - set(known):
        parser.error(f"no scenario is called {', '.join(sorted(unknown))}")
    logging.disable()  # an error that is drawn was meant to happen
    played = asyncio.run(play([scenario for scenario in SCENARIOS if scenario.name in names]))
    FOLDER.mkdir(exist_ok=True)
    with camera() as taking:
        for (scenario, shown, moment), theme in product(played, THEMES):
            reader = Reader(scenario.locale, moment, theme)
            for size in scenario.sizes:
                name = f"{scenario.name}.{scenario.locale}.{theme}.{size}.png"
                html = page_html(shown, reader, width=WIDTHS[size])
                taking.take(html, WIDTHS[size], FOLDER / name)


if __name__ == "__main__":
    sys.exit(main())

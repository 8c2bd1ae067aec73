"""``python -m docs.draw_screens [NAME …]``: draws every scenario, or those named.

Each is written twice: what the bot sends as text, and pictures of exactly that. Needs Chromium and
a font with Chinese characters (Debian: chromium, fonts-noto-cjk).
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from corpus.analysis.analyzer import Analyzer
from docs.draw_screens.archives import grounds_in, make_grounds
from docs.draw_screens.page import Shown, page_html
from docs.draw_screens.payload import digest, payload_text
from docs.draw_screens.reader import Reader
from docs.draw_screens.scenarios import EVERY_LOOK, SCENARIOS, Scenario
from docs.draw_screens.stage import stage
from docs.draw_screens.steady import NOW, held_still

FOLDER = Path(__file__).parents[1] / "screens"
WIDTHS = {"phone": 390, "desktop": 720}  # CSS pixels


class Played(NamedTuple):
    """A scenario that has happened."""

    scenario: Scenario
    shown: Shown
    names: Mapping[str, str]


async def play(scenarios: Sequence[Scenario]) -> list[Played]:
    """Let the bot show what each scenario leads to."""
    analyzer = Analyzer()
    played: list[Played] = []
    with tempfile.TemporaryDirectory() as folder, held_still():
        await make_grounds(Path(folder))
        grounds = grounds_in(Path(folder))
        for scenario in scenarios:
            ground = grounds[scenario.ground]
            async with stage(scenario.locale, ground, analyzer) as opened:
                shown = await scenario.scene(opened)
                played.append(Played(scenario, shown, opened.names))
    return played


def main() -> None:
    """Draw into docs/screens: a text and, for each look, a picture of a scenario."""
    known = sorted({scenario.name for scenario in SCENARIOS})
    parser = argparse.ArgumentParser(prog="python -m docs.draw_screens", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--to", type=Path, default=FOLDER, help="the folder (docs/screens)")
    parser.add_argument(
        "--every-look", action="store_true", help="both themes in both sizes, for a review"
    )
    options = parser.parse_args()
    names: list[str] = options.names or known
    if unknown := set(names) - set(known):
        parser.error(f"no scenario is called {', '.join(sorted(unknown))}")
    logging.disable()  # an error that is drawn was meant to happen
    played = asyncio.run(play([scenario for scenario in SCENARIOS if scenario.name in names]))
    write(played, options.to, every_look=options.every_look)
    if not options.names and not options.every_look:
        _remove_others(options.to)


def write(played: Sequence[Played], folder: Path, *, every_look: bool) -> None:
    """Write the text and the pictures of each scenario."""
    folder.mkdir(exist_ok=True)
    # Imported here because its browser is an extra, which the tests do without.
    from docs.draw_screens.camera import camera  # noqa: PLC0415

    with camera() as taking:
        for scenario, shown, names in played:
            text = payload_text(shown)
            (folder / scenario.payload_name).write_text(text, "utf-8")
            for look in EVERY_LOOK if every_look else scenario.looks:
                theme, size = look
                html = page_html(
                    shown, Reader(scenario.locale, NOW, theme, names), width=WIDTHS[size]
                )
                path = folder / scenario.picture_name(look)
                taking.take(html, WIDTHS[size], path, payload=digest(text))


def _remove_others(folder: Path) -> None:
    """Remove what belongs to no scenario any more."""
    known = {name for scenario in SCENARIOS for name in scenario.committed}
    for path in [*folder.glob("*.png"), *folder.glob("*.yaml")]:
        if path.name not in known:
            path.unlink()


if __name__ == "__main__":
    sys.exit(main())

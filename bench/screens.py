"""``python -m bench screens``: how much of a phone does an answer take?

Asks the real bot on a simulated Discord, draws the payload of each first page as
``python -m docs.draw_screens`` does (headless Chromium), and measures the element ``#screen``: the
message with the lines of Discord's own above and below it.
"""

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from bench.people import DATA, read_questions
from corpus.analysis.analyzer import Analyzer
from docs.draw_screens.archives import Ground, build_index
from docs.draw_screens.page import Message, page_html
from docs.draw_screens.reader import CHROME, Reader
from docs.draw_screens.stage import stage

WIDTH = 390  # CSS pixels
FONT = "Noto Sans, Noto Sans CJK, 16 px, lines of 22 px"
MAX_HEIGHT, MAX_P90_HEIGHT, MAX_CONTROLS = 700, 850, 7

_BUTTON, _SELECTS, _TEXT = 2, {3, 5, 6, 7, 8}, 10
_TITLE = re.compile(r"(?<!\\)\[(?:[^\]\\]|\\.)*\]\((https?://(?!web\.archive\.org/)[^)]*)\)")
_MARK = re.compile(r"__[^_]|^### (?!\d+ · )", re.MULTILINE)
"""An underlined sentence, or one as a heading, which is no numbered title."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What one first page shows."""

    question: str
    height: float
    """CSS pixels."""
    controls: int
    is_marked: bool
    """Whether the best hit carries a mark."""
    articles: int


def main(arguments: Sequence[str]) -> int:
    """Ask, measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench screens", description=__doc__)
    parser.add_argument("--archive", default=os.environ.get("ARCHIVE"), help="(ARCHIVE)")
    parser.add_argument("--questions", type=Path, default=DATA / "people.jsonl")
    parser.add_argument("--count", type=int, default=100, help="of its answerable questions")
    parser.add_argument("--data-dir", type=Path, help="with an index (a temporary folder)")
    parser.add_argument("--locale", choices=sorted(CHROME), default="zh-TW")
    parser.add_argument("--json", action="store_true", help="a line a question")
    options = parser.parse_args(arguments)
    if not options.archive:
        parser.error("which archive? give --archive, or set ARCHIVE")
    answerable = [q.text for q in read_questions(options.questions) if q.expect == "answer"]
    questions = spread(answerable, options.count)
    messages = asyncio.run(
        asked(questions, Path(options.archive), options.data_dir, options.locale)
    )
    screens = measured(messages, options.locale)
    if options.json:
        for screen in screens:
            line = {name: getattr(screen, name) for name in Screen.__slots__}
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    else:
        _print(screens, options.locale)
    return 0


def spread(questions: Sequence[str], count: int) -> list[str]:
    """Return at most ``count`` of ``questions``, evenly from all of them."""
    count = min(count, len(questions))
    return [questions[i * len(questions) // count] for i in range(count)]


async def asked(
    questions: Sequence[str], archive: Path, data_dir: Path | None, locale: str
) -> list[tuple[str, Message]]:
    """Return each question with the message that answers it."""
    analyzer = Analyzer()
    with tempfile.TemporaryDirectory() as folder:
        # One level down: an index beside its archive would be that of whatever is beside a copy.
        index = data_dir or Path(folder) / "var"
        index.mkdir(exist_ok=True)
        await build_index(index, archive)
        ground = Ground(archive, index)
        async with stage(locale, ground, analyzer, ask_cooldown=None) as opened:
            shown = [
                (question, await opened.slash("ask", question=question)) for question in questions
            ]
    return [(question, message) for question, message in shown if isinstance(message, Message)]


def measured(messages: Sequence[tuple[str, Message]], locale: str) -> list[Screen]:
    """Return what each message shows, and how high it is."""
    from docs.draw_screens.camera import camera  # noqa: PLC0415 (needs the extra `screens`)

    reader = Reader(locale, datetime.now(UTC), "light")
    with camera() as taking:
        return [
            described(
                question,
                message.components,
                taking.height(page_html(message, reader, width=WIDTH), WIDTH),
            )
            for question, message in messages
        ]


def described(question: str, components: Sequence[Mapping[str, Any]], height: float) -> Screen:
    """Return what the components of a first page show."""
    parts = list(_walk(components))
    texts = [part["content"] for part in parts if part["type"] == _TEXT]
    addresses = [address for text in texts for address in _TITLE.findall(text)]
    # The best article's block ends where another article's title stands.
    titles = [i for i, text in enumerate(texts) if _TITLE.search(text)]
    last = titles[1] if len(titles) > 1 else len(texts)
    return Screen(
        question,
        height,
        sum(part["type"] == _BUTTON or part["type"] in _SELECTS for part in parts),
        any(_MARK.search(text) for text in texts[:last]),
        len(set(addresses)),
    )


def _walk(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for component in components:
        yield component
        yield from _walk(component.get("components", ()))
        yield from _walk([component["accessory"]] if "accessory" in component else ())


def _print(screens: Sequence[Screen], locale: str) -> None:
    heights = sorted(screen.height for screen in screens)
    deciles = quantiles(heights, n=10, method="inclusive")
    marked = mean(screen.is_marked for screen in screens)
    print(f"{len(screens)} first pages, {WIDTH} px wide, {locale}, {FONT}; headless Chromium.")
    print(f"height, median        {deciles[4]:6.0f} px   (at most {MAX_HEIGHT})")
    print(f"height, 90 %          {deciles[8]:6.0f} px   (at most {MAX_P90_HEIGHT})")
    print(f"height, highest       {heights[-1]:6.0f} px")
    most = max(screen.controls for screen in screens)
    print(f"controls, at most     {most:6}      (at most {MAX_CONTROLS})")
    print(f"best hits with a mark {100 * marked:6.0f} %    (all)")
    print(f"articles a page       {mean(screen.articles for screen in screens):6.2f}")

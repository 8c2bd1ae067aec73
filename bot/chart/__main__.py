"""``python -m bot.chart``: a chart as JSON on standard input -> a PNG on standard output."""

import json
import sys
import unicodedata
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ticker import FuncFormatter, MaxNLocator
from noto_cjk_sans_otc import FONT_PATH

# Okabe and Ito's colours, which people who see few colours can tell apart; the form of the line
# and of its points says the same once more.
COLOURS = ("#E69F00", "#56B4E9", "#CC79A7", "#009E73")
MARKERS = ("o", "s", "^", "D")
# Discord's own dark surface, so that it reads as a card in the dark and in the light theme.
SURFACE, INK, FAINT = "#2B2D31", "#F2F3F5", "#4E5058"
SIZE = (8.0, 4.5)  # inches
DOTS = 125  # an inch: 1,000 pixels wide
_MAX_LABELS = 9  # of the x axis: more would touch
_MAX_POINTS = 60  # with more, points would hide the line
_LEGEND_WIDTH = 92  # of a row of the legend, in half-width characters
_KEY_WIDTH = 12  # of a line's sample and the space around it, in the same


def main() -> int:
    """Draw the one chart that standard input describes."""
    chart: Any = json.load(sys.stdin)
    mpl.use("Agg")
    figure = draw(chart["buckets"], chart["lines"], chart["y_label"])
    figure.savefig(sys.stdout.buffer, format="png", dpi=DOTS, facecolor=SURFACE)
    return 0


def draw(buckets: list[str], lines: list[tuple[str, list[float | None]]], y_label: str) -> Figure:
    """Return the figure of one line a term."""
    font = _font()
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.set_facecolor(SURFACE)
    for (_, values), colour, marker in zip(lines, COLOURS, MARKERS, strict=False):
        marked = _marked(values)
        axes.plot(
            range(len(values)),
            [float("nan") if value is None else value for value in values],
            color=colour,
            linewidth=2.2,
            marker=marker if marked else None,
            markevery=marked or None,
            markersize=5,
            clip_on=False,
            zorder=3,
        )
    axes.set_ylim(bottom=0)
    axes.set_xlim(-0.3, max(len(buckets) - 0.7, 0.3))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(_percent))
    step = -(-len(buckets) // _MAX_LABELS) or 1
    axes.set_xticks(range(0, len(buckets), step), buckets[::step])
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set(fontproperties=font, color=INK, size=11)
    axes.set_ylabel(y_label, fontproperties=font, color=INK)
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.tick_params(length=0, pad=7)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(FAINT)
    names = [name for name, _ in lines]
    legend = figure.legend(
        axes.get_lines(),
        map(str, range(len(names))),
        loc="outside upper left",
        ncols=_columns(names),
        prop=font,
        labelcolor=INK,
        frameon=False,
    )
    # Named only now: matplotlib leaves out a line whose label starts with an underscore.
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_parse_math(parse_math=False)  # a term's dollars are dollars
        text.set_text(name)
    return figure


def _font() -> FontProperties:
    """Return the font of every Han character, with matplotlib's own for what it lacks."""
    path = str(FONT_PATH)
    fontManager.addfont(path)
    family = FontProperties(fname=path).get_name()
    return FontProperties(family=[family, "DejaVu Sans"], size=12)


def _percent(share: float, _place: int) -> str:
    return f"{share:g}%"


def _marked(values: list[float | None]) -> list[int]:
    """Return which values get a point: of many, those without a neighbour to draw a line to."""
    if len(values) <= _MAX_POINTS:
        return list(range(len(values)))
    beside = [None, *values, None]
    return [
        i
        for i, value in enumerate(values)
        if value is not None and beside[i] is None and beside[i + 2] is None
    ]


def _columns(names: list[str]) -> int:
    """Return how many names fit beside each other in the legend."""
    widest = max((sum(map(_width, name)) for name in names), default=0) + _KEY_WIDTH
    return max(1, min(len(names), _LEGEND_WIDTH // widest))


def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


if __name__ == "__main__":
    sys.exit(main())

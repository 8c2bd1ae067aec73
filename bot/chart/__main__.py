"""``python -m bot.chart``: a chart as JSON on standard input -> a PNG on standard output."""

import json
import sys
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import MaxNLocator, PercentFormatter
from noto_cjk_sans_otc import FONT_PATH

# Okabe and Ito's colours, which people who see few colours can tell apart; the form of the line
# and of its points says the same once more.
COLOURS = ("#E69F00", "#56B4E9", "#CC79A7", "#009E73")
MARKERS = ("o", "s", "^", "D")
# Discord's own dark surface, so that it reads as a card in the dark and in the light theme.
SURFACE, INK, FAINT = "#2B2D31", "#F2F3F5", "#4E5058"
SIZE = (8.0, 4.5)  # inches
DOTS = 125  # an inch: 1,000 pixels wide
_MOST_LABELS = 9  # of the x axis: more would touch
_MOST_POINTS = 60  # with more, points would hide the line


def main() -> int:
    """Draw the one chart that standard input describes."""
    chart: Any = json.load(sys.stdin)
    mpl.use("Agg")
    figure = draw(chart["buckets"], chart["lines"], chart["y_label"])
    figure.savefig(sys.stdout.buffer, format="png", dpi=DOTS, facecolor=SURFACE)
    return 0


def draw(buckets: list[str], lines: list[tuple[str, list[float | None]]], y_label: str) -> Figure:
    """Return the figure of one line a term."""
    font = FontProperties(fname=str(FONT_PATH), size=12)
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.set_facecolor(SURFACE)
    for (name, values), colour, marker in zip(lines, COLOURS, MARKERS, strict=False):
        axes.plot(
            range(len(values)),
            [float("nan") if value is None else value for value in values],
            color=colour,
            label=name,
            linewidth=2.2,
            marker=marker if len(values) <= _MOST_POINTS else None,
            markersize=5,
            clip_on=False,
            zorder=3,
        )
    axes.set_ylim(bottom=0)
    axes.set_xlim(-0.3, max(len(buckets) - 0.7, 0.3))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(PercentFormatter(decimals=None))
    step = -(-len(buckets) // _MOST_LABELS) or 1
    axes.set_xticks(range(0, len(buckets), step), buckets[::step])
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set(fontproperties=font, color=INK, size=11)
    axes.set_ylabel(y_label, fontproperties=font, color=INK)
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.tick_params(length=0)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(FAINT)
    figure.legend(
        loc="outside upper left",
        ncols=len(lines),
        prop=font,
        labelcolor=INK,
        frameon=False,
    )
    return figure


if __name__ == "__main__":
    sys.exit(main())

"""``python -m bot.chart``: a chart as JSON on standard input -> a PNG on standard output."""

import json
import sys
import unicodedata
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ticker import FuncFormatter, MaxNLocator
from noto_cjk_sans_otc import FONT_PATH

from bot.chart import Chart

# Okabe and Ito's colours, which people who see few colours can tell apart; the form of the line
# and of its points says the same once more.
COLOURS = ("#E69F00", "#56B4E9", "#CC79A7", "#009E73")
MARKERS = ("o", "s", "^", "D")
# Discord's own dark surface, so that it reads as a card in the dark and in the light theme.
SURFACE, INK, FAINT = "#2B2D31", "#F2F3F5", "#4E5058"
FADED = 0.35  # opacity where there are few articles
# A phone shows the picture some 320 CSS pixels wide, a third of its own width. A letter of
# 12 points is 11 of those pixels high there.
SIZE = (5.0, 3.75)  # inches
DOTS = 200  # an inch: 1,000 pixels wide
_TEXT, _NUMBER = 12, 9  # points
_HEADROOM = 1.22  # of the highest value, for the numbers of peaks
_LABEL_ROOM = 54  # half-width characters that fit below the x axis
_LABEL_GAP = 3  # between two labels, in the same
_MAX_POINTS = 60  # with more, points would hide the line
_LEGEND_WIDTH = 52  # of a row of the legend, in half-width characters
_KEY_WIDTH = 6  # of a line's sample and the space around it, in the same
# How many buckets may lie between two labels, in years or in parts of one.
_YEARS = (1, 2, 3, 5, 10, 20, 50, 100)
_PARTS = (1, 2, 3, 4, 6)


def main() -> int:
    """Draw the one chart that standard input describes."""
    chart = Chart.from_json(json.load(sys.stdin))
    mpl.use("Agg")
    draw(chart).savefig(sys.stdout.buffer, format="png", dpi=DOTS, facecolor=SURFACE)
    return 0


def draw(chart: Chart) -> Figure:
    """Return the figure of one line a term."""
    font = _font(_TEXT)
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.set_facecolor(SURFACE)
    for (_, values), colour, marker in zip(chart.lines, COLOURS, MARKERS, strict=False):
        _draw_line(axes, values, chart.faded, colour, marker)
    for number, (line, bucket) in enumerate(chart.peaks, 1):
        _draw_number(axes, number, bucket, chart.lines[line][1][bucket], COLOURS[line])
    axes.set_ylim(0, _top(chart))
    axes.set_xlim(-0.3, max(len(chart.buckets) - 0.7, 0.3))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], min_n_ticks=3))
    axes.yaxis.set_major_formatter(FuncFormatter(_percent))
    labelled = label_positions(chart)
    axes.set_xticks(labelled, [chart.buckets[i] for i in labelled])
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set(fontproperties=font, color=INK)
    # Above the axis, where Han characters need not be turned on their side.
    axes.set_title(chart.y_label, loc="left", fontproperties=font, color=INK, pad=2)
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.tick_params(length=0, pad=6)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(FAINT)
    _draw_legend(figure, axes, chart, font)
    return figure


def _draw_line(
    axes: Axes, values: Sequence[float | None], faded: Sequence[bool], colour: str, marker: str
) -> None:
    """Draw a term's line twice: faded as a whole, then as it is where there are enough articles."""
    well_founded = [None if few else value for value, few in zip(values, faded, strict=True)]
    for drawn, alpha in ((values, FADED), (well_founded, 1.0)):
        marked = _marked(drawn)
        axes.plot(
            range(len(drawn)),
            [float("nan") if value is None else value for value in drawn],
            color=colour,
            alpha=alpha,
            linewidth=2.2,
            marker=marker if marked else None,
            markevery=marked or None,
            markersize=5 if len(values) < _MAX_POINTS // 2 else 3.5,
            # A line that leaves the picture is of a time with few articles.
            clip_on=alpha < 1,
            zorder=3,
        )


def _draw_number(axes: Axes, number: int, bucket: int, value: float | None, colour: str) -> None:
    """Write the number of a peak above its point."""
    axes.annotate(
        str(number),
        (bucket, value or 0),
        xytext=(0, 11),
        textcoords="offset points",
        ha="center",
        va="center",
        color=SURFACE,
        fontproperties=_font(_NUMBER),
        weight="bold",
        bbox={"boxstyle": "circle,pad=0.22", "facecolor": colour, "edgecolor": "none"},
        zorder=4,
    )


def _draw_legend(figure: Figure, axes: Axes, chart: Chart, font: FontProperties) -> None:
    names = [name for name, _ in chart.lines]
    legend = figure.legend(
        axes.get_lines()[1::2],
        map(str, range(len(names))),
        loc="outside upper left",
        ncols=_columns(names),
        prop=font,
        labelcolor=INK,
        frameon=False,
        handlelength=1.6,
        columnspacing=1.2,
        borderaxespad=0.2,
    )
    # Named only now: matplotlib leaves out a line whose label starts with an underscore.
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_parse_math(parse_math=False)  # a term's dollars are dollars
        text.set_text(name)


def _font(size: int) -> FontProperties:
    """Return the font of every Han character, with matplotlib's own for what it lacks."""
    path = str(FONT_PATH)
    fontManager.addfont(path)
    family = FontProperties(fname=path).get_name()
    return FontProperties(family=[family, "DejaVu Sans"], size=size)


def _percent(share: float, _place: int) -> str:
    return f"{share:g}%"


def _top(chart: Chart) -> float:
    """Return the end of the y axis; a time with few articles must not flatten the rest."""
    values = [
        (value, few)
        for _, line in chart.lines
        for value, few in zip(line, chart.faded, strict=True)
        if value is not None
    ]
    shown = [value for value, few in values if not few] or [value for value, _ in values]
    numbered = [chart.lines[line][1][bucket] or 0 for line, bucket in chart.peaks]
    return max([*shown, *numbered], default=0) * _HEADROOM or 1


def label_positions(chart: Chart) -> range:
    """Return which buckets get a label: as many as fit, the first of a year among them."""
    lines = (line for bucket in chart.buckets for line in bucket.split("\n"))
    widest = max(map(_text_width, lines), default=0)
    room = max(1, _LABEL_ROOM // (widest + _LABEL_GAP))
    count, per_year = len(chart.buckets), chart.buckets_per_year
    steps = [part for part in _PARTS if per_year % part == 0 and part < per_year]
    steps += [years * per_year for years in _YEARS]
    step = next((step for step in steps if -(-count // step) <= room), count)
    return range(chart.first_of_year % step if count > step else 0, count, step)


def _marked(values: Sequence[float | None]) -> list[int]:
    """Return which values get a point: of many, those without a neighbour to draw a line to."""
    if len(values) <= _MAX_POINTS:
        return [i for i, value in enumerate(values) if value is not None]
    beside = [None, *values, None]
    return [
        i
        for i, value in enumerate(values)
        if value is not None and beside[i] is None and beside[i + 2] is None
    ]


def _columns(names: list[str]) -> int:
    """Return how many names fit beside each other in the legend."""
    widest = max(map(_text_width, names), default=0) + _KEY_WIDTH
    rows = -(-len(names) // max(1, _LEGEND_WIDTH // widest))
    return -(-len(names) // rows)


def _text_width(text: str) -> int:
    """Return the width of ``text`` in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


if __name__ == "__main__":
    sys.exit(main())

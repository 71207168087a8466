"""The four kinds of plot on the page: stacked bars, a confusion as a heat map, intervals, and curves by epoch."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from curate.report.markup import Markup
from curate.report.plots import CARD, HEAT, INK, LINE, QUIET, SERIES, WARN, draw, short

__all__ = ["Curve", "IntervalRow", "bar_plot", "confusion_plot", "curve_plot", "interval_plot"]

_WIDTH_IN, _BARS_IN = 7.6, 6.6
_STRONG = 0.62
"""From this share on, letters on a cell have the colour of the page below it."""

_NAME, _TITLE = 14, 26
"""Letters of a class, and of an axis, in a heat map."""


class IntervalRow(NamedTuple):
    """One estimate with its interval, in [0, 1]; bounds are None where one run leaves the spread unknown.

    Attributes:
        warns: drawn in the colour of warnings.
        strong: its name is set off.
    """

    name: str
    estimate: float
    low: float | None
    high: float | None
    warns: bool = False
    strong: bool = False


class Curve(NamedTuple):
    """One line: y values by epoch, from epoch 1; None = not measured."""

    name: str
    values: Sequence[float | None]
    dashed: bool = False
    series: int = 0


def bar_plot(
    name: str, counts: Mapping[str, Mapping[str, float]], *, xlabel: str, caption: str, parts: Sequence[str]
) -> Markup:
    """Horizontal bars, one a row, each stacked from its parts.

    Args:
        name: of the plot.
        counts: row -> part -> count or share, from top to bottom.
        xlabel: what the horizontal axis counts.
        caption: a sentence.
        parts: in the order in which they are stacked; at most seven.
    """

    def paint(axes: Any) -> None:
        from matplotlib.ticker import MaxNLocator

        left = np.zeros(len(counts))
        for part, color in zip(parts, SERIES, strict=False):
            width = np.array([row.get(part, 0) for row in counts.values()])
            axes.barh(range(len(counts)), width, left=left, height=0.7, color=color, label=short(part))
            left += width
        axes.set_yticks(range(len(counts)), [short(row) for row in counts])
        axes.invert_yaxis()
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.grid(axis="x")
        axes.tick_params(axis="y", length=0)
        axes.set(xlabel=xlabel)
        axes.legend(ncols=min(4, len(parts)), loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)

    height = 1.2 + 0.3 * len(counts) + 0.2 * (len(parts) > 4)
    return draw(paint, name=name, size_in=(_BARS_IN, height), caption=caption)


def confusion_plot(
    name: str,
    counts: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    axes_are: tuple[str, str],
    caption: str,
) -> Markup:
    """A heat map: cells are as dark as their share of the row, and say the share in percent.

    Args:
        name: of the plot.
        counts: (R, C) counts.
        rows: what the rows stand for.
        columns: likewise.
        axes_are: titles of the vertical and the horizontal axis.
        caption: a sentence.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    def paint(axes: Any) -> None:
        _paint_cells(axes, counts, shares)
        axes.set_xticks(range(len(columns)), [short(each, _NAME) for each in columns], rotation=45, ha="right")
        totals = counts.sum(axis=1)
        axes.set_yticks(range(len(rows)), [f"{short(e, _NAME)}  ({n:,})" for e, n in zip(rows, totals, strict=True)])
        axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5), aspect="equal")
        axes.set(ylabel=short(axes_are[0], _TITLE), xlabel=short(axes_are[1], _TITLE))
        axes.tick_params(length=0)

    size = (2.0 + 0.4 * max(len(columns), 3), 1.25 + 0.4 * max(len(rows), 4))
    return draw(paint, name=name, size_in=size, caption=caption)


def interval_plot(
    name: str,
    intervals: Sequence[IntervalRow],
    *,
    xlabel: str,
    caption: str,
    lines: Mapping[str, float] | None = None,
    width_in: float = _WIDTH_IN,
    full_range: bool = False,
) -> Markup:
    """Estimates with their intervals, one a row, from top to bottom; and vertical lines to hold them against.

    Args:
        name: of the plot.
        intervals: what to show.
        xlabel: what the horizontal axis measures; it is shown in percent.
        caption: a sentence.
        lines: name -> value in [0, 1].
        width_in: of the plot.
        full_range: the axis goes from 0 to 100 %.
    """

    def paint(axes: Any) -> None:
        _paint_intervals(axes, intervals)
        for index, (label, value) in enumerate((lines or {}).items()):
            axes.axvline(100 * value, color=INK, linestyle=(0, (2, 2 + index)), linewidth=1.2, label=short(label))
        if lines:
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
        if full_range:
            axes.set_xlim(-2, 102)
        axes.xaxis.set_major_formatter("{x:g} %")
        axes.grid(axis="x")
        axes.tick_params(axis="y", length=0)
        axes.set(xlabel=xlabel)

    height = 0.9 + 0.3 * len(intervals) + 0.25 * len(lines or ())
    return draw(paint, name=name, size_in=(width_in, height), caption=caption)


def curve_plot(name: str, curves: Sequence[Curve], *, ylabel: str, caption: str) -> Markup:
    """Lines by epoch."""

    def paint(axes: Any) -> None:
        from matplotlib.ticker import MaxNLocator

        for curve in curves:
            values = [np.nan if value is None else value for value in curve.values]
            style = (0, (4, 2)) if curve.dashed else "-"
            color = SERIES[curve.series % len(SERIES)]
            marker = "." if len(values) <= 30 else ""
            axes.plot(range(1, len(values) + 1), values, color=color, linestyle=style, marker=marker, label=curve.name)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(axis="y")
        axes.set(xlabel="epoch", ylabel=ylabel)
        axes.legend()

    return draw(paint, name=name, size_in=(4.6, 3.2), caption=caption)


def _paint_cells(axes: Any, counts: np.ndarray, shares: np.ndarray) -> None:
    from matplotlib.patches import Rectangle

    for (row, column), share in np.ndenumerate(shares):
        axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=HEAT, alpha=float(share), lw=0))
        if counts[row, column]:
            percent = f"{100 * share:.0f}" if share >= 0.005 else "<1"
            color = CARD if share > _STRONG else INK if share >= 0.1 else QUIET
            axes.text(column, row, percent, ha="center", va="center", color=color, fontsize=9)
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(LINE)


def _paint_intervals(axes: Any, intervals: Sequence[IntervalRow]) -> None:
    for y, row in enumerate(intervals):
        color = WARN if row.warns else SERIES[0]
        if row.low is not None and row.high is not None:
            axes.plot([100 * max(row.low, 0.0), 100 * min(row.high, 1.0)], [y, y], color=color, linewidth=2.5)
        axes.plot(100 * row.estimate, y, "o", color=color, markersize=7 if row.strong else 5)
    axes.set_yticks(range(len(intervals)), [short(row.name) for row in intervals])
    for tick, row in zip(axes.get_yticklabels(), intervals, strict=True):
        tick.set_fontweight("bold" if row.strong else "normal")
    axes.set_ylim(len(intervals) - 0.5, -0.5)

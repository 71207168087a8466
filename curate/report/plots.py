"""From a drawing by matplotlib to SVG inside the page, in the page's own colours and letters; always the same bytes."""

import io
import re
import warnings
from collections.abc import Callable
from typing import Any

from curate.html import Markup, block

__all__ = ["CARD", "HEAT", "INK", "LINE", "QUIET", "SERIES", "WARN", "PlotFunction", "draw", "short"]

PlotFunction = Callable[[Any], None]
"""Draws on the axes that it is given."""

INK, QUIET, LINE, CARD, WARN, HEAT = (f"#01020{digit}" for digit in range(3, 9))
SERIES = tuple(f"#01021{digit}" for digit in range(1, 8))
"""Stand for colours of the style sheet, so that a plot follows the reader's light or dark page."""

_NAMES = ("text", "quiet", "line", "card", "warn", "heat")
_VARIABLES = dict(zip((INK, QUIET, LINE, CARD, WARN, HEAT), _NAMES, strict=True))
_VARIABLES |= {color: f"s{index}" for index, color in enumerate(SERIES, 1)}
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 10.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 11.0,
    "axes.edgecolor": QUIET,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": LINE,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "figure.facecolor": "none",
}
_PX_PER_POINT = 4 / 3
_LONGEST = 40


def draw(paint: PlotFunction, *, name: str, size_in: tuple[float, float], caption: str) -> Markup:
    """One plot with a sentence below it.

    Args:
        paint: draws on the axes that it is given.
        name: of the plot; other plots of the page have other names.
        size_in: width and height in inches at 100 %.
        caption: what it shows; also read to those who do not see it.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    drawn = io.StringIO()
    with mpl.rc_context({**_SETTINGS, "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # the reader's browser has its own letters
        figure = Figure(figsize=size_in, layout="constrained")
        paint(figure.subplots())
        figure.savefig(drawn, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return block("plot", *_inline(drawn.getvalue(), name), caption)


def short(text: str, longest: int = _LONGEST) -> str:
    """A name from a file on one line, cut where it would be wider than its plot."""
    line = "".join(each if each.isprintable() else "\ufffd" for each in " ".join(text.split()))
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _inline(svg: str, name: str) -> tuple[str, str, str, Markup]:
    """Width and height in pixels, view box and elements: ids are unique on the page, colours those of its style."""
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0]
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", body, flags=re.DOTALL)
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda match: match[0] if match[1] in used else "", body)
    body = re.sub(r'(url\(#|href="#| id=")', rf"\g<1>{name}-", body).replace("xlink:href", "href")
    body = re.sub(r"#0102(?:0[3-8]|1[1-7])", lambda match: f"var(--{_VARIABLES[match[0]]})", body)
    body = re.sub(r"\s*\n\s*", "\n", body)
    pixels = [f"{float(points) * _PX_PER_POINT:.0f}" for points in (width, height)]
    return pixels[0], pixels[1], f"{float(width):g} {float(height):g}", Markup(body)  # matplotlib has escaped it

"""The plots of the page, as PNG files beside it; no picture of a face."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from curate.benchmark.figures import save_figure
from study.results import BUDGET_LINE
from study.training import CLASSICAL, FULL, QUICK

__all__ = ["draw_figures"]

_COLOURS = {CLASSICAL: "#7f7f7f", QUICK: "#1f77b4", FULL: "#d95f02"}


def draw_figures(results: Mapping[str, Any], folder: Path) -> None:
    """`leaks.png`, `copies.png`, `budget.png`."""
    _draw_leaks(next(each for each in results["leaks"] if each["split"] == "val+test"), folder / "leaks.png")
    if results["nearness"]:
        _draw_nearness(results["nearness"], folder / "copies.png")
    _draw_budget(results["standings"], results["ceilings"], folder / "budget.png")


def _figure(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _draw_leaks(leak: Mapping[str, Any], path: Path) -> None:
    figure, axes = _figure(7.5, 3.4)
    classes = sorted(leak["classes"], key=lambda each: -each["share"])
    left = [0.0] * len(classes)
    kinds = {"exact": "the same pixels", "near": "near copy", "transformed": "mirrored copy"}
    for (kind, name), colour in zip(kinds.items(), ("#b2182b", "#ef8a62", "#fddbc7"), strict=True):
        shares = [100 * each[kind] / each["pictures"] for each in classes]
        axes.barh([each["label"] for each in classes], shares, left=left, color=colour, label=name)
        left = [before + more for before, more in zip(left, shares, strict=True)]
    axes.invert_yaxis()
    axes.set(xlabel="official validation and test pictures with a copy in Training, %", xlim=(0, 100))
    axes.legend(frameon=False)
    save_figure(figure, path)


def _draw_nearness(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    figure, axes = _figure(7.5, 0.9 + 0.5 * len(rows))
    for place, row in enumerate(rows):
        axes.plot([100 * row["apart"][0], 100 * row["near"][0]], [place, place], color="0.8", zorder=0)
        for name, colour, marker in (("near", "#b2182b", "o"), ("apart", "#2166ac", "s")):
            estimate, low, high = (100 * each for each in row[name])
            axes.plot([low, high], [place, place], color=colour, linewidth=1.5)
            label = {"near": "with a near copy in Training", "apart": "without"}[name] if not place else None
            axes.plot(estimate, place, marker, color=colour, label=label)
    axes.set_yticks(range(len(rows)), [f"{row['recipe']}, trained {row['trained']}" for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.8)
    axes.set(xlabel="accuracy on PublicTest, given labels, %")
    axes.legend(frameon=False, loc="upper left", ncols=2)
    save_figure(figure, path)


def _draw_budget(standings: Sequence[Mapping[str, Any]], ceilings: Sequence[Mapping[str, Any]], path: Path) -> None:
    figure, axes = _figure(7.5, 3.8)
    for recipe, colour in _COLOURS.items():
        own = {
            each["version"]: each["accuracy"]
            for each in standings
            if each["recipe"] == recipe and each["protocol"] == "leak-free" and each["version"] in BUDGET_LINE
        }
        if len(own) < 2:
            continue
        places = [100 * BUDGET_LINE[name] for name in BUDGET_LINE if name in own]
        told = [
            [100 * (end if end is not None else own[name][0]) for end in own[name]]
            for name in BUDGET_LINE
            if name in own
        ]
        axes.plot(places, [each[0] for each in told], marker="o", color=colour, label=recipe)
        axes.fill_between(places, [each[1] for each in told], [each[2] for each in told], color=colour, alpha=0.2)
    for each in ceilings:
        if each["agreement"] is not None:
            axes.axhline(100 * each["agreement"], color="0.5", linestyle=":")
            axes.text(100, 100 * each["agreement"] - 1, "ten annotators against ten others", ha="right", va="top")
    axes.set(xlabel="reviewed pictures of training and validation, %, the most suspicious first")
    axes.set(ylabel="accuracy on gold, FER+ labels, %")
    axes.legend(frameon=False, loc=(0.62, 0.26))
    save_figure(figure, path)

"""Figures of a run: curves of loss and accuracy, and the confusion matrix."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from curate.errors import ExportError
from curate.runs.history import Epoch
from curate.storage import space_needed

__all__ = ["draw_confusion", "draw_curves", "save_figure"]


def draw_curves(path: Path, history: Sequence[Epoch], *, title: str, best_epoch: int) -> None:
    """Loss and accuracy by epoch, of training and of the stopping set, as a PNG file."""
    figure, (left, right) = _axes(2)
    epochs = [epoch.number for epoch in history]
    for axes, name in ((left, "loss"), (right, "accuracy")):
        axes.plot(epochs, [getattr(epoch, name) for epoch in history], marker=".", label="training")
        val_values = [getattr(epoch, f"val_{name}") for epoch in history]
        if any(value is not None for value in val_values):
            axes.plot(epochs, val_values, marker=".", label="stopping set")
            axes.axvline(best_epoch, color="0.7", linestyle=":", label="epoch that counts")
        axes.set(xlabel="epoch", ylabel=name)
        axes.legend()
    figure.suptitle(title)
    save_figure(figure, path)


def draw_confusion(path: Path, confusion: Sequence[Sequence[int]], classes: Sequence[str], *, title: str) -> None:
    """A heat map of the shares of each label, with the counts written into it, as a PNG file."""
    counts = np.array(confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, (axes,) = _axes(1)
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    ticks = range(len(classes))
    axes.set(xlabel="predicted", ylabel="label", title=title)
    axes.set_xticks(ticks, classes, rotation=45, ha="right")
    axes.set_yticks(ticks, classes)
    for row, column in np.ndindex(*counts.shape):
        color = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, f"{counts[row, column]:,}", ha="center", va="center", color=color, fontsize=8)
    save_figure(figure, path)


def _axes(count: int) -> tuple[Any, Any]:
    """A figure that belongs to no window and to no global state."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5 * count, 4.5), layout="constrained")
    return figure, figure.subplots(1, count, squeeze=False)[0]


def save_figure(figure: Any, path: Path) -> None:
    """Write a PNG file without anything in it that changes from run to run.

    Raises:
        ExportError: the file's name ends otherwise.
    """
    if path.suffix.lower() != ".png":
        raise ExportError(f"{path}: plots are PNG files; name one that ends in .png")
    with space_needed(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=100, metadata={"Software": None})

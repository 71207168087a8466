"""How a training went, epoch by epoch, and the file that says so."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from curate.errors import ScoreDamaged

__all__ = ["Epoch", "read_history", "write_history"]


class Epoch(NamedTuple):
    """One pass over the training pictures.

    Attributes:
        number: from 1.
        loss, accuracy: means over its training steps, augmentation and dropout on.
        val_loss, val_accuracy: on the stopping set afterwards; None = there is none.
        rate: learning rate of its last step.
        pictures_per_s: trained on, in wall time, without the stopping set.
        stage: of the recipe, from 1.
    """

    number: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    rate: float
    pictures_per_s: float
    stage: int = 1


def write_history(path: Path, history: Sequence[Epoch]) -> None:
    """A CSV file, one row per epoch."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([Epoch._fields, *history])


def read_history(path: Path) -> list[Epoch]:
    """The epochs in a CSV file.

    Raises:
        ScoreDamaged: it cannot be read.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [{name: float(text) if text else None for name, text in row.items()} for row in csv.DictReader(file)]
        whole = {"number": 1, "stage": 1}  # histories of older releases have no stages
        return [Epoch(**{**row, **{name: int(row.get(name) or 1) for name in whole}}) for row in rows]  # type: ignore[arg-type]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ScoreDamaged(f"{path} cannot be read ({error}); remove it and run `curate benchmark` again") from error

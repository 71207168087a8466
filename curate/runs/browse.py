"""Scored runs, as the Versions page shows them: the confusion matrix, and how the training went."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from curate.manifest import Version
from curate.scores import find_scores, run_files, score_name, scores_folder

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Curves", "ScoredRun", "read_curves", "scored_runs"]

_COURSES = ("loss", "accuracy")


class ScoredRun(NamedTuple):
    """One scored run.

    Attributes:
        version: that was scored.
        name: of its files.
        epochs: that it trained; 0 = its recipe has none.
        confusion: picture of its confusion matrix; None = it is not there.
        folder: where its large files would be.
    """

    version: str
    name: str
    epochs: int
    confusion: Path | None
    folder: Path


class Curves(NamedTuple):
    """How a training went.

    Attributes:
        loss, accuracy: one row per epoch; the index is its number, from 1. Columns training (mean over its steps), and
            stopping set (afterwards; no such column where there was none); float64. Empty = not known.
        missing: why they are not known, in words; empty = they are.
    """

    loss: "pd.DataFrame"
    accuracy: "pd.DataFrame"
    missing: str = ""


def scored_runs(version: Version) -> list[ScoredRun]:
    """The runs that scored a version, by name; damaged scores are left out, and `curate verify` names them."""
    return [_run(version, score) for score in find_scores(version.folder.parent, version.name).sound]


def read_curves(run: ScoredRun) -> Curves:
    """Loss and accuracy by epoch, from the history in the run's folder, which stays on the machine that trained."""
    import pandas as pd

    nothing = pd.DataFrame()
    again = f"`curate benchmark {run.version}` with the same recipe and seed trains it again"
    path = run.folder / "history.csv"
    if not run.epochs and not path.exists():
        return Curves(nothing, nothing, "This recipe is not trained in epochs, so there are no curves.")
    if not path.exists():
        missing = "The run's folder is not on this machine; curves stay where a run was trained, only scores travel."
        return Curves(nothing, nothing, f"{missing} There, {again}.")
    try:
        rows = _read_history(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Curves(nothing, nothing, f"The run's history cannot be read ({error}); remove it, then {again}.")
    if len(rows) != run.epochs:
        missing = f"The history has {len(rows)} epochs and the score was reached after {run.epochs}"
        return Curves(nothing, nothing, f"{missing}: it is that of another training, perhaps one under way.")
    return Curves(_course(rows, "loss"), _course(rows, "accuracy"))


def _run(version: Version, score: dict[str, object]) -> ScoredRun:
    recipe, protocol, source = (score[name] for name in ("recipe", "protocol", "source"))
    name = score_name(str(recipe), str(protocol), None if source is None else str(source), int(str(score["seed"])))
    name = Path(name).name  # scores may come from elsewhere; none may point out of its folder
    confusion = scores_folder(version.folder.parent, version.name) / f"{name}.png"
    epochs = score.get("epochs")
    return ScoredRun(
        version=version.name,
        name=name,
        epochs=epochs if isinstance(epochs, int) else 0,
        confusion=confusion if confusion.is_file() else None,
        folder=run_files(version.state, version.name, name),
    )


def _read_history(path: Path) -> list[dict[str, float]]:
    """Rows by column; an empty cell is NaN."""
    wanted = ("number", *(f"{part}{name}" for name in _COURSES for part in ("", "val_")))
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: float(row[name] or "nan") for name in wanted} for row in csv.DictReader(file)]


def _course(rows: list[dict[str, float]], name: str) -> "pd.DataFrame":
    import pandas as pd

    index = pd.Index([int(row["number"]) for row in rows], name="epoch")
    columns = {"training": name, "stopping set": f"val_{name}"}
    table = pd.DataFrame({title: [row[each] for row in rows] for title, each in columns.items()}, index=index)
    return table.dropna(axis="columns", how="all")

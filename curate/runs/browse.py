"""Scored runs, as the Versions page shows them: the confusion matrix, and how the training went."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from curate.errors import ScoreDamaged
from curate.manifest import Version
from curate.runs.folder import RunFolder, run_folder
from curate.runs.history import Epoch, read_history
from curate.scores import Score, find_scores, scores_folder

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Curves", "ScoredRun", "read_curves", "scored_runs"]


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
    folder: RunFolder


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
    path = run.folder.history
    if not path.exists():
        if not run.epochs:
            return Curves(nothing, nothing, "This recipe is not trained in epochs, so there are no curves.")
        missing = "The run's folder is not on this machine; curves stay where a run was trained, only scores travel."
        return Curves(nothing, nothing, f"{missing} There, {again}.")
    try:
        history = read_history(path)
    except ScoreDamaged as error:
        return Curves(nothing, nothing, f"The run's history is damaged: {error}")
    if len(history) != run.epochs:
        missing = f"The history has {len(history)} epochs and the score was reached after {run.epochs}"
        return Curves(nothing, nothing, f"{missing}: it is that of another training, perhaps one under way.")
    return Curves(_curves(history, "loss"), _curves(history, "accuracy"))


def _run(version: Version, score: Score) -> ScoredRun:
    name = Path(score.name).name  # scores may come from elsewhere; none may point out of its folder
    confusion = scores_folder(version.folder.parent, version.name) / f"{name}.png"
    return ScoredRun(
        version=version.name,
        name=name,
        epochs=score.epochs or 0,
        confusion=confusion if confusion.is_file() else None,
        folder=run_folder(version, name, score.fingerprint),
    )


def _curves(history: Sequence[Epoch], name: str) -> "pd.DataFrame":
    import pandas as pd

    index = pd.Index([epoch.number for epoch in history], name="epoch")
    columns = {"training": name, "stopping set": f"val_{name}"}
    curves = {title: [getattr(epoch, field) for epoch in history] for title, field in columns.items()}
    return pd.DataFrame(curves, index=index, dtype=float).dropna(axis="columns", how="all")

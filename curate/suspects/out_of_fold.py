"""Another model than the default one, passed in as a function, and its predictions of labels that it never saw."""

from collections.abc import Callable
from concurrent.futures import Executor
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from curate.features import MATCH_PX
from curate.manifest.pictures import PictureSource, read_squares
from curate.progress import Progress, part_of, silent
from curate.seeding import derive_seed
from curate.suspects.dataset import LabelDataset
from curate.workspace import Workspace

__all__ = ["Classify", "FitModel", "Learner", "learn_out_of_fold", "read_squares_for"]

Classify = Callable[[np.ndarray], np.ndarray]
"""(N, S, S) or (N, S, S, 3) uint8 pictures -> (N, K) probabilities, rows summing to 1."""


class FitModel(Protocol):
    """Learns labels of pictures."""

    def __call__(
        self, pictures: np.ndarray, targets: np.ndarray, lineage: np.ndarray, *, seed: int, progress: Progress
    ) -> Classify:
        """Fit.

        Args:
            pictures: (M, S, S) or (M, S, S, 3) uint8, of the learner's size and mode.
            targets: (M, K) float32, 1 for the label, else 0.
            lineage: (M,) int64; what is held out within, to stop early, must not share a group with the rest.
            seed: of everything random.
            progress: progress callback.
        """


class Learner(NamedTuple):
    """A model, its name, and the pictures that it takes.

    Attributes:
        name: as it is reported.
        fit: learns labels of pictures.
        size_px: side of these pictures, S.
        mode: `L` or `RGB`.
    """

    name: str
    fit: FitModel
    size_px: int = MATCH_PX
    mode: str = "L"


def read_squares_for(
    learner: Learner | None,
    workspace: Workspace,
    dataset: LabelDataset,
    *,
    executor: Executor,
    progress: Progress = silent,
) -> np.ndarray:
    """The dataset's pictures in the learner's size and mode, read from the workspace as for a training on a version.

    Gray ones of 48 pixels are those of the dataset, and these are returned where there is no learner.

    Returns:
        (N, size_px, size_px) uint8, or (N, size_px, size_px, 3) for `RGB`.
    """
    if learner is None or (learner.size_px, learner.mode) == (MATCH_PX, "L"):
        return dataset.pictures
    nothing = pa.nulls(len(dataset), pa.string())
    rows = pa.table({"sample_id": dataset.sample_ids, "parent": nothing, "transform": nothing})
    source = PictureSource(workspace.folder.name, workspace.state, None)
    return read_squares(source, rows, size_px=learner.size_px, mode=learner.mode, executor=executor, progress=progress)


def learn_out_of_fold(
    dataset: LabelDataset, learner: Learner, fold: np.ndarray, *, pictures: np.ndarray, seed: int, progress: Progress
) -> np.ndarray:
    """(N, K) probabilities of every label by a model fitted on the other folds, averaged over the mirrored picture.

    Gold samples are predicted, but nothing is fitted on them.

    Args:
        dataset: the labels.
        learner: fitted once for each fold.
        fold: (N,) int64, all numbers from 0 up to the highest.
        pictures: (N, S, S) or (N, S, S, 3) uint8, as the learner takes them.
        seed: of everything random.
        progress: progress callback.
    """
    targets = np.eye(len(dataset.classes), dtype=np.float32)[dataset.label]
    probs = np.zeros(targets.shape)
    folds = range(int(fold.max()) + 1)
    fitted = [np.flatnonzero(~dataset.gold & (fold != index)) for index in folds]
    with progress(f"learning labels by {learner.name}", sum(map(len, fitted)), unit="pictures") as advance:
        for index, rows in zip(folds, fitted, strict=True):
            with part_of(advance, len(rows)) as part:
                fit_seed = derive_seed(seed, "suspects", learner.name, index)
                classify = learner.fit(
                    pictures[rows], targets[rows], dataset.lineage[rows], seed=fit_seed, progress=part
                )
                held_out = pictures[fold == index]
                probs[fold == index] = (classify(held_out) + classify(np.ascontiguousarray(held_out[:, :, ::-1]))) / 2
    return probs

"""Another model than the default one, as a function that is passed in: what it says of labels that it never saw."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from curate.progress import Progress, part_of
from curate.seeding import derive_seed
from curate.suspects.dataset import LabelDataset

__all__ = ["Classify", "FitModel", "Learner", "learn_out_of_fold"]

Classify = Callable[[np.ndarray], np.ndarray]
"""(N, 48, 48) uint8 pictures -> (N, K) probabilities, rows summing to 1."""


class FitModel(Protocol):
    """Learns labels of pictures."""

    def __call__(
        self, pictures: np.ndarray, targets: np.ndarray, lineage: np.ndarray, *, seed: int, progress: Progress
    ) -> Classify:
        """Fit.

        Args:
            pictures: (M, 48, 48) uint8.
            targets: (M, K) float32, 1 for the label, else 0.
            lineage: (M,) int64; what is held out within, to stop early, must not share a group with the rest.
            seed: of everything random.
            progress: told how far it is.
        """


class Learner(NamedTuple):
    """A model and what it is called."""

    name: str
    fit: FitModel


def learn_out_of_fold(
    collection: LabelDataset, learner: Learner, fold: np.ndarray, *, seed: int, progress: Progress
) -> np.ndarray:
    """(N, K) probabilities of every label by a model fitted on the other folds, averaged over the mirrored picture.

    Gold samples are predicted, but nothing is fitted on them.
    """
    targets = np.eye(len(collection.classes), dtype=np.float32)[collection.label]
    probs = np.zeros(targets.shape)
    numbers = range(int(fold.max()) + 1)
    rows = [np.flatnonzero(~collection.gold & (fold != number)) for number in numbers]
    with progress(f"learning labels by {learner.name}", sum(map(len, rows)), unit="pictures") as advance:
        for number, learn in zip(numbers, rows, strict=True):
            with part_of(advance, len(learn)) as part:
                own = derive_seed(seed, "suspects", learner.name, number)
                pictures, lineage = collection.pictures[learn], collection.lineage[learn]
                classify = learner.fit(pictures, targets[learn], lineage, seed=own, progress=part)
                shown = collection.pictures[fold == number]
                probs[fold == number] = (classify(shown) + classify(np.ascontiguousarray(shown[:, :, ::-1]))) / 2
    return probs

"""From the rows of a task to a classifier, whatever kind of recipe it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from curate.benchmark.experiment import EvalSet, Experiment, read_eval_set
from curate.benchmark.network import TrainingSet
from curate.benchmark.recipe import Arrays, ClassicalRecipe, Classifier, NetworkRecipe, Recipe
from curate.benchmark.training import ignore_epochs, train_network
from curate.errors import TrainingUnavailable
from curate.progress import Progress, silent
from curate.runs.folder import RunFolder
from curate.runs.history import Epoch
from curate.runs.keras_backend import Device

__all__ = ["Fitted", "class_weights", "fit", "make_targets", "read_training_sets"]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A classifier, and how it came about.

    Attributes:
        classify: it.
        history: epochs; none of a recipe that is fitted in one go.
        best_epoch: whose weights it has.
        pictures_per_s: trained on, median over epochs.
        learned: what a classical recipe learned; None = a network, which is stored already.
    """

    classify: Classifier
    history: tuple[Epoch, ...]
    best_epoch: int
    pictures_per_s: float
    learned: Arrays | None = None


def read_training_sets(
    task: Experiment, recipe: Recipe, *, progress: Progress = silent
) -> tuple[TrainingSet, TrainingSet | None]:
    """Pictures and targets to train on and, if the recipe needs one, the stopping set.

    Raises:
        PicturesMissing: some are not in this workspace.
    """

    def read(part: EvalSet) -> TrainingSet:
        pictures = read_eval_set(part, size_px=recipe.size_px, mode=recipe.mode, progress=progress)
        weights = class_weights(part.labels) if recipe.imbalance == "weights" else None
        per_epoch = part.delivered if isinstance(recipe, NetworkRecipe) and recipe.same_steps else None
        return TrainingSet(pictures, make_targets(part, len(task.classes), soft=recipe.soft_labels), weights, per_epoch)

    return read(task.train), read(task.stopping) if task.stopping and recipe.needs_stopping_set else None


def make_targets(part: EvalSet, classes: int, *, soft: bool) -> np.ndarray:
    """(N, K) float32 targets: the label, or if `soft` the distribution of votes where there are any."""
    targets = np.asarray(np.eye(classes, dtype=np.float32)[part.labels])
    if soft:
        total = part.votes.sum(axis=1)
        targets[total > 0] = part.votes[total > 0] / total[total > 0, None]
    return targets


def fit(
    recipe: Recipe,
    sets: tuple[TrainingSet, TrainingSet | None],
    *,
    seed: int,
    device: Device | None,
    folder: RunFolder,
    progress: Progress = silent,
    on_epoch: Callable[[Epoch, int], None] = ignore_epochs,
) -> Fitted:
    """Train or fit; see `train_network`.

    Raises:
        TrainingDiverged: the loss is no number any more.
        TrainingUnavailable: a network without a device.
    """
    if isinstance(recipe, ClassicalRecipe):
        return _fit_classical(recipe, sets[0], seed)
    if device is None:
        raise TrainingUnavailable(f"{recipe.name} trains a network and needs a device; see find_device")
    trained = train_network(
        recipe, *sets, seed=seed, device=device, folder=folder, progress=progress, on_epoch=on_epoch
    )
    speed = float(np.median([epoch.pictures_per_s for epoch in trained.history]))
    return Fitted(trained.classify, trained.history, trained.conclusion.best_epoch, speed)


def _fit_classical(recipe: ClassicalRecipe, data: TrainingSet, seed: int) -> Fitted:
    weights = np.ones(len(data.targets), np.float32) if data.weights is None else data.weights
    if recipe.imbalance == "balanced":
        weights = class_weights(data.targets.argmax(axis=1))
    started = time.perf_counter()
    learned = recipe.fit(data.pictures, data.targets, weights, seed)
    speed = len(weights) / (time.perf_counter() - started)
    return Fitted(partial(recipe.classify, learned), (), 0, speed, learned)


def class_weights(labels: np.ndarray) -> np.ndarray:
    """(N,) float32 of mean 1, inversely proportional to the size of the class."""
    counts = np.bincount(labels)
    return np.asarray(len(labels) / (counts[labels] * np.count_nonzero(counts)), np.float32)

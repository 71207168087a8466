"""A recipe on plain arrays of pictures and labels, without a version: for whoever is passed it as a function."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from curate.benchmark.fitting import class_weights, fit
from curate.benchmark.network import TrainingSet
from curate.benchmark.recipe import Classifier, NetworkRecipe, Recipe
from curate.benchmark.recipe_digest import recipe_digest
from curate.benchmark.weights import find_weights, weights_of
from curate.errors import UnknownRecipe
from curate.progress import Progress, silent
from curate.runs.folder import RunFolder
from curate.runs.keras_backend import find_device
from curate.seeding import derive_seed

__all__ = ["recipe_as_function"]

_HELD_OUT = 10
"""One lineage group in so many, if the recipe needs a stopping set."""


@contextmanager
def recipe_as_function(recipe: Recipe, *, folder: Path, device: str = "auto") -> Iterator[Callable[..., Classifier]]:
    """A recipe as a function (pictures, targets, lineage, *, seed, progress) -> classifier.

    Pictures are (M, S, S) or (M, S, S, 3) uint8, best of the recipe's own size, and of the same shape where they are
    classified later; targets (M, K) float32, rows summing to 1; lineage (M,) int64, of which a tenth is held out whole
    if the recipe needs a stopping set.

    Args:
        recipe: which.
        folder: takes the state of trainings, so that a run that was cut off goes on when it is repeated; removed when
            the context is left without an error.
        device: auto, cpu or gpu.

    Raises:
        UnknownRecipe: it trains on votes.
        NoSuchDevice, TrainingUnavailable: before any time is spent.
    """
    if recipe.soft_labels:
        raise UnknownRecipe(f"{recipe.name} trains on votes, but here on labels alone; leave out `+votes`")
    where = find_device(device) if isinstance(recipe, NetworkRecipe) else None
    if weights := weights_of(recipe):
        find_weights(weights)

    def fit_arrays(
        pictures: np.ndarray, targets: np.ndarray, lineage: np.ndarray, *, seed: int, progress: Progress = silent
    ) -> Classifier:
        """Train the recipe on these rows; what it classifies is brought to its size first."""
        sized = _fit_size(pictures, recipe)
        held_out = _hold_out(lineage, seed) if recipe.needs_stopping_set else np.zeros(len(targets), bool)
        weights = class_weights(targets[~held_out].argmax(axis=1)) if recipe.imbalance == "weights" else None
        train = TrainingSet(sized[~held_out], targets[~held_out], weights)
        stopping = TrainingSet(sized[held_out], targets[held_out], None) if held_out.any() else None
        fingerprint = _fingerprint(recipe, seed, pictures, targets, lineage)
        run = RunFolder(folder / fingerprint[:16], fingerprint)
        fitted = fit(recipe, (train, stopping), seed=seed, device=where, folder=run, progress=progress)
        return lambda others: fitted.classify(_fit_size(others, recipe))

    yield fit_arrays
    shutil.rmtree(folder, ignore_errors=True)


def _fit_size(pictures: np.ndarray, recipe: Recipe) -> np.ndarray:
    """(N, size_px, size_px) or (N, size_px, size_px, 3), as the recipe has it."""
    side = (recipe.size_px, recipe.size_px)
    if pictures.shape[1:3] != side:
        shrinks = recipe.size_px < pictures.shape[1]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        pictures = np.stack([cv2.resize(picture, side, interpolation=how) for picture in pictures])
    return pictures[..., None].repeat(3, axis=-1) if recipe.mode == "RGB" and pictures.ndim == 3 else pictures


def _hold_out(lineage: np.ndarray, seed: int) -> np.ndarray:
    """(M,) bool: a tenth of the lineage groups."""
    groups, member = np.unique(lineage, return_inverse=True)
    drawn = np.random.default_rng(derive_seed(seed, "stopping")).permutation(len(groups))
    return np.asarray(drawn[member] % _HELD_OUT == 0)


def _fingerprint(recipe: Recipe, seed: int, *arrays: np.ndarray) -> str:
    """What is trained on what."""
    digest = hashlib.sha256(f"{recipe.name}\n{recipe_digest(recipe)}\n{seed}\n".encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()

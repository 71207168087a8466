"""What a recipe carries: everything that turns training pictures into a classifier, and nothing about the data."""

import hashlib
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Literal

import numpy as np

from curate.seeding import derive_seed

__all__ = [
    "Augmentation",
    "ClassicalRecipe",
    "Classifier",
    "Imbalance",
    "NetworkRecipe",
    "Plateau",
    "Recipe",
    "Seeds",
    "Stopping",
    "recipe_digest",
]

Imbalance = Literal["none", "weights", "balanced"]
"""What is done about rare classes: nothing, class weights in the loss, or drawing every class equally often."""

_SEED_LIMIT = 2**31 - 1
"""Backends take seeds of 32 bits, some of them signed."""


@dataclass(slots=True)
class Seeds:
    """A seed for each thing that a network is built of, in order."""

    seed: int
    taken: int = 0

    def take(self) -> int:
        """The next seed."""
        self.taken += 1
        return derive_seed(self.seed, "layer", self.taken) % _SEED_LIMIT


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random geometry and brightness of training pictures; the ranges are drawn from evenly, all zero = none.

    Attributes:
        mirror: swap left and right half of the time.
        shift_px: up to so far along either axis.
        rotation_deg: up to so far to either side.
        log_zoom: up to so much in the logarithm of the scale.
        shear: up to so much, as tangent.
        brightness: factor, lowest and highest.
    """

    mirror: bool = False
    shift_px: float = 0.0
    rotation_deg: float = 0.0
    log_zoom: float = 0.0
    shear: float = 0.0
    brightness: tuple[float, float] = (1.0, 1.0)

    @property
    def moves(self) -> bool:
        """Whether it does more than mirror and brighten."""
        return any((self.shift_px, self.rotation_deg, self.log_zoom, self.shear))


@dataclass(frozen=True, slots=True)
class Stopping:
    """End when the stopping set's loss was not below its best for `patience` epochs; the best epoch's weights count."""

    patience: int


@dataclass(frozen=True, slots=True)
class Plateau:
    """Multiply the rate by `factor` when that loss did not fall by more than `min_delta` for `patience` epochs."""

    factor: float
    patience: int
    min_delta: float


@dataclass(frozen=True, slots=True)
class NetworkRecipe:
    """A network and how it is trained.

    Attributes:
        name: in the registry.
        summary: one line for `curate recipes`.
        build: (classes, seeds) -> keras.Model from (N, size_px, size_px, 1 or 3) pictures in 0..255 to (N, classes)
            logits; scaling is part of it.
        optimizer: () -> a fresh keras optimizer.
        rate: learning rate by the share of steps done, in [0, 1).
        epochs: at most so many.
        batch: pictures per step.
        size_px, mode: of the pictures, as in `Version.pictures`.
        augmentation: of the training pictures.
        label_smoothing: share of each label that is spread over all classes.
        stopping, plateau: None = no. Either needs a stopping set.
        average: share of the old in the running average of the weights that is used in the end, taken every eight
            steps of the last 70 % of training; 0 = the weights as they are.
        imbalance: see `Imbalance`.
        soft_labels: train on the distribution of votes where there are any.
        same_steps: an epoch has as many steps as there are delivered pictures for, however many augmented ones there
            are, so that a version and what is derived from it are trained equally long.
        quick: name of the recipe that `--quick` trains instead; None = there is none.
    """

    name: str
    summary: str
    build: Callable[[int, Seeds], Any]
    optimizer: Callable[[], Any]
    rate: Callable[[float], float]
    epochs: int
    batch: int = 128
    size_px: int = 48
    mode: str = "L"
    augmentation: Augmentation = Augmentation()
    label_smoothing: float = 0.0
    stopping: Stopping | None = None
    plateau: Plateau | None = None
    average: float = 0.0
    imbalance: Imbalance = "none"
    soft_labels: bool = False
    same_steps: bool = False
    quick: str | None = None

    @property
    def needs_stopping_set(self) -> bool:
        """Whether anything is chosen by looking at pictures that are not trained on."""
        return self.stopping is not None or self.plateau is not None


Classifier = Callable[[np.ndarray], np.ndarray]
"""(N, size_px, size_px) uint8 pictures -> (N, K) float32 probabilities, rows summing to 1."""


@dataclass(frozen=True, slots=True)
class ClassicalRecipe:
    """A classifier that is fitted in one go, without a device.

    Attributes:
        name, summary, size_px, mode, imbalance, quick: as in `NetworkRecipe`.
        fit: (pictures (N, size_px, size_px) uint8, targets (N, K) float32 summing to 1, weights (N,) float32, seed)
            -> classifier.
        soft_labels: likewise.
    """

    name: str
    summary: str
    fit: Callable[[np.ndarray, np.ndarray, np.ndarray, int], Classifier]
    size_px: int = 48
    mode: str = "L"
    imbalance: Imbalance = "none"
    soft_labels: bool = False
    quick: str | None = None

    @property
    def needs_stopping_set(self) -> bool:
        """Nothing is chosen."""
        return False


Recipe = NetworkRecipe | ClassicalRecipe


def recipe_digest(recipe: Recipe) -> str:
    """64 hex that change with every setting of a recipe and with the source of the file that it stands in.

    Its name and summary do not count.
    """
    settings = {field.name: getattr(recipe, field.name) for field in fields(recipe)}
    plain = {name: repr(value) for name, value in settings.items() if not callable(value)}
    function = recipe.build if isinstance(recipe, NetworkRecipe) else recipe.fit
    module = inspect.getmodule(function.func if isinstance(function, partial) else function)
    source = inspect.getsource(module) if module else ""
    told = json.dumps([{**plain, "name": "", "summary": ""}, source], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()

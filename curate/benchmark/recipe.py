"""What a recipe carries: everything that turns training pictures into a classifier, and nothing about the data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
    "TrainingStage",
    "Weights",
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
class TrainingStage:
    """A part of a training: some layers are frozen, the optimizer begins anew.

    Attributes:
        epochs: at most so many; early stopping ends a stage, and the next goes on from the best weights so far.
        rate: learning rate by the share of the stage's steps done, in [0, 1).
        frozen: names of layers that are not trained, as patterns such as `backbone*`.
    """

    epochs: int
    rate: Callable[[float], float]
    frozen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights that somebody else trained; a user brings the file, nothing is downloaded.

    Attributes:
        name: of the file, such as `vgg16-notop.weights.h5`, as `load_weights` of Keras takes it.
        url: where it comes from.
        sha256: of the file, 64 hex.
        licence: of the weights, in a few words.
        layer: name of the layer that they are of; empty = of the whole network.
    """

    name: str
    url: str
    sha256: str
    licence: str
    layer: str = ""


@dataclass(frozen=True, slots=True)
class NetworkRecipe:
    """A network and how it is trained.

    Attributes:
        name: in the registry.
        summary: one line for `curate recipes`.
        build: (classes, seeds) -> keras.Model from (N, size_px, size_px, 1 or 3) pictures in 0..255 to (N, classes)
            logits; scaling is part of it.
        optimizer: () -> a fresh keras optimizer.
        rate: learning rate by the share of steps done, in [0, 1); of a recipe without stages.
        epochs: at most so many; likewise.
        stages: one after the other, such as the head first and then all layers; empty = one, of `rate` and `epochs`.
        weights: that it begins with; None = random ones.
        revision: raised by hand when what is built changes without a change of settings: scores of different revisions
            are not compared.
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
    rate: Callable[[float], float] | None = None
    epochs: int = 0
    stages: tuple[TrainingStage, ...] = ()
    weights: Weights | None = None
    revision: int = 1
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

    def __post_init__(self) -> None:
        """Check that there is one way to train."""
        if (self.rate is None) != bool(self.stages) or bool(self.epochs) == bool(self.stages):
            raise ValueError(f"recipe {self.name}: give either rate and epochs, or stages")

    @property
    def plan(self) -> tuple[TrainingStage, ...]:
        """At least one stage."""
        return self.stages if self.rate is None else (TrainingStage(self.epochs, self.rate),)

    @property
    def most_epochs(self) -> int:
        """Of all stages together."""
        return sum(stage.epochs for stage in self.plan)

    @property
    def needs_stopping_set(self) -> bool:
        """Whether anything is chosen by looking at pictures that are not trained on."""
        return self.stopping is not None or self.plateau is not None


Classifier = Callable[[np.ndarray], np.ndarray]
"""(N, size_px, size_px) uint8 pictures -> (N, K) float32 probabilities, rows summing to 1."""

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class ClassicalRecipe:
    """A classifier that is fitted in one go, without a device.

    Attributes:
        name, summary, revision, size_px, mode, imbalance, soft_labels, quick: as in `NetworkRecipe`.
        fit: (pictures (N, size_px, size_px) uint8, targets (N, K) float32 summing to 1, weights (N,) float32, seed)
            -> what is learned, as arrays by name; they are stored with the run.
        classify: (these arrays, pictures) -> (N, K) float32 probabilities.
    """

    name: str
    summary: str
    fit: Callable[[np.ndarray, np.ndarray, np.ndarray, int], Arrays]
    classify: Callable[[Arrays, np.ndarray], np.ndarray]
    revision: int = 1
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

"""A network while it is trained: fed from the host or from the device, its state as plain arrays."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import numpy as np

from curate.benchmark.recipe import NetworkRecipe, Seeds
from curate.benchmark.warping import Draws, warp_on_device, warp_on_host
from curate.benchmark.weights import find_weights
from curate.errors import Untrainable
from curate.runs.keras_backend import Device, feed, load_keras

__all__ = ["Network", "TrainingSet"]

_PIECE_BYTES = 256_000_000
"""Augmented pictures are handed over in pieces of about this size."""


class TrainingSet(NamedTuple):
    """Pictures with what is to be learned of them.

    Attributes:
        pictures: (N, S, S) or (N, S, S, 3) uint8.
        targets: (N, K) float32, rows summing to 1.
        weights: (N,) float32, of mean 1; None = all equal.
        per_epoch: so many of them, drawn anew each time, make an epoch; None = all.
    """

    pictures: np.ndarray
    targets: np.ndarray
    weights: np.ndarray | None
    per_epoch: int | None = None


class Network:
    """A compiled network with its optimizer, and the running average of its weights."""

    def __init__(self, recipe: NetworkRecipe, data: TrainingSet, *, batch: int, seed: int, device: Device) -> None:
        """Build it; must be called, and used, within `on_device`."""
        keras = load_keras()
        self.recipe, self.data, self.batch, self.device = recipe, data, batch, device
        self.inner = recipe.build(data.targets.shape[1], Seeds(seed))
        if recipe.weights is not None:
            begun = self.inner.get_layer(recipe.weights.layer) if recipe.weights.layer else self.inner
            begun.load_weights(find_weights(recipe.weights))
        self.outer = _with_pictures_inside(keras, self.inner, recipe, data) if device.holds_pictures else self.inner
        self.average: list[np.ndarray] | None = None
        self.begin_stage(1)

    def begin_stage(self, stage: int) -> None:
        """Freeze what a stage freezes, and begin with a fresh optimizer and without a running average.

        Raises:
            Untrainable: it freezes a layer that is not there, or all of them.
        """
        keras = load_keras()
        _freeze(self.inner, self.recipe, stage)
        self.average = None
        optimizer = self.recipe.optimizer()
        self.outer.compile(
            optimizer=optimizer,
            loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=self.recipe.label_smoothing),
            metrics=["accuracy"],
            jit_compile=self.device.compiled,
            steps_per_execution=min(self.device.steps_per_dispatch, max(1, len(self.data.targets) // self.batch)),
        )
        optimizer.build(self.outer.trainable_variables)

    def train_on(self, order: np.ndarray, draws: Draws, callback: Any) -> tuple[float, float]:
        """One pass over the pictures in this order.

        Returns:
            Mean loss and accuracy.
        """
        per_picture = self.data.pictures[0].size * (1 if not self.device.holds_pictures else 0) + 64
        piece = max(1, _PIECE_BYTES // per_picture // self.batch) * self.batch
        sums = np.zeros(2)
        for start in range(0, len(order), piece):
            chosen = order[start : start + piece]
            part = Draws(*(each[start : start + piece] for each in draws))
            weights = () if self.data.weights is None else (self.data.weights[chosen],)
            fed = feed((self._inputs(chosen, part), self.data.targets[chosen], *weights), batch=self.batch)
            history = self.outer.fit(**fed, shuffle=False, verbose=0, callbacks=[callback]).history
            sums += len(chosen) * np.array([history["loss"][-1], history["accuracy"][-1]], float)
        return float(sums[0] / len(order)), float(sums[1] / len(order))

    def update_average(self, steps: int) -> None:
        """Move the running average towards the weights as they are now."""
        now = self.weights()
        if self.average is None:
            self.average = now
        decay = np.float32(self.recipe.average ** (steps / 8))
        self.average = [decay * old + (1 - decay) * new for old, new in zip(self.average, now, strict=True)]

    def weights(self) -> list[np.ndarray]:
        """A copy of the weights, those of batch normalisation included."""
        return [_to_numpy(each) for each in self.inner.weights]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Put weights in place of those that are there."""
        for variable, value in zip(self.inner.weights, weights, strict=True):
            variable.assign(value)

    def state(self) -> dict[str, np.ndarray]:
        """Weights, running average, optimizer and random states."""
        arrays = {name: _to_numpy(variable) for name, variable in self._variables()}
        for index, value in enumerate(self.average or []):
            arrays[f"average-{index}"] = value
        return arrays

    def restore(self, arrays: Mapping[str, np.ndarray], *, to_train: bool = True) -> None:
        """Go back to a state; unless it is `to_train` on, without the optimizer, which may be of another stage."""
        for name, variable in self._variables():
            if to_train or name.startswith("network-"):
                variable.assign(arrays[name])
        count = sum(name.startswith("average-") for name in arrays)
        self.average = [arrays[f"average-{index}"] for index in range(count)] or None

    def _variables(self) -> Iterator[tuple[str, Any]]:
        for index, variable in enumerate(self.inner.variables):
            yield f"network-{index}", variable
        for index, variable in enumerate(self.outer.optimizer.variables):
            yield f"optimizer-{index}", variable

    def _inputs(self, chosen: np.ndarray, draws: Draws) -> Any:
        if self.device.holds_pictures:
            return chosen.astype(np.int32), draws.matrix, draws.brightness
        return _with_channels(warp_on_host(self.data.pictures[chosen], draws))


def _freeze(network: Any, recipe: NetworkRecipe, stage: int) -> None:
    """Freeze the layers that a stage freezes, and thaw those that only other stages do."""
    named = {pattern for part in recipe.plan for pattern in part.frozen}
    frozen = recipe.plan[stage - 1].frozen
    for pattern in named:
        layers = [layer for layer in network.layers if fnmatchcase(layer.name, pattern)]
        if not layers:
            known = ", ".join(layer.name for layer in network.layers)
            raise Untrainable(f"{recipe.name} freezes `{pattern}`, but has no such layer; its layers are {known}")
    for layer in network.layers:
        if any(fnmatchcase(layer.name, pattern) for pattern in named):
            layer.trainable = not any(fnmatchcase(layer.name, pattern) for pattern in frozen)
    if not network.trainable_variables:
        raise Untrainable(f"stage {stage} of {recipe.name} freezes all layers; leave some to train")


def _to_numpy(variable: Any) -> np.ndarray:
    return np.array(variable.numpy())


def _with_channels(pictures: np.ndarray) -> np.ndarray:
    return pictures if pictures.ndim == 4 else pictures[..., None]


def _with_pictures_inside(keras: Any, inner: Any, recipe: NetworkRecipe, data: TrainingSet) -> Any:
    """A model of picture indices and draws: the pictures are a constant on the device, taken and augmented there."""
    stored = _with_channels(data.pictures)

    class Pictures(keras.layers.Layer):  # type: ignore[misc]
        def build(self, *_: Any) -> None:
            self.stored = self.add_weight(shape=stored.shape, dtype="uint8", trainable=False, initializer="zeros")
            self.stored.assign(stored)

        def call(self, index: Any, matrix: Any, brightness: Any) -> Any:
            taken = keras.ops.cast(keras.ops.take(self.stored, index, axis=0), "float32")
            if recipe.augmentation == type(recipe.augmentation)():
                return taken
            return warp_on_device(taken, matrix, brightness)

    inputs = [keras.Input((), dtype="int32"), keras.Input((6,), dtype="float32"), keras.Input((), dtype="float32")]
    return keras.Model(inputs, inner(Pictures(dtype="float32")(*inputs)))

"""A network while it is trained: fed from the host or from the device, its state as plain arrays."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from curate.benchmark.keras_backend import Device, feed, load_keras
from curate.benchmark.recipe import NetworkRecipe, Seeds
from curate.benchmark.warping import Draws, warp_on_device, warp_on_host

__all__ = ["Network", "TrainingSet", "predict", "save_model"]

_PIECE_BYTES = 256_000_000
"""Augmented pictures are handed over in pieces of about this size."""

_PREDICTED_AT_ONCE = 512


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
        self.outer = _with_pictures_inside(keras, self.inner, recipe, data) if device.holds_pictures else self.inner
        self.average: list[np.ndarray] | None = None
        optimizer = recipe.optimizer()
        self.outer.compile(
            optimizer=optimizer,
            loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing),
            metrics=["accuracy"],
            jit_compile=device.compiled,
            steps_per_execution=min(device.steps_per_dispatch, max(1, len(data.targets) // batch)),
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
            seen = self.outer.fit(**fed, shuffle=False, verbose=0, callbacks=[callback]).history
            sums += len(chosen) * np.array([seen["loss"][-1], seen["accuracy"][-1]], float)
        return float(sums[0] / len(order)), float(sums[1] / len(order))

    def update_average(self, steps: int) -> None:
        """Move the running average towards the weights as they are now."""
        now = self.weights()
        if self.average is None:
            self.average = now
        kept = np.float32(self.recipe.average ** (steps / 8))
        self.average = [kept * old + (1 - kept) * new for old, new in zip(self.average, now, strict=True)]

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
        for number, value in enumerate(self.average or []):
            arrays[f"average-{number}"] = value
        return arrays

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Go back to a state."""
        for name, variable in self._variables():
            variable.assign(arrays[name])
        count = sum(name.startswith("average-") for name in arrays)
        self.average = [arrays[f"average-{number}"] for number in range(count)] or None

    def _variables(self) -> Iterator[tuple[str, Any]]:
        for number, variable in enumerate(self.inner.variables):
            yield f"network-{number}", variable
        for number, variable in enumerate(self.outer.optimizer.variables):
            yield f"optimizer-{number}", variable

    def _inputs(self, chosen: np.ndarray, draws: Draws) -> Any:
        if self.device.holds_pictures:
            return chosen.astype(np.int32), draws.matrix, draws.brightness
        return _with_channels(warp_on_host(self.data.pictures[chosen], draws))


def predict(network: Any) -> Callable[[np.ndarray], np.ndarray]:
    """A network of logits as a function from (N, S, S) or (N, S, S, 3) uint8 to (N, K) float32 probabilities."""

    def classify(pictures: np.ndarray) -> np.ndarray:
        """Probabilities, batch by batch."""
        batch = min(_PREDICTED_AT_ONCE, len(pictures))
        padding = -len(pictures) % batch  # one shape, compiled once
        whole = np.concatenate([pictures, pictures[:1].repeat(padding, axis=0)]) if padding else pictures
        whole = _with_channels(whole)
        found = [network.predict_on_batch(whole[start : start + batch]) for start in range(0, len(whole), batch)]
        # In float32, so that probabilities sum to 1 whatever the network's precision.
        logits = np.concatenate([np.asarray(each, np.float32) for each in found])[: len(pictures)]
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))

    return classify


def save_model(network: Any, path: Any) -> None:
    """The network, with probabilities in place of logits, as a `.keras` file."""
    keras = load_keras()
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures = keras.Input(network.input_shape[1:])
    keras.Model(pictures, keras.layers.Softmax(dtype="float32")(network(pictures))).save(path)


def _to_numpy(variable: Any) -> np.ndarray:
    return np.array(variable.numpy())


def _with_channels(pictures: np.ndarray) -> np.ndarray:
    return pictures if pictures.ndim == 4 else pictures[..., None]


def _with_pictures_inside(keras: Any, inner: Any, recipe: NetworkRecipe, data: TrainingSet) -> Any:
    """A model of picture numbers and draws: the pictures are a constant on the device, taken and augmented there."""
    stored = _with_channels(data.pictures)

    class Pictures(keras.layers.Layer):  # type: ignore[misc]
        def build(self, *_: Any) -> None:
            self.stored = self.add_weight(shape=stored.shape, dtype="uint8", trainable=False, initializer="zeros")
            self.stored.assign(stored)

        def call(self, number: Any, matrix: Any, brightness: Any) -> Any:
            taken = keras.ops.cast(keras.ops.take(self.stored, number, axis=0), "float32")
            if recipe.augmentation == type(recipe.augmentation)():
                return taken
            return warp_on_device(taken, matrix, brightness)

    inputs = [keras.Input((), dtype="int32"), keras.Input((6,), dtype="float32"), keras.Input((), dtype="float32")]
    return keras.Model(inputs, inner(Pictures(dtype="float32")(*inputs)))

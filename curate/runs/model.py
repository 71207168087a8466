"""The model of a run: written when it is trained, and loaded back as a classifier that predicts what it predicted.

A network is a `.keras` file, which holds no code; what a classical recipe learned is arrays in an npz file.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from curate.errors import RunNotFound, ScoreDamaged
from curate.manifest import Version
from curate.runs.folder import UNREADABLE, RunFolder, folder_of
from curate.runs.keras_backend import load_keras
from curate.scores import Score

__all__ = ["TrainedModel", "load_run", "network_classifier", "save_arrays", "save_network"]

_PREDICTED_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A run that can be applied to pictures.

    Attributes:
        classes: K names, in the order of probabilities.
        size_px, mode: of the pictures that it takes, as in `Version.pictures`.
        predict: (N, size_px, size_px) or (N, size_px, size_px, 3) uint8 -> (N, K) float32 probabilities.
    """

    classes: tuple[str, ...]
    size_px: int
    mode: str
    predict: Callable[[np.ndarray], np.ndarray]


def load_run(
    version: Version,
    score: Score,
    *,
    classify: Callable[[Mapping[str, np.ndarray], np.ndarray], np.ndarray] | None = None,
) -> TrainedModel:
    """Load the model of a run; on the machine that trained it, it predicts the stored probabilities again.

    Args:
        version: that the run scored.
        score: of the run.
        classify: of the classical recipe, which turns what it learned and pictures into probabilities; networks need
            none. `curate.benchmark.load_model` looks it up.

    Raises:
        RunNotFound: the run's folder is not in this workspace, or is that of another run, or holds no model.
        ScoreDamaged: the model cannot be read.
        TrainingUnavailable: Keras or its backend is not installed.
    """
    run = folder_of(version, score)
    if not run.has_predictions():
        raise _missing(run, score, "is not in this workspace")
    if run.model.is_file():
        return _load_network(run, score)
    if classify is not None and run.arrays.is_file():
        return _load_arrays(run, score, classify)
    raise _missing(run, score, "kept no model")


def save_network(network: Any, run: RunFolder) -> None:
    """The network, with probabilities in place of logits, as a `.keras` file."""
    keras = load_keras()
    run.path.mkdir(parents=True, exist_ok=True)
    pictures = keras.Input(network.input_shape[1:])
    keras.Model(pictures, keras.layers.Softmax(dtype="float32")(network(pictures))).save(run.model)


def save_arrays(learned: Mapping[str, np.ndarray], run: RunFolder, *, size_px: int, mode: str) -> None:
    """What a classical recipe learned."""
    meta = json.dumps({"fingerprint": run.fingerprint, "size_px": size_px, "mode": mode})
    run.write_arrays(run.arrays, {**learned, "meta": np.array(meta)})


def network_classifier(network: Any) -> Callable[[np.ndarray], np.ndarray]:
    """A network of logits as a function from (N, S, S) or (N, S, S, 3) uint8 to (N, K) float32 probabilities."""

    def classify(pictures: np.ndarray) -> np.ndarray:
        """Probabilities, batch by batch."""
        batch = min(_PREDICTED_AT_ONCE, len(pictures))
        padding = -len(pictures) % batch  # one shape, compiled once
        whole = np.concatenate([pictures, pictures[:1].repeat(padding, axis=0)]) if padding else pictures
        whole = whole if whole.ndim == 4 else whole[..., None]
        parts = [network.predict_on_batch(whole[start : start + batch]) for start in range(0, len(whole), batch)]
        # In float32, so that probabilities sum to 1 whatever the network's precision.
        logits = np.concatenate([np.asarray(part, np.float32) for part in parts])[: len(pictures)]
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))

    return classify


def _load_network(run: RunFolder, score: Score) -> TrainedModel:
    keras = load_keras()
    try:
        whole = keras.saving.load_model(run.model, compile=False, safe_mode=True)
        network = whole.layers[-2]  # what `save_network` was given: pictures, network, softmax
    except (*UNREADABLE, AttributeError) as error:
        raise _damaged(run, run.model.name, error) from error
    _, size_px, _, channels = whole.input_shape
    return TrainedModel(score.classes, size_px, "L" if channels == 1 else "RGB", network_classifier(network))


def _load_arrays(run: RunFolder, score: Score, classify: Callable[..., np.ndarray]) -> TrainedModel:
    try:
        with run.arrays.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            meta = json.loads(str(stored["meta"]))
            learned = {name: stored[name] for name in stored.files if name != "meta"}
        size_px, mode = int(meta["size_px"]), str(meta["mode"])
    except UNREADABLE as error:
        raise _damaged(run, run.arrays.name, error) from error
    return TrainedModel(score.classes, size_px, mode, lambda pictures: classify(learned, pictures))


def _missing(run: RunFolder, score: Score, what: str) -> RunNotFound:
    return RunNotFound(
        f"the run {score.name} on {score.version} {what}; remove {run.path} if it is there, and run `curate benchmark "
        f"{score.version} --recipe {score.recipe}` with its protocol and seed"
    )


def _damaged(run: RunFolder, name: str, error: Exception) -> ScoreDamaged:
    reason = " ".join(str(error).split())[:120]
    return ScoreDamaged(
        f"{run.path / name} cannot be read ({reason}); remove {run.path} and run `curate benchmark` again"
    )

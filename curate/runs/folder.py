"""What a run leaves in `.curate/runs/`: the state to go on from, the model, its history and its predictions."""

import hashlib
import json
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np

from curate.errors import ScoreDamaged
from curate.manifest import Version
from curate.runs.history import Epoch, read_history, write_history
from curate.scores import Score
from curate.storage import move, space_needed

__all__ = ["UNREADABLE", "Predictions", "RunFolder", "State", "folder_of", "predictions_digest", "run_folder"]

UNREADABLE = (
    OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, MemoryError, BadZipFile, zlib.error, struct.error,
)  # fmt: skip
"""What numpy and zipfile raise on damaged files; NotImplementedError is a RuntimeError."""

_OLD_KEY = "told"


def run_folder(version: Version, name: str, fingerprint: str) -> "RunFolder":
    """Where the large files of a run on a version are, by the name of its score."""
    return RunFolder(version.state / "runs" / version.name / name, fingerprint)


def folder_of(version: Version, score: Score) -> "RunFolder":
    """Where the large files of the run are that made a score."""
    return run_folder(version, score.name, score.fingerprint)


class State(NamedTuple):
    """Everything that a training needs to go on.

    Attributes:
        history: the epochs that are done.
        arrays: weights, optimizer and random states by name.
    """

    history: list[Epoch]
    arrays: dict[str, np.ndarray]


class Predictions(NamedTuple):
    """What a run predicted of the pictures of one part.

    Attributes:
        keys: (N,) str, the sample_id; of rows that are not samples of their own, a name that is unique in the part.
        labels: (N,) int64, the labels that it was scored with.
        groups: (N,) str, lineage group; pictures of one group count as one draw where intervals are made.
        pred_probs: (N, K) float32, rows summing to 1.
    """

    keys: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    pred_probs: np.ndarray


def predictions_digest(predictions: Predictions) -> str:
    """sha256 of what a run predicted of one part: keys, labels, groups and probabilities, not the bytes of a file."""
    shape = predictions.pred_probs.shape
    plain = [
        np.asarray(predictions.keys).astype(str).tolist(),
        predictions.labels.tolist(),
        np.asarray(predictions.groups).astype(str).tolist(),
    ]
    digest = hashlib.sha256(json.dumps([*plain, shape], separators=(",", ":")).encode())
    digest.update(np.ascontiguousarray(predictions.pred_probs, "<f4").tobytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run; `fingerprint` says what is trained on what, and state of anything else is ignored."""

    path: Path
    fingerprint: str

    def read_state(self) -> State | None:
        """Where an interrupted run of the same fingerprint stands; None = at its beginning."""
        try:
            with self._state.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                meta = json.loads(_text_in(stored, "meta"))
                if meta["fingerprint"] != self.fingerprint:
                    return None
                arrays = {name: stored[name] for name in stored.files if name not in ("meta", _OLD_KEY)}
        except (OSError, ValueError, KeyError, BadZipFile):  # cut short by a kill or a full disk: begin anew
            return None
        return State([Epoch(*row) for row in meta["history"]], arrays)

    def write_state(self, state: State) -> None:
        """Replace the stored state, whole or not at all."""
        meta = json.dumps({"fingerprint": self.fingerprint, "history": state.history})
        self.write_arrays(self._state, {**state.arrays, "meta": np.array(meta)})

    def forget_state(self) -> None:
        """The run is done; nothing goes on from here."""
        self._state.unlink(missing_ok=True)

    @property
    def history(self) -> Path:
        """One row per epoch."""
        return self.path / "history.csv"

    def write_history(self, history: Sequence[Epoch]) -> None:
        """history.csv, one row per epoch."""
        self.path.mkdir(parents=True, exist_ok=True)
        with space_needed():
            write_history(self.history, history)

    def read_history(self) -> list[Epoch]:
        """The epochs of the run; empty = it has none, or they are not stored here, or not those of this fingerprint.

        Raises:
            ScoreDamaged: the file cannot be read.
        """
        return read_history(self.history) if self.history.is_file() and self.has_predictions() else []

    def write_predictions(self, parts: Mapping[str, Predictions]) -> None:
        """predictions.npz, all parts of a run."""
        arrays: dict[str, np.ndarray] = {"fingerprint": np.array(self.fingerprint)}
        for part, predictions in parts.items():
            arrays |= {f"{part}.{name}": getattr(predictions, name) for name in predictions._fields}
        arrays = {name: a.astype(str) if a.dtype == object else a for name, a in arrays.items()}
        self.write_arrays(self._predictions, arrays, write=np.savez_compressed)

    def has_predictions(self) -> bool:
        """Whether predictions of this fingerprint are stored and can be read."""
        try:
            with self._predictions.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return _text_in(stored, "fingerprint") == self.fingerprint
        except UNREADABLE:
            return False

    def holds(self, digests: Mapping[str, str | None]) -> bool:
        """Whether intact predictions of all these parts are here, by part and digest (None = it is not known)."""
        try:
            return all(self.read_predictions(part, digest=digest) is not None for part, digest in digests.items())
        except ScoreDamaged:
            return False

    def read_predictions(self, part: str, *, digest: str | None = None) -> Predictions | None:
        """What the run predicted of one part; None = it is not stored here, or not that of this fingerprint.

        Args:
            part: val, test or gold.
            digest: that it must have; None = it is not known.

        Raises:
            ScoreDamaged: the file cannot be read, or is not as it was written.
        """
        if not self._predictions.is_file():
            return None
        try:
            with self._predictions.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                if _text_in(stored, "fingerprint") != self.fingerprint or f"{part}.keys" not in stored.files:
                    return None
                predictions = Predictions(*(stored[f"{part}.{name}"] for name in Predictions._fields))
                _check_shapes(predictions)
        except UNREADABLE as error:
            reason = " ".join(str(error).split())[:120]
            raise ScoreDamaged(
                f"{self._predictions} cannot be read ({reason}); remove it and run `curate benchmark` again"
            ) from error
        if digest is not None and predictions_digest(predictions) != digest:
            raise ScoreDamaged(
                f"{self._predictions} holds other predictions of {part} than those that were scored; remove it and run "
                "`curate benchmark` again"
            )
        return predictions

    @property
    def model(self) -> Path:
        """The trained network, as Keras saves it."""
        return self.path / "model.keras"

    @property
    def arrays(self) -> Path:
        """What a classical recipe learned."""
        return self.path / "model.npz"

    @property
    def _state(self) -> Path:
        return self.path / "state.npz"

    @property
    def _predictions(self) -> Path:
        return self.path / "predictions.npz"

    def write_arrays(self, path: Path, arrays: Mapping[str, Any], *, write: Callable[..., None] = np.savez) -> None:
        """Replace an npz file, whole or not at all."""
        self.path.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}")
        with space_needed(path), draft.open("wb") as file:
            write(file, **arrays)
        move(draft, path)


def _text_in(stored: Any, key: str) -> str:
    """What describes the arrays of an npz file; up to release e983d59 under another key."""
    return str(stored[key if key in stored.files else _OLD_KEY])


def _check_shapes(predictions: Predictions) -> None:
    keys, labels, groups, pred_probs = predictions
    rows = len(keys) if keys.ndim == 1 else -1
    if labels.shape != (rows,) or groups.shape != (rows,) or pred_probs.ndim != 2 or len(pred_probs) != rows:
        raise ValueError("its arrays do not belong together")
    kinds = [array.dtype.kind for array in predictions]
    if kinds != ["U", "i", "U", "f"] or not np.isfinite(pred_probs).all() or len(set(keys.tolist())) != rows:
        raise ValueError("its arrays hold something else than predictions")

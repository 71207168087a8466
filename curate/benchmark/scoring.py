"""What a classifier scores on the parts of a task; read for the first time here, after training."""

from typing import Any

import numpy as np

from curate.benchmark.experiment import EvalSet, Experiment, near_copies, read_eval_set
from curate.benchmark.metrics import measure
from curate.benchmark.recipe import Classifier, Recipe
from curate.progress import Progress, silent
from curate.runs.folder import Predictions
from curate.transforms import flip_pictures

__all__ = ["score_parts"]


def score_parts(
    task: Experiment, recipe: Recipe, classify: Classifier, *, progress: Progress = silent
) -> tuple[dict[str, dict[str, Any]], dict[str, Predictions]]:
    """Measures by part, and what was said of each picture.

    Returns:
        Of each part the measures of `metrics.Measures`, `accuracy_mirrored` (probabilities averaged with those of the
        mirrored picture) and, where the protocol leaks, `pictures_near_copy`, `accuracy_near_copy` and
        `accuracy_no_near_copy`; and the predictions, without mirroring.
    """
    found, said = {}, {}
    for name, part in task.read_scored().items():
        pictures = read_eval_set(part, size_px=recipe.size_px, mode=recipe.mode, progress=progress)
        pred_probs = classify(pictures)
        both = (pred_probs + classify(_mirrored(pictures))) / 2
        found[name] = {
            **measure(part.labels, pred_probs, list(task.classes)).as_json(),
            "accuracy_mirrored": _accuracy(part.labels, both),
            **(_by_nearness(task.train, part, pred_probs) if task.leaks else {}),
        }
        said[name] = Predictions(part.keys, part.labels, part.groups, pred_probs)
    return found, said


def _by_nearness(train: EvalSet, part: EvalSet, pred_probs: np.ndarray) -> dict[str, Any]:
    near = near_copies(train, part)
    return {
        "pictures_near_copy": int(near.sum()),
        "accuracy_near_copy": _accuracy(part.labels[near], pred_probs[near]),
        "accuracy_no_near_copy": _accuracy(part.labels[~near], pred_probs[~near]),
    }


def _accuracy(labels: np.ndarray, pred_probs: np.ndarray) -> float | None:
    return float((pred_probs.argmax(axis=1) == labels).mean()) if len(labels) else None


def _mirrored(pictures: np.ndarray) -> np.ndarray:
    return flip_pictures(pictures, "mirrored") if pictures.ndim == 3 else np.ascontiguousarray(pictures[:, :, ::-1])

"""What a classifier scores on the parts of a task; read for the first time here, after training."""

from dataclasses import replace

import numpy as np

from curate.benchmark.experiment import EvalSet, Experiment, near_copies, read_eval_set
from curate.benchmark.metrics import measure
from curate.benchmark.recipe import Classifier, Recipe
from curate.progress import Progress, silent
from curate.runs.folder import Predictions
from curate.scores import Measures
from curate.transforms import flip_pictures

__all__ = ["score_parts"]


def score_parts(
    task: Experiment, recipe: Recipe, classify: Classifier, *, progress: Progress = silent
) -> tuple[dict[str, Measures], dict[str, Predictions]]:
    """Measures by part, and what is predicted of each picture.

    Returns:
        Of each part the measures, and the predictions, without mirroring.
    """
    scored, predictions = {}, {}
    for name, part in task.read_scored().items():
        pictures = read_eval_set(part, size_px=recipe.size_px, mode=recipe.mode, progress=progress)
        pred_probs = classify(pictures)
        both = (pred_probs + classify(_mirrored(pictures))) / 2
        measures = measure(part.labels, pred_probs, list(task.classes))
        measures = replace(measures, accuracy_mirrored=_accuracy(part.labels, both))
        scored[name] = _by_nearness(measures, task.train, part, pred_probs) if task.leaks else measures
        predictions[name] = Predictions(part.keys, part.labels, part.groups, pred_probs)
    return scored, predictions


def _by_nearness(measures: Measures, train: EvalSet, part: EvalSet, pred_probs: np.ndarray) -> Measures:
    near = near_copies(train, part)
    return replace(
        measures,
        pictures_near_copy=int(near.sum()),
        accuracy_near_copy=_accuracy(part.labels[near], pred_probs[near]),
        accuracy_no_near_copy=_accuracy(part.labels[~near], pred_probs[~near]),
    )


def _accuracy(labels: np.ndarray, pred_probs: np.ndarray) -> float | None:
    return float((pred_probs.argmax(axis=1) == labels).mean()) if len(labels) else None


def _mirrored(pictures: np.ndarray) -> np.ndarray:
    return flip_pictures(pictures, "mirrored") if pictures.ndim == 3 else np.ascontiguousarray(pictures[:, :, ::-1])

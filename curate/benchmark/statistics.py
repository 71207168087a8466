"""How certain a difference is: pure functions of stored predictions."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from curate.benchmark.intervals import Interval, difference_interval, item_variance, mcnemar_p, seeds_needed
from curate.benchmark.metrics import macro_f1

__all__ = [
    "Difference",
    "RecallChange",
    "RunMeasures",
    "compare_predictions",
    "measure_runs",
]


class RecallChange(NamedTuple):
    """Mean recall of one class on either side; None = it does not occur."""

    label: str
    support: int
    recall_a: float | None
    recall_b: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What separates two sets of runs on the same pictures; differences are b minus a.

    Attributes:
        pictures: compared.
        seeds_a, seeds_b: runs on either side.
        accuracy_a, accuracy_b, macro_f1_a, macro_f1_b: means over runs.
        accuracy, macro_f1: the differences.
        only_a_right, only_b_right: pictures that only one side gets right, by the mean probabilities of its runs.
        mcnemar: p of these two counts if both sides were equally good; the noise of training is no part of it.
        classes: class by class.
        seeds_needed: runs each side that would show an accuracy difference of this size; None = no number would, as the
            pictures are too few.
    """

    pictures: int
    seeds_a: int
    seeds_b: int
    accuracy_a: float
    accuracy_b: float
    macro_f1_a: float
    macro_f1_b: float
    accuracy: Interval
    macro_f1: Interval
    only_a_right: int
    only_b_right: int
    mcnemar: float
    classes: tuple[RecallChange, ...]
    seeds_needed: int | None

    @property
    def verdict(self) -> str:
        """`better`, `worse` (b than a, by accuracy) or `no difference shown`."""
        if not self.accuracy.excludes_zero:
            return "no difference shown"
        return "better" if self.accuracy.estimate > 0 else "worse"


def compare_predictions(
    labels: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    *,
    groups: np.ndarray,
    classes: tuple[str, ...],
) -> Difference:
    """Compare two sets of runs on the same pictures.

    The variance of a difference has three parts: the choice of pictures, by whole lineage groups and the same for both
    sides, and the training of either side, which are estimated apart. (Runs of a and b are not paired: their seeds
    depend on what is trained on.)

    Args:
        labels: (N,) int.
        a: (S, N, K) probabilities of S runs.
        b: likewise, of as many or another number of runs.
        groups: (N,) lineage group of each picture.
        classes: K names.
    """
    sides = [measure_runs(labels, side, groups, len(classes)) for side in (a, b)]
    values = [side.values for side in sides]
    variances = [item_variance(*(side.influences[metric] for side in sides)) for metric in range(2)]
    accuracy, f1 = (
        difference_interval(
            values[0][metric], values[1][metric], item_variance=variances[metric], items=sides[0].influences.shape[2]
        )
        for metric in range(2)
    )
    right = [side.mean(axis=0).argmax(axis=1) == labels for side in (a, b)]
    only_a, only_b = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    return Difference(
        pictures=len(labels),
        seeds_a=len(a),
        seeds_b=len(b),
        accuracy_a=float(values[0][0].mean()),
        accuracy_b=float(values[1][0].mean()),
        macro_f1_a=float(values[0][1].mean()),
        macro_f1_b=float(values[1][1].mean()),
        accuracy=accuracy,
        macro_f1=f1,
        only_a_right=only_a,
        only_b_right=only_b,
        mcnemar=mcnemar_p(only_a, only_b),
        classes=_class_changes(sides[0].confusion, sides[1].confusion, classes),
        seeds_needed=seeds_needed(accuracy.estimate, variances[0], _run_variance(values[0][0], values[1][0])),
    )


class RunMeasures(NamedTuple):
    """Accuracy and macro F1 of S runs on pictures of G lineage groups.

    Attributes:
        values: (2, S).
        influences: (2, S, G) what each group adds to them, to first order; sums over groups are 0.
        confusion: (S, K * K) counts.
    """

    values: np.ndarray
    influences: np.ndarray
    confusion: np.ndarray


def measure_runs(labels: np.ndarray, pred_probs: np.ndarray, groups: np.ndarray, classes: int) -> RunMeasures:
    """What intervals are made of.

    Args:
        labels: (N,) int.
        pred_probs: (S, N, K) probabilities.
        groups: (N,) lineage group of each picture.
        classes: K.
    """
    cells = _cells_by_group(labels, pred_probs, groups, classes)
    whole = cells.sum(axis=1)
    return RunMeasures(_measures(whole), _influences(cells, whole), whole)


def _cells_by_group(labels: np.ndarray, pred_probs: np.ndarray, groups: np.ndarray, classes: int) -> np.ndarray:
    """(S, G, K * K): the confusion matrix of each run in each group."""
    names, group = np.unique(groups.astype(str), return_inverse=True)
    size = classes * classes
    cell = group * size + labels * classes + pred_probs.argmax(axis=2)
    counts = [np.bincount(run, minlength=len(names) * size) for run in cell]
    return np.stack(counts).reshape(len(pred_probs), len(names), size)


def _measures(cells: np.ndarray) -> np.ndarray:
    """(2, ...) accuracy and macro F1 of (..., K * K) confusion matrices."""
    classes = round(cells.shape[-1] ** 0.5)
    square = cells.reshape(*cells.shape[:-1], classes, classes)
    right = np.diagonal(square, axis1=-2, axis2=-1).sum(axis=-1)
    return np.stack([right / np.maximum(cells.sum(axis=-1), 1), macro_f1(square)])


def _influences(cells: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """(2, S, G) influence of each group on accuracy and macro F1 of each run.

    Args:
        cells: (S, G, K * K) counts.
        whole: (S, K * K), their sums.

    Source: Efron 1982, The jackknife, the bootstrap and other resampling plans, chapter 6 (infinitesimal jackknife).
    """
    size = round(whole.shape[1] ** 0.5)
    square = whole.reshape(-1, size, size)
    right, support = np.diagonal(square, axis1=1, axis2=2), square.sum(axis=2)
    both = np.maximum(support + square.sum(axis=1), 1)
    occurs = support > 0
    # F1 = 2 right / both: its derivatives by a cell on the diagonal, and by any cell of its row and of its column
    on, off = 2 / both * occurs, -2 * right / both**2 * occurs
    slope = off[:, :, None] + off[:, None, :] + np.eye(size) * on[:, :, None]
    slope = slope.reshape(whole.shape) / np.maximum(occurs.sum(axis=1), 1)[:, None]
    total = whole.sum(axis=1)[:, None]
    hits = np.eye(size).reshape(-1) / total
    share = cells.sum(axis=2) / total
    accuracy = cells @ hits[0] - share * (right.sum(axis=1)[:, None] / total)
    return np.stack([accuracy, np.einsum("sgk,sk->sg", cells, slope)])


def _run_variance(a: np.ndarray, b: np.ndarray) -> float | None:
    """Variance of one run by its training, the mean of both sides; None = a side has one run."""
    if min(len(a), len(b)) < 2:
        return None
    return float(a.var(ddof=1) + b.var(ddof=1)) / 2


def _class_changes(a: np.ndarray, b: np.ndarray, classes: tuple[str, ...]) -> tuple[RecallChange, ...]:
    """From (S, K * K) confusion matrices."""
    size = len(classes)
    recalls = []
    for side in (a, b):
        square = side.reshape(-1, size, size)
        support = square.sum(axis=2)
        recalls.append((np.diagonal(square, axis1=1, axis2=2) / np.maximum(support, 1)).mean(axis=0))
    support = a[0].reshape(size, size).sum(axis=1)
    return tuple(
        RecallChange(
            label,
            int(support[k]),
            float(recalls[0][k]) if support[k] else None,
            float(recalls[1][k]) if support[k] else None,
        )
        for k, label in enumerate(classes)
    )

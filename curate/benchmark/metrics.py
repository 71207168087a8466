"""What predictions are worth: pure functions of labels and probabilities."""

import numpy as np

from curate.scores import ClassScore, Measures

__all__ = ["confusion_matrix", "expected_calibration_error", "macro_f1", "measure"]

_BINS = 15


def measure(labels: np.ndarray, pred_probs: np.ndarray, classes: list[str]) -> Measures:
    """All measures of one run.

    Args:
        labels: (N,) int, N > 0.
        pred_probs: (N, K) float, rows summing to 1; of equal probabilities the first counts.
        classes: K names.
    """
    counts = confusion_matrix(labels, pred_probs.argmax(axis=1), len(classes))
    right, support, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    precision = right / np.maximum(predicted, 1)
    recall = right / np.maximum(support, 1)
    f1 = 2 * right / np.maximum(support + predicted, 1)
    occurs = support > 0
    rows = [
        ClassScore(
            label,
            int(support[k]),
            float(precision[k]),
            float(recall[k]) if occurs[k] else None,
            float(f1[k]) if occurs[k] else None,
        )
        for k, label in enumerate(classes)
    ]
    return Measures(
        pictures=len(labels),
        accuracy=float(right.sum() / len(labels)),
        balanced_accuracy=float(recall[occurs].mean()),
        macro_precision=float(precision[occurs].mean()),
        macro_recall=float(recall[occurs].mean()),
        macro_f1=float(f1[occurs].mean()),
        ece=expected_calibration_error(labels, pred_probs),
        confusion=counts.tolist(),
        classes=tuple(rows),
    )


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """(K, K) int64 counts, rows = label, columns = predicted.

    Example:
        >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    cells = np.bincount(labels * classes + predicted, minlength=classes * classes)
    return cells.reshape(classes, classes)


def macro_f1(confusion: np.ndarray) -> np.ndarray:
    """Mean F1 over the classes that occur.

    Args:
        confusion: (..., K, K) counts, rows = label.

    Returns:
        (...) in [0, 1].

    Example:
        >>> round(float(macro_f1(np.array([[8, 2], [1, 9]]))), 3)
        0.85
    """
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    support, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    f1 = 2 * right / np.maximum(support + predicted, 1)
    return np.asarray((f1 * (support > 0)).sum(axis=-1) / np.maximum((support > 0).sum(axis=-1), 1))


def expected_calibration_error(labels: np.ndarray, pred_probs: np.ndarray) -> float:
    """How far confidence and accuracy lie apart, in 15 bins of equal width, weighted by their pictures.

    Source: Guo et al. 2017, On calibration of modern neural networks, equation 3; its figures use 15 bins.
    """
    confidence = pred_probs.max(axis=1).astype(np.float64)
    right = pred_probs.argmax(axis=1) == labels
    which = np.clip(np.ceil(confidence * _BINS).astype(np.int64) - 1, 0, _BINS - 1)  # bins are open below
    gap = np.bincount(which, weights=right - confidence, minlength=_BINS)
    return float(np.abs(gap).sum() / len(labels))

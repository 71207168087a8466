"""Class probabilities from scores: a multinomial logistic regression, fitted outside each fold.

It is pulled towards a plain softmax of slope x score, which no library offers: pulled towards nothing, as elsewhere,
few rows give nearly flat probabilities, and labels of 150 pictures were ordered worse (AUROC .71 instead of .74).
"""

import numpy as np
from scipy.special import softmax

__all__ = ["calibrate_out_of_fold"]

_PENALTY = 1.0
"""Strength of the pull towards a plain softmax of slope x score, in which few rows end up."""
_STEPS, _ENOUGH = 30, 1e-5
_DOUBT = 1e-3
"""Share of a flat distribution in the result, so that no probability is 0 and all logarithms are finite."""


def calibrate_out_of_fold(
    scores: np.ndarray, label: np.ndarray, fold: np.ndarray, fitted: np.ndarray, *, slope: float
) -> np.ndarray:
    """Turn out-of-fold scores into probabilities of the given label.

    Args:
        scores: (N, K) float.
        label: (N,) int64 in [0, K).
        fold: (N,) int64.
        fitted: (N,) bool; rows to learn from.
        slope: what scores are multiplied with where there are too few rows to learn it.

    Returns:
        (N, K) float64; rows sum to 1, nothing is below 0.001 / K.
    """
    values = np.concatenate([scores, np.ones((len(scores), 1))], axis=1).astype(np.float64)
    probs = np.zeros(scores.shape)
    for index in np.unique(fold):
        held_out = fold == index
        learn = fitted & ~held_out
        weights = _fit(values[learn], label[learn], scores.shape[1], slope)
        probs[held_out] = softmax(values[held_out] @ weights, axis=1)
    return np.asarray((1 - _DOUBT) * probs + _DOUBT / scores.shape[1])


def _fit(values: np.ndarray, label: np.ndarray, classes: int, slope: float) -> np.ndarray:
    """(K + 1, K) weights that maximise the penalised likelihood, by Newton's method.

    Source: Böhning 1992, Multinomial logistic regression algorithm, Ann. Inst. Statist. Math. 44(1), section 2.
    """
    prior = slope * np.eye(values.shape[1], classes)
    target = np.eye(classes)[label]
    weights = prior.copy()
    for _ in range(_STEPS):
        probs = softmax(values @ weights, axis=1)
        descent = values.T @ (probs - target) + _PENALTY * (weights - prior)
        step = np.linalg.solve(_curvature(values, probs), descent.T.ravel())
        weights -= step.reshape(classes, -1).T
        if np.abs(step).max() < _ENOUGH:
            break
    return weights


def _curvature(values: np.ndarray, probs: np.ndarray) -> np.ndarray:
    """Second derivatives, (K (K + 1), K (K + 1)), by class, then by value."""
    width, classes = values.shape[1], probs.shape[1]
    blocks = np.empty((classes, width, classes, width))
    for one in range(classes):
        for two in range(one, classes):
            weight = probs[:, one] * ((one == two) - probs[:, two])
            blocks[one, :, two] = blocks[two, :, one] = (values * weight[:, None]).T @ values
    return blocks.reshape(classes * width, -1) + _PENALTY * np.eye(classes * width)

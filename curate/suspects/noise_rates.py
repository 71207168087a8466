"""How many labels of each class are wrong, judged by the pictures that look most like each class.

The pictures that a model is most sure of are *anchors*: the labels they were given show how a true class is labelled.
That and the shares of the given labels yield the shares of the true classes, and so how many labels are wrong.

Source: Patrini et al. 2017, Making Deep Neural Networks Robust to Label Noise: a Loss Correction Approach, section 4.1
(noise matrix from anchors); Saerens, Latinne and Decaestecker 2002, Adjusting the Outputs of a Classifier to New a
Priori Probabilities, Neural Computation 14(1), equations 2.5 to 2.9 (class shares by expectation maximisation).
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

__all__ = ["ErrorRates", "estimate_error_rates"]

_TOP_SHARES, _FEWEST = (0.02, 0.05, 0.1, 0.2), 60
"""How many anchors, as shares of the pictures given the class. Few anchors are pure but say little; estimates from
several numbers of them are averaged."""
_LEAST, _MOST = 0.02, 0.9
_PULL, _ROUNDS = 0.2, 500
"""Pull of the true class shares towards the given ones, as a share of the dataset. Without it they run away where
anchors of two classes are labelled alike, and worse the smaller the dataset."""


class ErrorRates(NamedTuple):
    """Expected share of wrong labels among those of each class.

    Attributes:
        rate: (K,) in [0.02, 0.9].
        anchored: (K,) the same from anchors alone.
        reliability: in [0, 1]; how far anchors were trusted. 0 = `rate` follows the model's own doubt alone.
    """

    rate: np.ndarray
    anchored: np.ndarray
    reliability: float


def estimate_error_rates(probs: np.ndarray, label: np.ndarray, half: np.ndarray) -> ErrorRates:
    """Estimate from anchors as far as these are reliable, otherwise from the model's doubt.

    Anchors are reliable as far as two halves of the dataset show the same differences between classes.

    Args:
        probs: (N, K) out-of-fold probabilities of the given label.
        label: (N,) int64, the given label; every class occurs.
        half: (N,) bool; a division that keeps lineage groups whole.
    """
    classes = probs.shape[1]
    anchored = _anchored_rates(probs, label)
    doubt = np.array([1 - probs[label == code, code].mean() for code in range(classes)])
    doubt = np.clip(doubt * anchored.mean() / doubt.mean(), _LEAST, _MOST)
    reliability = _reliability(probs, label, half)
    rate = expit(reliability * logit(anchored) + (1 - reliability) * logit(doubt))
    return ErrorRates(rate, anchored, reliability)


def _anchored_rates(probs: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Mean over several numbers of anchors."""
    rates = [_wrong_shares(_noise_matrix(probs, label, share), label) for share in _TOP_SHARES]
    return np.asarray(np.clip(np.mean(rates, axis=0), _LEAST, _MOST))


def _noise_matrix(probs: np.ndarray, label: np.ndarray, share: float) -> np.ndarray:
    """(K, K) shares of given labels (columns) among the anchors of each class (rows)."""
    classes = probs.shape[1]
    matrix = np.empty((classes, classes))
    for code in range(classes):
        count = min(max(_FEWEST, int(share * (label == code).sum())), len(label))
        anchors = np.argsort(-probs[:, code], kind="stable")[:count]
        matrix[code] = np.bincount(label[anchors], minlength=classes) / count
    return matrix


def _wrong_shares(matrix: np.ndarray, label: np.ndarray) -> np.ndarray:
    classes = len(matrix)
    given = np.bincount(label, minlength=classes) / len(label)
    true = given
    for _ in range(_ROUNDS):
        true = true * (matrix @ (given / np.maximum(true @ matrix, 1e-12))) + _PULL * given
        true = true / true.sum()
    joint = true[:, None] * matrix
    return np.asarray(1 - np.diag(joint) / np.maximum(joint.sum(axis=0), 1e-12))


def _reliability(probs: np.ndarray, label: np.ndarray, half: np.ndarray) -> float:
    """Share of the variance between classes, weighted by their size, that is not variance between the halves."""
    classes = probs.shape[1]
    if any(len(np.unique(label[part])) < classes for part in (half, ~half)):
        return 0.0
    weight = np.bincount(label, minlength=classes) / len(label)
    one, two = (logit(_anchored_rates(probs[part], label[part])) for part in (half, ~half))
    middle = (one + two) / 2
    between = float(weight @ (middle - weight @ middle) ** 2)
    within = float(weight @ (one - two) ** 2) / 4
    return max(0.0, 1 - within / between) if between > 0 else 0.0

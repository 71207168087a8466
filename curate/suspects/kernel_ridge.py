"""Out-of-fold predictions of a kernel ridge for the price of little more than one fit.

The kernel is a Gaussian one on reduced descriptors, averaged over a picture and its mirror image, approximated by M
landmarks (Nystroem). Gram matrices of all folds are added up once; each fit subtracts the held-out fold's share.

Source: Williams and Seeger 2001, Using the Nystroem Method to Speed Up Kernel Machines; for the ridge on landmarks,
Rudi, Camoriano and Rosasco 2015, Less is More: Nystroem Computational Regularization, equation 5.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import numpy as np

from curate.executors import map_ordered
from curate.progress import Advance
from curate.suspects.descriptors import Reduced

__all__ = ["RidgeProblem", "join_views", "predict_out_of_fold"]

_ROWS = 2048
"""Rows of one task."""
_AHEAD = 8
_JITTER = 0.05
"""Added to the diagonal, so that landmarks that are copies of each other do no harm in float32."""


class RidgeProblem(NamedTuple):
    """What is predicted from what; parallel (N, ...) arrays.

    Attributes:
        target: (N, K) float32.
        fold: (N,) int64, all numbers from 0 up to the highest.
        fitted: (N,) bool; rows that models are fitted on. The others are only predicted.
    """

    target: np.ndarray
    fold: np.ndarray
    fitted: np.ndarray


def join_views(views: Sequence[Reduced], weights: Sequence[float], *, size: float) -> Reduced:
    """Several descriptions of the same pictures side by side, rows of a mean square length near `size`.

    The larger it is, the less alike pictures are to the kernel.
    """
    total = np.sqrt(sum(weight * weight for weight in weights) / size)
    scales = [np.float32(weight / total) for weight in weights]
    parts = [(view.even * scale, view.odd * scale) for view, scale in zip(views, scales, strict=True)]
    even, odd = (np.concatenate(columns, axis=1) for columns in zip(*parts, strict=True))
    return Reduced(even, odd)


def predict_out_of_fold(
    described: Reduced,
    problem: RidgeProblem,
    landmarks: np.ndarray,
    *,
    ridge: float,
    executor: Executor,
    advance: Advance,
) -> np.ndarray:
    """Predict every row by a model fitted on the other folds.

    Holds about 4 M (N + 6 M) bytes.

    Args:
        described: the N pictures.
        problem: what to learn of them.
        landmarks: (M,) int64 rows, of which only the pictures are used, never the targets.
        ridge: weight of the function's norm.
        executor: threads or processes.
        advance: progress callback; rows that were compared with the landmarks.

    Returns:
        (N, K) float32.
    """
    centres = _rows_of(described, landmarks)
    tasks = _split_by_fold(problem.fold)
    size, folds = len(landmarks), int(problem.fold.max()) + 1
    grams = np.zeros((folds, size, size), np.float32)
    moments = np.zeros((folds, size, problem.target.shape[1]), np.float32)
    kernels = []
    inputs = ((_rows_of(described, rows), problem.target[rows], problem.fitted[rows]) for rows in tasks)
    # Gram matrices are large: few of them may wait to be added.
    products = map_ordered(executor, partial(_multiply, centres=centres), inputs, ahead=_AHEAD)
    for rows, (kernel, gram, moment) in zip(tasks, products, strict=True):
        grams[problem.fold[rows[0]]] += gram
        moments[problem.fold[rows[0]]] += moment
        kernels.append(kernel)
        advance(len(rows))
    whole = grams.sum(axis=0) + (ridge * _kernel(centres, centres) + _JITTER * np.eye(size, dtype=np.float32))
    equations = zip((whole - gram for gram in grams), moments.sum(axis=0) - moments, strict=True)
    weights = list(map_ordered(executor, _solve, equations))
    predicted = np.empty(problem.target.shape, np.float32)
    for rows, kernel in zip(tasks, kernels, strict=True):
        predicted[rows] = kernel @ weights[problem.fold[rows[0]]]
    return predicted


def _multiply(
    part: tuple[Reduced, np.ndarray, np.ndarray], *, centres: Reduced
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(R, M) kernel of rows and landmarks, and its products with itself and with the targets of the fitted rows."""
    described, target, fitted = part
    kernel = _kernel(described, centres)
    counted = kernel if fitted.all() else kernel[fitted]
    return kernel, counted.T @ counted, counted.T @ target[fitted]


def _solve(equations: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return np.linalg.solve(*equations)


def _rows_of(described: Reduced, rows: np.ndarray) -> Reduced:
    return Reduced(described.even[rows], described.odd[rows])


def _split_by_fold(fold: np.ndarray) -> list[np.ndarray]:
    """Rows in pieces that lie in one fold each; the same whatever the number of workers."""
    pieces = []
    for index in range(int(fold.max()) + 1):
        rows = np.flatnonzero(fold == index)
        pieces += [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)]
    return pieces


def _kernel(rows: Reduced, centres: Reduced) -> np.ndarray:
    """(R, M) mean of exp(-d^2) over the row's picture and its mirror image, d to the centre's picture.

    With e and o the inner products of even and odd components, the squared distances are |x|^2 + |c|^2 - 2 (e +- o).
    """
    odd = rows.odd @ centres.odd.T
    np.abs(odd, out=odd)
    odd *= 2
    nearer = rows.even @ centres.even.T
    nearer *= 2
    nearer += odd
    nearer -= _square_lengths(rows)[:, None]
    nearer -= _square_lengths(centres)
    np.exp(nearer, out=nearer)
    odd *= -2
    farther = np.exp(odd, out=odd)
    farther += 1
    nearer *= farther
    return np.asarray(np.multiply(nearer, np.float32(0.5), out=nearer))


def _square_lengths(rows: Reduced) -> np.ndarray:
    return np.asarray((rows.even**2).sum(axis=1) + (rows.odd**2).sum(axis=1))

"""Out-of-fold predictions of a kernel ridge for the price of little more than one fit.

The kernel is a Gaussian one on reduced descriptors, averaged over a picture and its mirror image, approximated by M
landmarks (Nystroem). Gram matrices of all folds are added up once; each fit subtracts the held-out fold's share.

Source: Williams and Seeger 2001, Using the Nystroem Method to Speed Up Kernel Machines; for the ridge on landmarks,
Rudi, Camoriano and Rosasco 2015, Less is More: Nystroem Computational Regularization, equation 5.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
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
    even = np.concatenate(
        [view.even * np.float32(weight / total) for view, weight in zip(views, weights, strict=True)], 1
    )
    odd = np.concatenate(
        [view.odd * np.float32(weight / total) for view, weight in zip(views, weights, strict=True)], 1
    )
    return Reduced(even, odd)


def predict_out_of_fold(
    seen: Reduced, task: RidgeProblem, landmarks: np.ndarray, *, ridge: float, executor: Executor, advance: Advance
) -> np.ndarray:
    """Predict every row by a model fitted on the other folds.

    Holds about 4 M (N + 6 M) bytes.

    Args:
        seen: the N pictures.
        task: what to learn of them.
        landmarks: (M,) int64 rows; they lend their picture, never their target.
        ridge: weight of the function's norm.
        executor: threads.
        advance: told how many more rows were compared with the landmarks.

    Returns:
        (N, K) float32.
    """
    parts = _divide(task.fold)
    sums = _add_up(seen, task, landmarks, parts, executor=executor, advance=advance)
    norm = ridge * sums.norm + _JITTER * np.eye(len(landmarks), dtype=np.float32)
    whole, whole_side = sums.grams.sum(axis=0) + norm, sums.sides.sum(axis=0)

    def solve(number: int) -> np.ndarray:
        return np.linalg.solve(whole - sums.grams[number], whole_side - sums.sides[number])

    weights = list(map_ordered(executor, solve, range(len(sums.grams))))
    predicted = np.empty(task.target.shape, np.float32)
    for rows, values in zip(parts, sums.kernels, strict=True):
        predicted[rows] = values @ weights[task.fold[rows[0]]]
    return predicted


class _Sums(NamedTuple):
    """Kernel values of M landmarks among themselves and with every part of the rows, and their products by fold."""

    norm: np.ndarray
    kernels: list[np.ndarray]
    grams: np.ndarray
    sides: np.ndarray


def _add_up(
    seen: Reduced,
    task: RidgeProblem,
    landmarks: np.ndarray,
    parts: list[np.ndarray],
    *,
    executor: Executor,
    advance: Advance,
) -> _Sums:
    centres = Reduced(seen.even[landmarks], seen.odd[landmarks])

    def multiply(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        values = _kernel(Reduced(seen.even[rows], seen.odd[rows]), centres)
        own = task.fitted[rows]
        counted = values if own.all() else values[own]
        return values, counted.T @ counted, counted.T @ task.target[rows[own]]

    folds, size = int(task.fold.max()) + 1, len(landmarks)
    grams = np.zeros((folds, size, size), np.float32)
    sides = np.zeros((folds, size, task.target.shape[1]), np.float32)
    kernels = []
    # Gram matrices are large: few of them may wait to be added.
    products = map_ordered(executor, multiply, parts, ahead=_AHEAD)
    for rows, (values, gram, side) in zip(parts, products, strict=True):
        grams[task.fold[rows[0]]] += gram
        sides[task.fold[rows[0]]] += side
        kernels.append(values)
        advance(len(rows))
    return _Sums(_kernel(centres, centres), kernels, grams, sides)


def _divide(fold: np.ndarray) -> list[np.ndarray]:
    """Rows in pieces that lie in one fold each; the same whatever the number of workers."""
    parts = []
    for number in range(int(fold.max()) + 1):
        rows = np.flatnonzero(fold == number)
        parts += [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)]
    return parts


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

"""Which pairs are worth looking at: close in the embedding. An exact search."""

from concurrent.futures import Executor
from itertools import repeat
from typing import NamedTuple

import numpy as np

from curate.executors import map_ordered

__all__ = ["CosinePairs", "cosine_pairs"]

_COSINES = 1024
"""Rows and columns of the block of cosines that is made at a time, so that it stays in a core's cache."""


class CosinePairs(NamedTuple):
    """Pairs i < j: (M, 2) int64, ordered, and their cosines (M,) float32."""

    pairs: np.ndarray
    cosine: np.ndarray


def cosine_pairs(points: np.ndarray, others: np.ndarray, *, above: float, executor: Executor) -> CosinePairs:
    """All pairs i < j whose unit vectors points[i] and others[j] have a cosine above a threshold.

    Args:
        points: (N, D) float32.
        others: (N, D) float32: the same, or those of transformed pictures.
        above: the threshold.
        executor: threads or processes.
    """
    columns, count = np.ascontiguousarray(others.T), len(points)
    tops = range(0, count, _COSINES)
    parts, rests = (points[top : top + _COSINES] for top in tops), (columns[:, top:] for top in tops)
    close = list(map_ordered(executor, _close_pairs_of, parts, rests, tops, repeat(above)))
    pairs = np.concatenate([np.zeros((0, 2), np.int64), *(part for part, _ in close)])
    return CosinePairs(pairs, np.concatenate([np.zeros(0, np.float32), *(cosine for _, cosine in close)]))


def _close_pairs_of(points: np.ndarray, columns: np.ndarray, top: int, above: float) -> tuple[np.ndarray, np.ndarray]:
    """Ordered pairs i < j and their cosines, of points from `top` on and (D, M) others from `top` on."""
    codes, cosines, count = [], [], columns.shape[1]
    for left in range(0, count, _COSINES):
        block = (points @ columns[:, left : left + _COSINES]).ravel()
        close = np.flatnonzero(block > above)
        row, column = np.divmod(close, min(_COSINES, count - left))
        later = row < column + left
        codes.append(row[later] * count + column[later] + left)
        cosines.append(block[close[later]])
    code = np.concatenate(codes)
    order = np.argsort(code)
    return np.stack(np.divmod(code[order], count), axis=1) + top, np.concatenate(cosines)[order]

"""Coarse alignment: best correlation of two pictures at half resolution, over shifts and scales or rotations.

Templates from the first picture, windows of the second, shifts of two pixels, one matrix product per second picture.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor

import cv2
import numpy as np

from curate.duplicates.row_selection import RowSelection, cut
from curate.executors import map_ordered
from curate.features import MATCH_PX, gaussian_matrix

__all__ = [
    "SCALES",
    "TEMPLATE_PX",
    "WARP_STARTS",
    "WIDE_SIGMA",
    "align_coarsely",
    "scaled_templates",
    "warped_templates",
]

SCALES = (0.84, 0.88, 0.92, 0.96, 1.0, 1.04, 1.08, 1.13, 1.19)
"""Template scales of the refined step; the coarse one takes every second."""

TEMPLATE_PX = 36
WARP_STARTS = (
    *((degrees, scale) for degrees in (-10.0, -5.0, 5.0, 10.0) for scale in (0.9, 1.0, 1.11)),
    (0.0, 0.77),
    (0.0, 1.3),
)
"""Rotations in degrees, and scales, at which `warped_templates` looks: beyond the reach of plain alignment."""

WIDE_SIGMA = 4.0
"""What varies over more than this, in pixels, is light, and is taken away."""

_HALF_SIGMA = 1.2
_HALF_PX, _HALF_TEMPLATE_PX = MATCH_PX // 2, TEMPLATE_PX // 2
_SHIFTS = _HALF_PX - _HALF_TEMPLATE_PX + 1
_FLAT = 1e-3
_PICTURES_PER_TASK = 128
_CHUNK = 128
_PICTURES_PER_BLOCK = 8192


def align_coarsely(
    pictures: np.ndarray,
    others: np.ndarray,
    pairs: np.ndarray,
    make_templates: Callable[[np.ndarray], np.ndarray],
    *,
    executor: Executor,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Best half-resolution correlation of every pair over templates and shifts.

    Args:
        pictures: (N, 48, 48) uint8; templates are made from these.
        others: (N, 48, 48) uint8; they are looked for in these.
        pairs: (M, 2) int64.
        make_templates: (n, 48, 48) uint8 to (n, T, 324) float32, zero mean and unit norm.
        executor: threads or processes.

    Returns:
        (M,) float32 score, (M,) int64 index of the template, (M, 2) int64 shift in steps of two pixels down and right.
    """
    best, position = np.empty(len(pairs), np.float32), np.empty(len(pairs), np.int64)
    wanted, slot = np.unique(pairs[:, 1], return_inverse=True)
    halves = _made(_half_bands, others, wanted, executor)
    for block in _blocks(pairs):
        wanted, row = np.unique(pairs[block, 0], return_inverse=True)
        templates = _made(make_templates, pictures, wanted, executor)
        bounds = np.flatnonzero(np.diff(pairs[block, 1], prepend=-1, append=-1))
        parts = cut(len(bounds) - 1, _PICTURES_PER_TASK)
        runs = [bounds[part.start : part.stop + 1] for part in parts]
        scored = map_ordered(
            executor,
            _score_runs,
            (RowSelection(templates, row[run[0] : run[-1]]) for run in runs),
            (RowSelection(halves, slot[block[run[:-1]]]) for run in runs),
            map(np.diff, runs),
        )
        for run, measured in zip(runs, scored, strict=True):
            chosen = block[run[0] : run[-1]]
            best[chosen], position[chosen] = measured
    template, window = np.divmod(position, _SHIFTS**2)
    shift = np.stack(np.divmod(window, _SHIFTS), axis=1) - _SHIFTS // 2
    return best, template, shift


def _score_runs(templates: RowSelection, halves: RowSelection, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best correlation of each pair over templates and shifts, and where it is.

    Args:
        templates: (n, T, 324) of the first picture of each pair; pairs with one second picture follow each other.
        halves: (m, 24, 24) of the second pictures.
        lengths: (m,) how many pairs each second picture has.
    """
    windows, weights = _windows(halves[:])
    best, position = np.empty(len(templates), np.float32), np.empty(len(templates), np.int64)
    ends = np.cumsum(lengths).tolist()
    for window, weight, start, end in zip(windows, weights, [0, *ends], ends, strict=False):
        scores = templates[start:end].reshape(-1, _HALF_TEMPLATE_PX**2) @ window.T
        scores *= weight
        scores = scores.reshape(end - start, -1)
        chosen = scores.argmax(axis=1)
        position[start:end] = chosen
        best[start:end] = scores[np.arange(end - start), chosen]
    return best, position


def _blocks(pairs: np.ndarray) -> Iterator[np.ndarray]:
    """Indices of pairs, in blocks of at most 8,192 first pictures, ordered by second picture within."""
    block = pairs[:, 0] // _PICTURES_PER_BLOCK
    order = np.lexsort((pairs[:, 1], block))
    if len(order):
        yield from np.split(order, np.flatnonzero(np.diff(block[order])) + 1)


def _made(
    make: Callable[[np.ndarray], np.ndarray], pictures: np.ndarray, rows: np.ndarray, executor: Executor
) -> np.ndarray:
    """What is made of these rows of the pictures, a chunk at a time."""
    parts = cut(len(rows), _CHUNK) or [slice(0)]
    return np.concatenate(list(map_ordered(executor, make, (pictures[rows[part]] for part in parts))))


def scaled_templates(pictures: np.ndarray) -> np.ndarray:
    """(n, 5, 324) normalised half-resolution templates, one for each coarse scale."""
    values = pictures.astype(np.float32)
    fine, wide = np.matmul(_FINE_CUTS, values), np.matmul(_WIDE_CUTS, values)
    templates = np.empty((len(values), len(_CUTS), _HALF_TEMPLATE_PX, _HALF_TEMPLATE_PX), np.float32)
    for index in range(len(_CUTS)):
        rows = slice(index * _HALF_TEMPLATE_PX, (index + 1) * _HALF_TEMPLATE_PX)
        np.matmul(fine[:, rows], _FINE_CUTS[rows].T, out=templates[:, index])
        templates[:, index] -= np.matmul(wide[:, rows], _WIDE_CUTS[rows].T)
    return _normalised(templates.reshape(len(values), len(_CUTS), -1))


def warped_templates(pictures: np.ndarray) -> np.ndarray:
    """(n, 14, 324) normalised half-resolution templates, one for each of `WARP_STARTS`."""
    halves = _half_bands(pictures)
    size = (_HALF_TEMPLATE_PX, _HALF_TEMPLATE_PX)
    middle = (_HALF_PX - 1) / 2
    templates = np.empty((len(halves), len(WARP_STARTS), _HALF_TEMPLATE_PX**2), np.float32)
    for index, (degrees, scale) in enumerate(WARP_STARTS):
        warp = cv2.getRotationMatrix2D((middle, middle), degrees, scale)
        warp[:, 2] -= _SHIFTS // 2
        for row, half in enumerate(halves):
            templates[row, index] = cv2.warpAffine(half, warp, size, flags=cv2.INTER_LINEAR).ravel()
    return _normalised(templates)


def _normalised(templates: np.ndarray) -> np.ndarray:
    templates -= templates.mean(axis=2, keepdims=True)
    norms = np.linalg.norm(templates, axis=2, keepdims=True)
    templates /= np.where(norms < _FLAT, np.inf, norms)
    return templates


def _half_bands(pictures: np.ndarray) -> np.ndarray:
    """(n, 24, 24) float32 half-resolution band-passed pictures."""
    values = pictures.astype(np.float32)
    halves = np.matmul(np.matmul(_FINE_HALF, values), _FINE_HALF.T)
    halves -= np.matmul(np.matmul(_WIDE_HALF, values), _WIDE_HALF.T)
    return np.asarray(halves)


def _windows(halves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 49, 324) windows of (n, 24, 24) half-resolution pictures, and (n, 49) one over their norms about the mean.

    The templates have zero mean, so that the windows' means need not be subtracted.
    """
    view = np.lib.stride_tricks.sliding_window_view(halves, (_HALF_TEMPLATE_PX,) * 2, axis=(1, 2))
    windows = view.reshape(len(halves), _SHIFTS**2, -1)
    energy = np.einsum("ijk,ijk->ij", windows, windows) - windows.sum(axis=2) ** 2 / windows.shape[2]
    norms = np.sqrt(np.maximum(energy, 0))
    return windows, 1 / np.where(norms < _FLAT, np.inf, norms)


def _cut_matrix(samples: int, width_px: float) -> np.ndarray:
    """(samples, 48) float32: the middle `width_px` pixels resampled to `samples`, averaging four points each."""
    points = 4
    matrix = np.zeros((samples, MATCH_PX))
    for row in range(samples):
        for point in range(points):
            position = MATCH_PX / 2 - width_px / 2 + (row + (point + 0.5) / points) * width_px / samples - 0.5
            position = min(max(position, 0), MATCH_PX - 1)
            left = int(position)
            right = min(left + 1, MATCH_PX - 1)
            matrix[row, left] += (1 - (position - left)) / points
            matrix[row, right] += (position - left) / points
    return matrix.astype(np.float32)


_CUTS = [_cut_matrix(_HALF_TEMPLATE_PX, TEMPLATE_PX / scale) for scale in SCALES[::2]]
_FINE_CUTS = np.concatenate([matrix @ gaussian_matrix(_HALF_SIGMA) for matrix in _CUTS])
_WIDE_CUTS = np.concatenate([matrix @ gaussian_matrix(WIDE_SIGMA) for matrix in _CUTS])
_FINE_HALF = _cut_matrix(_HALF_PX, MATCH_PX) @ gaussian_matrix(_HALF_SIGMA)
_WIDE_HALF = _cut_matrix(_HALF_PX, MATCH_PX) @ gaussian_matrix(WIDE_SIGMA)

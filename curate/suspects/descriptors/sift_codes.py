"""Shapes like those of the dataset itself: how much each part of a face resembles each of 256 arrangements of edges.

A shape is what gradients do in a window of 4 x 4 cells of 4 pixels: a corner of a mouth rather than a single edge.

Source: Lowe 2004, Distinctive Image Features from Scale-Invariant Keypoints, IJCV 60(2), section 6.1: 4 x 4 histograms
of directions, unit length, clipped at 0.2, unit length again. Unlike there, windows lie on a grid, are not rotated, and
have 18 directions and no Gaussian weight. Then follows what `codebook` does.
"""

from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from curate.features import MATCH_PX
from curate.suspects.descriptors.codebook import code_pictures, learn_atoms, mirrored_codes, sample_size
from curate.suspects.descriptors.descriptor import Descriptor
from curate.suspects.descriptors.gradients import DIRECTIONS, MIRRORED_DIRECTION, gradient_atoms, sum_cells

__all__ = ["describe_shapes"]

_CELL_PX, _SIDE = 4, 4
_POSITIONS = MATCH_PX // _CELL_PX - _SIDE + 1
_NUMBERS = _SIDE * _SIDE * DIRECTIONS
_FLAT, _CLIP, _FLOOR = 40.0, 0.2, 1e-3
"""Square length below which a window counts as flat, where intensities are square roots of 0 to 255."""
_WHITENING_FLOOR = 2.6e-3
_CHUNK = 64
_MIRRORED_NUMBER = np.arange(_NUMBERS).reshape(_SIDE, _SIDE, DIRECTIONS)[:, ::-1][..., MIRRORED_DIRECTION].ravel()


def describe_shapes(pictures: np.ndarray, *, seed: int) -> Descriptor:
    """Learn 256 shapes from pictures; 9 x 256 = 2,304 numbers describe a picture by them.

    Args:
        pictures: (N, 48, 48) uint8, N at least 1.
        seed: of the choice of windows.
    """
    atoms = _learn(pictures, np.random.default_rng(seed))
    return Descriptor(partial(code_pictures, atoms=atoms, windows_of=_normal_windows), mirrored_codes())


def _normal_windows(pictures: np.ndarray) -> np.ndarray:
    """(N, 9, 9, 288)."""
    return _normalise(_windows(pictures).reshape(-1, _NUMBERS)).reshape(-1, _POSITIONS, _POSITIONS, _NUMBERS)


def _windows(pictures: np.ndarray) -> np.ndarray:
    """(N, 9, 9, 4, 4, 18): a view, in which neighbours share cells."""
    cells = sum_cells(gradient_atoms(pictures), _CELL_PX)
    return np.moveaxis(sliding_window_view(cells, (_SIDE, _SIDE), axis=(1, 2)), 3, -1)


def _normalise(windows: np.ndarray) -> np.ndarray:
    """Length near 1, less the mean, row by row; nearly flat windows stay short."""
    windows = windows / np.sqrt(np.einsum("ij,ij->i", windows, windows)[:, None] + _FLAT)
    np.minimum(windows, _CLIP, out=windows)
    windows /= np.sqrt(np.einsum("ij,ij->i", windows, windows)[:, None] + _FLOOR)
    windows -= windows.mean(axis=1, keepdims=True)
    return windows


def _learn(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    count = sample_size(len(pictures))
    which = np.sort(rng.integers(0, len(pictures), count))
    position = rng.integers(0, _POSITIONS, (count, 2))
    parts = []
    for start in range(0, len(pictures), _CHUNK):
        drawn = slice(*np.searchsorted(which, (start, start + _CHUNK)))
        windows = _windows(pictures[start : start + _CHUNK])
        parts.append(windows[which[drawn] - start, position[drawn, 0], position[drawn, 1]].reshape(-1, _NUMBERS))
    return learn_atoms(_normalise(np.concatenate(parts)), _MIRRORED_NUMBER, floor=_WHITENING_FLOOR, rng=rng)

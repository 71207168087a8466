"""Patches like those of the collection itself: how much each part of a face resembles each of 256 learned patches.

Source: Coates, Lee and Ng 2011, An Analysis of Single-Layer Networks in Unsupervised Feature Learning, section 3:
contrast normalisation, a dictionary (see `dictionary`), sums over parts of the picture. Unlike there, sums are taken
over 3 x 3 parts and as square roots.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from curate.features import MATCH_PX
from curate.suspects.descriptors.codebook import learn_atoms, rectify
from curate.suspects.descriptors.descriptor import Descriptor

__all__ = ["describe_patches"]

_SIDE_PX, _STRIDE_PX = 8, 2
_PIXELS = _SIDE_PX * _SIDE_PX
_PLACES = (MATCH_PX - _SIDE_PX) // _STRIDE_PX + 1
_PARTS = 3
_PART_PLACES = _PLACES // _PARTS
_HALF = 128
_FITTED_ON, _OF_A_PICTURE = 40_000, 20
_CONTRAST_FLOOR, _WHITENING_FLOOR = 8.0, 0.05
_CHUNK = 64
_MIRRORED_PIXEL = np.arange(_PIXELS).reshape(_SIDE_PX, _SIDE_PX)[:, ::-1].ravel()


def describe_patches(pictures: np.ndarray, *, seed: int) -> Descriptor:
    """Learn 256 patches from pictures; 9 x 256 = 2,304 numbers describe a picture by them.

    Args:
        pictures: (N, 48, 48) uint8, N at least 1.
        seed: of the choice of patches.
    """
    matrix = _learn(pictures, np.random.default_rng(seed))
    return Descriptor(lambda shown: _describe(shown, matrix), _mirrored())


def _describe(pictures: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    result = np.empty((len(pictures), _PARTS, _PARTS, 2 * _HALF), np.float32)
    for start in range(0, len(pictures), _CHUNK):
        part = pictures[start : start + _CHUNK].astype(np.float32)
        windows = sliding_window_view(part, (_SIDE_PX, _SIDE_PX), axis=(1, 2))[:, ::_STRIDE_PX, ::_STRIDE_PX]
        active = rectify(_normalise(windows.reshape(-1, _PIXELS)) @ matrix)
        shape = (len(part), _PARTS, _PART_PLACES, _PARTS, _PART_PLACES, 2 * _HALF)
        result[start : start + len(part)] = active.reshape(shape).sum(axis=2).sum(axis=3)
    return np.sqrt(result, out=result).reshape(len(pictures), -1)


def _normalise(windows: np.ndarray) -> np.ndarray:
    """Mean 0 and deviation near 1, row by row; nearly flat windows stay nearly flat."""
    windows = windows - windows.mean(axis=1, keepdims=True)
    windows /= np.sqrt(np.einsum("ij,ij->i", windows, windows)[:, None] / _PIXELS + _CONTRAST_FLOOR)
    return windows


def _learn(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    count = max(min(_FITTED_ON, _OF_A_PICTURE * len(pictures)), _HALF)
    which = rng.integers(0, len(pictures), count)
    corner = rng.integers(0, MATCH_PX - _SIDE_PX + 1, (count, 2))
    windows = sliding_window_view(pictures, (_SIDE_PX, _SIDE_PX), axis=(1, 2))[which, corner[:, 0], corner[:, 1]]
    shown = _normalise(windows.reshape(count, _PIXELS).astype(np.float32))
    return learn_atoms(shown, _MIRRORED_PIXEL, half=_HALF, floor=_WHITENING_FLOOR, rng=rng)


def _mirrored() -> np.ndarray:
    numbers = np.arange(_PARTS * _PARTS * 2 * _HALF).reshape(_PARTS, _PARTS, 2, _HALF)
    return numbers[:, ::-1, ::-1].ravel()

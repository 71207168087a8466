"""Patches like those of the dataset itself: how much each part of a face resembles each of 256 learned patches.

Source: Coates, Lee and Ng 2011, An Analysis of Single-Layer Networks in Unsupervised Feature Learning, section 3:
contrast normalisation, then what `codebook` does.
"""

from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from curate.features import MATCH_PX
from curate.suspects.descriptors.codebook import code_pictures, learn_atoms, mirrored_codes, sample_size
from curate.suspects.descriptors.descriptor import Descriptor

__all__ = ["describe_patches"]

_SIDE_PX, _STRIDE_PX = 8, 2
_PIXELS = _SIDE_PX * _SIDE_PX
_CONTRAST_FLOOR, _WHITENING_FLOOR = 8.0, 0.05
_MIRRORED_PIXEL = np.arange(_PIXELS).reshape(_SIDE_PX, _SIDE_PX)[:, ::-1].ravel()


def describe_patches(pictures: np.ndarray, *, seed: int) -> Descriptor:
    """Learn 256 patches from pictures; 9 x 256 = 2,304 numbers describe a picture by them.

    Args:
        pictures: (N, 48, 48) uint8, N at least 1.
        seed: of the choice of patches.
    """
    atoms = _learn(pictures, np.random.default_rng(seed))
    return Descriptor(partial(code_pictures, atoms=atoms, windows_of=_windows), mirrored_codes())


def _windows(pictures: np.ndarray) -> np.ndarray:
    """(N, 21, 21, 64)."""
    windows = sliding_window_view(pictures.astype(np.float32), (_SIDE_PX, _SIDE_PX), axis=(1, 2))
    windows = windows[:, ::_STRIDE_PX, ::_STRIDE_PX]
    return _normalise(windows.reshape(-1, _PIXELS)).reshape(*windows.shape[:3], _PIXELS)


def _normalise(windows: np.ndarray) -> np.ndarray:
    """Mean 0 and deviation near 1, row by row; nearly flat windows stay nearly flat."""
    windows = windows - windows.mean(axis=1, keepdims=True)
    windows /= np.sqrt(np.einsum("ij,ij->i", windows, windows)[:, None] / _PIXELS + _CONTRAST_FLOOR)
    return windows


def _learn(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    count = sample_size(len(pictures))
    which = rng.integers(0, len(pictures), count)
    corner = rng.integers(0, MATCH_PX - _SIDE_PX + 1, (count, 2))
    windows = sliding_window_view(pictures, (_SIDE_PX, _SIDE_PX), axis=(1, 2))[which, corner[:, 0], corner[:, 1]]
    normal = _normalise(windows.reshape(count, _PIXELS).astype(np.float32))
    return learn_atoms(normal, _MIRRORED_PIXEL, floor=_WHITENING_FLOOR, rng=rng)

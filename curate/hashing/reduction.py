"""From delivered pictures to what hashes are made of: luma, and Pillow's Lanczos resizing of whole batches."""

import functools
import math
import operator

import numpy as np
from PIL import Image

__all__ = ["resize_square", "to_gray"]

_MATRIX_PATH_MAX_PIXELS = 160 * 160
_LANCZOS_SUPPORT = 3.0
_PILLOW_PRECISION_BITS = 22


def to_gray(pictures: np.ndarray) -> np.ndarray:
    """(N, H, W) uint8 luma of (N, H, W) or (N, H, W, 3) uint8, bit-identical to Pillow's `convert("L")`.

    Source: Pillow's Convert.c, ITU-R 601-2 luma in 16-bit fixed point.
    """
    if pictures.ndim == 3:
        return pictures
    if pictures[0].size > _MATRIX_PATH_MAX_PIXELS:
        return np.stack([np.asarray(Image.fromarray(picture).convert("L")) for picture in pictures])
    weighted = pictures @ np.array([19595, 38470, 7471], np.uint32)
    return ((weighted + 0x8000) >> 16).astype(np.uint8)


def resize_square(gray: np.ndarray, *, side_px: int) -> np.ndarray:
    """(N, side_px, side_px) whole numbers as float64: Pillow's Lanczos resizing of (N, H, W) uint8, to the bit."""
    _, height, width = gray.shape
    # Pillow 13 reduces some upright pictures down before across, Pillow 12 none; only Pillow knows which.
    if height * width > _MATRIX_PATH_MAX_PIXELS or height > max(width, side_px):
        small = (Image.fromarray(picture).resize((side_px,) * 2, Image.Resampling.LANCZOS) for picture in gray)
        return np.stack([np.asarray(picture, np.float64) for picture in small])
    across = gray.astype(np.float64)
    if width != side_px:
        rows = _fixed_point(across.reshape(-1, width) @ _lanczos_matrix(width, side_px).T)
        across = rows.reshape(-1, height, side_px)
    return _fixed_point(_lanczos_matrix(height, side_px) @ across) if height != side_px else across


def _fixed_point(sums: np.ndarray) -> np.ndarray:
    """Round to 8 bits as Pillow does, in place."""
    sums += 1 << (_PILLOW_PRECISION_BITS - 1)
    sums *= 1 / (1 << _PILLOW_PRECISION_BITS)
    np.floor(sums, out=sums)
    return np.clip(sums, 0, 255, out=sums)


@functools.lru_cache(maxsize=64)
def _lanczos_matrix(length: int, side_px: int) -> np.ndarray:
    """(side_px, length) float64 holding Pillow's integer weights, so that float64 products are exact.

    Source: Pillow's Resample.c, precompute_coeffs and normalize_coeffs_8bpc.
    """
    scale = length / side_px
    filter_scale = max(scale, 1.0)
    support = _LANCZOS_SUPPORT * filter_scale
    matrix = np.zeros((side_px, length))
    for row in range(side_px):
        center = (row + 0.5) * scale
        first, last = max(int(center - support + 0.5), 0), min(int(center + support + 0.5), length)
        weights = [_lanczos((column - center + 0.5) * (1.0 / filter_scale)) for column in range(first, last)]
        total = functools.reduce(operator.add, weights)
        scaled = [weight / total * (1 << _PILLOW_PRECISION_BITS) for weight in weights]
        matrix[row, first:last] = [int(value + math.copysign(0.5, value)) for value in scaled]
    return matrix


def _lanczos(x: float) -> float:
    if not -_LANCZOS_SUPPORT <= x < _LANCZOS_SUPPORT:
        return 0.0
    return _sinc(x) * _sinc(x / _LANCZOS_SUPPORT)


def _sinc(x: float) -> float:
    if x == 0.0:
        return 1.0
    angle = x * math.pi
    return math.sin(angle) / angle

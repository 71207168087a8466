"""Named picture geometry: the eight flips and rotations, which move pixels, and zoom, which resamples them exactly.

Exact means: whole numbers only, so that every machine makes the same pixels.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

__all__ = ["FLIPS_AND_ROTATIONS", "Dihedral", "flip_picture", "flip_pictures", "zoom"]


class Dihedral(NamedTuple):
    """One of the eight symmetries of the square: first transpose, then flip."""

    transposed: bool
    upside_down: bool
    left_right: bool


FLIPS_AND_ROTATIONS: dict[str, Dihedral] = {
    "identity": Dihedral(transposed=False, upside_down=False, left_right=False),
    "mirrored": Dihedral(transposed=False, upside_down=False, left_right=True),
    "rot90": Dihedral(transposed=True, upside_down=True, left_right=False),
    "rot180": Dihedral(transposed=False, upside_down=True, left_right=True),
    "rot270": Dihedral(transposed=True, upside_down=False, left_right=True),
    "mirrored-rot90": Dihedral(transposed=True, upside_down=False, left_right=False),
    "mirrored-rot180": Dihedral(transposed=False, upside_down=True, left_right=False),
    "mirrored-rot270": Dihedral(transposed=True, upside_down=True, left_right=True),
}
"""Name -> geometry. Rotations are counter-clockwise by that many degrees (`numpy.rot90`);
`mirrored` swaps left and right, and a `mirrored-` rotation mirrors first."""


def flip_pictures(pictures: np.ndarray, name: str) -> np.ndarray:
    """Flip or rotate pictures.

    Args:
        pictures: (..., H, W) of any dtype.
        name: a key of `FLIPS_AND_ROTATIONS`.

    Returns:
        (..., H, W), or (..., W, H) where the rotation swaps the sides; a contiguous copy.
    """
    transposed, upside_down, left_right = FLIPS_AND_ROTATIONS[name]
    moved = np.swapaxes(pictures, -1, -2) if transposed else pictures
    moved = moved[..., ::-1, :] if upside_down else moved
    moved = moved[..., ::-1] if left_right else moved
    return np.array(moved, order="C")


def flip_picture(pixels: np.ndarray, name: str) -> np.ndarray:
    """Flip or rotate one canonical picture, (H, W) or (H, W, 3).

    Example:
        >>> flip_picture(np.array([[1, 2], [3, 4]], np.uint8), "rot90").tolist()
        [[2, 4], [1, 3]]
    """
    if pixels.ndim == 2:
        return flip_pictures(pixels, name)
    return np.ascontiguousarray(np.moveaxis(flip_pictures(np.moveaxis(pixels, 2, 0), name), 0, 2))


def zoom(pixels: np.ndarray, factor: float) -> np.ndarray:
    """Enlarge a picture about its centre and crop it back to its size, by bilinear interpolation.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.
        factor: at least 1; 1.7 shows the middle 1/1.7 of either side.

    Returns:
        The same shape and type. Weights have 11 bits, and there is one rounding at the end.
    """
    (upper, lower, down), (left, right, across) = (_taps(length, factor) for length in pixels.shape[:2])
    wide = pixels.astype(np.int32)
    if pixels.ndim == 3:
        across = across[:, None]
    rows = wide[upper] * (_ONE - down.reshape(-1, *[1] * (pixels.ndim - 1)))
    rows += wide[lower] * down.reshape(-1, *[1] * (pixels.ndim - 1))
    both = rows[:, left] * (_ONE - across) + rows[:, right] * across
    return np.asarray((both + (_ONE * _ONE >> 1)) >> (2 * _WEIGHT_BITS), np.uint8)


_WEIGHT_BITS = 11
_ONE = 1 << _WEIGHT_BITS


@lru_cache(maxsize=64)
def _taps(length: int, factor: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each pixel of an axis the two source pixels it lies between, and the weight of the second, in 1 / 2048."""
    middle = length / 2
    position = (np.arange(length) + 0.5 - middle) / factor + middle - 0.5
    first = np.floor(position).astype(np.int64)
    weight = np.rint((position - first) * _ONE).astype(np.int32)
    return np.clip(first, 0, length - 1), np.clip(first + 1, 0, length - 1), weight

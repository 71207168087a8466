"""Named picture geometry: the eight flips and rotations. Exact: pixels are moved, never resampled."""

from typing import NamedTuple

import numpy as np

__all__ = ["FLIPS_AND_ROTATIONS", "Dihedral", "transform"]


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


def transform(pictures: np.ndarray, name: str) -> np.ndarray:
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
